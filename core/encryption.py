"""Encryption of what the database keeps for us but must not read: `SECRET_KEY`, a list of secrets, newest first."""

import base64
import hashlib
from secrets import token_hex
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Undecipherable(Exception):
    """It was encrypted with a secret that is not in `SECRET_KEY` any more, too long ago, or not by us."""


class Cipher:
    """The first secret encrypts, all of them decrypt: a new one is put in front, an old one taken out later."""

    def __init__(self, keys: MultiFernet) -> None:
        self._keys = keys

    @classmethod
    def of(cls, secret_key: str) -> Self:
        """From `SECRET_KEY`: one or more secrets, divided by commas."""
        # Without any, as in a process that serves the API alone, nothing that it encrypts outlives the process.
        texts = [secret.strip() for secret in secret_key.split(",") if secret.strip()] or [token_hex()]
        # A secret is any text that is long enough, so its digest is the key.
        digests = [hashlib.sha256(b"coveragereport sessions\0" + secret.encode()).digest() for secret in texts]
        return cls(MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests]))

    def encrypt(self, text: str) -> bytes:
        """The text, readable with the same secret only."""
        return self._keys.encrypt(text.encode())

    def decrypt(self, data: bytes, seconds: int | None = None) -> str:
        """What was encrypted, if that is not longer ago than `seconds`. Raises `Undecipherable`."""
        try:
            return self._keys.decrypt(data, seconds).decode()
        except InvalidToken:
            raise Undecipherable from None
