"""The sandbox's own control endpoints and its OpenAPI document."""

import os

import pytest
import requests
from support.browser.login_pages import shown_error
from support.servers.sandbox import SandboxProcess, client_entry
from support.servers.sandbox_client import HandmadeClient


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "clients/x"),
        ("DELETE", "clients/myid.notebook"),
        ("PUT", "faults"),
        ("DELETE", "faults"),
        ("POST", "reset"),
    ],
)
def test_no_web_page_can_control_the_sandbox(
    client: HandmadeClient, method: str, path: str
) -> None:
    """What changes something needs a header that a page of another origin cannot send."""
    url = f"{client.sandbox.url}/sandbox/{path}"
    preflight = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "x-sandbox-control",
    }

    assert client.send(method, url, json={}).status_code == 403
    assert client.send(method, url, json={}, headers={"X-Sandbox-Control": "0"}).status_code == 403
    response = client.send("OPTIONS", url, headers=preflight)
    assert not response.ok
    assert "Access-Control-Allow-Origin" not in response.headers


def test_status(sandbox: SandboxProcess) -> None:
    """The status tells the name, the process, the counts and who can sign in."""
    status = sandbox.status()

    assert (status["name"], status["pid"]) == ("myid-sandbox", sandbox.pid)
    assert status["pid"] != os.getpid()
    counts = [status[name] for name in ("tokens_issued", "token_requests", "authorize_requests")]
    assert counts == [{}, 0, 0]
    assert status["api_calls"] == 0
    assert status["users"][0] == {
        "username": "jane.doe",
        "answers": ["blue", "rover"],
        "questions": ["What is your favourite colour?", "What was the name of your first pet?"],
        "scope": "all",
        "enabled": True,
    }
    assert {user["username"]: user["scope"] for user in status["users"]} == {
        "jane.doe": "all",
        "sam.self": "self",
        "dora.department": "department",
        "dan.division": "division",
        "nora.norole": "self",
        "olga.one": "all",
        "theo.three": "all",
        "fiona.few": "all",
        "disabled.dan2": "all",
    }


def test_clients_come_and_go(client: HandmadeClient, secret_client: HandmadeClient) -> None:
    """A client can be registered, replaced and removed while the sandbox runs."""
    sandbox = client.sandbox
    assert shown_error(secret_client.authorize().text) == "unauthorized_client"
    sandbox.register(client_entry("test.client", secret_client.redirect_uri, "one"))
    assert secret_client.exchange(secret_client.code(), client_secret="one").ok
    sandbox.register(client_entry("test.client", secret_client.redirect_uri, "two"))
    assert not secret_client.exchange(secret_client.code(), client_secret="one").ok
    sandbox.reset()
    assert secret_client.exchange(secret_client.code(), client_secret="two").ok
    sandbox.control("DELETE", "clients/test.client")

    assert shown_error(secret_client.authorize().text) == "unauthorized_client"
    with pytest.raises(requests.HTTPError, match="404"):
        sandbox.control("DELETE", "clients/test.client")


@pytest.mark.parametrize(
    "switches",
    [
        {"token_dealy": 1},
        {"token_delay": -1},
        {"denied": 1},
        {"token_body": "other"},
    ],
)
def test_a_wrong_fault_is_refused(sandbox: SandboxProcess, switches: dict[str, object]) -> None:
    """An unknown switch or an impossible value is 422 and changes nothing."""
    with pytest.raises(requests.HTTPError, match="422"):
        sandbox.faults(**{"iss": "own", **switches})

    assert sandbox.control("PUT", "faults", {}).json() == {}


def test_faults_add_up_until_they_are_reset(sandbox: SandboxProcess) -> None:
    """Switches merge; DELETE and the reset switch all of them off."""
    sandbox.faults(denied=True)
    sandbox.faults(token_type=None)
    both = {"denied": True, "token_type": None}

    assert sandbox.control("PUT", "faults", {}).json() == both
    sandbox.control("DELETE", "faults")
    assert sandbox.control("PUT", "faults", both).json() == both
    sandbox.reset()
    assert sandbox.control("PUT", "faults", {}).json() == {}


def test_the_reset_drops_codes_and_counts(client: HandmadeClient) -> None:
    """A code does not outlive the reset, nor do the counts."""
    code = client.code()
    client.exchange("nonsense")
    client.sandbox.reset()

    assert client.sandbox.status()["token_requests"] == 0
    assert client.exchange(code).json() == {"error": "invalid_grant"}


def test_calls_are_counted(client: HandmadeClient) -> None:
    """What succeeded is counted by path and sorted query; the sum has what failed as well."""
    sandbox = client.sandbox
    token = client.access_token()
    (jane,) = client.rows(token, "people", logonName="jane.doe")
    for path in (jane["href"], f"People/{jane['id'].lower()}/Devices", "roles?B=%26&a=*", "x"):
        client.call(token, path)
    client.call(token, "Roles?a=*&B=%26")
    client.call("no token", "dirs")
    client.call(token, "people/x")

    own = f"people/{jane['id']}".lower()
    assert sandbox.control("GET", "calls").json() == {
        "people?logonName=jane.doe": 1,
        own: 1,
        f"{own}/devices": 1,
        "roles?B=%26&a=*": 2,
    }
    assert sandbox.status()["api_calls"] == 8
    sandbox.reset()
    assert sandbox.control("GET", "calls").json() == {}
    assert sandbox.status()["api_calls"] == 0


def test_assumptions_are_open(client: HandmadeClient) -> None:
    """What had to be assumed is served, and stands in the OpenAPI document too."""
    assumptions = client.send("GET", f"{client.sandbox.url}/sandbox/assumptions").json()
    document = client.send("GET", f"{client.sandbox.url}/openapi.json").json()

    assert len(assumptions) > 15
    assert all(each in document["info"]["description"] for each in assumptions)
    path = document["paths"]["/rest.core/api/requests"]["get"]
    assert path["description"].startswith("Assumed path.")
