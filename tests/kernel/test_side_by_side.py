"""Several sign-ins at once: in one kernel, and in kernels that share a redirect URI."""

import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

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
    """The kernel that holds the redirect URI passes on what belongs to another kernel."""
    cells, redirects = [], []
    for _ in range(2):  # the first one holds it
        cells.append(start_kernel(runtime_dir=tmp_path).submit("%myid_login"))
        redirects.append(finish_sign_in(cells[-1].link()))

    titles = [open_page(url).title for url in reversed(redirects)]

    assert ["Signed in to MyID"] * 2 == titles
    assert [[], []] == [cell.finish().errors for cell in cells]


def test_address_is_taken_over(
    start_kernel: Callable[..., LocalKernel], client: Registration, tmp_path: Path
) -> None:
    """When the kernel that holds the redirect URI is killed, the other one takes it over."""
    holder, other = [start_kernel(runtime_dir=tmp_path) for _ in range(2)]
    holder.submit("%myid_login").link()
    cell = other.submit("%myid_login")
    cell.link()

    holder.kill()

    wait_until(lambda: listens(client.redirect_uri))
    assert "Signed in to MyID" == follow(cell).title
    assert [] == cell.finish().errors


# A private name, because a sign-in would tell of the other program only after many attempts.
SLOW_TO_TAKE_OVER = """
from myid_notebook.callback import receiver
kept = receiver.BIND_INTERVAL, receiver._ATTEMPTS_PER_HOLDER_CHECK
receiver.BIND_INTERVAL, receiver._ATTEMPTS_PER_HOLDER_CHECK = 2, 1
"""


def test_stranger_takes_the_address(kernel: LocalKernel, client: Registration) -> None:
    """When the sign-in that holds the redirect URI ends, and another program is quicker to take
    it, the cell of the next one says so, and the address can be pasted.
    """
    kernel.execute(SLOW_TO_TAKE_OVER)
    kernel.execute("%myid_login holder --no-wait")
    cell = kernel.submit("%myid_login --no-wait")
    link = cell.link()
    port = urlsplit(client.redirect_uri).port
    kernel.execute("%myid_logout holder")

    with socket.create_server(("127.0.0.1", port)):
        address = finish_sign_in(link)
        cell.wait_for(lambda: "took the port" in cell.outputs.shown)
        assert link == cell.outputs.link
        kernel.on_input = lambda _: address
        kernel.execute("%myid_login --paste")

    kernel.execute("receiver.BIND_INTERVAL, receiver._ATTEMPTS_PER_HOLDER_CHECK = kept")
    assert "Jane Doe" in kernel.execute("%myid_status").shown


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


def test_restart_leaves_nothing(start_kernel: Callable[..., LocalKernel], tmp_path: Path) -> None:
    """After a restart the redirect URI is free again, and the old answer is nobody's."""
    kernel = start_kernel(runtime_dir=tmp_path)
    cell = kernel.submit("%myid_login --no-wait")
    old = finish_sign_in(cell.link())
    cell.finish()

    kernel.restart()

    kernel.execute("%load_ext myid_notebook")
    cell = kernel.submit("%myid_login")
    cell.link()
    assert "This sign-in link is no longer active" == open_page(old).title
    assert "Signed in to MyID" == follow(cell).title
