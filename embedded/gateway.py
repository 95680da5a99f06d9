"""The one door of the embedded Supabase: API keys become tokens, and requests go to Auth or to PostgREST."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from core.log import configure
from core.mail import Mailer
from core.notify import notify_ready
from core.settings import Settings
from embedded.auth.context import Auth
from embedded.auth.routes import HANDLERS, ROUTES
from embedded.body import read_body
from embedded.running import Running
from embedded.tokens import Tokens

# Hop-by-hop fields, and what httpx says by itself.
_NOT_FORWARDED = {
    "connection",
    "date",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "content-length",
    "apikey",
}
_METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]
_MAX_BODY = 10 * 2**20


class Gateway:
    """Swaps keys as Supabase's own gateway does, and passes requests on."""

    def __init__(self, running: Running, tokens: Tokens) -> None:
        self._keys = {
            running.publishable_key: tokens.role_token("anon"),
            running.secret_key: tokens.role_token("service_role"),
        }
        self._rest = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=running.postgrest_socket, limits=httpx.Limits(max_connections=50)),
            base_url="http://postgrest",
            # A function may take as long as it allows itself: `delete_account` two minutes.
            timeout=httpx.Timeout(30, read=125),
        )

    def authorization(self, request: Request) -> str | None:
        """The Authorization to pass on; None when there is no valid API key. A user's own token stays."""
        sent = request.headers.get("authorization", "")
        token = sent.partition(" ")[2].strip()
        key = request.headers.get("apikey") or request.query_params.get("apikey") or token
        role_token = self._keys.get(key)
        if role_token is None:
            return None
        return f"Bearer {role_token}" if not token or token in self._keys else sent

    async def rest(self, request: Request) -> Response:
        """Any request below /rest/v1."""
        authorization = self.authorization(request)
        if authorization is None:
            return no_key(request)
        body = await read_body(request, _MAX_BODY)
        if body is None:
            return JSONResponse({"message": "The body is too large"}, 413)
        headers = [
            (name, value) for name, value in request.headers.items() if name not in _NOT_FORWARDED | {"authorization"}
        ]
        query = "&".join(part for part in request.url.query.split("&") if not part.startswith("apikey="))
        try:
            url = httpx.URL("/" + request.path_params["path"], query=query.encode())
        except httpx.InvalidURL:
            return JSONResponse({"message": "The address is not valid"}, 400)
        outgoing = self._rest.build_request(
            request.method,
            url,
            headers=[*headers, ("authorization", authorization)],
            content=body,
        )
        try:
            answer = await self._rest.send(outgoing, stream=True)
        except httpx.HTTPError:
            return JSONResponse({"message": "The database API is unavailable for a moment"}, 503, {"Retry-After": "1"})
        return StreamingResponse(
            answer.aiter_raw(),
            answer.status_code,
            {name: value for name, value in answer.headers.items() if name not in _NOT_FORWARDED},
            background=BackgroundTask(answer.aclose),
        )

    async def close(self) -> None:
        await self._rest.aclose()


def no_key(request: Request) -> Response:
    """What Supabase's gateway says to a request without a valid API key."""
    if "apikey" in request.headers or "authorization" in request.headers:
        return JSONResponse({"message": "Invalid API key"}, 401)
    hint = "No `apikey` request header or url param was found."
    return JSONResponse({"message": "No API key found in request", "hint": hint}, 401)


def create_app(running: Running, signing_key: str) -> Starlette:
    """The gateway and Auth, as one app."""
    tokens = Tokens(signing_key)
    rules = running.rules
    mailer = Mailer.open(Settings(mail_url=rules.mail_url, mail_from=rules.mail_from))
    gateway = Gateway(running, tokens)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncConnectionPool(
            running.auth_database_url,
            min_size=1,
            max_size=8,
            open=False,
            check=AsyncConnectionPool.check_connection,
            kwargs={"prepare_threshold": None},
        ) as pool:
            app.state.auth = Auth(pool, tokens, running.supabase_url, gateway.authorization, rules, mailer)
            notify_ready()
            yield
        await gateway.close()

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/rest/v1/{path:path}", gateway.rest, methods=_METHODS),
            Mount("/auth/v1", routes=ROUTES),
            Route("/health", health),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )


def main() -> None:
    """`python -m embedded.gateway <file that says what runs> <port>`"""
    configure("warning")
    running = Running.load(Path(sys.argv[1]))
    app = create_app(running, running.signing_key)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
