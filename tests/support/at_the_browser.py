"""What the person at the browser does about a cell that shows a link."""

from support.browserless import finish_sign_in
from support.callback_page import CallbackPage, open_page
from support.cell import Cell, Outputs
from support.kernel import KernelClient


def follow(cell: Cell, username: str = "jane.doe") -> CallbackPage:
    """Wait for a cell's link, sign in there, and return the page at the end.

    Args:
        cell: under way.
        username: who signs in.
    """
    return open_page(finish_sign_in(cell.link(), username))


def signed_in(kernel: KernelClient, line: str = "%myid_login") -> Outputs:
    """Execute a magic, sign in, and return what the cell put out.

    Args:
        kernel: with the extension loaded.
        line: the magic.
    """
    cell = kernel.submit(line)
    page = follow(cell)
    assert "Signed in to MyID" == page.title, page.text
    outputs = cell.finish()
    assert outputs.errors == [], outputs.traceback
    return outputs
