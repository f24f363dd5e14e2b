"""Where MyID's services sit: under one server, unless told otherwise."""

import pytest
from support.values.settings import ENVIRON, settings_of

from myid_notebook.errors import SettingError


@pytest.mark.parametrize(
    "server",
    [
        "https://myid.example.com",
        "https://myid.example.com/",
        "https://myid.example.com:443",
        "HTTPS://MyID.Example.COM:443//",
    ],
)
def test_endpoints_follow_from_the_server(server: str) -> None:
    """However the server is written, the endpoints are written as IdentityServer names itself."""
    settings = settings_of(server=server)

    assert "https://myid.example.com/web.oauth2/connect/authorize" == settings.authorize_url
    assert "https://myid.example.com/web.oauth2/connect/token" == settings.token_url
    assert "https://myid.example.com/rest.core/api/" == settings.api_url
    assert "https://myid.example.com/web.oauth2" == settings.issuer


@pytest.mark.parametrize(
    ("server", "api_url"),
    [
        ("https://h.example:8443/", "https://h.example:8443/rest.core/api/"),
        ("https://h.example/front/", "https://h.example/front/rest.core/api/"),
        ("https://my_id", "https://my_id/rest.core/api/"),
        ("https://" + "a" * 63, "https://" + "a" * 63 + "/rest.core/api/"),
        ("http://localhost:7000", "http://localhost:7000/rest.core/api/"),
        ("http://127.0.0.5:80", "http://127.0.0.5/rest.core/api/"),
        ("http://[::1]:7000", "http://[::1]:7000/rest.core/api/"),
    ],
)
def test_server_with_port_path_or_loopback_address(server: str, api_url: str) -> None:
    """A server may sit on a port, behind a path, or on this machine, there without TLS."""
    assert api_url == settings_of(server=server).api_url


def test_endpoints_of_their_own() -> None:
    """Each service may sit elsewhere; then no server is needed. However a URL is written, it is one
    and the same server; its path and query are kept.
    """
    environ = {
        "MYID_CLIENT_ID": "c",
        "MYID_CLIENT_SECRET": "s",
        "MYID_AUTHORIZE_URL": "HTTPS://A.Example:443/Authorize?Tenant=A",
        "MYID_TOKEN_URL": "https://t.example:0443/Token",
        "MYID_API_URL": "https://api.example/V1",
    }

    settings = settings_of(environ)

    assert "https://a.example/Authorize?Tenant=A" == settings.authorize_url
    assert "https://t.example/Token" == settings.token_url
    assert "https://api.example/V1/" == settings.api_url
    assert settings.issuer is None


@pytest.mark.parametrize(
    ("environ", "issuer"),
    [
        ({"MYID_ISSUER": "https://named.example"}, "https://named.example"),
        (
            {"MYID_AUTHORIZE_URL": "HTTPS://A.Example:443/Web.OAuth2/Connect/Authorize"},
            "https://a.example/web.oauth2",
        ),
        (
            {"MYID_AUTHORIZE_URL": "https://[2001:DB8::1]:8443/x/connect/authorize"},
            "https://[2001:db8::1]:8443/x",
        ),
        ({"MYID_SERVER": "https://A.Example/Front"}, "https://a.example/front/web.oauth2"),
        ({"MYID_AUTHORIZE_URL": "https://a.example/x/connect/authorize/y"}, None),
        ({"MYID_AUTHORIZE_URL": "https://a.example/oauth/authorize"}, None),
    ],
)
def test_issuer(environ: dict[str, str], issuer: str | None) -> None:
    """As named; else as the authorize URL tells; else unknown, never that of another server."""
    assert issuer == settings_of({**ENVIRON, **environ}).issuer


MALFORMED = {
    "myid.example.com": "not an absolute URL",
    "ftp://myid.example.com": "not an absolute URL",
    "javascript:alert(1)": "not an absolute URL",
    "https://h.example:0": "not an absolute URL",
    "http://myid.example.com": "must use https",
    "http://localhost.example.com": "must use https",
    "http://0.0.0.0": "must use https",
    "http://[fe80::1]": "must use https",
    "https://h.example/#": "a fragment",
    "https://h.example:port": "has an invalid host or port",
    "https://h.example:99999": "has an invalid host or port",
    "https://[::1": "has an invalid host or port",
    "https://my id.example": "a space",
    "https://mÿid.example": "a space or a character",
    "https://h.example.": "an invalid host name",
    "https://h%2Eexample": "an invalid host name",
    "https://a..b": "an invalid host name",
    "https://" + "a" * 64 + ".example": "an invalid host name",
    "https://" + ".".join(["a" * 50] * 6): "an invalid host name",
    "https://-a.example": "an invalid host name",
    "https://a.example-": "an invalid host name",
    "https://jane@h.example": "a user name or password",
}


URLS = ["server", "authorize_url", "token_url", "api_url", "redirect_uri"]


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("url", MALFORMED)
def test_malformed_url(name: str, url: str) -> None:
    """Each URL is checked before a link is shown; the message says what is wrong and where."""
    with pytest.raises(SettingError, match=MALFORMED[url]) as caught:
        settings_of(**{name: url})

    assert name == caught.value.setting
    assert f"MYID_{name.upper()}" in str(caught.value)


@pytest.mark.parametrize("name", ["server", "api_url", "redirect_uri"])
@pytest.mark.parametrize("url", ["https://h.example/?a=b", "https://h.example?"])
def test_url_with_a_query(name: str, url: str) -> None:
    """Paths are appended to two of these, and parameters to the third."""
    with pytest.raises(SettingError, match="contains a query"):
        settings_of(**{name: url})
