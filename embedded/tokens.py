"""JSON Web Tokens as Supabase Auth signs them: ES256, with the public half as a JWK set."""

import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from jwt.types import Options

ALGORITHM = "ES256"
_TEN_YEARS = 10 * 365 * 86400


def new_signing_key() -> str:
    """A private key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class Tokens:
    """Signs and checks tokens of one installation."""

    def __init__(self, signing_key: str) -> None:
        self._key = _load(signing_key)
        public = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        self._kid = jwt.utils.base64url_encode(public["x"].encode()).decode()[:16]
        self.jwks: dict[str, Any] = {
            "keys": [public | {"kid": self._kid, "alg": ALGORITHM, "use": "sig", "key_ops": ["verify"]}]
        }

    def sign(self, claims: dict[str, Any]) -> str:
        """A token with these claims."""
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": self._kid})

    def role_token(self, role: str) -> str:
        """What an API key stands for: a role, without a user."""
        now = int(time.time())
        return self.sign({"role": role, "iss": "supabase", "iat": now, "exp": now + _TEN_YEARS})

    def read(self, token: str, *, audience: str | None = None) -> dict[str, Any]:
        """The claims of a token of ours. Raises `jwt.InvalidTokenError`."""
        options: Options = {"verify_aud": audience is not None, "require": ["exp"]}
        claims: dict[str, Any] = jwt.decode(
            token, self._key.public_key(), [ALGORITHM], audience=audience, options=options
        )
        return claims


@cache
def _load(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
