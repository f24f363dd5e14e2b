"""A token from elsewhere instead of a sign-in: ``MYID_ACCESS_TOKEN``."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from support.jupyter.kernel import LocalKernel
from support.servers.sandbox import SandboxProcess, client_entry


@pytest.fixture
def token(sandbox: SandboxProcess) -> str:
    """A token that a scheduled job got by itself, for Jane Doe."""
    entry = client_entry(
        "scheduled",
        "",
        "hush",
        AllowedGrantTypes=["client_credentials"],
        RedirectUris=[],
        Properties={"MyIDLogonName": "jane.doe"},
    )
    sandbox.register(entry)
    form = {
        "grant_type": "client_credentials",
        "client_id": "scheduled",
        "client_secret": "hush",
        "scope": "myid.rest.basic",
    }
    answer = requests.post(f"{sandbox.url}/web.oauth2/connect/token", data=form, timeout=30)
    return str(answer.json()["access_token"])


def test_token_replaces_the_sign_in(
    start_kernel: Callable[..., LocalKernel], token: str, sandbox: SandboxProcess
) -> None:
    """With a token nobody is asked, with nobody there, and no other setting but the server."""
    kernel = start_kernel(
        {"MYID_ACCESS_TOKEN": token, "MYID_CLIENT_ID": "", "MYID_REDIRECT_URI": ""}
    )

    outputs = kernel.execute("%myid_login", allow_stdin=False)

    assert [] == outputs.errors
    assert "Signed in as " in outputs.shown
    assert token not in str(outputs.messages)
    assert "200" == kernel.value("myid.get('people', params={'q': 'jo'}).status_code")
    assert 0 == sandbox.status()["authorize_requests"]


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ("two words", "is not a token"),
        ("eyJhbGciOiJub25lIn0.eyJleHAiOjF9.", "has expired"),
    ],
)
def test_bad_token_is_named(
    start_kernel: Callable[..., LocalKernel], spoilt: str, words: str
) -> None:
    """A malformed or expired token is refused in one line that names the setting, not the token."""
    kernel = start_kernel({"MYID_ACCESS_TOKEN": spoilt})

    outputs = kernel.execute("%myid_login", allow_stdin=False)

    ((name, message),) = outputs.errors
    assert ("SettingError", True, True) == (name, words in message, "MYID_ACCESS_TOKEN" in message)
    assert spoilt not in str(outputs.messages)


def test_netrc_does_not_replace_it(
    start_kernel: Callable[..., LocalKernel], token: str, tmp_path: Path
) -> None:
    """A user with MyID's host in ``~/.netrc`` signs in all the same."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    kernel = start_kernel({"MYID_ACCESS_TOKEN": token, "HOME": str(tmp_path)})
    kernel.execute("%myid_login")

    assert "200" == kernel.value("myid.get('people', params={'q': 'jo'}).status_code")
