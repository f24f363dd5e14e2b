"""The token request, and how a client proves who it is (RFC 6749 sections 2.3 and 4.1.3)."""

from base64 import b64decode
from dataclasses import replace
from typing import cast
from urllib.parse import unquote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.values.oauth import VERIFIER

from myid_notebook.oauth.token_request import (
    TokenRequest,
    authorization_code_grant,
    client_credentials_grant,
)
from myid_notebook.secret import Secret

SECRET = "82564d6e-c4a6-4f64-a6d4-cac43781c67c"
REDIRECT_URI = "http://localhost:8888/myid/callback"
BASIC = "bXlpZC5ub3RlYm9vazo4MjU2NGQ2ZS1jNGE2LTRmNjQtYTZkNC1jYWM0Mzc4MWM2N2M="
"""MyID's guide works this out for myid.mysystem; here for the id of these tests."""

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def _request(
    client_id: str = "myid.notebook",
    secret: str | None = SECRET,
    method: str = "client_secret_post",
    *,
    grant: dict[str, str] | None = None,
) -> TokenRequest:
    return TokenRequest(
        grant=grant or authorization_code_grant("the-code", REDIRECT_URI, VERIFIER),
        client_id=client_id,
        client_secret=None if secret is None else Secret(secret),
        method=method,
    )


def test_secret_goes_into_the_body_by_default() -> None:
    """``client_secret_post``: every secret works there, and no header is added."""
    request = _request()

    assert {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": "myid.notebook",
        "client_secret": SECRET,
    } == request.form
    assert {"Accept": "application/json"} == request.headers


def test_basic_authentication_leaves_the_body_without_client() -> None:
    """One way at a time (RFC 6749 section 2.3): the header alone carries id and secret."""
    request = _request(method="client_secret_basic")

    assert {"grant_type", "code", "redirect_uri", "code_verifier"} == set(request.form)
    assert f"Basic {BASIC}" == request.headers["Authorization"]


@pytest.mark.parametrize("method", ["none", "client_secret_post", "client_secret_basic"])
def test_public_client_sends_its_id_only(method: str) -> None:
    """Without a secret the id stands in the body, whatever method is set (section 3.2.1)."""
    request = _request(secret=None, method=method)

    assert "myid.notebook" == request.form["client_id"]
    assert "client_secret" not in request.form
    assert "Authorization" not in request.headers


@given(texts, texts)
@example("client", "100% a+b:c")
@example("client:colon", "Grüße €")
def test_basic_comes_back_from_a_server_that_decodes(client_id: str, secret: str) -> None:
    """IdentityServer form-decodes both halves (section 2.3.1), so every value survives."""
    header = _request(client_id, secret, "client_secret_basic").headers["Authorization"]

    pair = b64decode(header.removeprefix("Basic ")).decode("ascii")
    halves = [unquote_plus(half) for half in pair.split(":")]

    assert [client_id, secret] == halves


def test_client_credentials_ask_for_a_scope_only() -> None:
    """MyID Core API guide 3.3: no person, no code, and so no code that could be spent."""
    grant = client_credentials_grant("myid.rest.basic")

    assert {"grant_type": "client_credentials", "scope": "myid.rest.basic"} == grant


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_representation_shows_no_secret(method: str) -> None:
    """Request, form and headers may be shown by a debugger without giving anything away."""
    request = _request(method=method)
    # The class alone keeps it, whatever it was given.
    plain = replace(request, client_secret=cast("Secret", SECRET))
    shown = f"{request!r} {request.headers!r} {request.form.get('client_secret')!r} {plain!r}"

    assert SECRET not in shown
    assert "the-code" not in shown
    assert BASIC[-20:] not in shown
    assert ("the-code", VERIFIER, SECRET) == request.secrets
