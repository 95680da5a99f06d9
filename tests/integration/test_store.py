"""The object store, as a folder and as a bucket: one behaviour, whoever keeps the files."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import obstore.exceptions
import pytest
from moto.server import ThreadedMotoServer

from core.settings import Settings
from core.store import ObjectStore

pytestmark = pytest.mark.anyio
BUCKET = "coverage"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server that speaks S3, with an empty bucket. Its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    httpx.put(f"{endpoint}/{BUCKET}").raise_for_status()
    yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    if request.param == "folder":
        return ObjectStore.open(Settings(state_dir=tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    endpoint: str = request.getfixturevalue("s3")
    return ObjectStore.open(Settings(object_store=f"s3://{BUCKET}/{uuid.uuid4().hex}", s3_endpoint=endpoint))


async def test_a_file_comes_back_as_it_went(store: ObjectStore) -> None:
    data = bytes(range(256)) * 1000
    await store.put("reports/a/1.jpg", data)
    assert await store.get("reports/a/1.jpg") == data


async def test_the_last_writer_wins(store: ObjectStore) -> None:
    await store.put("reports/a/1.jpg", b"first")
    await store.put("reports/a/1.jpg", b"second")
    assert await store.get("reports/a/1.jpg") == b"second"


async def test_a_missing_file_is_told(store: ObjectStore) -> None:
    with pytest.raises(FileNotFoundError):
        await store.get("reports/a/none.jpg")


async def test_removing_is_done_once_and_may_be_asked_twice(store: ObjectStore) -> None:
    await store.put("reports/a/1.jpg", b"x")
    await store.put("reports/a/2.jpg", b"y")
    for _ in range(2):
        await store.delete_many(["reports/a/1.jpg", "reports/a/none.jpg"])
    with pytest.raises(FileNotFoundError):
        await store.get("reports/a/1.jpg")
    assert await store.get("reports/a/2.jpg") == b"y"


async def test_a_key_never_leaves_the_store(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises((obstore.exceptions.BaseError, ValueError)):
        await store.put("../../outside.jpg", b"x")
    assert not list(tmp_path.parent.glob("outside.jpg"))


async def test_a_bucket_that_is_away_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    store = ObjectStore.open(Settings(object_store="s3://none/x", s3_endpoint="http://127.0.0.1:1"))
    with pytest.raises(obstore.exceptions.BaseError):
        await store.put("a", b"x")


def test_a_folder_is_closed_to_others(tmp_path: Path) -> None:
    ObjectStore.open(Settings(state_dir=tmp_path / "state"))
    assert (tmp_path / "state" / "objects").stat().st_mode & 0o077 == 0


async def test_a_folder_is_removed_with_all_below_it_and_nothing_beside_it(store: ObjectStore) -> None:
    kept = ["reports/ab/1.jpg", "reports/a.jpg", "logos/a/1.jpg"]
    for key in [*(f"reports/a/{n}.jpg" for n in range(40)), "reports/a/deeper/1.jpg", *kept]:
        await store.put(key, b"x")
    await store.remove("reports/a/")
    await store.remove("reports/a/")
    for key in kept:
        assert await store.get(key) == b"x"
    for key in ("reports/a/0.jpg", "reports/a/39.jpg", "reports/a/deeper/1.jpg"):
        with pytest.raises(FileNotFoundError):
            await store.get(key)
    await store.put("reports/a/1.jpg", b"again")
    assert await store.get("reports/a/1.jpg") == b"again"


async def test_a_file_is_removed_alone(store: ObjectStore) -> None:
    for key in ("logos/a.png", "logos/a.png.png"):
        await store.put(key, b"x")
    await store.remove("logos/a.png")
    await store.remove("logos/a.png")
    assert await store.get("logos/a.png.png") == b"x"
    with pytest.raises(FileNotFoundError):
        await store.get("logos/a.png")


def names_below(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


async def test_a_folder_on_disk_goes_with_its_last_file(tmp_path: Path) -> None:
    store = ObjectStore.open(Settings(state_dir=tmp_path))
    await store.put("reports/a/1.jpg", b"x")
    await store.put("reports/b/1.jpg", b"x")
    await store.remove("reports/a/")
    assert names_below(tmp_path) == {"objects", "reports", "b", "1.jpg"}
