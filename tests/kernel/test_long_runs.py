"""A run of many calls in a kernel: progress, interrupts, and sessions that end half-way."""

from collections.abc import Callable

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import Cell
from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

COUNT = 120
RUN = "kept.update({}); rows = myid.fetch(paths, into=kept, workers=4)"


@pytest.fixture
def paths(kernel: LocalKernel, sandbox: SandboxProcess) -> list[str]:
    """The kernel is signed in and has paths of devices, and an empty dict; the counts are 0."""
    signed_in(kernel)
    search = f"myid.search('people', limit={COUNT})"
    kernel.execute(f"paths = [row['href'] + '/devices' for row in {search}]; kept = {{}}")
    found = kernel.value("' '.join(paths)").split()
    sandbox.reset()
    return found


def answered(sandbox: SandboxProcess, paths: list[str]) -> set[int]:
    """Return how often a path was answered with success."""
    counted = sandbox.control("GET", "calls").json()
    return {counted.get(path.lower(), 0) for path in paths}


def finish(cell: Cell, *users: str) -> list[str]:
    """Sign each user in when a link appears, and wait for the end; return the links."""
    links: list[str] = []
    for user in users:
        cell.wait_for(lambda: cell.done or cell.outputs.link not in {"", *links}, 60)
        if cell.done:
            break
        links.append(cell.outputs.link)
        open_page(finish_sign_in(links[-1], user))
    cell.wait_for(lambda: cell.done, 60)
    return links


@pytest.mark.parametrize(
    "faults",
    [{"api_refuse_after": 50}, {"token_lifetime": 7, "api_delay": 0.1}],
    ids=["refused by MyID", "expired by the clock"],
)
def test_session_that_ends_half_way(
    kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str], faults: dict[str, float]
) -> None:
    """One link under the line for each end; after the sign-in the run continues, and no path is
    read twice.
    """
    sandbox.faults(**faults)
    signed_in(kernel, "%myid_login --force")
    before = sandbox.status()["tokens_issued"]["jane.doe"]

    cell = kernel.submit(RUN)
    links = finish(cell, *["jane.doe"] * 9)

    assert [] == cell.outputs.errors, cell.outputs.traceback
    assert len(links) >= 1
    assert before + len(links) == sandbox.status()["tokens_issued"]["jane.doe"]
    assert f"{COUNT} True" == kernel.value("len(kept) - 1, rows.complete")
    assert {1} == answered(sandbox, paths)
    assert "" == cell.outputs.link
    assert f"{COUNT} in " in cell.outputs.shown
    assert "waiting for you to sign in again" in cell.outputs.ever_shown


def test_another_person_half_way(
    kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """Two people may see different rows: the run ends, and says who has to sign in."""
    sandbox.faults(api_refuse_after=50)

    cell = kernel.submit(RUN)
    finish(cell, "dora.department")

    ((name, message),) = cell.outputs.errors
    assert "SomeFailed" == name
    assert "Dora Department signed in, but Jane Doe began this run" in message
    assert "%myid_login --force" in message
    kept = int(kernel.value("len(kept) - 1"))
    assert 40 <= kept <= 50
    assert f"{COUNT - kept} of {COUNT} are left" in message
    assert f"{kept} of {COUNT}, not finished" in cell.outputs.shown
    assert paths


def test_nobody_there(kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]) -> None:
    """Where nobody can sign in, the run ends with what it has."""
    sandbox.faults(api_refuse_after=50)

    outputs = kernel.execute(RUN, allow_stdin=False)

    ((name, message),) = outputs.errors
    assert "SomeFailed" == name
    assert "The session has expired" in message
    assert "Nobody can click a sign-in link" in message
    assert 40 <= int(kernel.value("len(kept) - 1")) <= 50
    assert paths


def test_token_that_is_refused_at_once(
    kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """A new token that MyID does not accept is an error, not a loop."""
    sandbox.faults(api_refuse_after=0)

    cell = kernel.submit(RUN)
    links = finish(cell, "jane.doe", "jane.doe", "jane.doe")

    assert 1 == len(links)
    ((name, message),) = cell.outputs.errors
    assert "SomeFailed" == name
    assert "does not accept the token of the new sign-in" in message
    assert paths


def test_failed_sign_in(kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]) -> None:
    """A sign-in that fails ends the run; running the cell again continues it."""
    sandbox.faults(api_refuse_after=50, denied=True)
    cell = kernel.submit(RUN)
    follow(cell)
    cell.wait_for(lambda: cell.done, 60)
    assert "SomeFailed" == cell.outputs.errors[0][0]
    sandbox.faults(api_refuse_after=1000, denied=False)

    cell = kernel.submit(RUN)
    finish(cell, "jane.doe")

    assert [] == cell.outputs.errors
    assert {1} == answered(sandbox, paths)


def test_interrupt(kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]) -> None:
    """What was fetched is kept; the same cell continues, and no path is read twice."""
    sandbox.faults(api_delay=0.02)
    cell = kernel.submit(RUN)
    cell.wait_for(lambda: sandbox.status()["api_calls"] > 20, 60)

    kernel.interrupt()
    cell.wait_for(lambda: cell.done, 60)

    ((name, message),) = cell.outputs.errors
    assert "FetchInterrupted" == name
    assert "The same call continues where it ended." in message
    assert 10 < int(kernel.value("len(kept) - 1")) < COUNT
    outputs = kernel.execute(RUN)
    assert [] == outputs.errors
    assert f"{COUNT}" == kernel.value("len(kept) - 1")
    assert {1} == answered(sandbox, paths)


def test_interrupt_while_waiting_for_the_sign_in(
    kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """It ends the sign-in and the run."""
    sandbox.faults(api_refuse_after=50)
    cell = kernel.submit(RUN)
    cell.wait_for(lambda: bool(cell.outputs.link), 60)

    kernel.interrupt()
    # The thread of the sign-in removes the link, perhaps after the cell has ended.
    cell.wait_for(lambda: cell.done and not cell.outputs.link, 60)

    assert "FetchInterrupted" == cell.outputs.errors[0][0]
    assert 40 <= int(kernel.value("len(kept) - 1")) <= 50
    assert paths


def test_interrupt_without_into(
    kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """The exception has what was fetched, and says how to keep it next time."""
    sandbox.faults(api_delay=0.02)
    cell = kernel.submit(
        "try:\n    myid.fetch(paths, workers=4)\nexcept KeyboardInterrupt as error:\n"
        "    print(len(error.rows) > 0, error)"
    )
    cell.wait_for(lambda: sandbox.status()["api_calls"] > 20, 60)

    kernel.interrupt()
    cell.wait_for(lambda: cell.done, 60)

    assert "True" in cell.outputs.text
    assert "With into=kept" in cell.outputs.text
    assert paths


def test_interrupt_of_a_callback(
    kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """There it is no KeyboardInterrupt, which would end the kernel; what was fetched is kept."""
    sandbox.faults(api_delay=0.05)
    kernel.execute(
        "import asyncio\ndef fetch():\n    try:\n        myid.fetch(paths, into=kept, workers=4)\n"
        "    except BaseException as error:\n        globals()['ended'] = error\n"
        "        raise\n"
        "later = asyncio.get_running_loop().call_later(0.2, fetch)"
    )
    wait_until(lambda: sandbox.status()["api_calls"] > 20)

    kernel.interrupt()

    assert "SomeFailed" == kernel.value("type(ended).__name__")
    assert "True" == kernel.value(f"10 < len(kept) < {COUNT}")
    assert paths


def test_progress(kernel: LocalKernel, sandbox: SandboxProcess, paths: list[str]) -> None:
    """One line, changed in place, without a person's name; at the end it says how long it took."""
    sandbox.faults(api_delay=0.1)

    outputs = kernel.execute(RUN)

    lines = [bundle["text/plain"] for bundle in outputs.displays.values()]
    assert 1 == len(lines)
    assert lines[0].startswith(f"{COUNT} in ")
    assert f" of {COUNT}, about " in outputs.ever_shown
    assert "Doe" not in outputs.ever_shown
    assert paths


def test_short_run_shows_nothing(kernel: LocalKernel, paths: list[str]) -> None:
    """A run of less than a second needs no progress."""
    outputs = kernel.execute("rows = myid.fetch(paths[:3])")

    assert "" == outputs.shown.strip()
    assert paths


def test_name_is_left_out(
    start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess
) -> None:
    """With show_rows = 0 neither the sign-in nor a result names anybody."""
    kernel = start_kernel({"MYID_SHOW_ROWS": "0"})
    signed = signed_in(kernel)
    outputs = kernel.execute("myid.search('people', {'name.last': 'Doe'})")

    assert "Signed in at" in signed.shown
    assert "people · name.last=… · 1 row" in outputs.shown
    assert "surname" in outputs.shown
    for shown in (signed.ever_shown, outputs.ever_shown):
        assert "Doe" not in shown.replace("name.last': 'Doe'", "")
        assert "Jane" not in shown
    assert sandbox.url
