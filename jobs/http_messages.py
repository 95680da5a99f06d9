"""HTTP/1.1 heads and body framing as the guard needs them: strict with the browser, rebuilt for it from servers.

Both sides must see a message end at the same byte. So a request of doubtful framing is refused, and a response's
head is written anew from what was understood of it.
"""

import re
from dataclasses import dataclass
from enum import Enum

MAX_HEAD = 64 * 1024
_MAX_LINES = 500
_MAX_CHUNK_LINE = 1024
# A body in thousands of crumbs is made to keep the guard busy: each one costs it as much as a large chunk.
_MANY_CHUNKS = 10_000
_MEAN_CHUNK = 32
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(rb"[\x21-\x7e]+")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) +([1-9][0-9]{2})(?: +(.*))?")
_AUTHORITY = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@/?#\\]+)(?::([0-9]{1,5}))?")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n\0]*)?\r\n")

# Meant for the next hop alone. Expect goes too: the guard gives no interim answers.
_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"content-length", b"expect")
)

# Chromium reads no body after these, whatever the headers say.
_BODILESS = (204, 205, 304)

Headers = list[tuple[bytes, bytes]]


class BadMessage(Exception):
    """The message breaks a rule of HTTP in a way that makes its meaning doubtful."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host` is as written in the URL; `path` is empty for CONNECT."""

    host: str
    port: int
    path: bytes = b""

    def same_place(self, other: "Target") -> bool:
        """Same host and port?"""
        return (self.host, self.port) == (other.host, other.port)

    @property
    def authority(self) -> bytes:
        """The Host header of a plain http request."""
        return self.host.encode("ascii") + (b"" if self.port == 80 else b":%d" % self.port)


class Body:
    """Finds the end of a body. This one: after `length` bytes; None: when the connection ends."""

    def __init__(self, length: int | None) -> None:
        self._left = length
        self.done = length == 0

    def feed(self, data: bytes) -> int:
        """How many bytes of `data`, from its start, belong to the body. Raises `BadMessage`."""
        if self._left is None:
            return len(data)
        size = min(self._left, len(data))
        self._left -= size
        self.done = self._left == 0
        return size


class _Part(Enum):
    SIZE = 1
    DATA = 2
    TRAILER = 3


class ChunkedBody(Body):
    """A chunked body, checked strictly, since its bytes are passed on as they are."""

    def __init__(self) -> None:
        super().__init__(None)
        self.done = False
        self._part = _Part.SIZE
        self._line = b""
        self._skip = 0
        self._tail = b""
        self._trailers = 0
        self._chunks = 0
        self._size = 0

    def feed(self, data: bytes) -> int:
        """See `Body.feed`."""
        position = 0
        while position < len(data) and not self.done:
            if self._part is _Part.DATA:
                position = self._feed_data(data, position)
            else:
                position = self._feed_line(data, position)
        return position

    def _feed_data(self, data: bytes, position: int) -> int:
        size = min(self._skip, len(data) - position)
        self._skip -= size
        position += size
        if self._skip:
            return position
        size = 2 - len(self._tail)
        self._tail += data[position : position + size]
        if not b"\r\n".startswith(self._tail):
            raise BadMessage("chunk without an end")
        if len(self._tail) == 2:
            self._part, self._tail = _Part.SIZE, b""
        return min(position + size, len(data))

    def _feed_line(self, data: bytes, position: int) -> int:
        end = data.find(b"\n", position, position + _MAX_CHUNK_LINE) + 1
        self._line += data[position : end or position + _MAX_CHUNK_LINE]
        if len(self._line) > _MAX_CHUNK_LINE or (not end and len(data) - position >= _MAX_CHUNK_LINE):
            raise BadMessage("chunk line too long")
        if end:
            line, self._line = self._line, b""
            self._take_line(line)
        return end or len(data)

    def _take_line(self, line: bytes) -> None:
        if self._part is _Part.TRAILER:
            self._trailers += len(line)
            if not line.endswith(b"\r\n") or b"\r" in line[:-2] or self._trailers > MAX_HEAD:
                raise BadMessage("bad trailer")
            self.done = line == b"\r\n"
            return
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            raise BadMessage("bad chunk size")
        self._skip = int(match[1], 16)
        self._chunks += 1
        self._size += self._skip
        if self._chunks > _MANY_CHUNKS and self._size < self._chunks * _MEAN_CHUNK:
            raise BadMessage("chunks too small")
        self._part = _Part.DATA if self._skip else _Part.TRAILER


@dataclass(slots=True)
class Request:
    """A request of the browser to its proxy."""

    method: bytes
    target: Target
    headers: Headers
    body: Body

    @property
    def is_connect(self) -> bool:
        """Does it ask for a tunnel?"""
        return self.method == b"CONNECT"

    @property
    def keep_alive(self) -> bool:
        """Will the browser send another one on this connection?"""
        return b"close" not in _tokens(self.headers, b"connection") | _tokens(self.headers, b"proxy-connection")

    @property
    def wants_upgrade(self) -> bool:
        """Does it ask for another protocol?"""
        return any(name == b"upgrade" for name, _ in _lowered(self.headers))

    def header(self, name: bytes) -> bytes | None:
        """The value of a header that stands there exactly once."""
        values = _values(self.headers, name)
        return values[0] if len(values) == 1 else None

    def forwarded(self) -> bytes:
        """The head that the server gets: the Host of the URL, nothing that was meant for the proxy."""
        lines = [b"%s %s HTTP/1.1" % (self.method, self.target.path), b"Host: " + self.target.authority]
        lines.append(b"Connection: keep-alive")
        lines += [b"%s: %s" % header for header in _end_to_end(self.headers) if header[0].lower() != b"host"]
        lines += _framing(self.headers)
        return b"\r\n".join(lines) + b"\r\n\r\n"


@dataclass(slots=True)
class Response:
    """A response of a server."""

    status: int
    phrase: bytes
    headers: Headers
    body: Body
    keep_alive: bool
    """May the server's connection carry another request?"""
    exact: bool
    """Does the browser know where the body ends without the connection being closed?"""

    def forwarded(self, keep_alive: bool) -> bytes:
        """The head that the browser gets, written anew."""
        lines = [b"HTTP/1.1 %d %s" % (self.status, self.phrase)]
        lines += [b"%s: %s" % header for header in _end_to_end(self.headers)]
        lines += _framing(self.headers)
        lines.append(b"Connection: keep-alive" if keep_alive else b"Connection: close")
        return b"\r\n".join(lines) + b"\r\n\r\n"


def head_end(data: bytes | bytearray, since: int = 0) -> int:
    """Where the head at the start of `data` ends, 0 if it is not complete. Raises `BadMessage` past 64 KiB.

    `since`: where to look from, so that a head that comes byte by byte is not read again for each.
    """
    match = _HEAD_END.search(data, since)
    end = match.end() if match else 0
    if (end or len(data)) > MAX_HEAD:
        raise BadMessage("head too large")
    return end


def parse_request(head: bytes) -> Request:
    """A request head, its empty line included. Raises `BadMessage`."""
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    if (
        not head.endswith(b"\r\n\r\n")
        or len(lines) > _MAX_LINES
        or any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    ):
        raise BadMessage("bad line ends")
    words = lines[0].split(b" ")
    if len(words) != 3 or words[2] != b"HTTP/1.1" or not _TOKEN.fullmatch(words[0]) or not _TARGET.fullmatch(words[1]):
        raise BadMessage("bad request line")
    headers = [_strict_header(line) for line in lines[1:]]
    method = words[0]
    target = _tunnel_target(words[1]) if method == b"CONNECT" else _absolute_target(words[1])
    body = _request_body(headers)
    if method == b"CONNECT" and not body.done:
        raise BadMessage("CONNECT with a body")
    return Request(method, target, headers, body)


def parse_response(head: bytes, method: bytes) -> Response:
    """A response head, its empty line included, to a request of that method. Raises `BadMessage`."""
    lines = [line.removesuffix(b"\r") for line in head.rstrip(b"\r\n").split(b"\n")]
    match = _STATUS_LINE.fullmatch(lines[0])
    if match is None or len(lines) > _MAX_LINES:
        raise BadMessage("bad status line")
    status, phrase, old = int(match[2]), _clean(match[3] or b""), match[1] == b"0"
    headers = _lenient_headers(lines[1:])
    connection = _tokens(headers, b"connection")
    keep_alive = b"keep-alive" in connection if old else b"close" not in connection
    chunked = _is_chunked(headers) and not old
    doubtful = bool(_values(headers, b"transfer-encoding")) and bool(_values(headers, b"content-length"))
    bodiless = method == b"HEAD" or status < 200 or status in _BODILESS
    if bodiless or not chunked:
        headers = _without(headers, b"transfer-encoding")
    if status in (204, 205):
        headers = _without(headers, b"content-length")
    length = _content_length(headers)
    if bodiless:
        return Response(status, phrase, headers, Body(0), keep_alive and not doubtful, True)
    body = ChunkedBody() if chunked else Body(length)
    exact = (chunked or length is not None) and not doubtful
    return Response(status, phrase, headers, body, keep_alive and exact, exact)


def _strict_header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name):
        raise BadMessage("bad header")
    return name, value.strip(b" \t")


def _lenient_headers(lines: list[bytes]) -> Headers:
    headers: Headers = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and headers:
            headers[-1] = headers[-1][0], headers[-1][1] + b" " + _clean(line)
            continue
        name, colon, value = line.partition(b":")
        if colon and _TOKEN.fullmatch(name.strip(b" \t")):
            header = name.strip(b" \t"), _clean(value)
            # Servers that send the same length twice exist; a different one twice is refused later.
            if name.lower() != b"content-length" or header[1] not in _values(headers, b"content-length"):
                headers.append(header)
    return headers


def _clean(value: bytes) -> bytes:
    return value.replace(b"\r", b" ").replace(b"\0", b" ").strip(b" \t")


def _tunnel_target(text: bytes) -> Target:
    match = _AUTHORITY.fullmatch(text)
    if match is None or match[2] is None:
        raise BadMessage("CONNECT needs host:port")
    return Target(match[1].decode("ascii"), _port(match[2]))


def _absolute_target(text: bytes) -> Target:
    if text[:7].lower() != b"http://" or b"#" in text:
        raise BadMessage("not an http:// URL")
    rest = text[7:]
    end = min((at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest))
    match = _AUTHORITY.fullmatch(rest[:end])
    if match is None:
        raise BadMessage("bad host")
    path = rest[end:] if rest[end : end + 1] == b"/" else b"/" + rest[end:]
    return Target(match[1].decode("ascii"), _port(match[2] or b"80"), path)


def _port(digits: bytes) -> int:
    port = int(digits)
    if not 0 < port < 65536:
        raise BadMessage("bad port")
    return port


def _request_body(headers: Headers) -> Body:
    if not _values(headers, b"transfer-encoding"):
        return Body(_content_length(headers) or 0)
    if _values(headers, b"content-length") or not _is_chunked(headers):
        raise BadMessage("doubtful framing")
    return ChunkedBody()


def _content_length(headers: Headers) -> int | None:
    values = _values(headers, b"content-length")
    if not values:
        return None
    if len(values) > 1 or not re.fullmatch(rb"[0-9]{1,15}", values[0]):
        raise BadMessage("bad Content-Length")
    return int(values[0])


def _is_chunked(headers: Headers) -> bool:
    values = [value.lower() for value in _values(headers, b"transfer-encoding")]
    if values not in ([], [b"chunked"], [b"identity"]):
        raise BadMessage("unknown transfer coding")
    return values == [b"chunked"]


def _framing(headers: Headers) -> list[bytes]:
    if _is_chunked(headers):
        return [b"Transfer-Encoding: chunked"]
    return [b"Content-Length: " + value for value in _values(headers, b"content-length")]


def _end_to_end(headers: Headers) -> Headers:
    dropped = _HOP_BY_HOP | _tokens(headers, b"connection") | _tokens(headers, b"proxy-connection")
    return [
        (name, value)
        for name, value in headers
        if name.lower() not in dropped and not name.lower().startswith(b"proxy-")
    ]


def _without(headers: Headers, name: bytes) -> Headers:
    return [header for header in headers if header[0].lower() != name]


def _lowered(headers: Headers) -> Headers:
    return [(name.lower(), value) for name, value in headers]


def _values(headers: Headers, name: bytes) -> list[bytes]:
    return [value for header, value in _lowered(headers) if header == name]


def _tokens(headers: Headers, name: bytes) -> set[bytes]:
    return {token.strip().lower() for value in _values(headers, name) for token in value.split(b",")}
