"""What a redirect URI must look like, checked before a link is shown."""

import re

import pytest
from support.values.settings import settings_of

from myid_notebook.errors import SettingError


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8888/myid/callback",
        "http://localhost:80/myid/callback",
        "http://127.0.0.1:5500",
        "http://[::1]:8888/myid/callback",
        "http://localhost:8888/a/path%20of/its-own",
        "https://hub.example.com:443/hub/user-redirect/myid/callback",
        "https://jupyter.example.com:8443/user/jane@example.com/myid/callback",
        # What only looks as if browsers changed it:
        "http://localhost:8888/a/..b/.c/...",
        "http://localhost:8888//cb%2e",
        "https://10.0.0.1:8888/cb",
        "https://4.example:8888/cb",
    ],
)
def test_redirect_uri_is_taken_character_for_character(uri: str) -> None:
    """MyID compares whole strings, so nothing is made plain: no port, no slash, no case."""
    assert uri == settings_of(redirect_uri=uri).redirect_uri


REWRITTEN = {
    "http://localhost:08888/cb": "http://localhost:8888/cb",
    "http://[::1]:/cb": "http://[::1]/cb",
    "http://localhost:8888/a/./cb": "http://localhost:8888/a/cb",
    "http://localhost:8888/../../cb": "http://localhost:8888/cb",
    "http://localhost:8888/a//../cb": "http://localhost:8888/a/cb",
    "http://localhost:8888/a/b/.": "http://localhost:8888/a/b/",
    "http://localhost:8888/a/.%2E/cb": "http://localhost:8888/cb",
    "http://LOCALHOST:08888/a/../cb": "http://localhost:8888/cb",
    "http://[0:0:0:0:0:0:0:1]:8888/cb": "http://[::1]:8888/cb",
    "https://[::ffff:127.0.0.1]:8888/cb": "https://[::ffff:7f00:1]:8888/cb",
}
"""What browsers go to instead."""


@pytest.mark.parametrize("uri", REWRITTEN)
def test_spelling_that_browsers_change(uri: str) -> None:
    """The answer would go to another address than the registered one, and never arrive: the message
    says what to register instead, and that is taken.
    """
    other = REWRITTEN[uri]

    with pytest.raises(SettingError, match=re.escape(f"register and set {other!r}")):
        settings_of(redirect_uri=uri)

    assert other == settings_of(redirect_uri=other).redirect_uri


@pytest.mark.parametrize("host", ["127.1", "10.0.0.010", "0x7f000001"])
def test_host_of_numbers(host: str) -> None:
    """Browsers make an address of it, another one than it looks."""
    with pytest.raises(SettingError, match="not an IPv4 address"):
        settings_of(redirect_uri=f"https://{host}:8888/cb")


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("http://localhost:*/myid/callback", "contains a wildcard"),
        ("https://*.example.com/myid/callback", "contains a wildcard"),
        ("http://localhost:8888/" + "x" * 400, "longer than the 400 characters"),
    ],
)
def test_redirect_uri_that_cannot_be_registered(uri: str, fault: str) -> None:
    """MyID compares it exactly, and limits its length; test_endpoints.py has the other faults."""
    with pytest.raises(SettingError, match=fault):
        settings_of(redirect_uri=uri)
