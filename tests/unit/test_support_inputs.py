"""What staff type, and what others send in its place."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.refusal import Refused
from dashboard.support.inputs import balance_after, change_of, dialog_of, grant_of, id_of, reason_of, text_of

ANYTHING = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text()),
    st.dictionaries(st.text(), st.text()), st.binary(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "change"),
    [
        ("50", 50),
        ("+50", 50),
        (" -20 ", -20),
        ("\u221220", -20),
        ("1,000", 1000),
        ("1000000", 1_000_000),
        ("-1000000", -1_000_000),
    ],
)
def test_a_change_is_read_as_people_write_it(typed: str, change: int) -> None:
    assert change_of(typed) == change


@pytest.mark.parametrize(
    "typed",
    [
        "", "0", "-0", "+", "--5", "5-", "1.5", "1e3", "fifty", "\u0665\u0660", "\uff15\uff10", "1000001", "-1000001",
        "9" * 5000, "5 0", "0x5",
    ],
)  # fmt: skip
def test_what_is_no_change_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        change_of(typed)
    assert refused.value.sentence.endswith(".") and refused.value.status == 400


@pytest.mark.parametrize("typed", ["0", "-5", "1000001"])
def test_a_grant_is_between_one_and_a_million(typed: str) -> None:
    with pytest.raises(Refused, match="Grant 1 to 1,000,000 credits"):
        grant_of(typed)


@given(ANYTHING)
@pytest.mark.parametrize("read", [change_of, grant_of])
def test_whatever_is_sent_is_a_number_or_refused(read: Callable[[object], int], sent: Any) -> None:
    with suppress(Refused):
        assert isinstance(read(sent), int)


@pytest.mark.parametrize(("balance", "change", "after"), [(3, -3, 0), (0, 5, 5), (10, -4, 6)])
def test_a_balance_goes_down_to_0(balance: int, change: int, after: int) -> None:
    assert balance_after(balance, change) == after


@pytest.mark.parametrize(("balance", "has"), [(3, "3 credits"), (1, "1 credit"), (1200, "1,200 credits")])
def test_and_never_below(balance: int, has: str) -> None:
    with pytest.raises(Refused, match=f"The account has {has}: no more than that can be taken"):
        balance_after(balance, -balance - 1)


def test_a_reason_is_one_line() -> None:
    assert reason_of({"reason": "  Paid by\n\tinvoice "}) == "Paid by invoice"
    assert reason_of({"note": "x" * 500}, "note") == "x" * 500


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "missing"),
        ({"reason": " \n"}, "missing"),
        ({"reason": 5}, "missing"),
        ([], "missing"),
        (None, "missing"),
        ("reason", "missing"),
        ({"reason": "x" * 501}, "too_long"),
    ],
)
def test_without_a_reason_nothing_is_done(form: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        reason_of(form)
    assert refused.value.code == code


@given(ANYTHING)
def test_a_field_of_whatever_is_sent_is_a_text(sent: object) -> None:
    assert text_of(sent, "a") == (sent.get("a", "") if isinstance(sent, dict) else "")


def test_half_a_character_is_none() -> None:
    assert text_of({"a": "x\ud800"}, "a") == "x?"


@pytest.mark.parametrize(
    ("name", "is_open", "dialog"),
    [
        (f"retry:{'a' * 32}", True, f"retry:{'a' * 32}"),
        (f"retry:{'a' * 32}", False, ""),
        (f"retry:{'a' * 32}", "true", ""),
        (f"other:{'a' * 32}", True, ""),
        ("retry:x", True, ""),
        ("retry", True, ""),
        (None, True, ""),
        (["retry"], True, ""),
    ],
)
def test_a_dialog_is_one_of_the_page(name: object, is_open: object, dialog: str) -> None:
    assert dialog_of(name, is_open, ("retry",)) == dialog


def test_ids_have_dashes_or_none() -> None:
    known = uuid.uuid4()
    assert id_of(str(known)) == id_of(known.hex) == id_of(str(known).upper()) == known


@given(ANYTHING)
def test_whatever_else_is_sent_is_no_id(sent: object) -> None:
    assert id_of(sent) is None
