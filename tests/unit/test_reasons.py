"""Why a link failed, in words for a person."""

import re

import pytest

from core.reasons import Reason, describe


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_of_its_own(reason: Reason) -> None:
    sentence = describe(reason)
    assert re.fullmatch(r"[A-Z][^.]+\.( [A-Z][^.]+\.)?", sentence)
    assert reason.value not in sentence.split()
    assert [one for one in Reason if describe(one) == sentence] == [reason]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "The site says this page does not exist (error 404). Check the link."),
        (410, "The site says this page does not exist (error 410). Check the link."),
        (403, "The site refused to show us this page (error 403)."),
        (451, "The site refused to show us this page (error 451)."),
        (503, "The site answered with an error (503)."),
        (None, "The site answered with an error."),
    ],
)
def test_an_error_of_the_site_names_its_status(status: int | None, sentence: str) -> None:
    assert describe(Reason.HTTP_ERROR, status) == sentence


def test_a_status_says_nothing_about_other_reasons() -> None:
    assert describe(Reason.BLOCKED, 200) == describe(Reason.BLOCKED)
