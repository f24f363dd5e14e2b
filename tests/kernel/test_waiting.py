"""While a cell waits for the sign-in, everything else in the kernel goes on."""

import contextlib
import time
from pathlib import Path

from support.at_the_browser import follow, signed_in
from support.browserless import sign_in
from support.leftovers import wait_until
from support.local_kernel import LocalKernel
from support.sandbox_process import SandboxProcess
from support.visit import Visit

TICKING = """
import asyncio
async def tick():
    while True:
        await asyncio.sleep(0.02)
        with open({path!r}, "a") as file:
            file.write(".")
ticking = asyncio.get_running_loop().create_task(tick())
"""


def ticks(path: Path) -> int:
    """Return how often the user's task has run."""
    with contextlib.suppress(OSError):
        return len(path.read_text())
    return 0


def test_tasks_of_the_user_go_on(kernel: LocalKernel, tmp_path: Path) -> None:
    """An asyncio task of the user's keeps ticking before, during and after the wait."""
    file = tmp_path / "ticks"
    kernel.execute(TICKING.format(path=str(file)))
    cell = kernel.submit("%myid_login")
    cell.link()
    for _ in range(2):
        before = ticks(file)
        wait_until(lambda before=before: ticks(file) > before + 5)
    assert not cell.done

    follow(cell)

    assert [] == cell.finish().errors
    before = ticks(file)
    wait_until(lambda: ticks(file) > before + 5)
    assert "False" == kernel.value("ticking.done()")
    kernel.execute("ticking.cancel()")


def test_queued_cells_run_afterwards(kernel: LocalKernel) -> None:
    """Cells that were run meanwhile wait, and then all run, in order."""
    kernel.execute("order = []")
    login = kernel.submit("%myid_login\norder.append('login')")
    login.link()
    queued = [kernel.submit(f"order.append({number})") for number in range(5)]
    assert [False] * 6 == [cell.idle for cell in [login, *queued]]

    follow(login)

    for cell in [login, *queued]:
        assert [] == cell.finish().errors
    assert "['login', 0, 1, 2, 3, 4]" == kernel.value("order")


def test_async_cells_work_afterwards(kernel: LocalKernel) -> None:
    """After a wait, cells that await work as before."""
    signed_in(kernel)

    outputs = kernel.execute(
        "import asyncio\nprint(await asyncio.gather(*(asyncio.sleep(0, n) for n in range(3))))"
    )

    assert "[0, 1, 2]\n" == outputs.text


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


def test_interrupt_spares_the_users_tasks(kernel: LocalKernel, tmp_path: Path) -> None:
    """Interrupt ends the wait: it hits neither a busy task of the user's nor the next cell."""
    file = tmp_path / "ticks"
    busy = TICKING.replace("await asyncio.sleep(0.02)", "await asyncio.sleep(0); sum(range(10**6))")
    kernel.execute(busy.format(path=str(file)))
    cell = kernel.submit("%myid_login")
    cell.link()
    queued = kernel.submit("print('still here')")

    kernel.interrupt()

    assert ["SignInInterrupted"] == [name for name, _ in cell.finish().errors]
    assert "still here\n" == queued.finish().text
    assert "False" == kernel.value("ticking.done()")
    kernel.execute("ticking.cancel()")


def test_interrupt_during_the_exchange(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """Interrupt also ends a wait for a token endpoint that hangs; the page says it is over."""
    sandbox.faults(token_hang=True)
    before = kernel.value("leftovers()")
    cell = kernel.submit("%myid_login")
    visit = Visit(sign_in(cell.link()))
    cell.wait_for(lambda: sandbox.status()["token_requests"])

    kernel.interrupt()

    assert ["SignInInterrupted"] == [name for name, _ in cell.finish(timeout=10).errors]
    assert "Not signed in" == visit.page.title
    wait_until(lambda: kernel.value("leftovers()") == before)


def test_sign_in_after_an_interrupt(kernel: LocalKernel) -> None:
    """After an interrupt the next sign-in works."""
    cell = kernel.submit("%myid_login")
    cell.link()
    kernel.interrupt()
    cell.finish()

    assert "Signed in as Jane Doe" in signed_in(kernel).shown


def test_interrupt_works_as_before(kernel: LocalKernel) -> None:
    """After the wait, Interrupt means KeyboardInterrupt again, in the same cell and in others."""
    sleep = "print('running', flush=True)\nimport time\ntime.sleep(60)"
    for code in (f"%myid_login\n{sleep}", sleep):
        cell = kernel.submit(code)
        if "%" in code:
            assert "Signed in to MyID" == follow(cell).title
        cell.wait_for(lambda cell=cell: "running" in cell.outputs.text)

        kernel.interrupt()

        assert ["KeyboardInterrupt"] == [name for name, _ in cell.finish(timeout=10).errors]


def test_time_is_up(kernel: LocalKernel) -> None:
    """At the deadline the cell raises one line, and the link is gone."""
    outputs = kernel.execute("%myid_login --timeout 0.5")

    assert ["SignInTimeout"] == [name for name, _ in outputs.errors]
    assert "" == outputs.link


def test_without_waiting(kernel: LocalKernel) -> None:
    """--no-wait returns at once; the variable works once somebody has signed in."""
    cell = kernel.submit("%myid_login --no-wait")
    link = cell.link()
    cell.finish()
    assert "NotSignedIn" == kernel.execute('myid.get("people")').errors[0][0]

    page = follow(cell)

    assert ("Signed in to MyID", True) == (page.title, link.startswith("http"))
    cell.wait_for(lambda: "Signed in as Jane Doe" in cell.outputs.shown)
    assert "200" == kernel.value('myid.get("people", params={"q": "jo*"}).status_code')
