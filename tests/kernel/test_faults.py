"""What goes wrong on the way to MyID's token endpoint stands in the cell, on one line."""

from collections.abc import Callable, Iterator

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel, follow
from support.servers.sandbox import SandboxProcess

Set = Callable[[str], None]
"""Sets the kernel's token URL."""


@pytest.fixture
def token_url(kernel: LocalKernel) -> Iterator[Set]:
    """Sets it, until the end of the test."""

    def set_it(url: str) -> None:
        kernel.execute(f"import os\nos.environ['MYID_TOKEN_URL'] = {url!r}")

    yield set_it
    kernel.execute(UNSET)


UNSET = "import os\nos.environ.pop('MYID_TOKEN_URL', None)"


def expect_one_line(
    kernel: LocalKernel, error: str, words: str, repair: Callable[[], object] | None = None
) -> None:
    """Expect a sign-in to fail on one line; and, once repaired, the next one to work at once."""
    cell = kernel.submit("%myid_login")
    assert "Not signed in" == open_page(finish_sign_in(cell.link())).title
    outputs = cell.finish()
    ((name, said),) = outputs.errors
    assert error == name
    assert words in said
    assert 1 == len(said.splitlines())
    assert "ign in again" in said
    assert 1 == len(outputs.traceback.splitlines())

    if repair is None:
        kernel.execute(UNSET)
    else:
        repair()
    again = kernel.submit("%myid_login\nprint(myid.get('people', params={'q': 'jo'}).ok)")
    follow(again)
    assert "True" == again.finish().text.splitlines()[-1]


def test_unknown_name(kernel: LocalKernel, token_url: Set) -> None:
    """A name that no server of names knows."""
    token_url("https://nowhere.invalid/connect/token")

    expect_one_line(kernel, "TokenEndpointError", "nowhere.invalid cannot be reached")


def test_token_endpoint(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """An endpoint that answers with something else; it is right again the next time."""
    sandbox.faults(token_body="html")

    expect_one_line(kernel, "TokenEndpointError", "not a JSON object", sandbox.reset)
