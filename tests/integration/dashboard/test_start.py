"""How the dashboard's process starts: without Node, without building, with our settings of Reflex wherever it is."""

from pathlib import Path

import pytest
import reflex as rx
from reflex.config import get_config
from reflex.constants import StateManagerMode
from reflex.environment import environment as reflex_environment
from reflex.state import FrontendEventExceptionState, OnLoadInternalState, State

from core.settings import get_settings
from dashboard import build, events
from dashboard.dashboard import app
from dashboard.gate import SessionGate
from tests.integration.product import Product, answers


def test_a_process_started_elsewhere_without_node_serves_what_was_built(product: Product, tmp_path: Path) -> None:
    built = (build.CLIENT / "index.html", build.WEB / "build" / "fingerprint")
    stamps = {path: path.stat().st_mtime_ns for path in built}
    running = product.running
    settings = {
        "PATH": str(tmp_path),
        "SUPABASE_URL": running.supabase_url,
        "SUPABASE_PUBLISHABLE_KEY": running.publishable_key,
        "SECRET_KEY": running.session_key,
        "WEB_DATABASE_URL": running.web_database_url,
    }
    with product.web_process("dashboard", folder=tmp_path, **settings) as web:
        assert answers(web.url)
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    # Reflex left nothing where it was started.
    assert list(tmp_path.iterdir()) == []


def test_a_build_is_of_the_sources_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert build.is_built()
    monkeypatch.setattr(build, "_SOURCES", (*build._SOURCES, "README.md"))
    assert not build.is_built()


def test_reflex_runs_with_our_settings() -> None:
    config = get_config()
    assert list(config.cors_allowed_origins) == [get_settings().origin]
    # In this process alone, also where several share a Redis.
    assert (config.state_manager_mode, config.redis_url) == (StateManagerMode.MEMORY, None)
    assert (config.app_name, config.api_url, config.telemetry_enabled) == ("dashboard", build.BUILT_FOR, False)
    assert "*" not in config.cors_allowed_origins


def test_what_we_lean_on_inside_of_reflex_is_there() -> None:
    """Names that Reflex does not promise to keep; with another version of it, look at each."""
    names = {State.get_full_name(): State, OnLoadInternalState.get_full_name(): OnLoadInternalState,
             FrontendEventExceptionState.get_full_name(): FrontendEventExceptionState}  # fmt: skip
    for name in events._BUILT_IN:
        state, _, handler = name.rpartition(".")
        assert handler in names[state].event_handlers, name
    assert isinstance(app._middlewares[0], SessionGate)
    namespace = app.event_namespace
    assert namespace is not None and app.sio is not None
    assert {"emit_update", "on_connect", "on_disconnect", "token_to_sid"} <= set(dir(namespace))
    assert "cookie" in rx.State().router.headers.__dataclass_fields__
    assert hasattr(reflex_environment, "REFLEX_SKIP_COMPILE")
    assert hasattr(reflex_environment, "REFLEX_WEB_WORKDIR")
