"""The hidden prompt for the client secret."""

from collections.abc import Iterator

import pytest
from support.browserless import sign_in
from support.callback_page import open_page
from support.local_kernel import LocalKernel
from support.registration import Registration, register
from support.sandbox_process import SandboxProcess


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
    open_page(sign_in(cell.link()))
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
