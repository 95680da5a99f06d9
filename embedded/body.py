"""Bodies of requests, read no further than a limit."""

from starlette.requests import Request


async def read_body(request: Request, limit: int) -> bytes | None:
    """The body; None when it is larger than `limit` bytes, whatever length it declares."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
