"""The web process on loopback, and customers who use it. There is no runner: tests say how links end."""

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.server import config
from core.keys import new_api_key
from core.settings import Settings
from tests.database.world import Urls, World

ORIGIN = "https://coverage.example"
PICTURE = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class _Server(uvicorn.Server):
    def __init__(self, options: uvicorn.Config) -> None:
        super().__init__(options)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@dataclass(frozen=True, slots=True)
class Stand:
    """A running web process: its address, a client of it, and the folder of its pictures."""

    url: str
    client: httpx.Client
    pictures: Path


@contextmanager
def web_process(urls: Urls, folder: Path, **settings: Any) -> Iterator[Stand]:
    """Runs the web process in a thread, on a free port; `settings` are added to what every test needs."""
    defaults: dict[str, Any] = {
        "web_database_url": urls.web,
        "state_dir": folder,
        "public_url": ORIGIN,
        "rate_limit_per_minute": 100_000,
        "log_level": "warning",
        # So that a test can be a client of its own: see `Customer`.
        "trusted_proxies": "127.0.0.1",
    }
    server = _Server(config(Settings(**defaults | settings)))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert server.is_up.wait(10), "the web process did not start"
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with httpx.Client(base_url=url, timeout=20) as client:
                yield Stand(url, client, folder / "objects")
        finally:
            server.should_exit = True
            thread.join(15)
            assert not thread.is_alive(), "the web process did not stop"


class Customer:
    """An account with an API key, and an address of its own."""

    def __init__(self, stand: Stand, world: World, credits: int = 10) -> None:
        self.stand = stand
        self.world = world
        self.account = world.account(credits)
        self.key, self.key_id = self.another_key()
        self.headers = {"X-API-Key": self.key, "X-Forwarded-For": an_address()}

    def another_key(self) -> tuple[str, uuid.UUID]:
        new = new_api_key()
        key_id: uuid.UUID = self.world.value(
            "admin", "select private.create_api_key(%s, 'key', %s, %s, null, 'cli:test')",
            self.account, new.prefix, new.digest,
        )  # fmt: skip
        return new.key, key_id

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        return self.stand.client.request(method, path, headers=self.headers | (headers or {}), **options)

    def create(self, links: int = 1, **body: Any) -> str:
        """Makes a report and returns its id."""
        urls = [f"https://news.example/{number}" for number in range(1, links + 1)]
        answer = self.post("/api/v1/reports", json={"urls": urls, **body})
        assert answer.status_code == 202, answer.text
        report: str = answer.json()["id"]
        return report

    def finish(self, report: str, reasons: list[str | None], **facts: Any) -> None:
        """Ends the links of the report in their order: None is a capture, with its pictures in the store."""
        for position, reason in enumerate(reasons, 1):
            claim = self.world.must_claim(1)
            assert (claim.report_id.hex, claim.positions) == (report, [position])
            assert self.world.open(claim, position)
            assert self.world.record(claim, position, reason, **facts) in ("recorded", "retry")
        for row in self.world.rows(
            "admin", "select object_key from private.images where report_id = %s", uuid.UUID(report)
        ):
            path = self.stand.pictures / row["object_key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(PICTURE)

    def completed(self, **facts: Any) -> str:
        """A completed report of one link."""
        report = self.create(reportName="January Campaign")
        self.finish(report, [None], **facts)
        return report

    def share_path(self, report: str) -> str:
        url: str = self.get(f"/api/v1/reports/{report}").json()["shareUrl"]
        return url.removeprefix(ORIGIN)


def an_address() -> str:
    """An IPv4 address that no other test comes from."""
    return ".".join(str(byte) for byte in uuid.uuid4().bytes[:4])


def assert_error(answer: httpx.Response, status: int, sentence: str | None = None, /, **fields: Any) -> None:
    """The answer is an error in our shape, with this sentence and these fields."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert isinstance(body["error"], str) and body["error"]
    assert body["requestId"] == answer.headers["request-id"]
    assert isinstance(body["code"], str) and body["code"].replace("_", "").isalpha()
    assert "Traceback" not in answer.text
    if sentence is not None:
        assert body["error"] == sentence
    for name, value in fields.items():
        assert body[name] == value
