"""What the doctor sees of MyID's server, without signing anybody in."""

import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests
import trustme
from support.machine.ports import free_port
from support.servers.http_server import HttpServer, redirect_to
from support.servers.sandbox import SandboxProcess, client_entry
from support.values.doctor_report import Examine, check

from myid_notebook.doctor.check import Finding


def test_healthy_place(examine_with: Examine, sandbox: SandboxProcess) -> None:
    """Where everything is right nothing is marked wrong, and nobody was signed in for it."""
    report = examine_with()

    assert [] == [line for line in report.lines if line.result.finding is Finding.WRONG]
    assert report.healthy
    assert Finding.OK is check(report, "authorize_endpoint").finding
    assert Finding.OK is check(report, "token_endpoint").finding
    assert {} == sandbox.status()["tokens_issued"]


def test_private_ca(examine_with: Examine, tmp_path: Path) -> None:
    """With its bundle, TLS is trusted by that."""
    ca, bundle, pair = trustme.CA(), tmp_path / "ca.pem", tmp_path / "server.pem"
    ca.cert_pem.write_to_path(str(bundle))
    ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(pair))
    arguments = ["--certfile", str(pair), "--keyfile", str(pair)]
    with SandboxProcess.start(arguments, verify=str(bundle)) as tls:
        report = examine_with(MYID_SERVER=tls.url, MYID_CA_BUNDLE=str(bundle))

    assert str(bundle) in check(report, "tls").detail


@pytest.mark.parametrize(("skew", "finding"), [(-20, Finding.OK), (90, Finding.WRONG)])
def test_clock(
    examine_with: Examine, monkeypatch: pytest.MonkeyPatch, skew: int, finding: Finding
) -> None:
    """A clock that is more than half a minute off is found out."""
    real = time.time
    monkeypatch.setattr("myid_notebook.doctor.server_checks.time.time", lambda: real() + skew)

    assert finding is check(examine_with(), "clock").finding


def token_from(sandbox: SandboxProcess) -> str:
    """Return a token that a client got by itself."""
    grants = {"AllowedGrantTypes": ["client_credentials"]}
    sandbox.register(
        client_entry("job", "", "hush", Properties={"MyIDLogonName": "jane.doe"}, **grants)
    )
    form = {"grant_type": "client_credentials", "client_id": "job", "client_secret": "hush"}
    form["scope"] = "myid.rest.basic"
    answer = requests.post(f"{sandbox.url}/web.oauth2/connect/token", data=form, timeout=30)
    return str(answer.json()["access_token"])


def test_token_that_the_api_accepts(examine_with: Examine, sandbox: SandboxProcess) -> None:
    """A token in a setting is tried at the API."""
    found = check(examine_with(MYID_ACCESS_TOKEN=token_from(sandbox)), "access_token")

    assert (Finding.OK, "MyID accepts the token in MYID_ACCESS_TOKEN") == (
        found.finding,
        found.detail,
    )


@pytest.mark.parametrize("text", ["any-text", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIuLiJ9."])
def test_token_that_the_api_refuses(examine_with: Examine, text: str) -> None:
    """A token that the API refuses is wrong, its variable is named, and it is not shown."""
    report = examine_with(MYID_ACCESS_TOKEN=text)

    found = check(report, "access_token")
    assert Finding.WRONG is found.finding
    assert "MyID does not accept the token in MYID_ACCESS_TOKEN" == found.detail
    assert text not in str(report)


def test_token_and_a_server_that_is_not_myid(examine_with: Examine) -> None:
    """Another server's response says nothing about a token, which follows no redirect."""
    for answer in (redirect_to("http://127.0.0.1:9/"), echo_page):
        with HttpServer(answer) as server:
            report = examine_with(MYID_ACCESS_TOKEN="any-text", MYID_SERVER=server.url)
        assert Finding.WRONG is check(report, "access_token").finding
        assert 1 == len(server.seen)


def test_token_and_no_server(examine_with: Examine) -> None:
    """A server that cannot be reached is named."""
    report = examine_with(
        MYID_ACCESS_TOKEN="any-text", MYID_SERVER=f"http://127.0.0.1:{free_port()}"
    )

    assert "cannot be reached" in check(report, "access_token").detail


def echo_page(handler: BaseHTTPRequestHandler) -> None:
    """Answer as a web server without that page."""
    handler.send_error(404)


@pytest.mark.parametrize(
    ("query", "finding"),
    [("error=invalid_scope", Finding.WRONG), ("code=1&state=myid-doctor", Finding.OK)],
)
def test_redirect_uri_is_not_visited(examine_with: Examine, query: str, finding: Finding) -> None:
    """What MyID sends to the redirect URI is read, and the address itself is not opened."""
    with HttpServer() as callback:
        uri = f"{callback.url}/callback"
        with HttpServer(redirect_to(f"{uri}?{query}")) as server:
            report = examine_with(MYID_SERVER=server.url, MYID_REDIRECT_URI=uri)

    assert finding is check(report, "authorize_endpoint").finding
    assert query not in str(callback.seen)
