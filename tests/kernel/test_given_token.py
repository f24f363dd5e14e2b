"""A token from elsewhere instead of a sign-in: ``MYID_ACCESS_TOKEN``."""

from collections.abc import Callable

import pytest
import requests
from support.jupyter.kernel import LocalKernel, signed_in
from support.servers.sandbox import SandboxProcess, client_entry


def client_credentials_environ(sandbox: SandboxProcess) -> dict[str, str]:
    """Return the variables of a client that signs in itself, as Jane Doe."""
    entry = client_entry(
        "scheduled",
        "",
        "hush",
        AllowedGrantTypes=["client_credentials"],
        RedirectUris=[],
        Properties={"MyIDLogonName": "jane.doe"},
    )
    sandbox.register(entry)
    return {"MYID_CLIENT_ID": "scheduled", "MYID_CLIENT_SECRET": "hush"}


@pytest.fixture
def token(sandbox: SandboxProcess) -> str:
    """A token that a scheduled job got by itself, for Jane Doe."""
    environ = client_credentials_environ(sandbox)
    form = {
        "grant_type": "client_credentials",
        "client_id": environ["MYID_CLIENT_ID"],
        "client_secret": environ["MYID_CLIENT_SECRET"],
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
    assert "Using the token in MYID_ACCESS_TOKEN (not checked) at 127.0.0.1:" in outputs.shown
    assert "Signed in" not in outputs.shown
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


REFUSED = (
    "MyID did not accept the token in {}. Replace that token, or remove it to sign in yourself"
)

PLACES = {
    "MYID_ACCESS_TOKEN": "%myid_login",
    "c.MyIDMagics.access_token": "%config MyIDMagics.access_token = token\n%myid_login",
    "the argument access_token": "import myid_notebook\n"
    "myid = myid_notebook.login(access_token=token)",
}
"""By the words for it: where a token is given."""

CALLS = (
    "myid.get('people').raise_for_status()",
    "myid.fetch(['people/1', 'people/2'])",
)


@pytest.mark.parametrize("place", PLACES)
def test_any_text_is_not_a_sign_in(start_kernel: Callable[..., LocalKernel], place: str) -> None:
    """A token is used as it is, and no text says that somebody signed in; after a refusal every
    text names the place where it was set, because %myid_login alone would use it again.
    """
    text = "any-text-but-a-token"
    environ = {"MYID_ACCESS_TOKEN": text} if place == "MYID_ACCESS_TOKEN" else {}
    kernel = start_kernel(environ)
    kernel.execute(f"token = {text!r}")
    outputs = kernel.execute(PLACES[place], allow_stdin=False)

    using = f"sing the token in {place} (not checked)"
    card, shown = kernel.value("myid._repr_html_()"), kernel.value("myid")
    status = kernel.execute("%myid_status").shown
    assert [True] * 4 == [using in each for each in (outputs.shown, card, shown, status)]
    for call in CALLS:
        kernel.execute("%myid_login --force" if "%myid_login" in PLACES[place] else PLACES[place])
        ((_, message),) = kernel.execute(call).errors
        assert REFUSED.format(place) in message, (call, message)
        assert "remove it to sign in yourself; then run " in message
    for each in ("myid._repr_html_()", "myid"):
        assert "signed in" not in kernel.value(each).lower().replace("signed in as", "")
    assert place in kernel.execute("%myid_status").shown
    everything = str([outputs.messages, card, shown, status])
    assert text not in everything


def test_the_same_token_again(start_kernel: Callable[..., LocalKernel], token: str) -> None:
    """%myid_login does not use a token that was refused once more; it says why."""
    kernel = start_kernel({"MYID_ACCESS_TOKEN": "any-text-but-a-token"})
    kernel.execute("%myid_login\nmyid.get('people')")

    ((name, message),) = kernel.execute("%myid_login").errors
    kernel.execute(f"import os; os.environ['MYID_ACCESS_TOKEN'] = {token!r}")
    outputs = kernel.execute("%myid_login")

    assert ("SettingError", True) == (name, REFUSED.format("MYID_ACCESS_TOKEN") in message)
    assert [] == outputs.errors
    assert "200" == kernel.value("myid.get('people', params={'q': 'jo'}).status_code")


def test_expiry_names_the_variable(start_kernel: Callable[..., LocalKernel], token: str) -> None:
    """A token whose time is over names its variable, in requests and in all that shows it."""
    kernel = start_kernel({"MYID_ACCESS_TOKEN": token})
    kernel.execute("%myid_login\nimport time\nlater = time.time() + 7200")
    kernel.execute("myid.bearer._clock = lambda: later")

    ((name, message),) = kernel.execute("myid.get('people')").errors

    assert "SessionExpired" == name
    assert "The token in MYID_ACCESS_TOKEN has expired. Replace that token" in message
    assert "MYID_ACCESS_TOKEN" in kernel.value("myid._repr_html_()")
    assert (
        "expired (the token in MYID_ACCESS_TOKEN). Replace" in kernel.execute("%myid_status").shown
    )


def test_token_of_a_person_is_checked(
    start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess
) -> None:
    """Where MyID tells the name for a token, it has accepted it: the name is shown."""
    assert sandbox.url
    kernel = start_kernel()
    signed_in(kernel)
    kernel.execute("import os\nos.environ['MYID_ACCESS_TOKEN'] = myid.bearer.token.access_token")

    outputs = kernel.execute("%myid_login --force")

    assert "Using the token in MYID_ACCESS_TOKEN as Jane Doe at 127.0.0.1:" in outputs.shown


def test_client_is_told_its_own_command(
    start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess
) -> None:
    """A session of the client itself renews itself; its command is the one it was made with."""
    kernel = start_kernel(client_credentials_environ(sandbox))
    shown = kernel.execute("%myid_login --client-credentials").shown

    assert "; renews itself while you use it" in shown
    assert "%myid_login --client-credentials --force" in kernel.value("myid._repr_html_()")
