"""Several sign-ins at once: in one kernel, and in kernels that share a redirect URI."""

import re
from collections.abc import Callable
from pathlib import Path

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel, follow
from support.machine.ports import listens
from support.machine.threads import wait_until
from support.servers.sandbox import Registration, SandboxProcess


def test_two_names(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """Two names of one kernel share the redirect URI; each gets its own person."""
    cells = [kernel.submit(f"%myid_login {name} --no-wait") for name in ("myid", "audit")]
    redirects = [finish_sign_in(cells[0].link()), finish_sign_in(cells[1].link(), "sam.self")]

    titles = [open_page(url).title for url in reversed(redirects)]

    assert ["Signed in to MyID"] * 2 == titles
    wait_until(lambda: "Jane Doe Sam Self" == kernel.value("f'{myid.operator} {audit.operator}'"))
    assert {"jane.doe": 1, "sam.self": 1} == sandbox.status()["tokens_issued"]
    status = kernel.execute("%myid_status").shown
    assert re.search(r"^audit +Sam Self  .* signed in$", status, re.MULTILINE)
    assert re.search(r"^myid +Jane Doe  .* signed in$", status, re.MULTILINE)


def test_two_kernels(start_kernel: Callable[..., LocalKernel], tmp_path: Path) -> None:
    """While another kernel waits at the redirect URI, the cell says so, and the address of the page
    after sign-in can be pasted. Once that kernel has its answer, the address is free.
    """
    waiting, other = [start_kernel(runtime_dir=tmp_path) for _ in range(2)]
    first = waiting.submit("%myid_login")
    first.link()
    cell = other.submit("%myid_login --no-wait")
    address = finish_sign_in(cell.link())
    assert "Another notebook of yours (process" in cell.outputs.shown
    assert "This sign-in link is no longer active" == open_page(address).title
    other.on_input = lambda _: address
    other.execute("%myid_login --paste")
    assert "Signed in as Jane Doe" in cell.outputs.shown

    assert "Signed in to MyID" == follow(first).title
    assert [] == first.finish().errors
    assert "Signed in to MyID" == follow(other.submit("%myid_login --force")).title


def test_shutdown_leaves_nothing(
    start_kernel: Callable[..., LocalKernel], client: Registration, tmp_path: Path
) -> None:
    """A kernel that is shut down while a sign-in is pending leaves no file and no listener."""
    kernel = start_kernel(runtime_dir=tmp_path)
    cell = kernel.submit("%myid_login --no-wait")
    cell.link()
    cell.finish()
    rendezvous = tmp_path / "myid-notebook"
    assert 1 == len(list(rendezvous.iterdir()))

    kernel.shut_down()

    assert [] == list(rendezvous.iterdir())
    assert not listens(client.redirect_uri)
