"""Looking for secrets in what somebody can read."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus


def found(secrets: Mapping[str, str], text: str) -> list[str]:
    """Return the names of the secrets that stand in a text, plain or encoded.

    Args:
        secrets: by name.
        text: not empty; bytes that are not text as Latin-1.
    """
    assert text
    return [name for name, secret in secrets.items() if any(f in text for f in forms(secret))]


def forms(secret: str) -> Iterator[str]:
    """Yield how a secret may be written down: plain, in an address, in JSON, in Python, as UTF-16,
    as hex, as Base64.

    Args:
        secret: at least 8 characters.
    """
    yield from {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    yield repr(str(secret))[1:-1]
    data = secret.encode()
    yield secret.encode("utf-16-le").decode("latin-1")[:-1]  # both byte orders hold this
    yield data.hex()
    yield data.hex().upper()
    for before in range(3):
        # Base64 writes three bytes as four characters: the same text looks different at each place.
        for encode in (b64encode, urlsafe_b64encode):
            written = encode(b" " * before + data).decode().rstrip("=")
            yield written[4 if before else 0 : -2]
