"""A proxy is for the way out."""

import os
from unittest.mock import patch

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from support.servers.http_server import HttpServer
from support.values.oauth import TOKEN, signed_in_session

from myid_notebook.session.session import BearerSession


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> HttpServer:
    """A proxy that the environment names."""
    server = HttpServer()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, server.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return server


def test_proxy_of_the_environment(proxy: HttpServer) -> None:
    """MyID is reached through it."""
    with proxy, signed_in_session("http://myid.example.com/rest.core/api/") as session:
        session.get("people")

    assert ["http://myid.example.com/rest.core/api/people"] == [s.target for s in proxy.seen]


def test_this_machine(proxy: HttpServer, session: BearerSession, server: HttpServer) -> None:
    """What runs on this machine, such as the sandbox, is never reached through a proxy."""
    with proxy:
        session.get("people")
        session.get(session.api_url.replace("127.0.0.1", "localhost") + "people", auth=lambda r: r)

    assert [] == proxy.seen
    assert [f"Bearer {TOKEN}", None] == [seen.authorization for seen in server.seen]


_PROXIES = st.sampled_from(["http://one.example:8080", "socks5h://two.example", ""])
_NO_PROXIES = st.sampled_from(
    ["*", "myid.example.com", ".example.com:8443", "10.0.0.0/8", "other", ""]
)
_VARIABLES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"), _PROXIES),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _NO_PROXIES),
        "REQUESTS_CA_BUNDLE": st.just("/ca.pem"),
        "CURL_CA_BUNDLE": st.just("/curl.pem"),
        "REQUEST_METHOD": st.just("GET"),
    },
)
_GIVEN = st.dictionaries(
    st.sampled_from(["http", "https", "all", "no_proxy", "https://myid.example.com"]),
    st.one_of(st.none(), _PROXIES),
)
_URLS = st.sampled_from(
    [
        "https://myid.example.com/rest.core/api/people",
        "https://myid.example.com:8443/",
        "http://10.1.2.3/",
        "http://user:word@[::1]:80/",
    ]
)


@settings(max_examples=300)
@given(
    url=_URLS,
    variables=_VARIABLES,
    of_session=_GIVEN,
    of_call=st.one_of(st.none(), _GIVEN),
    trust_env=st.booleans(),
    verify=st.sampled_from([None, True, False, "/own.pem"]),
)
def test_same_as_requests(
    url: str,
    variables: dict[str, str],
    of_session: dict[str, str],
    of_call: dict[str, str] | None,
    trust_env: bool,  # noqa: FBT001 - Hypothesis passes it by name
    verify: bool | str | None,  # noqa: FBT001 - the same
) -> None:
    """The proxies of the environment, the session and the call are merged as ``requests`` does."""
    with (
        patch.dict(os.environ, variables, clear=True),
        requests.Session() as bare,
        signed_in_session("https://myid.example.com/rest.core/api/") as ours,
    ):
        merged = []
        for session in (bare, ours):
            session.proxies, session.trust_env = dict(of_session), trust_env
            given_here = None if of_call is None else dict(of_call)
            merged.append(
                session.merge_environment_settings(url, given_here or {}, None, verify, None)  # type: ignore[arg-type] # None switches a proxy off, as users know
            )

    assert merged[0] == merged[1]


def test_variable_that_changes(monkeypatch: pytest.MonkeyPatch, proxy: HttpServer) -> None:
    """It counts for the next request."""
    with (
        proxy,
        HttpServer() as other,
        signed_in_session("http://myid.example.com/rest.core/api/") as session,
    ):
        session.get("people")
        monkeypatch.setenv("http_proxy", other.url)
        session.get("groups")

    assert ["http://myid.example.com/rest.core/api/people"] == [s.target for s in proxy.seen]
    assert ["http://myid.example.com/rest.core/api/groups"] == [s.target for s in other.seen]
