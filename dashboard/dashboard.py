"""The dashboard: every page, and the web process that serves it beside the API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx
from reflex.app import default_error_boundary
from reflex.config import get_config
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.client_address import client_address
from api.services import Services
from core.log import get_logger
from core.settings import Settings
from dashboard import routes, theme
from dashboard.backend import Backend, backend, hold
from dashboard.build import CLIENT
from dashboard.events import Events
from dashboard.frames import Frames
from dashboard.frontend import Frontend
from dashboard.gate import SessionGate
from dashboard.pages.branding import BrandingState, branding
from dashboard.pages.credits.state import CreditsState
from dashboard.pages.credits.view import credits
from dashboard.pages.keys import KeysState, keys
from dashboard.pages.missing import missing
from dashboard.pages.new_report import NewReportState, new_report
from dashboard.pages.overview import OverviewState, overview
from dashboard.pages.profile.state import ProfileState
from dashboard.pages.profile.view import profile
from dashboard.pages.report.state import ReportState
from dashboard.pages.report.views import report
from dashboard.pages.reports import ReportsState, reports
from dashboard.pages.team.state import TeamState
from dashboard.pages.team.view import team
from dashboard.sockets import Sockets
from dashboard.support.account.api_requests import AccountRequestsState
from dashboard.support.account.ledger import AccountLedgerState
from dashboard.support.account.page import account
from dashboard.support.account.reports import AccountReportsState
from dashboard.support.account.state import AccountState
from dashboard.support.audit import AuditState, audit
from dashboard.support.requests import CreditRequestsState, credit_requests
from dashboard.support.search import SearchState, search
from dashboard.tabs import Tabs

log = get_logger(__name__)


def on_error(exception: Exception) -> None:
    """An event failed where nobody expected it. Reflex would tell the browser by a script, which our pages forbid."""
    log.error("unexpected error in an event", error=type(exception).__name__, exc_info=exception)


def on_page_error(exception: Exception) -> None:
    """Something failed in somebody's browser, which tells us so. What it tells, anybody could write."""
    log.warning("error in a page", error=" ".join(str(exception).split())[:200])


app = rx.App(
    html_lang="en",
    style=dict(theme.STYLES),
    stylesheets=theme.STYLESHEETS,
    backend_exception_handler=on_error,
    frontend_exception_handler=on_page_error,
    # Not Reflex's overlay, which tells people of websockets: that the connection is lost, the shell says.
    app_wraps={(55, "ErrorBoundary"): lambda _: default_error_boundary()},
)
# Before Reflex's own, which answers a browser with all that its tab holds.
app.add_middleware(SessionGate(), index=0)

app.add_page(overview, route=routes.OVERVIEW, title="Overview", on_load=OverviewState.load)
app.add_page(credits, route=routes.CREDITS, title="Credits", on_load=CreditsState.load)
app.add_page(branding, route=routes.BRANDING, title="Branding", on_load=BrandingState.load)
app.add_page(profile, route=routes.PROFILE, title="Profile", on_load=ProfileState.load)
app.add_page(keys, route=routes.KEYS, title="API keys", on_load=KeysState.load)
app.add_page(team, route=routes.TEAM, title="Team", on_load=TeamState.load)
app.add_page(reports, route=routes.REPORTS, title="Reports", on_load=ReportsState.load)
app.add_page(new_report, route=routes.NEW_REPORT, title="New report", on_load=NewReportState.load)
app.add_page(report, route=routes.REPORT, title="Report", on_load=ReportState.load)
app.add_page(search, route=routes.SUPPORT, title="Find an account", on_load=SearchState.load)
app.add_page(
    account,
    route=routes.SUPPORT_ACCOUNT,
    title="Account",
    on_load=[AccountState.load, AccountReportsState.load, AccountLedgerState.load, AccountRequestsState.load],
)
app.add_page(credit_requests, route=routes.SUPPORT_REQUESTS, title="Credit requests", on_load=CreditRequestsState.load)
app.add_page(audit, route=routes.SUPPORT_AUDIT, title="Audit log", on_load=AuditState.load)
app.add_page(missing, route="404", title="Nothing here")


def create_web(settings: Settings) -> ASGIApp:
    """One origin: the API, the built front end, and the websocket of its pages."""
    frontend = Frontend(CLIENT, settings.origin, app.router, lambda: backend().sessions)
    api = create_app(settings, frontend)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        if list(get_config().cors_allowed_origins) != [settings.origin]:
            raise RuntimeError("Reflex runs with another rxconfig.py than ours")
        async with api.router.lifespan_context(api):
            services: Services = api.state.services
            hold(Backend(settings, services.db, services.sessions, services.people))
            yield
            hold(None)

    app.register_lifespan_task(lifespan)
    frames = Frames(Events(long=[f"{NewReportState.get_full_name()}.{name}" for name in ("preview", "create")]))
    networks = settings.trusted_networks
    sockets = Sockets(app(), frames, lambda scope: client_address(HTTPConnection(scope), networks))
    Tabs.watch(app)

    async def web(scope: Scope, receive: Receive, send: Send) -> None:
        # Of Reflex's own server side nothing but the websocket is served.
        await (api if scope["type"] == "http" else sockets)(scope, receive, send)

    return web
