"""While a cell waits for the sign-in, everything else in the kernel goes on."""

import contextlib
from pathlib import Path

from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.machine.threads import wait_until

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


def test_without_waiting(kernel: LocalKernel) -> None:
    """--no-wait returns at once; the variable works once somebody has signed in."""
    cell = kernel.submit("%myid_login --no-wait")
    link = cell.link()
    cell.finish()
    assert "NotSignedIn" == kernel.execute('myid.get("people")').errors[0][0]

    page = follow(cell)

    assert ("Signed in to MyID", True) == (page.title, link.startswith("http"))
    cell.wait_for(lambda: "Signed in as Jane Doe" in cell.outputs.shown)
    assert "200" == kernel.value('myid.get("people", params={"q": "jo"}).status_code')
