"""What a redirect URI must look like, checked before a link is shown."""

import pytest
from support.settings_of_tests import settings_of

from myid_notebook.errors import SettingError


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8888/myid/callback",
        "http://localhost/myid/callback",
        "http://localhost:80/myid/callback",
        "http://127.0.0.1:5500/",
        "http://127.0.0.1:5500",
        "http://[::1]:8888/myid/callback",
        "http://localhost:8888/a/path%20of/its-own",
        "https://hub.example.com/hub/user-redirect/myid/callback",
        "https://hub.example.com:443/hub/user-redirect/myid/callback",
        "https://jupyter.example.com:8443/user/jane@example.com/myid/callback",
        "https://localhost:8888/myid/callback",
    ],
)
def test_redirect_uri_is_taken_character_for_character(uri: str) -> None:
    """MyID compares whole strings, so nothing is made plain: no port, no slash, no case."""
    assert uri == settings_of(redirect_uri=uri).redirect_uri


MALFORMED = {
    "http://localhost:8888/myid/callback#top": "holds a fragment",
    "http://localhost:8888/myid/callback#": "holds a fragment",
    "http://localhost:*/myid/callback": "holds a wildcard",
    "https://*.example.com/myid/callback": "holds a wildcard",
    "http://jupyter.example.com/myid/callback": "only https is safe",
    "http://192.168.1.2:8888/myid/callback": "only https is safe",
    "http://0.0.0.0:8888/myid/callback": "only https is safe",
    "http://[fe80::1]:8888/myid/callback": "only https is safe",
    "http://localhost.:8888/myid/callback": "host name with characters",
    "http://LOCALHOST:8888/myid/callback": "'http://localhost:8888/myid/callback'",
    "https://Hub.example.com/cb": "'https://hub.example.com/cb'",
    "http://[0:0:0:0:0:0:0:1]:8888/cb": r"\[::1\]",
    "http://localhost:8888/myid/callback?x=1": "holds a query",
    "http://localhost:8888/myid/callback?": "holds a query",
    "http://jane:pw@localhost:8888/cb": "holds a user name or password",
    "http://localhost:8888/my id": "a blank",
    "http://localhost:70000/cb": "has a host or port that is none",
    "http://[::1:8888/cb": "has a host or port that is none",
    "urn:ietf:wg:oauth:2.0:oob": "not an absolute URL",
    "javascript:alert(1)": "not an absolute URL",
    "localhost:8888/myid/callback": "not an absolute URL",
    "/myid/callback": "not an absolute URL",
    "http:///myid/callback": "not an absolute URL",
    "http://localhost:8888/" + "x" * 400: "longer than the 400 characters",
}


@pytest.mark.parametrize("uri", MALFORMED)
def test_malformed_redirect_uri(uri: str) -> None:
    """The message says what is wrong with it, and where to change it."""
    with pytest.raises(SettingError, match=MALFORMED[uri]) as caught:
        settings_of(redirect_uri=uri)

    assert "redirect_uri" == caught.value.setting
    assert "MYID_REDIRECT_URI" in str(caught.value)
