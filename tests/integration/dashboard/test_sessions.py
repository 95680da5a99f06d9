"""Sessions of browsers, with the Auth of the product: refreshing, being refused, and a SECRET_KEY that changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.database import Database
from core.encryption import Cipher
from core.identity import Identity, IdentityAway
from core.sessions import Sessions, SignedOut, cookie_digest
from tests.integration.product import Product
from tests.people import People, Person

pytestmark = pytest.mark.anyio

NEW_SECRET = "another secret of at least 32 characters"  # pragma: allowlist secret


@asynccontextmanager
async def sessions_of(product: Product, *, auth: str = "", secret: str = "") -> AsyncIterator[Sessions]:
    """Those of one more web process."""
    running = product.running
    async with (
        Database(running.web_database_url, pool_size=20) as db,
        Identity(auth or running.supabase_url, running.publishable_key) as identity,
    ):
        yield Sessions(db, identity, Cipher.of(secret or running.session_key))


@pytest.fixture
def person(people: People) -> Person:
    return people.owner()


def tokens_end(people: People, person: Person, when: str = "30 seconds") -> None:
    """The access token of the session is about to end."""
    people.world.run(
        "update private.sessions set tokens_expire_at = now() + %s::interval where user_id = %s", when, person.user
    )


def refresh_tokens(people: People, person: Person) -> int:
    return int(
        people.world.value(
            "admin", "select count(*) from auth.refresh_tokens where user_id = %s", str(person.user)
        )
    )  # fmt: skip


def sessions(people: People, person: Person) -> int:
    return int(people.world.value("admin", "select count(*) from private.sessions where user_id = %s", person.user))


@pytest.mark.parametrize("when", ["30 seconds", "-1 hour"])
async def test_many_requests_at_once_refresh_once(product: Product, people: People, person: Person, when: str) -> None:
    tokens_end(people, person, when)
    before = refresh_tokens(people, person)
    async with sessions_of(product) as first, sessions_of(product) as second:

        async def ask(number: int) -> str:
            own = (first, second)[number % 2]
            session = await own.find(person.cookie)
            assert session is not None
            return await own.access_token(session)

        tokens = await asyncio.gather(*(ask(number) for number in range(20)))
    assert len(set(tokens)) == 1
    assert refresh_tokens(people, person) == before + 1
    assert sessions(people, person) == 1


async def test_who_held_an_old_session_does_not_refresh_again(product: Product, people: People, person: Person) -> None:
    tokens_end(people, person)
    async with sessions_of(product) as own:
        stale = await own.find(person.cookie)
        assert stale is not None
        first = await own.access_token(stale)
        count = refresh_tokens(people, person)
        assert await own.access_token(stale) == first
        assert refresh_tokens(people, person) == count


async def test_a_refresh_that_is_refused_signs_out(product: Product, people: People, person: Person) -> None:
    tokens_end(people, person)
    people.world.run("delete from auth.sessions where user_id = %s", person.user)
    async with sessions_of(product) as own:
        session = await own.find(person.cookie)
        assert session is not None
        with pytest.raises(SignedOut):
            await own.access_token(session)
        assert await own.find(person.cookie, now=True) is None
    assert sessions(people, person) == 0


async def test_auth_that_is_away_signs_nobody_out(product: Product, people: People, person: Person) -> None:
    tokens_end(people, person)
    async with sessions_of(product, auth="http://127.0.0.1:1") as own:
        session = await own.find(person.cookie)
        assert session is not None
        for _ in range(2):
            # The lease is given back: the next one asks at once, and does not wait for it to run out.
            with pytest.raises(IdentityAway):
                async with asyncio.timeout(5):
                    await own.access_token(session)
    async with sessions_of(product) as back:
        session = await back.find(person.cookie)
        assert session is not None
        assert await back.access_token(session)


async def test_auth_that_fails_signs_nobody_out(product: Product, people: People, person: Person) -> None:
    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(fail, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        for status, body in (
            ("500 Internal Server Error", b'{"code": 500, "error_code": "unexpected_failure", "msg": "x"}'),
            ("500 Internal Server Error", b"<html>"),
            ("429 Too Many Requests", b'{"code": 429, "error_code": "over_request_rate_limit", "msg": "x"}'),
        ):
            answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
            tokens_end(people, person)
            async with sessions_of(product, auth=address) as own:
                session = await own.find(person.cookie)
                assert session is not None, status
                with pytest.raises(IdentityAway):
                    await own.access_token(session)
    assert sessions(people, person) == 1


async def test_a_new_secret_in_front_still_reads_what_the_old_one_wrote(product: Product, person: Person) -> None:
    old = product.running.session_key
    async with sessions_of(product, secret=f"{NEW_SECRET},{old}") as own:
        session = await own.find(person.cookie)
        assert session is not None
        assert await own.access_token(session)


async def test_once_the_old_secret_is_gone_people_sign_in_again(product: Product, person: Person) -> None:
    async with sessions_of(product, secret=NEW_SECRET) as own:
        session = await own.find(person.cookie)
        assert session is not None
        with pytest.raises(SignedOut):
            await own.access_token(session)


async def test_a_cookie_is_nowhere_in_the_database_but_as_its_hash(
    product: Product, people: People, person: Person
) -> None:
    row = people.world.rows("admin", "select hash, tokens from private.sessions where user_id = %s", person.user)
    assert [found["hash"] for found in row] == [cookie_digest(person.cookie)]
    everything = people.world.value(
        "admin", "select string_agg(s::text, ' ') from private.sessions s where user_id = %s", person.user
    )
    assert person.cookie not in everything
    # Tokens of Supabase Auth lie there encrypted.
    assert b"eyJ" not in row[0]["tokens"] and row[0]["tokens"].startswith(b"gAAAA")


async def test_another_session_ends_here_and_at_supabase_auth(product: Product, people: People, person: Person) -> None:
    stranger = people.owner()
    async with sessions_of(product) as own:
        session = await own.find(person.cookie)
        theirs = await own.find(stranger.cookie)
        assert session is not None and theirs is not None
        elsewhere = await own.open(await own.tokens(session), "Elsewhere", "192.0.2.1")
        other = await own.find(elsewhere)
        assert other is not None
        assert not await own.end_one(session, theirs.id)
        assert sessions(people, stranger) == 1 and refresh_tokens(people, stranger) == 1
        assert await own.end_one(session, other.id)
        assert await own.find(elsewhere, now=True) is None
        assert await own.find(person.cookie, now=True) is not None
    assert refresh_tokens(people, person) == 0
