"""A kernel that can start no thread any more."""

import sys

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a thread's stack as on Linux")

NONE = "import threading\nusual = threading.stack_size(2**47 - 2**20)"
"""A cell after which each thread would need more memory than there can be."""

USUAL = "threading.stack_size(usual)"

SIGN_INS = "{id(each.pending) for each in registry.records.values() if each.pending}"
"""Those of all names, ended ones of earlier tests included."""


@pytest.mark.parametrize("options", ["", " --no-wait", " --client-credentials"])
def test_sign_in(kernel: LocalKernel, options: str) -> None:
    """One line says so, nothing is left, and the next sign-in has the registered address again."""
    before = kernel.value("leftovers()")
    kernel.execute("%myid_logout\nfrom myid_notebook.kernel.commands import registry")
    sign_ins = kernel.value(SIGN_INS)
    kernel.execute(NONE)
    outputs = kernel.execute(f"%myid_login{options}")
    kernel.execute(USUAL)

    assert ["SignInFailed"] == [name for name, _ in outputs.errors]
    assert "could not start a thread" in outputs.traceback
    assert 1 == len(outputs.traceback.splitlines())
    assert before == kernel.value("leftovers()")
    assert sign_ins == kernel.value(SIGN_INS)

    cell = kernel.submit("%myid_login")
    assert "Signed in to MyID" == open_page(finish_sign_in(cell.link())).title
    assert [] == cell.finish().errors


ASYNC = "from myid_notebook import login_async\nawait login_async(wait=True)"


@pytest.mark.parametrize("cell", [ASYNC, "%myid_doctor"])
def test_one_line(kernel: LocalKernel, cell: str) -> None:
    """Whatever needs a thread says so in one line, and leaves nothing."""
    before = kernel.value("leftovers()")
    kernel.execute(NONE)
    outputs = kernel.execute(cell)
    kernel.execute(USUAL)

    assert ["SignInFailed"] == [name for name, _ in outputs.errors]
    assert "could not start a thread" in outputs.traceback
    assert 1 == len(outputs.traceback.splitlines())
    assert before == kernel.value("leftovers()")


CANCELLED = """
import asyncio, threading
from myid_notebook import login_async
task = asyncio.ensure_future(login_async("other"))
while "other" not in registry.records or registry.records["other"].pending is None:
    await asyncio.sleep(0.01)
usual = threading.stack_size(2**47 - 2**20)
sign_in = registry.records["other"].pending.sign_in
task.cancel()
done, _ = await asyncio.wait([task], timeout=20)
threading.stack_size(usual)
print([each.cancelled() for each in done], sign_in.finished.done())
"""


def test_cancelled_task(kernel: LocalKernel) -> None:
    """Cancelling a ``login_async`` needs no thread: it is cancelled, and its sign-in has ended."""
    leftovers = kernel.value("leftovers()")
    kernel.execute("from myid_notebook.kernel.commands import registry\nregistry.records.clear()")

    assert "[True] True\n" == kernel.execute(CANCELLED).text
    assert leftovers == kernel.value("leftovers()")
