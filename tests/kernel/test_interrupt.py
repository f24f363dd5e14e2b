"""Interrupt ends a sign-in, and nothing else."""

import time
from collections.abc import Callable

import pytest
from support.browser.callback_page import Visit, open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

BUSY = """
import asyncio
async def work():
    while True:
        await asyncio.sleep(0)
        sum(range(10**6))
working = asyncio.get_running_loop().create_task(work())
"""


@pytest.mark.alone
def test_interrupt_ends_it(kernel: LocalKernel) -> None:
    """Interrupt ends the wait at once, in one line, and leaves nothing behind."""
    before = kernel.value("leftovers()")
    cell = kernel.submit("%myid_login")
    cell.link()

    interrupted_at = time.monotonic()
    kernel.interrupt()
    outputs = cell.finish(timeout=10)

    assert time.monotonic() - interrupted_at < 1
    assert ["SignInInterrupted"] == [name for name, _ in outputs.errors]
    assert 1 == len(outputs.traceback.splitlines())
    assert "" == outputs.link
    assert before == kernel.value("leftovers()")


def test_interrupt_as_soon_as_the_link_is_seen(kernel: LocalKernel) -> None:
    """It is not lost while the widget is made, the wait is begun, or an object is finalized."""
    for number in range(20):
        cell = kernel.submit("%myid_login")
        cell.link()
        time.sleep(number / 2000)  # another moment each time: making the widget takes some 4 ms
        kernel.interrupt()
        outputs = cell.finish(timeout=10)

        assert ["SignInInterrupted"] == [name for name, _ in outputs.errors]
        assert 1 == len(outputs.traceback.splitlines())
        assert "" == outputs.link


INTERRUPT_WHILE_PATCHING = """
import nest_asyncio2, os, signal
patch_loop = nest_asyncio2._patch_loop
def interrupted(loop):
    nest_asyncio2._patch_loop = patch_loop
    os.kill(os.getpid(), signal.SIGINT)
    patch_loop(loop)
    print("patched")
nest_asyncio2._patch_loop = interrupted
"""


def test_interrupt_while_asyncio_is_patched(start_kernel: Callable[..., LocalKernel]) -> None:
    """An interrupt in the first moment of a kernel's first wait leaves no half-patched asyncio."""
    kernel = start_kernel()
    kernel.execute(INTERRUPT_WHILE_PATCHING)

    outputs = kernel.execute("%myid_login")

    assert ["SignInInterrupted"] == [name for name, _ in outputs.errors]
    assert "patched" in outputs.text
    assert [] == kernel.execute("import asyncio\nawait asyncio.sleep(0.01)").errors
    signed_in(kernel)


def test_interrupt_spares_the_users_tasks(kernel: LocalKernel) -> None:
    """Interrupt ends the wait: it hits neither a busy task of the user's nor the next cell."""
    kernel.execute(BUSY)
    cell = kernel.submit("%myid_login")
    cell.link()
    queued = kernel.submit("print('still here')")

    kernel.interrupt()

    assert ["SignInInterrupted"] == [name for name, _ in cell.finish().errors]
    assert "still here\n" == queued.finish().text
    assert "False" == kernel.value("working.done()")
    kernel.execute("working.cancel()")


BLOCKING = """
import asyncio, time
async def block():
    print("blocked", flush=True)
    while True:
        time.sleep(0.01)
blocking = asyncio.get_running_loop().create_task(block())
"""


def test_second_interrupt(start_kernel: Callable[..., LocalKernel]) -> None:
    """A task of the user's that never gives way keeps the first Interrupt waiting, not the next."""
    kernel = start_kernel()
    cell = kernel.submit(f"{BLOCKING}\n%myid_login")
    cell.wait_for(lambda: "blocked" in cell.outputs.text)
    assert not cell.done

    kernel.interrupt()
    with pytest.raises(TimeoutError):  # the task is spared, and gives no way
        cell.finish(timeout=1)
    kernel.interrupt()

    assert ["SignInInterrupted"] == [name for name, _ in cell.finish(timeout=10).errors]
    assert "" == cell.outputs.link


def test_interrupt_during_the_exchange(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """Interrupt also ends a wait for a token endpoint that hangs; the page says it is over."""
    sandbox.faults(token_hang=True)
    before = kernel.value("leftovers()")
    cell = kernel.submit("%myid_login")
    visit = Visit(finish_sign_in(cell.link()))
    cell.wait_for(lambda: sandbox.status()["token_requests"])

    kernel.interrupt()

    assert ["SignInInterrupted"] == [name for name, _ in cell.finish(timeout=10).errors]
    assert "Not signed in" == visit.page.title
    wait_until(lambda: kernel.value("leftovers()") == before)


def test_interrupt_while_the_name_is_looked_up(
    kernel: LocalKernel, sandbox: SandboxProcess
) -> None:
    """The sign-in has succeeded already, so nothing is said to have ended; only the name is not
    waited for.
    """
    sandbox.faults(api_delay=30)
    cell = kernel.submit("%myid_login")
    cell.wait_for(lambda: len(cell.outputs.displays) == 2)  # the cell waits once both are shown
    assert "Signed in to MyID" == open_page(finish_sign_in(cell.link())).title
    kernel.interrupt()
    outputs = cell.finish()

    assert [] == outputs.errors
    assert "Signed in as the user with id" in outputs.shown
    assert "True" == kernel.value("myid.signed_in")


def test_interrupt_works_as_before(kernel: LocalKernel) -> None:
    """After the wait, Interrupt means KeyboardInterrupt again, in the same cell and in others."""
    # Not one long sleep: a signal that comes just before the system call does not end it.
    work = "print('running', flush=True)\nwhile True:\n    sum(range(1000))"
    for code in (f"%myid_login\n{work}", work):
        cell = kernel.submit(code)
        if "%" in code:
            assert "Signed in to MyID" == follow(cell).title
        cell.wait_for(lambda cell=cell: "running" in cell.outputs.text)

        kernel.interrupt()

        assert ["KeyboardInterrupt"] == [name for name, _ in cell.finish(timeout=10).errors]
