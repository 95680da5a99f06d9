"""The life of Chromium: its sandbox, its death, its replacement, and that nothing is left open.

It takes some 25 s: it starts Chromium several times, and shows it dozens of pages.
"""

import asyncio
import os
import pwd
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest

from core.reasons import Reason
from core.settings import Settings
from jobs.browser import Browser
from jobs.capture import Capture, capture
from jobs.sandbox import BROWSER_USER, MEMORY_LIMIT, SandboxError, check_renderer, find_chromium, resolve_sandbox
from tests.integration.stage import Stage, answer, page
from tests.site import NewsSite

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def browsing(settings: Settings, **changes: object) -> AsyncIterator[Browser]:
    async with Browser(settings.model_copy(update=changes)) as browser:
        yield browser


async def see(browser: Browser, url: str, report: UUID | None = None, deadline: float = 10.0) -> Capture:
    async with browser.lane(report or uuid4()) as lane:
        return await capture(lane, url, deadline=deadline)


async def until(condition: Callable[[], bool], patience: float = 10.0) -> None:
    async with asyncio.timeout(patience):
        while not condition():
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def renderers(main: psutil.Process) -> list[psutil.Process]:
    return [process for process in main.children(recursive=True) if "--type=renderer" in " ".join(process.cmdline())]


def status_of(process: psutil.Process) -> dict[str, str]:
    lines = Path(f"/proc/{process.pid}/status").read_text()
    return dict(re.findall(r"^(\w+):\t(.*)$", lines, re.MULTILINE))


def namespace(pid: int, kind: str) -> str:
    return str(Path(f"/proc/{pid}/ns/{kind}").readlink())


async def targets(browser: Browser) -> int:
    """How many pages, workers and frames Chromium has."""
    chromium = browser._current
    assert chromium is not None
    session = await chromium.process.new_browser_cdp_session()
    found = (await session.send("Target.getTargets"))["targetInfos"]
    await session.detach()
    return len(found)


# The sandbox


async def test_pages_run_in_the_sandbox_and_not_as_root(stage: Stage, capture_settings: Settings) -> None:
    async def wait(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    asked = asyncio.Event()
    url = stage.play(page("In the sandbox", body=f'<img src="{stage.play(wait)}">'))
    async with browsing(capture_settings) as browser:
        looking = asyncio.create_task(see(browser, url))
        await asked.wait()
        chromium = browser._current
        assert chromium is not None and chromium.pid is not None
        main = psutil.Process(chromium.pid)
        found = renderers(main)
        assert found
        for renderer in found:
            check_renderer(renderer.pid)
            status = status_of(renderer)
            assert status["Seccomp"] == "2"
            assert len(status["NSpid"].split()) > 1
            assert status["NoNewPrivs"] == "1"
            assert int(status["CapEff"], 16) == 0
            for space in ("user", "pid", "net"):
                assert namespace(renderer.pid, space) != namespace(os.getpid(), space)
        everything = [main, *main.children(recursive=True)]
        user = pwd.getpwnam(BROWSER_USER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        assert {uid for process in everything for uid in process.uids()} == {user.pw_uid}
        assert (await looking).reason is None


async def test_a_page_gets_no_more_memory_than_its_share(stage: Stage, capture_settings: Settings) -> None:
    """It asks for half as much again, and would say so in its headline if it were given."""
    pieces = 3 * MEMORY_LIMIT // 2 // 2**26
    eat = f"""
    const kept = [];
    for (let i = 0; i < {pieces}; i++) kept.push(new Uint8Array(2 ** 26).fill(1));
    document.querySelector("h1").textContent = "All of it was eaten";
    """
    async with browsing(capture_settings) as browser:
        found = await see(browser, stage.play(page("Hungry", body=f"<script>{eat}</script>")))
        assert found.article.headline != "All of it was eaten"
        assert (await see(browser, stage.play(page("An ordinary page")))).reason is None


def test_a_process_outside_the_sandbox_is_told_apart() -> None:
    with pytest.raises(SandboxError):
        check_renderer(os.getpid())
    with pytest.raises(SandboxError, match="could not be found"):
        check_renderer(2**22 + 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
async def test_the_sandbox_cannot_be_switched_off_by_root(capture_settings: Settings) -> None:
    with pytest.raises(SandboxError, match="refused for root"):
        async with browsing(capture_settings, capture_sandbox="off"):
            pass
    assert not os.environ.get("CAPTURE_SANDBOX")


async def test_secrets_of_our_environment_do_not_reach_chromium(
    capture_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "not-for-pages")
    assert "SECRET_KEY" not in resolve_sandbox(capture_settings).environment
    async with browsing(capture_settings) as browser:
        chromium = browser._current
        assert chromium is not None
        main = psutil.Process(chromium.pid)
        assert "SECRET_KEY" not in main.environ()


async def test_a_chromium_that_does_not_exist_or_start_is_one_clear_sentence(capture_settings: Settings) -> None:
    with pytest.raises(SandboxError, match="CHROMIUM_PATH is /nowhere/chromium"):
        async with browsing(capture_settings, chromium_path="/nowhere/chromium"):
            pass
    with pytest.raises(SandboxError, match="does not start"):
        async with browsing(capture_settings, chromium_path="/bin/false"):
            pass
    assert find_chromium(capture_settings).is_file()


# Death and replacement


async def test_a_killed_chromium_fails_its_page_and_the_next_lane_works(
    stage: Stage, capture_settings: Settings
) -> None:
    async def wait(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(asked) == 2:
            everybody.set()
        asked.append(head)
        await reader.read()

    asked: list[str] = []
    everybody = asyncio.Event()
    report = uuid4()
    hanging, fine = stage.play(wait), stage.play(page("After the crash"))
    async with browsing(capture_settings) as browser:
        chromium = browser._current
        assert chromium is not None and chromium.pid is not None
        looking = [asyncio.create_task(see(browser, hanging, report, 20.0)) for _ in range(3)]
        await everybody.wait()
        os.kill(chromium.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            assert {found.reason for found in await asyncio.gather(*looking)} == {Reason.CRASHED}
        again = await asyncio.gather(*(see(browser, fine, report) for _ in range(3)))
        assert [found.article.headline for found in again] == ["After the crash"] * 3
        assert browser._current is not chromium
        await until(lambda: browser._running == {browser._current})
        assert not alive(chromium.pid)


async def test_idle_lanes_of_a_dead_chromium_are_not_used(stage: Stage, capture_settings: Settings) -> None:
    report, fine = uuid4(), stage.play(page("Idle and killed"))
    async with browsing(capture_settings) as browser:
        assert (await see(browser, fine, report)).reason is None
        chromium = browser._current
        assert chromium is not None and chromium.pid is not None
        os.kill(chromium.pid, signal.SIGKILL)
        await until(lambda: not chromium.usable)
        assert (await see(browser, fine, report)).reason is None
        assert browser._current is not chromium


def test_a_dead_driver_is_replaced(news: NewsSite, capture_settings: Settings) -> None:
    async def outlive() -> None:
        async with browsing(capture_settings) as browser:
            own = [child for child in psutil.Process().children() if "run-driver" in " ".join(child.cmdline())]
            # The driver started last is this browser's.
            max(own, key=lambda process: process.create_time()).kill()
            async with asyncio.timeout(30):
                assert (await see(browser, news.url("/bench/1"))).reason is None

    # In a loop of its own: Playwright leaves its broken connection in the loop as an error.
    asyncio.run(outlive())


async def test_chromium_is_replaced_after_so_many_pages(news: NewsSite, capture_settings: Settings) -> None:
    shown: Counter[int] = Counter()
    report = uuid4()

    async def show() -> None:
        async with browser.lane(report) as lane:
            assert lane.chromium.pid is not None
            shown[lane.chromium.pid] += 1
            assert (await capture(lane, news.url("/bench/3"))).reason is None

    async with browsing(capture_settings, chromium_pages=4) as browser:
        for _ in range(3):
            await asyncio.gather(*(show() for _ in range(4)))
        assert len(shown) == 3 and set(shown.values()) == {4}
        await until(lambda: not browser._running)
        await until(lambda: not any(alive(pid) for pid in shown))


async def test_a_browser_that_retires_does_not_close_under_a_lane_that_opens(
    stage: Stage, capture_settings: Settings
) -> None:
    fine = stage.play(page("Retired early"))
    async with browsing(capture_settings, chromium_pages=1) as browser:
        found = await asyncio.gather(*(see(browser, fine) for _ in range(6)))
        assert {one.reason for one in found} == {None}


# Nothing stays open


async def test_pages_and_contexts_are_closed(stage: Stage, news: NewsSite, capture_settings: Settings) -> None:
    flood = '<script>for (let i = 0; i < 8; i++) open("/pop" + i); new Worker("data:,for(;;);")</script>'
    urls = [
        stage.play(page("Opens windows", body=flood)),
        stage.play(answer("gone", status="410 Gone")),
        stage.play(page("Dialog", body="<script>onbeforeunload = () => 'stay'; alert(1)</script>")),
        news.url("/trouble/download"),
        news.url("/trouble/crash"),
        news.url("/bench/1"),
    ]
    async with browsing(capture_settings) as browser:
        assert (await see(browser, news.url("/bench/2"))).reason is None
        counts = []
        for _ in range(2):
            report = uuid4()
            for _ in range(3):
                await asyncio.gather(*(see(browser, url, report) for url in urls))
            await browser.close_report(report)
            async with asyncio.timeout(10):
                while browser._tasks:
                    await asyncio.gather(*browser._tasks, return_exceptions=True)
            counts.append(await targets(browser))
        assert counts[1] <= counts[0] <= 3
        chromium = browser._current
        assert chromium is not None
        assert not browser._idle.get(report)
        assert len(chromium.process.contexts) <= 1
        assert len(browser._guard._lanes) <= 1
    assert not browser._running


async def test_an_idle_lane_leaves_its_page_and_is_used_again(stage: Stage, capture_settings: Settings) -> None:
    calls: list[str] = []

    async def beat(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(head)
        writer.write(answer("ok", kind="text/plain"))
        await writer.drain()

    busy = f'<script>setInterval(() => fetch("{stage.play(beat)}"), 20)</script>'
    url, report = stage.play(page("Goes on and on", body=busy)), uuid4()
    async with browsing(capture_settings) as browser:
        async with browser.lane(report) as lane:
            assert (await capture(lane, url)).reason is None
        [idle] = browser._idle[report]
        assert idle is lane
        await until(lambda: lane.tab.page.url == "about:blank")
        seen = len(calls)
        async with browser.lane(report) as again:
            assert again is lane
            assert (await capture(again, stage.play(page("Next")))).article.headline == "Next"
        assert len(calls) <= seen + 2
        assert lane in browser._timers


async def test_reports_share_no_cookies(stage: Stage, capture_settings: Settings) -> None:
    url = stage.play(answer(page("Cookies"), "Set-Cookie: tracked=yes; Path=/"))
    async with browsing(capture_settings) as browser:
        one, other = uuid4(), uuid4()
        start = len(stage.heads)
        for report in (one, one, other):
            assert (await see(browser, url, report)).reason is None
    heads = [head for head in stage.heads[start:] if f"GET /{url.split('/', 3)[3]} " in head]
    assert ["tracked=yes" in head for head in heads] == [False, True, False]


@pytest.mark.parametrize(
    "script",
    ["setTimeout(() => { for (;;); }, 300)", "setInterval(() => { alert(1); confirm(2) }, 10)"],
)
async def test_a_page_left_behind_does_not_keep_the_next_one_out(
    stage: Stage, capture_settings: Settings, script: str
) -> None:
    nuisance, fine = stage.play(page("Nuisance", body=f"<script>{script}</script>")), stage.play(page("Next"))
    report = uuid4()
    async with browsing(capture_settings) as browser:
        async with browser.lane(report) as lane:
            assert (await capture(lane, nuisance)).reason is None
            # The page goes on while the lane is ours: when it is given back, it is stuck already.
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await lane.tab.evaluate("new Promise(() => 0)")
        async with asyncio.timeout(8):
            assert (await see(browser, fine, report)).article.headline == "Next"
