"""The web app: what is served where, in which order a request is looked at, and what runs beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from api import background, errors, health
from api.api_requests import ApiRequests
from api.auth import RateHeaders
from api.body import BodyLimit
from api.key_uses import KeyUses
from api.limits import RateLimits
from api.outer import Outer
from api.portal import images, share
from api.services import Services
from api.v1 import credits, docs, items, reports
from core.database import Database
from core.log import get_logger
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
    health.router,  # /healthz, /readyz
]


def create_app(settings: Settings) -> ASGIApp:
    """The app of one web process. Database and object store are opened when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with Database(
            settings.web_database_url, prepare=settings.db_prepare, pool_size=settings.db_pool_size
        ) as db:
            services = Services(
                settings=settings,
                trusted_proxies=settings.trusted_networks,
                db=db,
                store=ObjectStore.open(settings),
                limits=RateLimits(settings.rate_limit_per_minute, settings.redis_url),
                key_uses=KeyUses(),
                api_requests=ApiRequests(),
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
    for router in ROUTERS:
        app.include_router(router)
    docs.describe(app, settings.origin)
    # The last one added is asked first.
    app.add_middleware(BodyLimit)
    app.add_middleware(RateHeaders)
    app.add_middleware(Outer)
    return app
