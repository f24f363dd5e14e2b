"""Proof Key for Code Exchange (RFC 7636)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

CODE_CHALLENGE_METHOD = "S256"


def code_challenge(code_verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 section 4.2).

    Args:
        code_verifier: 43 to 128 characters of ``A-Z a-z 0-9 - . _ ~``.

    Raises:
        ValueError: the verifier is not of that form (RFC 7636 section 4.1).
    """
    if not 43 <= len(code_verifier) <= 128 or not _is_unreserved(code_verifier):  # noqa: PLR2004 - the RFC's numbers
        raise ValueError("a code verifier has 43 to 128 unreserved characters (RFC 7636 4.1)")
    digest = sha256(code_verifier.encode("ascii")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _is_unreserved(text: str) -> bool:
    return text.isascii() and all(c.isalnum() or c in "-._~" for c in text)
