"""A kernel that can write nothing."""

import sys

import pytest
from support.browserless import sign_in
from support.callback_page import open_page
from support.jupyter_process import JupyterProcess
from support.served_kernel import ServedKernel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits as POSIX has them")

FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
"""
NOTHING_CAN_BE_WRITTEN = {
    "full disk": (FULL_DISK, "File too large"),
    "no such place": (
        "import os\nos.environ['JUPYTER_RUNTIME_DIR'] = '/proc/none'",
        "No such file",
    ),
}


@pytest.mark.parametrize("fault", NOTHING_CAN_BE_WRITTEN)
def test_nothing_can_be_written(kernel: ServedKernel, jupyter: JupyterProcess, fault: str) -> None:
    """Jupyter could not find the sign-in: the cell says why, asks for the address, and goes on
    with it. The page that the browser ends on says to paste.
    """
    code, words = NOTHING_CAN_BE_WRITTEN[fault]
    kernel.execute(code)
    cell = kernel.submit("%myid_login")
    pages = []

    def paste(_: str) -> str:
        address = sign_in(cell.link())
        assert words in cell.outputs.shown
        pages.append(open_page(address, cookies=jupyter.cookies()))
        return address

    kernel.on_input = paste
    outputs = cell.finish()

    assert [] == outputs.errors, outputs.traceback
    assert "%myid_login --paste" in pages[0].text
    assert "Signed in as Jane Doe" in outputs.shown
