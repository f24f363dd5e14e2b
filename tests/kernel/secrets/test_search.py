"""The search for secrets finds them."""

import base64
import json
from urllib.parse import quote

import pytest
from support.values.secrets import found

SECRET = "a-secret/with+signs~and%more"


@pytest.mark.parametrize(
    "text",
    [
        f"x{SECRET}y",
        f"https://h/?code={quote(SECRET, safe='')}&state=s",
        json.dumps({"token": SECRET}),
        base64.b64encode(f"id:{SECRET}".encode()).decode(),
        base64.b64encode(f"id::{SECRET}more".encode()).decode(),
        base64.urlsafe_b64encode(f"iden:{SECRET}".encode()).decode(),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        SECRET.encode("utf-16").decode("latin-1"),
        SECRET.encode("utf-16-be").decode("latin-1"),
    ],
)
def test_encoded_secret_is_found(text: str) -> None:
    """In an address, in JSON, as Base64 at any place, as UTF-16 and as hex."""
    assert ["token"] == found({"token": SECRET}, text)


def test_escaped_secret_is_found() -> None:
    """What Python's repr escapes, and JSON in another way."""
    secret = "both 'quotes' and \"quotes\" \u20ac"

    assert ["token"] == found({"token": secret}, repr([secret]))
    assert ["token"] == found({"token": secret}, json.dumps([secret]))


def test_nothing_else_is_found() -> None:
    """Another text is no secret."""
    assert [] == found({"token": SECRET}, "a-secret/with+signs~and%less")
