"""The web app: what is served where, in which order a request is looked at, and what runs beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from api import background, errors, health
from api.api_requests import ApiRequests
from api.auth import RateHeaders
from api.body import BodyLimit
from api.key_uses import KeyUses
from api.limits import RateLimits
from api.outer import Outer
from api.own_name import OwnName
from api.portal import (
    branding,
    confirmation,
    email,
    images,
    invitations,
    invited,
    keys,
    ledger,
    links,
    logo,
    outbox,
    own_invitations,
    password,
    report_file,
    script,
    share,
    sign_in,
    sign_up,
)
from api.services import Services
from api.v1 import credits, docs, items, reports
from core.database import Database
from core.encryption import Cipher
from core.identity import Identity
from core.log import get_logger
from core.mail import Mailer
from core.people import People
from core.sessions import Sessions
from core.settings import Settings
from core.store import ObjectStore

log = get_logger(__name__)

ROUTERS = [
    credits.router,  # /api/v1/credits/balance
    reports.router,  # /api/v1/reports …
    items.router,  # /api/v1/reports/{id}/items
    docs.router,  # /api/v1/docs, /api/v1/openapi.json
    share.router,  # /api/portal/reports/share/{token} …
    images.router,  # /api/portal/images/{id}.jpg
    invitations.router,  # /api/portal/invitations …
    invited.router,  # /invitations/{token}: the page behind an invitation's link
    own_invitations.router,  # /invitations: those to who is signed in
    ledger.router,  # /api/portal/ledger.csv
    branding.router,  # /api/portal/branding/preview
    logo.router,  # /api/portal/logo, /api/portal/logos/{id}.png
    keys.router,  # /api/portal/keys …: API keys, for signed-in people
    links.router,  # /api/portal/links: out of a file
    report_file.router,  # /api/portal/reports/{id}/html
    sign_in.router,  # /sign-in, /welcome, /api/portal/session …
    sign_up.router,  # /sign-up, /api/portal/users
    confirmation.router,  # /api/portal/confirm: where the links in mails lead
    email.router,  # /api/portal/email
    password.router,  # /forgot-password, /new-password
    script.router,  # /api/portal/portal.js
    outbox.router,  # /mail, on a machine that sends none
    health.router,  # /healthz, /readyz
]


def create_app(settings: Settings, frontend: ASGIApp | None = None) -> FastAPI:
    """The app of one web process. Database and object store are opened when it starts.

    `frontend` answers what is not below `/api` and has no route here: the dashboard's pages.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            Database(settings.web_database_url, prepare=settings.db_prepare, pool_size=settings.db_pool_size) as db,
            Identity(settings.supabase_url, settings.supabase_publishable_key) as identity,
            People(settings.supabase_url, settings.supabase_publishable_key) as people,
        ):
            cipher = Cipher.of(settings.secret_key)
            services = Services(
                settings=settings,
                trusted_proxies=settings.trusted_networks,
                db=db,
                store=ObjectStore.open(settings),
                limits=RateLimits(settings.rate_limit_per_minute, settings.redis_url),
                key_uses=KeyUses(),
                api_requests=ApiRequests(),
                identity=identity,
                people=people,
                cipher=cipher,
                sessions=Sessions(db, identity, cipher),
                mailer=Mailer.open(settings),
            )
            app.state.services = services
            async with background.work(services):
                yield

    app = FastAPI(
        title="Coverage Report API",
        version="1.0.0",
        lifespan=lifespan,
        # Our own pages, below /api/v1.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=errors.HANDLERS,
    )
    for router in ROUTERS if frontend else [*ROUTERS, docs.front]:
        app.include_router(router)
    if frontend is not None:
        app.router.default = _beside_the_api(frontend, app.router.default)
    docs.describe(app, settings.origin)
    # The last one added is asked first.
    app.add_middleware(BodyLimit)
    app.add_middleware(RateHeaders)
    app.add_middleware(OwnName, origin=settings.origin)
    app.add_middleware(Outer)
    return app


def _beside_the_api(frontend: ASGIApp, nothing: ASGIApp) -> ASGIApp:
    """What no route answers to: pages are the front end's, anything below `/api` is nothing."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        is_page = scope["type"] == "http" and path != "/api" and not path.startswith("/api/")
        await (frontend if is_page else nothing)(scope, receive, send)

    return app
