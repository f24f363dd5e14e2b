"""Refresh tokens: who gets one, its one use, its life, its revocation, and the switches for it."""

import contextlib
import time
from typing import Any

import pytest
import requests
from support.browser.login_pages import shown_error
from support.servers.sandbox import SandboxProcess, client_entry
from support.servers.sandbox_client import (
    CHALLENGE,
    SECRET,
    VERIFIER,
    HandmadeClient,
    jwt_parts,
    query_of,
)

from myid_notebook.sandbox.authorization.login import Mechanism
from myid_notebook.sandbox.authorization.tokens import RefreshChain, SignOn
from myid_notebook.sandbox.clients import ClientEntry
from myid_notebook.sandbox.faults import Faults

SCOPE = "myid.rest.basic offline_access"
LATE = {"token_only": "refresh_token", "token_used_up": True}


def sign_in(client: HandmadeClient, **changes: str | None) -> dict[str, Any]:
    """Sign in with the scope of a refresh token and return the token response."""
    client.sandbox.faults(auto_sign_in="jane.doe")
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    redirect = client.authorize(**{"scope": SCOPE, **pkce}).headers["Location"]
    response = client.exchange(query_of(redirect)["code"], code_verifier=VERIFIER, **changes)
    return dict(response.json())


def renew(client: HandmadeClient, token: str, **changes: str | None) -> requests.Response:
    """Present a refresh token."""
    fields: dict[str, str | None] = {"code": None, "redirect_uri": None}
    fields |= {"grant_type": "refresh_token", "refresh_token": token}
    return client.exchange("", **{**fields, **changes})


def refusal(client: HandmadeClient, token: str, **changes: str | None) -> str:
    """Present a refresh token in vain and return the error."""
    response = renew(client, token, **changes)
    assert response.status_code == 400
    assert list(response.json()) == ["error"]
    return str(response.json()["error"])


def register(sandbox: SandboxProcess, **members: object) -> HandmadeClient:
    """Return a client that may have refresh tokens, unless its entry says otherwise."""
    client = HandmadeClient(sandbox, "test.refresh")
    entry = client_entry("test.refresh", client.redirect_uri, SECRET, AllowOfflineAccess=True)
    sandbox.register({**entry, **members})
    return client


def revoke(client: HandmadeClient, **fields: str) -> requests.Response:
    """Ask the revocation endpoint."""
    secret = {"client_id": client.client_id, "client_secret": SECRET}
    return client.send("POST", _revocation(client), data={**secret, **fields})


def _revocation(client: HandmadeClient) -> str:
    return f"{client.sandbox.url}/web.oauth2/connect/revocation"


@pytest.mark.parametrize(
    ("client_id", "secret"), [("myid.notebook", SECRET), ("myid.public", None)]
)
def test_one_time_tokens(sandbox: SandboxProcess, client_id: str, secret: str | None) -> None:
    """Each renewal has a new pair for the same person and scope, and uses the old one up."""
    client = HandmadeClient(sandbox, client_id)
    first = sign_in(client, client_secret=secret)
    second = renew(client, first["refresh_token"], client_secret=secret, scope="other").json()
    claims = [jwt_parts(each["access_token"])[1] for each in (first, second)]

    assert list(first) == list(second)
    assert not {first[name] for name in ("access_token", "refresh_token")} & {*second.values()}
    assert first["scope"] == second["scope"] == SCOPE
    for name in ("sub", "auth_time", "amr", "scope", "client_id"):
        assert claims[0][name] == claims[1][name]
    assert client.call(second["access_token"], "people?q=jane.doe").ok
    assert refusal(client, first["refresh_token"], client_secret=secret) == "invalid_grant"
    assert renew(client, second["refresh_token"], client_secret=secret).ok
    status = sandbox.status()
    assert status["tokens_issued"] == {"jane.doe": 3}
    assert status["tokens_by_grant"] == {"authorization_code": 1, "refresh_token": 2}


def test_without_the_scope(client: HandmadeClient) -> None:
    """There is no refresh token, even for a client that may have one."""
    assert "refresh_token" not in client.exchange(client.code()).json()


def test_scope_of_a_client_that_is_not_allowed_it(sandbox: SandboxProcess) -> None:
    """The error page; an entry of AllowedScopes does not help."""
    scopes = ["myid.rest.basic", "offline_access"]
    client = register(sandbox, AllowOfflineAccess=False, AllowedScopes=scopes)

    assert shown_error(client.authorize(scope=SCOPE).text) == "invalid_scope"
    assert client.exchange(client.code()).ok


@pytest.mark.parametrize("scope", ["offline_access", SCOPE])
def test_scope_of_client_credentials(sandbox: SandboxProcess, scope: str) -> None:
    """There is nobody whose sign-in could be renewed."""
    grants = ["client_credentials"]
    client = register(sandbox, AllowedGrantTypes=grants, Properties={"MyIDLogonName": "jane.doe"})
    response = client.exchange("", grant_type="client_credentials", scope=scope)

    assert response.json() == {"error": "invalid_scope"}
    assert client.exchange("", grant_type="client_credentials").ok


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"refresh_token": None}, "invalid_request"),
        ({"refresh_token": "nonsense"}, "invalid_grant"),
        ({"client_id": "test.refresh"}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
    ],
)
def test_refusal_leaves_the_token(
    client: HandmadeClient, changes: dict[str, str | None], error: str
) -> None:
    """What is not this client's request for this token does not use it up."""
    register(client.sandbox)
    token = sign_in(client)["refresh_token"]

    assert refusal(client, token, **changes) == error
    assert renew(client, token).ok


def test_permission_withdrawn_since(sandbox: SandboxProcess) -> None:
    """The refresh token of a client that lost AllowOfflineAccess is invalid_grant."""
    token = sign_in(register(sandbox))["refresh_token"]

    assert refusal(register(sandbox, AllowOfflineAccess=False), token) == "invalid_grant"


@pytest.mark.parametrize(
    ("members", "switches"),
    [({"RefreshTokenUsage": 0}, {}), ({}, {"refresh_reuse": True})],
)
@pytest.mark.parametrize("told", [True, False])
def test_reusable_tokens(
    sandbox: SandboxProcess, members: dict[str, object], switches: dict[str, object], *, told: bool
) -> None:
    """A reusable token stays valid, and is in the response, or is not."""
    client = register(sandbox, **members)
    token = sign_in(client)["refresh_token"]
    sandbox.faults(**switches, no_refresh_token=not told)
    renewed = [renew(client, token).json() for _ in range(2)]

    assert [each.get("refresh_token") for each in renewed] == [token if told else None] * 2


# What the entry says, and how long a refresh token has left that is issued 100 seconds after the
# sign-in.
LIVES: list[tuple[dict[str, object], float]] = [
    ({}, 7_200),
    ({"SlidingRefreshTokenLifetime": 300}, 300),
    ({"AbsoluteRefreshTokenLifetime": 300}, 200),
    ({"AbsoluteRefreshTokenLifetime": 0}, 7_200),
    ({"RefreshTokenExpiration": 1}, 518_300),
    ({"RefreshTokenExpiration": 1, "AbsoluteRefreshTokenLifetime": 300}, 200),
]


@pytest.mark.parametrize(("members", "left"), LIVES)
@pytest.mark.parametrize("switches", [{}, {"refresh_lifetime": 60.0}, {"refresh_bound": 150.0}])
def test_life(members: dict[str, object], left: float, switches: dict[str, object]) -> None:
    """Sliding counts from the last use, absolute from the sign-in; switches win over the entry."""
    client = ClientEntry.model_validate({"ClientId": "x", **members})
    now = time.monotonic()
    sign_on = SignOn(person_id="x", mechanism=Mechanism.CODE)
    chain = RefreshChain(client_id="x", scope=SCOPE, sign_on=sign_on, began_at=now - 100)
    absolute = client.refresh_token_expiration == 1
    if switches:
        left = 50 if "refresh_bound" in switches else left if absolute else 60

    assert chain.expiry(client, Faults(**switches)) - now == pytest.approx(left, abs=5)


@pytest.mark.parametrize("switch", ["refresh_lifetime", "refresh_bound"])
def test_expired(client: HandmadeClient, switch: str) -> None:
    """A refresh token whose life is over is invalid_grant."""
    client.sandbox.faults(**{switch: 0})

    assert refusal(client, sign_in(client)["refresh_token"]) == "invalid_grant"


@pytest.mark.parametrize("family", [False, True])
def test_used_token(client: HandmadeClient, *, family: bool) -> None:
    """It ends nothing when it is presented again, except with the switch for that."""
    client.sandbox.faults(refresh_family=family)
    first = sign_in(client)["refresh_token"]
    second = renew(client, first).json()["refresh_token"]
    assert refusal(client, first) == "invalid_grant"

    assert renew(client, second).ok is not family
    assert client.sandbox.status()["refresh_reused"] == 1


@pytest.mark.parametrize(
    ("switches", "reused"),
    [
        ({"token_drop": True}, 1),
        ({"token_status": 500}, 1),
        ({"token_status": 429}, 0),
        ({"token_status": 401, "token_error": "invalid_client"}, 0),
        ({**LATE, "token_drop": True}, 1),
    ],
)
def test_presented_again(client: HandmadeClient, switches: dict[str, object], reused: int) -> None:
    """It is counted, unless the first response said that the token is still unused."""
    token = sign_in(client)["refresh_token"]
    client.sandbox.faults(**switches)
    with contextlib.suppress(requests.ConnectionError):
        renew(client, token)
    client.sandbox.faults(token_drop=False, token_status=None)
    response = renew(client, token)

    assert response.ok is ("token_used_up" not in switches)
    assert client.sandbox.status()["refresh_reused"] == reused


@pytest.mark.parametrize(
    "switches", [{"token_drop": True}, {"token_status": 503}, {"token_body": "html"}]
)
def test_response_lost_after_the_exchange(
    client: HandmadeClient, switches: dict[str, object]
) -> None:
    """Code and refresh token are used up; a token that is refused is refused as ever."""
    token = sign_in(client)["refresh_token"]
    client.sandbox.faults(**LATE, **switches)
    with contextlib.suppress(requests.ConnectionError):
        assert "access_token" not in renew(client, token).text

    assert client.sandbox.status()["tokens_by_grant"]["refresh_token"] == 1
    assert refusal(client, token) == "invalid_grant"


def test_switches_for_one_grant(client: HandmadeClient) -> None:
    """A sign-in succeeds while every renewal fails."""
    client.sandbox.faults(token_only="refresh_token", token_status=500)
    token = sign_in(client)["refresh_token"]

    assert renew(client, token).status_code == 500
    assert revoke(client, token=token).ok
    client.sandbox.faults(token_only="revocation")
    assert refusal(client, token) == "invalid_grant"
    assert revoke(client, token=token).status_code == 500


def test_another_subject(client: HandmadeClient) -> None:
    """The switch renews for somebody else."""
    token = sign_in(client)["refresh_token"]
    client.sandbox.faults(refresh_subject="sam.self")
    renewed = renew(client, token).json()["access_token"]

    rows = client.call(renewed, "people").json()["results"]
    assert [row["logonName"] for row in rows] == ["sam.self"]
    assert client.sandbox.status()["tokens_issued"] == {"jane.doe": 1, "sam.self": 1}


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}])
def test_revocation(client: HandmadeClient, hint: dict[str, str]) -> None:
    """A revoked refresh token is invalid_grant; the access token works to its end."""
    issued = sign_in(client)
    responses = [revoke(client, token=issued["refresh_token"], **hint) for _ in range(2)]

    assert [(each.status_code, each.content) for each in responses] == [(200, b"")] * 2
    assert refusal(client, issued["refresh_token"]) == "invalid_grant"
    assert client.call(issued["access_token"], "people?q=jane.doe").ok
    assert client.sandbox.status()["tokens_revoked"] == 1


@pytest.mark.parametrize("sent", ["nonsense", "access token", "another client's"])
def test_revocation_of_what_is_no_refresh_token_of_the_client(
    client: HandmadeClient, sent: str
) -> None:
    """It says nothing, and does nothing."""
    other, issued = register(client.sandbox), sign_in(client)
    tokens = {"access token": issued["access_token"], "another client's": issued["refresh_token"]}

    assert revoke(other, token=tokens.get(sent, sent)).status_code == 200
    assert client.call(issued["access_token"], "people?q=jane.doe").ok
    assert renew(client, issued["refresh_token"]).ok


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"token": "x", "token_type_hint": "other"}, "unsupported_token_type"),
        ({"token": "x", "client_secret": "wrong"}, "invalid_client"),
    ],
)
def test_revocation_that_is_refused(
    client: HandmadeClient, fields: dict[str, str], error: str
) -> None:
    """As IdentityServer does, with status 400."""
    response = revoke(client, **fields)

    assert (response.status_code, response.json()) == (400, {"error": error})
    assert client.send("GET", _revocation(client)).status_code == 405
    assert client.send("POST", _revocation(client), json={}).status_code == 415


@pytest.mark.parametrize("there", [True, False])
def test_discovery(client: HandmadeClient, *, there: bool) -> None:
    """The document has the grant, the scope and the revocation endpoint, which can be off."""
    client.sandbox.faults(revocation=there)
    base = f"{client.sandbox.url}/web.oauth2"
    document = client.send("GET", f"{base}/.well-known/openid-configuration").json()

    assert document.get("revocation_endpoint") == (_revocation(client) if there else None)
    assert revoke(client, token="x").status_code == (200 if there else 404)
    assert "refresh_token" in document["grant_types_supported"]
    assert "offline_access" in document["scopes_supported"]
