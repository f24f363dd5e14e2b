"""Signing in as the client itself (MyID Core API guide 3.3)."""

import traceback
from dataclasses import replace

import pytest
from support.servers.sandbox import SandboxProcess, client_entry
from support.values.secrets import found

from myid_notebook.errors import SettingError, SignInTimeout, TokenEndpointError, TokenRefused
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import Settings, resolve
from myid_notebook.sign_in.without_browser import request_client_token

SECRET = "5e1c-scheduled-77aa"


@pytest.fixture
def scheduled(sandbox: SandboxProcess) -> Settings:
    """A client that MyID allows client credentials, as Jane Doe's account."""
    sandbox.register(
        client_entry(
            "myid.nightly",
            "http://localhost:1/unused",
            SECRET,
            AllowedGrantTypes=["client_credentials"],
            Properties={"MyIDLogonName": "jane.doe"},
        )
    )
    environ = {
        "MYID_SERVER": sandbox.url,
        "MYID_CLIENT_ID": "myid.nightly",
        "MYID_CLIENT_SECRET": SECRET,
    }
    return resolve({}, environ, {})


def test_client_gets_a_session(scheduled: Settings, sandbox: SandboxProcess) -> None:
    """A scheduled notebook gets a session that works, with no person and no link."""
    with BearerSession(scheduled.api_url) as session:
        session.sign_in(request_client_token(scheduled, 30))

        assert 200 == session.get("people", params={"q": "jo"}).status_code
    assert 0 == sandbox.status()["authorize_requests"]


def test_client_that_may_not(scheduled: Settings, sandbox: SandboxProcess) -> None:
    """A client that is not allowed the grant is told whom to ask; no word of a code."""
    sandbox.register(client_entry("myid.nightly", "http://localhost:1/unused", SECRET))
    with pytest.raises(TokenRefused) as caught:
        request_client_token(scheduled, 30)

    assert "unauthorized_client" == caught.value.error
    assert "AllowedGrantTypes" in str(caught.value)
    assert "code is spent" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_without_a_secret(sandbox: SandboxProcess) -> None:
    """Client credentials without a secret are refused before anything is sent."""
    environ = {"MYID_SERVER": sandbox.url, "MYID_CLIENT_ID": "x", "MYID_CLIENT_SECRET": ""}
    settings = resolve({}, environ, {})
    with pytest.raises(SettingError) as caught:
        request_client_token(settings, 30)

    assert "client_secret" == caught.value.setting
    assert 0 == sandbox.status()["token_requests"]


def test_server_that_does_not_answer(scheduled: Settings, sandbox: SandboxProcess) -> None:
    """A token endpoint that never answers ends with the deadline."""
    sandbox.faults(token_hang=True)
    with pytest.raises(SignInTimeout):
        request_client_token(scheduled, 0.5)


def test_failure_that_nobody_foresaw(scheduled: Settings) -> None:
    """One line, as for the sign-in of a person; no frame of it holds the secret."""
    settings = replace(scheduled, token_url="http://myid..example.com/token")
    with pytest.raises(TokenEndpointError) as caught:
        request_client_token(settings, 30)

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "could not be sent a request" in str(caught.value)
    assert "Sign in again." in str(caught.value)
    assert "code is spent" not in str(caught.value)
    assert [] == found({"secret": SECRET}, "".join(shown.format()))
