import hashlib
import re

import pytest

from core import keys


def test_a_new_key_is_what_scanners_look_for() -> None:
    new = keys.new_api_key()
    assert re.fullmatch("cr_live_[0-9A-Za-z]{36}", new.key)
    assert keys.has_valid_shape(new.key)


def test_what_is_stored_is_prefix_and_digest() -> None:
    new = keys.new_api_key()
    assert new.prefix == new.key[:16]
    assert new.digest == hashlib.sha256(new.key.encode()).digest()


def test_a_key_is_not_shown_by_accident() -> None:
    new = keys.new_api_key()
    assert new.key not in repr(new)


def test_the_checksum_is_the_crc32_in_base62() -> None:
    # CRC32 of thirty zeros is 2011552642, in base62 the digits 2 12 8 16 45 28.
    assert keys.has_valid_shape("cr_live_" + "0" * 30 + "2C8GjS")
    assert not keys.has_valid_shape("cr_live_" + "0" * 30 + "2C8GjT")


def test_a_small_checksum_is_padded_on_the_left() -> None:
    # CRC32 of this one is 8816593.
    assert keys.has_valid_shape("cr_live_00000000000000000000000000040500azb7")


def test_no_two_keys_are_alike() -> None:
    assert len({keys.new_api_key().key for _ in range(1000)}) == 1000


def test_one_wrong_character_anywhere_is_noticed() -> None:
    key = keys.new_api_key().key
    for place in range(len(key)):
        other = "x" if key[place] != "x" else "y"
        assert not keys.has_valid_shape(key[:place] + other + key[place + 1 :])


@pytest.mark.parametrize(
    "change", [str.upper, lambda key: key + "0", lambda key: key[:-1], lambda key: f" {key}", lambda key: f"{key}\n"]
)
def test_only_the_exact_shape_is_a_key(change: object) -> None:
    assert callable(change)
    assert not keys.has_valid_shape(change(keys.new_api_key().key))


@pytest.mark.parametrize(
    "text",
    ["", "cr_live_", "cr_live_abc123def456", "cr_test_" + "0" * 36, "cr_live_" + "é" * 36, "cr_live_" + "٣" * 36],
)
def test_what_was_never_a_key_is_refused(text: str) -> None:
    assert not keys.has_valid_shape(text)
