"""The hidden prompt for the client secret."""

from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.servers.http_server import HttpServer
from support.servers.sandbox import Registration, SandboxProcess, client_entry, register


@pytest.fixture
def registration(sandbox: SandboxProcess) -> Registration:
    """A client with a secret."""
    return register(sandbox)


@pytest.fixture
def kernel(registration: Registration) -> Iterator[LocalKernel]:
    """A kernel with every setting but the secret."""
    environ = registration.environ
    del environ["MYID_CLIENT_SECRET"]
    with LocalKernel(environ) as kernel:
        kernel.execute("%load_ext myid_notebook")
        yield kernel


def _sign_in(kernel: LocalKernel, line: str) -> str:
    cell = kernel.submit(line)
    open_page(finish_sign_in(cell.link()))
    return cell.finish().shown


def test_secret_is_asked_for_once(kernel: LocalKernel, registration: Registration) -> None:
    """The secret is asked for, hidden, when a sign-in needs it; after one that worked, no more."""
    kernel.on_input = lambda _: registration.client_secret

    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login")
    assert [True] == [hidden for _, hidden in kernel.prompts]
    assert "Signed in as Jane Doe" in kernel.execute("%myid_login").shown
    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login --force")
    assert 1 == len(kernel.prompts)


def test_wrong_secret_is_asked_for_again(kernel: LocalKernel, registration: Registration) -> None:
    """A secret that MyID refused is not kept: the next sign-in asks again."""
    kernel.on_input = lambda _: "wrong"
    assert "invalid_client" in _sign_in(kernel, "%myid_login")

    kernel.on_input = lambda _: registration.client_secret
    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login")
    assert registration.client_secret not in kernel.value("dir(), vars()")


def test_nobody_to_ask(kernel: LocalKernel) -> None:
    """With nobody there the missing secret is an error that names its places."""
    outputs = kernel.execute("%myid_login --wait", allow_stdin=False)

    assert ["SettingError"] == [name for name, _ in outputs.errors]
    assert "MYID_CLIENT_SECRET" in outputs.errors[0][1]


def test_nobody_is_asked_in_vain(kernel: LocalKernel) -> None:
    """The secret is asked for last, after every other setting was found right."""
    outputs = kernel.execute("%myid_login --redirect-uri http://public.example/x")

    assert ["SettingError"] == [name for name, _ in outputs.errors]
    assert [] == kernel.prompts


def test_secret_goes_to_its_own_server_only(
    kernel: LocalKernel, registration: Registration
) -> None:
    """What was typed for one server is not sent to another that knows a client of that name."""
    kernel.on_input = lambda _: registration.client_secret
    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login")
    kernel.on_input = lambda _: "of-the-other"

    with HttpServer() as other:
        cell = kernel.submit(f"%myid_login other --server {other.url}")
        state = dict(parse_qsl(urlsplit(cell.link()).query))["state"]
        open_page(f"{registration.redirect_uri}?code=abc&state={state}")
        cell.finish()

    (sent,) = [request.body.decode() for request in other.seen if request.method == "POST"]
    assert ["of-the-other"] == parse_qs(sent)["client_secret"]
    assert 2 == len(kernel.prompts)


def test_secret_that_was_changed_at_myid(
    kernel: LocalKernel, registration: Registration, sandbox: SandboxProcess
) -> None:
    """When MyID takes the typed secret no longer, the next sign-in asks for the new one."""
    kernel.on_input = lambda _: registration.client_secret
    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login")
    entry = client_entry(registration.client_id, registration.redirect_uri, "brand-new")
    sandbox.register(entry)
    kernel.on_input = lambda _: "brand-new"

    assert "invalid_client" in _sign_in(kernel, "%myid_login --force")
    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login --force")
    assert 2 == len(kernel.prompts)


def test_blanks_around_it(kernel: LocalKernel, registration: Registration) -> None:
    """What a clipboard adds does not belong to it, nor keep a refused one from being forgotten."""
    kernel.on_input = lambda _: f"\ufeff {registration.client_secret} "
    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login")
    # A private name, because nothing public shows what is kept.
    kernel.execute(
        "from myid_notebook.kernel.commands import registry\nkept = registry._typed_secrets"
    )

    assert "1" == kernel.value("len(kept)")
    assert registration.client_secret == kernel.value("str([*kept.values()][0])")


def test_secret_of_the_environment_is_not_kept(
    kernel: LocalKernel, registration: Registration
) -> None:
    """Only what was typed is remembered: once a setting is gone, its value is gone."""
    kernel.execute(f"import os\nos.environ['MYID_CLIENT_SECRET'] = {registration.client_secret!r}")
    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login")
    kernel.execute("del os.environ['MYID_CLIENT_SECRET']")
    kernel.on_input = lambda _: registration.client_secret

    assert "Signed in as Jane Doe" in _sign_in(kernel, "%myid_login --force")
    assert 1 == len(kernel.prompts)


def test_end_of_input(kernel: LocalKernel) -> None:
    """Ctrl-D at the prompt is an end in one line, like Interrupt."""
    kernel.on_input = lambda _: "\x04"

    outputs = kernel.execute("%myid_login")

    assert ["SignInInterrupted"] == [name for name, _ in outputs.errors]
    assert 1 == len(outputs.traceback.splitlines())
