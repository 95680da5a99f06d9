"""An account in which something has happened: what pictures are taken of."""

import hashlib
import uuid
from dataclasses import dataclass

from core.invitations import new_token
from tests.integration.product import Customer
from tests.people import People, Person
from tests.site import NewsSite

LINKS = [
    "/wexcombe-ledger/pool-reopens", "/ferment-and-loaf/second-sun", "/kilowatt-weekly/heat-tariff",
    "/minatozaka-shinpo/renga", "/quellenfelder-bote/waermespeicher", "/trouble/404", "/trouble/bot-wall",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """The account's owner, support staff, somebody without an account who is invited, a report of real captures, and
    the token of another invitation."""

    owner: Person
    staff: Person
    loner: Person
    report: uuid.UUID
    token: str


def fill(people: People, news: NewsSite) -> Filled:
    """Makes it; it takes some seconds, in which pages are captured."""
    owner = people.owner(name="Wexcombe Communications", email="harriet@wexcombe.example")
    assert owner.account is not None
    world = people.world
    world.value(
        "admin", "select private.adjust_credits(%s, 39, 'Invoice 2026-114, paid on 3 November', 'cli:test', %s)",
        owner.account, str(uuid.uuid4()),
    )  # fmt: skip
    customer = Customer(people.product, owner.account, people.product.key(owner.account))
    world.run("update public.api_keys set name = 'Newsroom' where account_id = %s", owner.account)
    report = customer.create([news.url(path) for path in LINKS], reportName="Opening of the lido, autumn 2026")
    failed = customer.create([news.url("/trouble/404")], reportName="Launch of the winter programme")
    names = {owner.user: "Harriet Vale"}
    for role, name in (("admin", "Jonas Reed"), ("member", "Mina Okafor"), ("member", "Ada Brandt")):
        names[people.join(owner.account, role).user] = name
    for user, name in names.items():
        world.run(
            "insert into public.profiles (user_id, name, time_zone) values (%s, %s, 'Europe/Berlin')"
            " on conflict (user_id) do update set name = excluded.name",
            user, name,
        )  # fmt: skip
    for name, prefix in (("Press office", "cr_live_8dQ2mTzK"), ("Nightly import", "cr_live_Xw7pLb3N")):
        world.value(
            "admin", "select private.create_api_key(%s, %s, %s, %s, %s, %s)",
            owner.account, name, prefix, hashlib.sha256(uuid.uuid4().bytes).digest(), owner.user, str(owner.user),
        )  # fmt: skip
    world.run(
        "update public.api_keys set request_count = 1284, last_used_at = now() - interval '3 hours' where name = %s",
        "Nightly import",
    )  # fmt: skip
    made = new_token()
    invitation = world.value(
        "admin", "insert into public.invitations (account_id, email, role, invited_by) values (%s, %s, 'member', %s)"
        " returning id", owner.account, "sam@wexcombe.example", owner.user,
    )  # fmt: skip
    loner = people.loner()
    world.run(
        "insert into public.invitations (account_id, email, role, invited_by) values (%s, %s, 'admin', %s)",
        owner.account, loner.email, owner.user,
    )  # fmt: skip
    world.run(
        "insert into private.invitation_tokens (invitation_id, hash) values (%s, decode(%s, 'hex'))",
        invitation, made.digest,
    )  # fmt: skip
    world.run(
        "insert into public.credit_requests (account_id, requested_by, credits, message) values (%s, %s, 20, %s)",
        owner.account, owner.user, "We have three launches in November.",
    )  # fmt: skip
    for made_report in (report, failed):
        customer.ended(made_report)
    return Filled(owner, people.staff(), loner, uuid.UUID(report), made.token)
