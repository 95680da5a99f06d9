"""The settings a command works with: the environment, and what the server that runs in this folder says of itself."""

import os

from pydantic import ValidationError

from core.settings import Settings
from embedded.running import FILE, Running


class Failure(Exception):
    """One sentence for the person at the terminal, and the exit status of the command."""

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def settings_here(*, embedded: bool = True) -> Settings:
    """The environment's settings; what they leave open is filled from a running embedded Supabase. Raises `Failure`."""
    try:
        settings = Settings()
        _ = settings.allowed_addresses, settings.trusted_networks, settings.sender
    except ValidationError as error:
        first = error.errors()[0]
        raise Failure(f"{str(first['loc'][0]).upper()}: {first['msg'].removeprefix('Value error, ')}.", 2) from None
    except ValueError as error:
        raise Failure(f"{error}.", 2) from None
    running = running_here(settings) if embedded else None
    if running is None:
        return settings
    filled = {name: value for name, value in embedded_settings(running).items() if not getattr(settings, name)}
    return settings.model_copy(update=filled)


def embedded_settings(running: Running) -> dict[str, str]:
    """The settings that point at an embedded Supabase."""
    return {
        "web_database_url": running.web_database_url,
        "jobs_database_url": running.jobs_database_url,
        "migrate_database_url": running.migrate_database_url,
        "supabase_url": running.supabase_url,
        "supabase_publishable_key": running.publishable_key,
        "supabase_secret_key": running.secret_key,
        "secret_key": running.session_key,
        "mail_url": running.rules.mail_url,
    }


def running_here(settings: Settings) -> Running | None:
    """The embedded Supabase that runs in the state folder, if one does."""
    try:
        running = Running.load(settings.state_dir / FILE)
    except (OSError, ValueError):
        return None
    # Killed, it leaves its file behind.
    return running if _is_alive(running.pid) else None


def first_line(error: Exception) -> str:
    """What an error says, without the hints that follow, and without its full stop."""
    return str(error).strip().partition("\n")[0].rstrip(".")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
