"""A kernel whose sign-ins nobody can be told of: its runtime folder takes no file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.browserless import sign_in
from support.callback_page import open_page
from support.jupyter_process import JupyterProcess
from support.leftovers import wait_until
from support.served_kernel import ServedKernel
from support.small_disk import fill, forbid_writing, needs_mounts, small_disk

FAULTS = {
    "full": (fill, "No space left on device"),
    "read-only": (forbid_writing, "Read-only file system"),
}


@pytest.fixture
def disk(jupyter: JupyterProcess) -> Iterator[Path]:
    """The folder of the rendezvous files, on a small disk of its own."""
    folder = jupyter.runtime_dir / "myid-notebook"
    with small_disk(folder):
        yield folder


def sign_in_by_pasting(kernel: ServedKernel, jupyter: JupyterProcess, reason: str) -> None:
    """Sign in where the answer cannot come back: the cell says why, the page what to do."""
    cell = kernel.submit("%myid_login")
    pages = []

    def paste(_: str) -> str:
        address = sign_in(cell.link())
        assert reason in cell.outputs.shown
        pages.append(open_page(address, cookies=jupyter.cookies()))
        return address

    kernel.on_input = paste
    outputs = cell.finish()

    assert [] == outputs.errors, outputs.traceback
    assert "%myid_login --paste" in pages[0].text
    assert "Signed in as Jane Doe" in outputs.shown


@needs_mounts
@pytest.mark.parametrize("fault", FAULTS)
def test_disk(kernel: ServedKernel, jupyter: JupyterProcess, disk: Path, fault: str) -> None:
    """The cell says what the disk said, asks for the address, and goes on with it; half a file does
    not stay.
    """
    spoil, reason = FAULTS[fault]
    spoil(disk)

    sign_in_by_pasting(kernel, jupyter, reason)

    assert [] == [*disk.glob("*.json")]


@needs_mounts
@pytest.mark.parametrize("spoil", [fill, forbid_writing])
def test_disk_fails_meanwhile(
    kernel: ServedKernel, jupyter: JupyterProcess, disk: Path, spoil: Callable[[Path], None]
) -> None:
    """A disk that fails while the user is at MyID's page keeps nobody from signing in."""
    cell = kernel.submit("%myid_login")
    address = sign_in(cell.link())
    wait_until(lambda: [*disk.glob("*.json")])
    spoil(disk)

    assert "Signed in to MyID" == open_page(address, cookies=jupyter.cookies()).title
    assert "Signed in as Jane Doe" in cell.finish().shown


def test_no_such_place(kernel: ServedKernel, jupyter: JupyterProcess) -> None:
    """A runtime folder that cannot even be made is one that cannot be written."""
    kernel.execute("import os\nos.environ['JUPYTER_RUNTIME_DIR'] = '/proc/none'")

    sign_in_by_pasting(kernel, jupyter, "No such file")
