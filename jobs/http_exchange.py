"""One plain http request and its response on their way through the guard. No I/O: bytes in, bytes out."""

from jobs.http_messages import BadMessage, Request, Response, head_end, parse_response

_MAX_INTERIM = 8


class Exchange:
    """From the request's head to the last byte of the response."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.response: Response | None = None
        self.surplus = False
        """The server sent more than the response."""
        self._head = bytearray()
        self._interim = 0

    @property
    def complete(self) -> bool:
        """Has the last byte of the response been taken?"""
        return self.response is not None and self.response.body.done

    @property
    def ends_with_server(self) -> bool:
        """Is it the end of the server's connection that ends the response?"""
        return self.response is not None and not self.response.exact

    @property
    def keeps_client(self) -> bool:
        """After a complete exchange: may the browser's connection carry another one?"""
        exact = self.response is not None and self.response.exact
        return exact and self.request.body.done and self.request.keep_alive

    @property
    def keeps_server(self) -> bool:
        """After a complete exchange: may the server's connection carry another one?"""
        return self.keeps_client and self.response is not None and self.response.keep_alive and not self.surplus

    def take_request(self, pending: bytearray) -> bytes:
        """Moves what belongs to the request's body out of `pending`, for the server. Raises `BadMessage`."""
        size = self.request.body.feed(bytes(pending))
        data = bytes(pending[:size])
        del pending[:size]
        return data

    def take_response(self, data: bytes) -> bytes:
        """What the browser gets for bytes of the server. Raises `BadMessage`."""
        if self.response is not None:
            return self._take_body(self.response, data)
        since = max(0, len(self._head) - 3)
        self._head += data
        while end := head_end(self._head, since):
            response = parse_response(bytes(self._head[:end]), self.request.method)
            del self._head[:end]
            since = 0
            if response.status >= 200:
                return self._begin(response)
            self._interim += 1
            if response.status == 101 or self._interim > _MAX_INTERIM:
                raise BadMessage("interim answers nobody asked for")
        return b""

    def _begin(self, response: Response) -> bytes:
        # 407 is a proxy's to say: from a server it would make the browser look for other credentials.
        if response.status == 407:
            raise BadMessage("407 from a server")
        self.response = response
        keep_alive = response.exact and self.request.keep_alive
        rest, self._head = bytes(self._head), bytearray()
        return response.forwarded(keep_alive) + self._take_body(response, rest)

    def _take_body(self, response: Response, data: bytes) -> bytes:
        size = 0 if response.body.done else response.body.feed(data)
        if size == len(data):
            return data
        self.surplus = True
        return data[:size]
