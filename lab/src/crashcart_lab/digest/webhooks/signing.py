"""The signature of a message: both sides know the secret, and nobody else can make it."""

from __future__ import annotations

import hmac

from pydantic import SecretStr

HEADER = "X-Signature"


def sign(body: bytes, secret: SecretStr) -> str:
    """Return the hexadecimal HMAC-SHA256 of *body*."""
    return hmac.digest(secret.get_secret_value().encode(), body, "sha256").hex()


def is_signed(body: bytes, secret: SecretStr, signature: str) -> bool:
    """Compare in constant time: how long a wrong signature takes must not tell how much of it is right."""
    # As bytes: for text, compare_digest raises at the first letter that is not ASCII.
    return hmac.compare_digest(sign(body, secret).encode(), signature.encode(errors="replace"))
