"""Keeps processes running: one that dies is started again, and all of them end with us."""

import asyncio
import ctypes
import os
import platform
import shutil
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from core.log import get_logger
from embedded.problem import Problem

log = get_logger("supervisor")

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
# Who ran this long did not die of its start: the next pause is short again.
_STEADY_SECONDS = 10.0
_LOG_BYTES = 10 * 2**20
_LOG_CHECK_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1
_LEAVING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Program:
    """A process to keep. `is_ready` is asked until it says yes; None: the process says so itself (`core.notify`)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[], Awaitable[bool]] | None
    folder: Path = Path("/")
    user: int | None = None
    group: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    # How long it may take to end by itself.
    grace: float = 15.0
    start_patience: float = 30.0


@dataclass(slots=True)
class _Kept:
    program: Program
    process: asyncio.subprocess.Process
    watcher: asyncio.Task[None] | None = None
    started: float = field(default_factory=time.monotonic)


class Supervisor:
    """Starts programs one after the other, and stops them in the opposite order."""

    def __init__(self, logs: Path, *, quiet: bool = False) -> None:
        self._logs = logs
        self._quiet = quiet
        self._kept: list[_Kept] = []
        self._tending = asyncio.create_task(self._tend_logs())

    def pid(self, name: str) -> int:
        """The process id of a program now; it changes when the program is started again."""
        return next(kept.process.pid for kept in self._kept if kept.program.name == name)

    async def start(self, program: Program) -> None:
        """Starts a program and waits until it is ready. Raises `Problem` with the end of its log when it is not."""
        process, ready = await self._spawn(program)
        kept = _Kept(program, process)
        self._kept.append(kept)
        try:
            async with asyncio.timeout(program.start_patience):
                await self._until_ready(kept, ready)
        except TimeoutError:
            raise Problem(
                f"{program.name} did not start in {program.start_patience:.0f} s. {self._tail(program)}"
            ) from None
        finally:
            ready.close()
        kept.watcher = asyncio.create_task(self._watch(kept))

    async def stop(self) -> None:
        """Ends every program; one that does not end in its time is killed."""
        self._tending.cancel()
        descendants = [child for kept in self._kept for child in _descendants(kept.process.pid)]
        for kept in reversed(self._kept):
            if kept.watcher is not None:
                kept.watcher.cancel()
                await asyncio.gather(kept.watcher, return_exceptions=True)
            await _end(kept)
        self._kept.clear()
        # What programs have started ends with them, but some take a moment, and none may outlive us.
        _, alive = await asyncio.to_thread(psutil.wait_procs, descendants, _LEAVING_SECONDS)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await asyncio.to_thread(psutil.wait_procs, alive, _LEAVING_SECONDS)

    # -- One program ------------------------------------------------------------------------------------------------

    async def _spawn(self, program: Program) -> tuple[asyncio.subprocess.Process, "_Ready"]:
        ready = _Ready()
        try:
            with self._log_path(program).open("ab") as output:
                process = await asyncio.create_subprocess_exec(
                    *program.command,
                    env={**program.environment, **ready.environment},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=program.folder,
                    # Ctrl-C on the terminal is ours to hear: we stop them in their order.
                    start_new_session=True,
                    user=program.user,
                    group=program.group,
                    extra_groups=[] if program.user is not None else None,
                    preexec_fn=_die_with_parent(program.stop_signal),
                )
        except BaseException:
            ready.close()
            raise
        return process, ready

    async def _until_ready(self, kept: _Kept, ready: "_Ready") -> None:
        while True:
            if kept.process.returncode is not None:
                raise Problem(f"{kept.program.name} does not start. {self._tail(kept.program)}")
            check = kept.program.is_ready
            if await (ready.received() if check is None else check()):
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(kept.process.wait()), 0.05)

    async def _watch(self, kept: _Kept) -> None:
        pause = FIRST_PAUSE
        while True:
            code = await kept.process.wait()
            if time.monotonic() - kept.started > _STEADY_SECONDS:
                pause = FIRST_PAUSE
            _kill_group(kept.process.pid)
            if not self._quiet:
                log.warning("program died", program=kept.program.name, exit=code, again_in=pause)
            pause = await self._start_again(kept, pause)

    async def _start_again(self, kept: _Kept, pause: float) -> float:
        """Waits and starts the program anew, however often it takes. How long to wait when it dies next."""
        while True:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                kept.process, ready = await self._spawn(kept.program)
            except OSError as error:
                log.warning("program not started", program=kept.program.name, error=str(error))
                continue
            ready.close()
            kept.started = time.monotonic()
            return pause

    # -- Logs -------------------------------------------------------------------------------------------------------

    def _log_path(self, program: Program) -> Path:
        return self._logs / f"{program.name}.log"

    def _tail(self, program: Program) -> str:
        path = self._log_path(program)
        text = path.read_text(errors="replace") if path.exists() else ""
        if "No space left on device" in text[-4000:]:
            return f"The disk is full where {self._logs} is, or the database: free some space and start again."
        last = "\n".join(f"  | {line}" for line in text.strip().splitlines()[-6:])
        return f"The end of its log ({path}):\n{last}" if last else f"Its log ({path}) is empty."

    async def _tend_logs(self) -> None:
        while True:
            for path in self._logs.glob("*.log"):
                with suppress(OSError):
                    if path.stat().st_size > _LOG_BYTES:
                        # The process goes on writing into the same file, which is emptied under it.
                        shutil.copyfile(path, path.with_suffix(".log.1"))
                        os.truncate(path, 0)
            await asyncio.sleep(_LOG_CHECK_SECONDS)


class _Ready:
    """A socket on which one start of a program says that it is ready."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.environment: dict[str, str] = {}
        if platform.system() == "Linux":
            # An abstract address: no file to clean up, readable to no other network namespace.
            self._socket.bind("")
            self.environment["NOTIFY_SOCKET"] = "@" + self._socket.getsockname()[1:].decode()
        self._socket.setblocking(False)

    async def received(self) -> bool:
        """Whether it has said so."""
        if not self.environment:
            return True
        try:
            return b"READY=1" in self._socket.recv(1024)
        except BlockingIOError:
            return False

    def close(self) -> None:
        self._socket.close()


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


async def _end(kept: _Kept) -> None:
    process = kept.process
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.send_signal(kept.program.stop_signal)
        try:
            async with asyncio.timeout(kept.program.grace):
                await process.wait()
        except TimeoutError:
            log.warning("program killed", program=kept.program.name)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    _kill_group(process.pid)


def _kill_group(pid: int) -> None:
    """Ends what a dead program has left behind in its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _die_with_parent(stop: signal.Signals) -> Callable[[], None] | None:
    """Linux ends the program when we are killed; elsewhere the next start meets what is left."""
    if platform.system() != "Linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(stop), 0, 0, 0)

    return ask
