"""API keys: `cr_live_`, 30 random base62 characters, and 6 that are their CRC32.

By the checksum a mistyped or invented key is refused without a question to the database, and a scanner of leaked
secrets knows a real one: `cr_live_[0-9A-Za-z]{36}`.
"""

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

PREFIX = "cr_live_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_LENGTH = 30
_CHECKSUM_LENGTH = 6
_SHAPE = re.compile(f"{PREFIX}([0-9A-Za-z]{{{_RANDOM_LENGTH}}})([0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: `key` is shown once, `prefix` and `digest` are what is stored."""

    key: str = field(repr=False)
    prefix: str
    digest: bytes


def new_api_key() -> NewKey:
    """Makes a key of about 178 random bits."""
    random_part = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    key = PREFIX + random_part + _checksum(random_part)
    return NewKey(key, key_prefix(key), key_digest(key))


def has_valid_shape(key: str) -> bool:
    """Whether the key has our prefix, our length and the right checksum."""
    match = _SHAPE.fullmatch(key)
    return match is not None and match[2] == _checksum(match[1])


def key_prefix(key: str) -> str:
    """What may be shown of a key: `cr_live_` and the next 8 characters."""
    return key[: len(PREFIX) + 8]


def key_digest(key: str) -> bytes:
    """SHA-256 of the whole key, 32 bytes: the only thing a key is found by."""
    return hashlib.sha256(key.encode()).digest()


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    digits = ""
    for _ in range(_CHECKSUM_LENGTH):
        number, remainder = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[remainder] + digits
    return digits
