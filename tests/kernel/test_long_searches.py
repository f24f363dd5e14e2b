"""A search of many pages in a kernel: sessions that end half-way, interrupts, and going on."""

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import Cell
from support.jupyter.kernel import LocalKernel, signed_in
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

SEARCH = "rows = myid.search('people', limit=None)"
COUNT = "len({row['id'] for row in rows}), rows.complete, rows.operator"


@pytest.fixture(autouse=True)
def _signed_in(kernel: LocalKernel) -> None:
    """The kernel is signed in."""
    signed_in(kernel)


def finish(cell: Cell, user: str) -> None:
    """Sign in when the link appears, and wait for the end."""
    cell.wait_for(lambda: bool(cell.outputs.link) or cell.done, 60)
    if not cell.done:
        open_page(finish_sign_in(cell.outputs.link, user))
        cell.wait_for(lambda: cell.done or not cell.outputs.link, 60)


@pytest.mark.parametrize("call", [SEARCH, "rows = myid.fetch('people')"])
def test_session_that_ends_half_way(
    kernel: LocalKernel, sandbox: SandboxProcess, call: str
) -> None:
    """One link appears under the line; after the sign-in the same search goes on."""
    sandbox.faults(api_refuse_after=20)

    cell = kernel.submit(call)
    while not cell.done:
        finish(cell, "jane.doe")

    assert [] == cell.outputs.errors, cell.outputs.traceback
    assert "2009 True Jane Doe" == kernel.value(COUNT)
    assert "waiting for you to sign in again" in cell.outputs.ever_shown


def test_another_person_half_way(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """Two people may see different rows: the search ends with what the first one read."""
    sandbox.faults(api_refuse_after=20)

    cell = kernel.submit(SEARCH)
    finish(cell, "dora.department")
    cell.wait_for(lambda: cell.done, 60)

    ((name, message),) = cell.outputs.errors
    assert "SearchStopped" == name
    assert "Dora Department signed in, but Jane Doe began this run" in message
    kernel.execute("import sys; rows = sys.last_value.rows")
    assert "False Jane Doe True" == kernel.value(
        "rows.complete, rows.operator, 500 < len(rows) < 1000"
    )
    assert "SearchStopped" == kernel.execute("sys.last_value.resume()").errors[0][0]


def test_interrupt(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """What was read is kept, and is read on as the message says."""
    sandbox.faults(api_delay=0.1)
    cell = kernel.submit(SEARCH)
    cell.wait_for(lambda: sandbox.status()["api_calls"] > 15, 60)

    kernel.interrupt()
    cell.wait_for(lambda: cell.done, 60)

    ((name, message),) = cell.outputs.errors
    assert "SearchInterrupted" == name
    sandbox.faults(api_delay=0)
    code = message.partition("(in a notebook: ")[2].partition(")")[0] + ")"
    assert [] == kernel.execute(code).errors
    assert "2009 True Jane Doe" == kernel.value(COUNT)


def test_interrupt_of_a_callback(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """There it is no KeyboardInterrupt, which would end the kernel."""
    sandbox.faults(api_delay=0.1)
    kernel.execute(
        "import asyncio\ndef search():\n    try:\n        myid.search('people', limit=None)\n"
        "    except BaseException as error:\n        globals()['ended'] = error\n        raise\n"
        "later = asyncio.get_running_loop().call_later(0.2, search)"
    )
    wait_until(lambda: sandbox.status()["api_calls"] > 15)

    kernel.interrupt()

    assert "SearchStopped" == kernel.value("type(ended).__name__")
