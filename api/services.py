"""What an answer is made with: settings, database, object store, limits, key uses and requests to be written down."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from api.api_requests import ApiRequests
from api.client_address import Network
from api.key_uses import KeyUses
from api.limits import RateLimits
from core.database import Database
from core.encryption import Cipher
from core.identity import Identity
from core.mail import Mailer
from core.people import People
from core.sessions import Sessions
from core.settings import Settings
from core.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Services:
    """Made once a process, when the app starts. The semaphores bound what is in memory at once."""

    settings: Settings
    trusted_proxies: Sequence[Network]
    db: Database
    store: ObjectStore
    limits: RateLimits
    key_uses: KeyUses
    api_requests: ApiRequests
    identity: Identity
    people: People
    cipher: Cipher
    sessions: Sessions
    mailer: Mailer
    inline_pages: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    logo_reads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    link_files: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))


def services_of(request: HTTPConnection) -> Services:
    """The services of the app that answers this request."""
    services: Services = request.app.state.services
    return services
