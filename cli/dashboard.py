"""One web process with the dashboard."""

import os
from contextlib import chdir

from api.server import MAX_EVENT_BYTES
from api.server import run as serve
from cli.environment import Failure
from cli.ports import check_port
from core.log import configure
from core.settings import ROOT, Settings
from dashboard.build import WEB, is_built

_NEEDED = ("web_database_url", "supabase_url", "supabase_publishable_key", "secret_key")


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises `Failure` when something is missing."""
    missing = [name.upper() for name in _NEEDED if not getattr(settings, name)]
    if missing:
        raise Failure(
            f"{', '.join(missing)} must be set, and no embedded database runs. `coveragereport serve` starts one."
        )
    if not is_built():
        raise Failure("The dashboard is not built, or is older than its sources. Run script/bootstrap.")
    check_port(settings)
    # Reflex is told by its environment that it is neither to compile nor to watch files, and where its build lies.
    os.environ |= {
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",
        "REFLEX_WEB_WORKDIR": str(WEB),
        "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": str(MAX_EVENT_BYTES),
        "REFLEX_TELEMETRY_ENABLED": "false",
        # Its settings are read from the environment alone, in rxconfig.py.
        "PUBLIC_URL": settings.origin,
    }
    # Before Reflex, whose libraries log by themselves where nobody has said how.
    configure(settings.log_level)
    # Reflex looks for rxconfig.py where it is started. Without it any website may open the websocket, and what tabs
    # look at is written to a folder.
    with chdir(ROOT):
        from dashboard.dashboard import create_web

        web = create_web(settings)
    serve(settings, web)
