"""The token endpoint: client authentication, the code's one use, the error table."""

import base64
from urllib.parse import quote

import pytest
import requests
from support.servers.sandbox import SandboxProcess, client_entry
from support.servers.sandbox_client import (
    CHALLENGE,
    CLIENT_ID,
    REDIRECT_URI,
    SECRET,
    VERIFIER,
    HandmadeClient,
)

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return a Basic header of both halves as they are."""
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def error_of(response: requests.Response) -> str:
    """Return the error of a refusal, which is always HTTP 400 and not to be cached."""
    assert response.status_code == 400
    assert response.headers["Cache-Control"] == "no-store, no-cache, max-age=0"
    assert list(response.json()) == ["error"]
    return str(response.json()["error"])


def test_a_code_is_for_one_use(client: HandmadeClient) -> None:
    """The second exchange of a code is invalid_grant."""
    code = client.code()
    assert client.exchange(code).ok

    assert error_of(client.exchange(code)) == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": None}, "unauthorized_client"),
        ({"redirect_uri": "http://localhost:8888/myid/callback"}, "invalid_grant"),
        ({"redirect_uri": REDIRECT_URI.upper()}, "invalid_grant"),
        ({"code_verifier": VERIFIER}, "invalid_grant"),
    ],
)
def test_a_failed_exchange_burns_the_code(
    client: HandmadeClient, changes: dict[str, str | None], error: str
) -> None:
    """Once its own client presented a code it is gone, even if the exchange fails."""
    code = client.code()

    assert error_of(client.exchange(code, **changes)) == error
    assert error_of(client.exchange(code)) == "invalid_grant"


@pytest.mark.parametrize("changes", [{"client_secret": "wrong"}, {"grant_type": "refresh_token"}])
def test_a_refusal_before_the_code_is_read_leaves_it(
    client: HandmadeClient, changes: dict[str, str | None]
) -> None:
    """A code survives what fails before it is looked at."""
    code = client.code()
    assert client.exchange(code, **changes).status_code == 400

    assert client.exchange(code).ok


def test_another_clients_code_is_refused_and_kept(
    client: HandmadeClient, secret_client: HandmadeClient
) -> None:
    """A code is bound to its client, and only that one burns it."""
    client.sandbox.register(client_entry("test.client", secret_client.redirect_uri, "s"))
    code = client.code()

    stolen = secret_client.exchange(code, client_secret="s", redirect_uri=REDIRECT_URI)
    assert error_of(stolen) == "invalid_grant"
    assert client.exchange(code).ok


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": None}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "x" * 101}, "invalid_client"),
        ({"client_secret": None}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": SECRET.upper()}, "invalid_client"),
        ({"client_secret": "kv31VP5z/oKS0QMMaIfZ2UrhmQOdgAPpXV/vaF1cymk="}, "invalid_client"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"code": None}, "invalid_grant"),
        ({"code": "nonsense"}, "invalid_grant"),
    ],
)
def test_refusals(client: HandmadeClient, changes: dict[str, str | None], error: str) -> None:
    """Every refusal is HTTP 400 with IdentityServer's error, a wrong secret too."""
    assert error_of(client.exchange("nonsense", **changes)) == error


@pytest.mark.parametrize("verifier", [None, "x" * 43, VERIFIER + "x", "short", CHALLENGE])
def test_a_wrong_verifier(client: HandmadeClient, verifier: str | None) -> None:
    """After a challenge the verifier is checked even where PKCE is not required."""
    response = client.exchange(client.code(**PKCE), code_verifier=verifier)

    assert error_of(response) == "invalid_grant"


@pytest.mark.parametrize("scheme", ["Basic", "basic"])
def test_basic_authentication(client: HandmadeClient, scheme: str) -> None:
    """The secret may come in a Basic header instead of the form."""
    fields = client.token_fields(client.code(), client_id=None, client_secret=None)
    headers = {"Authorization": basic(CLIENT_ID, SECRET)["Authorization"].replace("Basic", scheme)}

    assert client.send("POST", client.token_endpoint, data=fields, headers=headers).ok


def test_basic_halves_are_percent_decoded(sandbox: SandboxProcess) -> None:
    """Basic halves are form-decoded (RFC 6749 section 2.3.1): an unencoded + or % fails."""
    secret = "50%+ a:b"
    client = HandmadeClient(sandbox, "test.client")
    sandbox.register(client_entry("test.client", client.redirect_uri, secret))
    fields = client.token_fields(client.code(), client_id=None, client_secret=None)

    def send(written: str) -> requests.Response:
        headers = basic("test.client", written)
        return client.send("POST", client.token_endpoint, data=fields, headers=headers)

    assert error_of(send(secret)) == "invalid_client"
    assert send(quote(secret, safe="")).ok


def test_a_person_disabled_since_sign_in(client: HandmadeClient) -> None:
    """The code and the refresh token of a person who was disabled meanwhile are invalid_grant."""
    token = client.access_token()
    scope = "myid.rest.basic offline_access"
    code, other = (client.code("olga.one", ("green",), scope=scope) for _ in range(2))
    renewal = {"grant_type": "refresh_token"}
    renewal["refresh_token"] = client.exchange(other).json()["refresh_token"]
    olga = client.call(token, "people?logonName=olga.one").json()["results"][0]["id"]
    reason = {"reason": {"statusMappingId": 1}}
    assert client.call(token, f"people/{olga}/disable", "POST", json=reason).ok

    assert error_of(client.exchange(code)) == "invalid_grant"
    assert error_of(client.exchange("", **renewal)) == "invalid_grant"


def test_client_credentials(sandbox: SandboxProcess) -> None:
    """A scheduled client needs no person; scope may be left out; it acts as its account."""
    client = HandmadeClient(sandbox, "myid.scheduled")
    fields = {"grant_type": "client_credentials", "client_id": client.client_id}
    fields["client_secret"] = SECRET
    response = client.send("POST", client.token_endpoint, data=fields)

    assert response.json()["scope"] == "myid.rest.basic"
    assert client.call(response.json()["access_token"], "people?q=jane.doe").ok
    assert sandbox.status()["tokens_issued"] == {"jane.doe": 1}


def test_client_credentials_need_an_account(sandbox: SandboxProcess) -> None:
    """A client whose MyIDLogonName is nobody gets no token."""
    entry = client_entry("test.orphan", REDIRECT_URI, "s", Properties={"MyIDLogonName": "no.body"})
    sandbox.register({**entry, "AllowedGrantTypes": ["client_credentials"]})
    client = HandmadeClient(sandbox, "test.orphan")
    fields = {"grant_type": "client_credentials", "client_id": "test.orphan", "client_secret": "s"}

    response = client.send("POST", client.token_endpoint, data=fields)
    assert error_of(response) == "invalid_grant"


def test_access_token_lifetime(sandbox: SandboxProcess) -> None:
    """AccessTokenLifetime of the client entry is what a token lives."""
    client = HandmadeClient(sandbox, "test.short")
    entry = client_entry("test.short", client.redirect_uri, SECRET, AccessTokenLifetime=60)
    sandbox.register(entry)

    assert client.exchange(client.code()).json()["expires_in"] == 60
