"""On a hub, a sign-in outlives a restart of its own user's kernel, and reaches nobody else."""

from pathlib import Path

import pytest
from support.browser.hub_browser import HubBrowser
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import Outputs
from support.jupyter.hub import HubProcess
from support.jupyter.kernel import KernelClient, Serve, ServedKernel
from support.servers.sandbox import SandboxProcess

pytestmark = pytest.mark.hub

STORE = "__import__('os').environ['MYID_NOTEBOOK_TOKEN_STORE']"


def sign_in(browser: HubBrowser, kernel: KernelClient, line: str) -> None:
    """Execute a magic and sign in as Jane Doe, in a user's browser."""
    cell = kernel.submit(line)
    assert browser.open(finish_sign_in(cell.link())).title == "Signed in to MyID"
    assert cell.finish().errors == []


def again(kernel: ServedKernel, line: str) -> Outputs:
    """Execute a magic in a kernel that was just started, where nobody is asked."""
    outputs = kernel.execute(f"%load_ext myid_notebook\n{line}")
    assert (outputs.errors, outputs.link) == ([], ""), outputs.traceback
    return outputs


def asks(kernel: KernelClient, line: str) -> bool:
    """Return whether a magic shows the link of a new sign-in."""
    cell = kernel.submit(f"{line} --no-wait")
    link = cell.link()
    assert cell.finish().errors == []
    return "/connect/authorize?" in link


def test_restarted_kernel(alice: HubBrowser, serve: Serve, sandbox: SandboxProcess) -> None:
    """A user's restarted kernel finds the sign-in of its own notebook; nobody is asked."""
    kernel = serve(alice.default)
    sign_in(alice, kernel, "%myid_login")

    kernel.restart()
    outputs = again(kernel, "%myid_login")

    assert "Signed in as Jane Doe" in outputs.shown
    assert "(from before the restart)" in outputs.shown
    assert kernel.value("myid.get('people').status_code") == "200"
    assert sandbox.status()["tokens_issued"] == {"jane.doe": 1}


def test_other_user(hub: HubProcess, alice: HubBrowser, bob: HubBrowser, serve: Serve) -> None:
    """With ``--share server``, Alice's other notebook gets her sign-in, and Bob's kernels ask."""
    line = "%myid_login crossing --share server"
    sign_in(alice, serve(alice.default), line)
    assert "(from another notebook)" in again(serve(alice.default), line).shown

    kernel = serve(bob.default)

    assert asks(kernel, line)
    assert asks(kernel, "%myid_login crossing")
    kernel.restart()
    kernel.execute("%load_ext myid_notebook")
    assert asks(kernel, line)
    assert Path(kernel.value(STORE)).is_relative_to(hub.runtime_dir("bob"))


def test_address_of_another_user(alice: HubBrowser, bob: HubBrowser, serve: Serve) -> None:
    """The path of Alice's store in the environment of Bob's kernel gives Bob nothing."""
    line = "%myid_login elsewhere --share server"
    kernel = serve(alice.default)
    sign_in(alice, kernel, line)
    path = kernel.value(STORE)
    bobs = serve(bob.default)

    bobs.execute(f"import os; os.environ['MYID_NOTEBOOK_TOKEN_STORE'] = {path!r}")

    assert Path(path).is_file()
    assert asks(bobs, line)
