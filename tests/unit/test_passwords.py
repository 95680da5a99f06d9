"""Passwords of the Auth stand-in: the rules that tests relax are what they should be elsewhere."""

import asyncio

import pytest

from core.settings import Settings
from embedded.auth.passwords import fits, hash_password
from embedded.auth.rules import Rules


def test_rules_are_strict_where_nothing_is_said() -> None:
    assert Rules.of(Settings()) == Rules(
        site_url="http://127.0.0.1:8000", confirm_email=True, mail_interval=60, mail_url="", token_hash_links=True,
        password_cost=10,
    )  # fmt: skip
    relaxed = Settings(
        embedded_confirm_email="off", embedded_mail_interval=5, embedded_mail_links="verify",
        public_url="https://reports.example.com", mail_url="/outbox", mail_from="a@example.com",
    )  # fmt: skip
    assert Rules.of(relaxed) == Rules(
        "https://reports.example.com", False, 5, "/outbox", "a@example.com", token_hash_links=False
    )


@pytest.mark.parametrize("cost", [4, 10])
def test_a_password_is_stored_at_the_cost_of_the_rules(cost: int) -> None:
    rules = Rules(password_cost=cost)
    stored = asyncio.run(hash_password("correct horse", rules))
    assert stored.startswith(f"$2b${cost:02}$")
    user = {"encrypted_password": stored}
    assert asyncio.run(fits(user, "correct horse", rules))
    assert not asyncio.run(fits(user, "wrong horse", rules))
    assert not asyncio.run(fits(None, "nobody", rules)), "nobody has a password"
    assert not asyncio.run(fits({"encrypted_password": ""}, "", rules))
