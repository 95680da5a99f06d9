"""What Reflex reads: how the dashboard is built, and how its server side runs in our web process."""

import reflex as rx
from reflex.constants import StateManagerMode

from core.settings import get_settings
from dashboard.build import BUILT_FOR
from dashboard.theme import THEME

_settings = get_settings()

config = rx.Config(
    app_name="dashboard",
    # Written into the build; the web process puts PUBLIC_URL in its place.
    api_url=BUILT_FOR,
    # A websocket from elsewhere would carry the cookie of whoever is signed in.
    cors_allowed_origins=[_settings.origin],
    # What a tab is looking at lives in the memory of the process that its websocket leads to, and nowhere else: each
    # page can load it anew, at another process too.
    state_manager_mode=StateManagerMode.MEMORY,
    plugins=[rx.plugins.RadixThemesPlugin(theme=THEME)],
    disable_plugins=[rx.plugins.SitemapPlugin],
    default_color_mode="system",
    telemetry_enabled=False,
    show_built_with_reflex=False,
)
