"""A kernel whose sign-ins nobody can be told of: its runtime folder takes no file."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.machine.small_disk import (
    allow_writing,
    empty,
    fill,
    forbid_writing,
    needs_mounts,
    small_disk,
)
from support.machine.threads import wait_until

FAULTS = {
    "full": (fill, empty, "No space left on device"),
    "read-only": (forbid_writing, allow_writing, "Read-only file system"),
}
"""What makes the disk fail, what ends that, and what the system says of it meanwhile."""


@pytest.fixture
def disk(jupyter: JupyterProcess) -> Iterator[Path]:
    """The folder of the rendezvous files, on a small disk of its own."""
    folder = jupyter.runtime_dir / "myid-notebook"
    with small_disk(folder):
        yield folder


@pytest.fixture
def no_folder(jupyter: JupyterProcess) -> Iterator[Path]:
    """A file in place of the folder of the rendezvous files."""
    folder = jupyter.runtime_dir / "myid-notebook"
    aside = folder.with_name("aside")
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.rename(aside)
    folder.touch()
    yield folder
    rmtree(folder) if folder.is_dir() else folder.unlink(missing_ok=True)
    aside.rename(folder)


def sign_in_by_pasting(kernel: ServedKernel, jupyter: JupyterProcess, reason: str) -> None:
    """Sign in where the answer cannot come back: the cell says why, the page what to do."""
    cell = kernel.submit("%myid_login")
    pages = []

    def paste(_: str) -> str:
        address = finish_sign_in(cell.link())
        assert reason in cell.outputs.shown
        pages.append(open_page(address, cookies=jupyter.cookies()))
        return address

    kernel.on_input = paste
    outputs = cell.finish()

    assert [] == outputs.errors, outputs.traceback
    assert "%myid_login --paste" in pages[0].text
    assert "Signed in as Jane Doe" in outputs.shown


def sign_in_by_the_redirect(kernel: ServedKernel, jupyter: JupyterProcess) -> None:
    """Sign in anew, as if nothing had ever been wrong."""
    kernel.on_input = None
    cell = kernel.submit("%myid_login --force")
    page = open_page(finish_sign_in(cell.link()), cookies=jupyter.cookies())

    assert "Signed in to MyID" == page.title
    outputs = cell.finish()
    assert "Signed in as Jane Doe" in outputs.shown
    assert "back to this Jupyter server" in outputs.ever_shown


@needs_mounts
@pytest.mark.parametrize("fault", FAULTS)
def test_disk(kernel: ServedKernel, jupyter: JupyterProcess, disk: Path, fault: str) -> None:
    """The cell says what the disk said, asks for the address, and goes on with it; half a file does
    not stay.
    """
    spoil, mend, reason = FAULTS[fault]
    spoil(disk)

    sign_in_by_pasting(kernel, jupyter, reason)

    assert [] == [*disk.glob("*.json")]
    mend(disk)
    sign_in_by_the_redirect(kernel, jupyter)


@needs_mounts
@pytest.mark.parametrize("fault", FAULTS)
def test_disk_fails_meanwhile(
    kernel: ServedKernel, jupyter: JupyterProcess, disk: Path, fault: str
) -> None:
    """A disk that fails while the user is at MyID's page keeps nobody from signing in."""
    spoil, mend, _ = FAULTS[fault]
    cell = kernel.submit("%myid_login")
    address = finish_sign_in(cell.link())
    wait_until(lambda: [*disk.glob("*.json")])
    spoil(disk)

    assert "Signed in to MyID" == open_page(address, cookies=jupyter.cookies()).title
    assert "Signed in as Jane Doe" in cell.finish().shown

    mend(disk)
    sign_in_by_the_redirect(kernel, jupyter)


def test_no_such_place(kernel: ServedKernel, jupyter: JupyterProcess, no_folder: Path) -> None:
    """A folder that cannot even be made is one that cannot be written."""
    sign_in_by_pasting(kernel, jupyter, "exists")

    no_folder.unlink()
    sign_in_by_the_redirect(kernel, jupyter)
