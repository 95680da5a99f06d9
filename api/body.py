"""Request bodies: at most 1 MB, and JSON; files may be larger."""

import asyncio
import json
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, error_response
from core.link_file import MAX_FILE_BYTES
from core.logo_file import MAX_BYTES as MAX_LOGO_BYTES

# 500 links of 2,048 characters fit.
MAX_BYTES = 2**20
LINK_FILE_PATH = "/api/portal/links"
LOGO_PATH = "/api/portal/logo"
_LARGER = {LINK_FILE_PATH: MAX_FILE_BYTES, LOGO_PATH: MAX_LOGO_BYTES}
_READ_SECONDS = 30.0
# What a client may still send after it was refused: one that is cut off while it sends never reads the answer.
_DRAIN_BYTES = 32 * 2**20
_DRAIN_SECONDS = 5.0


class BodyLimit:
    """Middleware: refuses a body that is too large, by its declared length or while it arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = _LARGER.get(scope["path"], MAX_BYTES)
        exchange = _Exchange(
            receive, send, most, awaits_continue=headers.get(b"expect", b"").lower() == b"100-continue"
        )
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > most:
            exchange.too_large = True
            await error_response(scope, _too_large(most))(scope, receive, exchange.send)
        else:
            await self._app(scope, exchange.receive, exchange.send)


class _Exchange:
    def __init__(self, receive: Receive, send: Send, most: int, *, awaits_continue: bool) -> None:
        self._receive = receive
        self._send = send
        self._most = most
        self._awaits_continue = awaits_continue
        self._received = 0
        self.too_large = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._most:
            self.too_large = True
            raise _too_large(self._most)
        return message

    async def send(self, message: Message) -> None:
        if not self.too_large:
            await self._send(message)
        elif message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
            await self._send(message)
        elif message.get("more_body"):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._drain()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drain(self) -> None:
        if self._awaits_continue and not self._received:
            return
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                drained = 0
                while drained < _DRAIN_BYTES:
                    message = await self._receive()
                    drained += len(message.get("body", b""))
                    if not message.get("more_body"):
                        return
        except TimeoutError:
            return


async def read_json(request: Request) -> dict[str, Any]:
    """The request's JSON object. Raises 413 and 415 before anything else, see `read_body`."""
    return parse_object(await read_body(request))


async def read_body(request: Request) -> bytes:
    """The raw body of a request that says it is JSON. Raises 408, 413, 415."""
    _check_content_type(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
    return await read_file(request)


async def read_file(request: Request) -> bytes:
    """The raw body, whatever it is. Raises 408, 413."""
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await request.body()
    except TimeoutError:
        raise ApiError(408, "request_timeout", "The body of the request did not arrive in time.") from None


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in these bytes. Raises 400 with a sentence on what is wrong."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _bad_body("The body is not valid UTF-8.") from None
    if not text.strip():
        raise _bad_body("The body is empty. Send a JSON object.")
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _bad_body(f"The body is not valid JSON (line {error.lineno}, column {error.colno}).") from None
    except RecursionError:
        raise _bad_body("The JSON in the body is nested too deeply.") from None
    except ValueError:
        raise _bad_body("The body is not valid JSON: it holds a number that is too long.") from None
    if not isinstance(value, dict):
        raise _bad_body("The body must be a JSON object.")
    return value


def _check_content_type(content_type: str, encoding: str) -> None:
    media_type, *parameters = [part.strip().lower() for part in content_type.split(";")]
    is_json = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    charsets = [p.partition("=")[2].strip(' "') for p in parameters if p.partition("=")[0].strip() == "charset"]
    if not is_json or any(charset not in ("utf-8", "utf8", "us-ascii") for charset in charsets):
        raise ApiError(
            415, "unsupported_media_type", "Send the body as JSON in UTF-8, with Content-Type: application/json."
        )
    if encoding.strip().lower() not in ("", "identity"):
        raise ApiError(415, "unsupported_media_type", "Send the body without Content-Encoding.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _bad_body("The JSON in the body has the same field twice in one object.")
    return fields


def _refuse_constant(name: str) -> None:
    raise _bad_body(f"The body is not valid JSON: {name} is no JSON value.")


def _bad_body(sentence: str) -> ApiError:
    return ApiError(400, "invalid_json", sentence)


def _too_large(most: int) -> ApiError:
    return ApiError(413, "body_too_large", f"The body is too large. The limit is {most // 2**20} MB.")
