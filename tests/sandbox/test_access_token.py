"""The access token itself, and who is let in with one."""

import re
import time

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import CLIENT_ID, SECRET, HandmadeClient, jwt_parts

GUID = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"
INVALID = 'Bearer error="invalid_token"'


def test_a_token_is_like_a_real_one(client: HandmadeClient) -> None:
    """Header and claims are those of a published MyID token, with sub for a person."""
    before = int(time.time())
    header, claims = jwt_parts(client.access_token())

    assert (header["alg"], header["typ"], bool(header["kid"])) == ("RS256", "at+jwt", True)
    assert claims["exp"] - claims["nbf"] == 3600
    assert before <= claims["nbf"] == claims["iat"] <= int(time.time())
    assert before <= claims["auth_time"] <= claims["iat"]
    assert re.fullmatch(rf"\d+,{GUID}", claims["myidSessionId"])
    assert re.fullmatch("[0-9A-F]{32}", claims["jti"])
    assert re.fullmatch(GUID, claims["sub"])
    assert claims["scope"] == ["myid.rest.basic"]
    assert {name: claims[name] for name in ("iss", "aud", "client_id", "idp", "amr")} == {
        "iss": f"{client.sandbox.url}/web.oauth2",
        "aud": "myid.rest",
        "client_id": CLIENT_ID,
        "idp": "local",
        "amr": ["pwd"],
    }


def test_a_token_of_a_client_has_no_sub(sandbox: SandboxProcess) -> None:
    """A client that acts for itself has no sub, auth_time, idp or amr."""
    client = HandmadeClient(sandbox, "myid.scheduled")
    response = client.exchange("", grant_type="client_credentials", client_secret=SECRET)
    claims = jwt_parts(response.json()["access_token"])[1]

    assert not {"sub", "auth_time", "idp", "amr"} & set(claims)


def test_the_published_key_verifies(client: HandmadeClient) -> None:
    """The discovery document names the endpoints and the key set that verifies a token."""
    base = f"{client.sandbox.url}/web.oauth2"
    document = client.send("GET", f"{base}/.well-known/openid-configuration").json()
    keys = client.send("GET", document["jwks_uri"]).json()
    token = client.access_token()
    checked = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"])

    assert checked.claims == jwt_parts(token)[1]
    assert document["issuer"] == base
    assert document["authorization_endpoint"] == client.authorize_endpoint
    assert document["token_endpoint"] == client.token_endpoint
    assert not {"d", "p", "q"} & set(keys["keys"][0])


def test_no_token_is_a_plain_challenge(client: HandmadeClient) -> None:
    """Without a token: 401, an empty body, and a challenge that accuses of nothing."""
    response = client.send("GET", f"{client.api}/people")

    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_another_key_is_refused(client: HandmadeClient) -> None:
    """Only the sandbox's own key opens the API, whatever the token says."""
    header, claims = jwt_parts(client.access_token())
    forged = jwt.encode({**header, "alg": "RS256"}, claims, RSAKey.generate_key(2048))
    response = client.call(forged, "people")

    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["WWW-Authenticate"] == INVALID


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(client: HandmadeClient, token: str) -> None:
    """Anything else behind Bearer is an invalid token."""
    assert client.call(token, "people").headers["WWW-Authenticate"] == INVALID
