"""Languages by name, and the way they run."""

import pytest

from core.languages import is_right_to_left, language_name


@pytest.mark.parametrize(("code", "name"), [("de", "German"), ("zh", "Chinese"), ("nb", "Norwegian"), ("qaa", "QAA")])
def test_names(code: str, name: str) -> None:
    assert language_name(code) == name


@pytest.mark.parametrize("code", ["ar", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"])
def test_languages_that_run_from_right_to_left(code: str) -> None:
    assert is_right_to_left(code)
    assert language_name(code) != code.upper(), "its name is missing"


@pytest.mark.parametrize("code", ["en", "tr", "ku", "ja", ""])
def test_languages_that_run_from_left_to_right(code: str) -> None:
    assert not is_right_to_left(code)
