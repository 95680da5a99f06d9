"""A Redis for tests, as several web processes share one."""

import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
import redis

from tests.integration.product import free_port, wait_until

needs_redis = pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")


class RedisServer:
    """It keeps nothing on disk. Within its block it may be away for a while."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._folder = folder

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it, with nothing in it."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen([*command, "--dir", str(self._folder)], stdout=subprocess.DEVNULL)
        wait_until(self._listens)

    def stop(self) -> None:
        """Ends it; what it held is gone."""
        self._process.terminate()
        self._process.wait(10)

    def client(self) -> redis.Redis:
        """A connection to it, to be closed."""
        return redis.Redis.from_url(self.url)

    def _listens(self) -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", self.port)) == 0
