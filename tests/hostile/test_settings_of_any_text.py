"""Whatever stands in the settings: checked values, or one error that names its setting."""

import re
from ipaddress import ip_address

from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.settings_of_tests import ENVIRON

from myid_notebook.errors import SettingError
from myid_notebook.settings import SETTINGS, Settings, resolve

SECRET = "secret-0815"
"""Stands in the client secret and the access token."""

PASSWORD = "password-4711"
"""Stands only where a URL has its password."""

PLACES = ("option", "environment", "configuration")

_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_HTTP_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?"
    rf"(?P<path>(/{_PCHAR}*)*)(?P<query>\?(?:{_PCHAR}|[/?])*)?",
    re.IGNORECASE,
)
"""RFC 3986, without user information and fragment."""

url_pieces = st.lists(
    st.sampled_from(
        [
            *(
                "https://",
                "http://",
                "HTTPS:",
                "//",
                "/",
                "\\",
                "javascript:",
                f"jane:{PASSWORD}@",
                "@",
            ),
            *("localhost", "127.0.0.1", "127.1", "[::1]", "[::1%25lo]", "[v1.x]", "[", "]", "::1"),
            *("myid.example", "Evil.example", "10.0.0.1", "localhost.evil.example", "0x7f000001"),
            *(":8888", ":0", ":", ":99999", "/a/b", "/%2e%2e", "%", "%zz", "%0d%0a", "?", "?a=b"),
            *("#", "*", "|", '"><script>', "{x}", "^", "`", "\r\n", "\t", " ", "\x00", "\u2025"),
            *("\u3002", "\uff0f", "\ud800", "\uff4cocalhost", "x" * 300),
        ]
    ),
    max_size=7,
).map("".join)
anything = st.text() | url_pieces | url_pieces.map(lambda tail: f"https://h{tail}")
secrets = st.text(max_size=90).map(lambda text: f"{SECRET}{text}")
texts = st.fixed_dictionaries(
    {"client_secret": secrets},
    optional={
        **{name: anything for name in SETTINGS if name not in {"client_secret", "access_token"}},
        "access_token": secrets,
    },
)


def given_in(place: str, texts: dict[str, str]) -> Settings | SettingError:
    """Return what becomes of settings in one place, above the fewest that a sign-in needs."""
    environ = dict(ENVIRON)
    options, configuration = {}, {}
    if place == "option":
        options = texts
    elif place == "environment":
        environ |= {SETTINGS[name].environment: text for name, text in texts.items()}
    else:
        environ = {} if "server" in texts else environ
        configuration = {"server": "https://h.example", "client_id": "c", **texts}
    try:
        return resolve(options, environ, configuration, lambda _: SECRET)
    except SettingError as error:
        return error


def expect_safe(url: str) -> re.Match[str]:
    """Expect that secrets may go to a URL, and return its parts."""
    parts = _HTTP_URL.fullmatch(url)
    assert parts, url
    if parts["scheme"].lower() == "http":
        host = parts["host"].strip("[]")
        assert host.lower() == "localhost" or ip_address(host).is_loopback, url
    return parts


@given(st.sampled_from(PLACES), texts)
@example("environment", {"server": f"jane:{PASSWORD}@myid.example.com"})
@example("environment", {"server": f"https://jane:{PASSWORD}/1@myid.example.com"})
@example("environment", {"redirect_uri": 'http://localhost:8888/"a'})
@example("environment", {"redirect_uri": "http://localhost:8888/%zz"})
@example("environment", {"redirect_uri": "http://[::1%25lo]:8888/"})
@example("environment", {"api_url": "https://[v1.x]/"})
@example("environment", {"api_url": "https://h.example/[a]"})
@example("environment", {"api_url": "http://evil.example[::1]/"})
@example("environment", {"issuer": "https://h.example\r\nX"})
@settings(max_examples=600)
def test_any_text_in_any_setting(place: str, texts: dict[str, str]) -> None:
    """Accepted URLs keep RFC 3986's form and are https, or http on this machine; what is refused
    is named in one line. Neither holds a secret.
    """
    found = given_in(place, texts)
    said = str(found)

    if isinstance(found, SettingError):
        assert found.setting in SETTINGS
        assert f"The setting {found.setting} " in said
        assert 1 == len(said.splitlines())
        assert PASSWORD not in said or "upper-case" in said  # which has no password, but an @
        said.encode()
    else:
        assert found.issuer is None or found.issuer.isprintable()
        for url in (found.api_url, found.authorize_url, found.token_url):
            if url or not found.access_token:
                expect_safe(url)
    assert SECRET not in said


@given(url_pieces | url_pieces.map(lambda tail: f"http://localhost:8888{tail}"))
@settings(max_examples=600)
def test_redirect_uri_of_any_text(uri: str) -> None:
    """What is accepted is taken as it is, without query, fragment, wildcard or user name."""
    found = given_in("option", {"redirect_uri": uri})

    if isinstance(found, SettingError):
        assert "redirect_uri" == found.setting
    elif found.redirect_uri is not None:
        parts = expect_safe(found.redirect_uri)
        assert uri.strip() == found.redirect_uri
        assert not parts["query"]
        assert "*" not in found.redirect_uri
        assert parts["host"] == parts["host"].lower()
        assert len(found.redirect_uri) <= 400
