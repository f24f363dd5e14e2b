"""Whatever stands in the settings: checked values, or one error that names its setting."""

import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.values.settings import ENVIRON

from myid_notebook.errors import SettingError
from myid_notebook.settings.resolve import Settings, resolve, with_client_secret
from myid_notebook.settings.table import SETTINGS

SECRET = "secret-0815"
"""Stands in the client secret and the access token."""

PASSWORD = "password-4711"
"""Stands only where a URL has its password."""

PLACES = ("option", "environment", "configuration", "keyring")
SECRETS = ("client_secret", "access_token")
URLS = ("server", "authorize_url", "token_url", "api_url", "redirect_uri", "issuer")

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
_RIGHT = (
    st.sampled_from(
        ["https://myid.example", "http://localhost", "http://127.0.0.1", "http://[::1]"]
    )
    | st.from_regex(r"https://[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{1,9}){0,3}", fullmatch=True),
    st.just("") | st.integers(1, 65535).map(":{}".format),
    st.sampled_from(["", "/", "/myid/callback", "/user/jane@h/cb", "/...", "/a%2e", "//a"])
    | st.from_regex(r"(/[A-Za-z0-9_~!$&'()+,;=:@-]{1,9}){1,4}", fullmatch=True),
)
_ODD = (
    (
        *("http://myid.example", "ftp://localhost", "//localhost", "localhost", "http://10.0.0.1"),
        *(f"https://jane:{PASSWORD}@h", "https://@h", "https://Evil.example", "https://127.1"),
        *("https://[0:0::1]", "https://a..b", "https://h.", "https://" + "x" * 64, "https://"),
        *("https://[::1%25lo]", "https://h\u2025", "https://h h", "https://[v1.x]", "https://*.h"),
    ),
    (":", ":08888", ":0", ":99999", ":x", ":-1"),
    (
        *("/a/..", "/a/../b", "/./b", "/a/%2E%2e", "/.%2e/b", "/%", "/*", "?", "?a=b", "#", "/ "),
        *("/a\r\nb", "/[a]", "\\", "/" + "x" * 400, f"/a/../jane:{PASSWORD}@h"),
    ),
)
"""Origins, ports and paths."""


def _url_with(odd: int | None) -> st.SearchStrategy[str]:
    parts = [st.sampled_from(_ODD[at]) if at == odd else _RIGHT[at] for at in range(3)]
    return st.tuples(*parts).map("".join)


urls = st.sampled_from([None, None, None, 0, 1, 2]).flatmap(_url_with)
"""Wrong in one part at most, so that every check is the one that decides for some."""


def _each_odd_url() -> Iterator[str]:
    for at, pieces in enumerate(_ODD):
        for piece in pieces:
            parts = ["https://myid.example", ":8888", "/cb"]
            parts[at] = piece
            yield "".join(parts)


texts = {
    **dict.fromkeys(URLS, urls | urls | url_pieces | st.text()),
    **dict.fromkeys(SECRETS, st.text(max_size=90).map(lambda text: f"{SECRET}{text}")),
    **dict.fromkeys(("client_id", "scope"), st.from_regex(r"[ -~]{1,110}") | st.text(min_size=1)),
    "ca_bundle": st.sampled_from([__file__, f" {__file__}\n", "~/none", "\x00"]) | st.text(),
    "show_rows": st.sampled_from(["0", "10", " 7 ", "1001", "-1", "1.5", "\u0661"]) | st.text(),
    "read_only": st.sampled_from(["on", " off ", "TRUE", "yes", "\u0131n"]) | st.text(),
    "share": st.sampled_from(["notebook", " server ", "off", "all"]) | st.text(),
    "checks": st.sampled_from(["on", " off ", "On", "0", "false"]) | st.text(),
    "profile": st.text(),
    "openapi": st.sampled_from([__file__, "~/none", "\x00"]) | st.text() | urls,
    "client_authentication": st.text()
    | st.sampled_from(["none", "client_secret_post", "client_secret_basic", "None", "none,"]),
}
"""By setting, what may be given."""

TAKEN_AS_IT_IS = {"access_token"}
"""Nothing is wrong with any of it: only MyID knows."""


def given_in(place: str, name: str, text: str) -> Settings | SettingError:
    """Return what becomes of one setting in one place, beside those that are right."""
    options, environ, configuration, kept = {}, dict(ENVIRON), {}, None
    environ.pop(SETTINGS[name].environment, None)
    if place == "option":
        options[name] = text
    elif place == "environment":
        environ[SETTINGS[name].environment] = text
    elif place == "configuration":
        configuration[name] = text
    else:
        assert "client_secret" == name
        kept = text
    try:
        found = resolve(options, environ, configuration)
        asked = found.needs_client_secret
        if asked:
            found = with_client_secret(found, kept)
    except SettingError as error:
        return error
    assert asked == (place == "keyring")
    return found


def expect_safe(url: str) -> re.Match[str]:
    """Expect that secrets may go to a URL, and return its parts."""
    parts = _HTTP_URL.fullmatch(url)
    assert parts, url
    if parts["scheme"].lower() == "http":
        host = parts["host"].strip("[]")
        assert host.lower() == "localhost" or ip_address(host).is_loopback, url
    return parts


def expect_right(found: Settings | SettingError, name: str, text: str) -> str:
    """Expect checked values, or an error in one line; neither with a secret. Return which."""
    said = str(found)
    assert SECRET not in said
    if isinstance(found, SettingError):
        assert SECRET not in f"{vars(found)}"
        assert len(said) < 3000
        assert name == found.setting or not text.strip()  # nothing is no value, and may be missing
        missing = f"Set MYID_{found.setting.upper()} "
        assert f"The setting {found.setting} " in said or (
            said.startswith("No ") and missing in said
        )
        assert 1 == len(said.splitlines())
        # A spelling that is told to register has no password, but an @ in its path.
        assert PASSWORD not in said or "register and set" in said
        said.encode()
        return "refused"
    assert found.issuer is None or found.issuer.isprintable()
    for url in (found.api_url, found.authorize_url, found.token_url):
        if url or not found.access_token:
            expect_safe(url)
    return "accepted"


@example("environment", "server", f"jane:{PASSWORD}@myid.example.com")
@example("environment", "server", f"https://jane:{PASSWORD}/1@myid.example.com")
@example("environment", "server", f"https://jane:word@{PASSWORD}@h.example")
@example("environment", "redirect_uri", 'http://localhost:8888/"a')
@example("environment", "redirect_uri", "http://localhost:8888/%zz")
@example("environment", "redirect_uri", "http://[::1%25lo]:8888/")
@example("environment", "api_url", "https://[v1.x]/")
@example("environment", "api_url", "https://h.example/[a]")
@example("environment", "api_url", "http://evil.example[::1]/")
@example("environment", "issuer", "https://h.example\r\nX")
@given(st.sampled_from(PLACES[:3]), st.none(), st.none())
@settings(max_examples=1)
def test_what_once_got_through(place: str, name: str | None, text: str | None) -> None:
    """The ones found so far are refused, and named."""
    if name is not None and text is not None:
        assert "refused" == expect_right(given_in(place, name, text), name, text)


@pytest.mark.parametrize("name", SETTINGS)
def test_any_text_in_any_setting(name: str) -> None:
    """Accepted URLs keep RFC 3986's form and are https, or http on this machine; what is refused
    is named in one line. Neither holds a secret. Every place, and both outcomes, do occur.
    """
    outcomes: Counter[str] = Counter()
    places = PLACES if name == "client_secret" else PLACES[:3]

    @given(st.sampled_from(places), texts[name])
    @settings(max_examples=150)
    def judge(place: str, text: str) -> None:
        outcomes[expect_right(given_in(place, name, text), name, text)] += 1
        outcomes[place] += 1

    for url in _each_odd_url() if name in URLS else ():
        judge = example(places[0], url)(judge)
    judge()
    assert set(places) <= set(outcomes)
    assert outcomes["accepted"] >= 3
    assert outcomes["refused"] >= 3 or name in TAKEN_AS_IT_IS


def expect_kept_by_browsers(uri: str) -> None:
    """Expect that a browser requests a URI as it is written (WHATWG URL)."""
    parts = urlsplit(uri)
    host, colon, port = parts.netloc.rpartition(":")
    if parts.netloc.endswith("]") or not colon:
        host, port = parts.netloc, "1"
    assert host == host.lower()
    assert port == str(int(port))
    assert not {".", ".."} & {unquote(segment) for segment in parts.path.split("/")}
    if host.startswith("["):
        assert host == f"[{ip_address(host[1:-1]).compressed}]"
    elif re.search(r"(^|\.)(0x[0-9a-f]*|[0-9]+)$", host):
        assert host == str(ip_address(host))


def test_redirect_uri_of_any_text() -> None:
    """What is accepted is taken as it is, without query, fragment, wildcard or user name, and in
    the spelling of browsers. Many are accepted, and many refused.
    """
    outcomes: Counter[str] = Counter()

    @given(urls | url_pieces)
    @settings(max_examples=600)
    def judge(uri: str) -> None:
        found = given_in("option", "redirect_uri", uri)
        if isinstance(found, SettingError):
            assert "redirect_uri" == found.setting
            outcomes[re.findall(r": it (.{12})", str(found))[-1]] += 1
        elif found.redirect_uri is not None:
            outcomes["accepted"] += 1
            parts = expect_safe(found.redirect_uri)
            assert uri.strip() == found.redirect_uri
            assert not parts["query"]
            assert "*" not in found.redirect_uri
            assert len(found.redirect_uri) <= 400
            expect_kept_by_browsers(found.redirect_uri)

    for url in _each_odd_url():
        judge = example(url)(judge)
    judge()
    assert 60 <= outcomes["accepted"] <= sum(outcomes.values()) - 60
    assert len(outcomes) > 10, outcomes  # each for a reason of its own
