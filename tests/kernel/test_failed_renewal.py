"""After a sign-in that failed, an earlier one may still be valid: the cell says so."""

from collections.abc import Callable

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import Cell
from support.jupyter.kernel import LocalKernel, signed_in
from support.machine.threads import wait_until

STILL = "Not signed in. Your session myid still works at 127.0.0.1:"
FOR = " as Jane Doe for 60 more minutes."
ELSEWHERE = "%myid_login --server http://localhost:9"


def _interrupt(kernel: LocalKernel, _link: str) -> None:
    kernel.interrupt()


def _deny(_kernel: LocalKernel, link: str) -> None:
    open_page(finish_sign_in(link, cancel=True))


def _wait(_kernel: LocalKernel, _link: str) -> None:
    pass


@pytest.mark.parametrize(
    ("line", "end", "error"),
    [
        pytest.param(ELSEWHERE, _interrupt, "SignInInterrupted", id="interrupted"),
        pytest.param("%myid_login --force --timeout 3", _wait, "SignInTimeout", id="force"),
        pytest.param("%myid_login --force", _deny, "SignInDenied", id="denied"),
    ],
)
def test_failed_elsewhere(
    kernel: LocalKernel, line: str, end: Callable[[LocalKernel, str], None], error: str
) -> None:
    """The line that is left of the link says what works, and it does."""
    signed_in(kernel)
    cell = kernel.submit(line)
    link = cell.link()
    end(kernel, link)
    outputs = cell.finish()

    assert [error] == [name for name, _ in outputs.errors]
    assert STILL in outputs.shown
    assert FOR in outputs.shown
    assert "200" == kernel.value("myid.get('people').status_code")
    assert "signed in" in kernel.execute("%myid_status").shown


def test_replaced_and_failed(kernel: LocalKernel) -> None:
    """With --no-wait, too; the line then has the error as well."""
    signed_in(kernel)
    cell = kernel.submit("%myid_login --force --no-wait")
    cell.link()
    cell.finish()
    kernel.execute("%myid_login --force --no-wait")
    wait_until(lambda: "replaced this one" in _pumped(kernel, cell))

    assert "A newer sign-in of the same name replaced this one. Your session myid still works" in (
        cell.outputs.shown
    )


def _pumped(kernel: LocalKernel, cell: Cell) -> str:
    kernel.execute("")
    return cell.outputs.shown


def test_logged_out_meanwhile(kernel: LocalKernel) -> None:
    """What %myid_logout ends is not said to work."""
    signed_in(kernel)
    cell = kernel.submit("%myid_login --force --no-wait")
    cell.link()
    cell.finish()
    kernel.execute("%myid_logout")
    wait_until(lambda: "ended this sign-in" in _pumped(kernel, cell))

    assert "still works" not in cell.outputs.shown


def test_no_name_is_shown(kernel: LocalKernel) -> None:
    """With show_rows = 0 no person is named."""
    signed_in(kernel, "%myid_login --show-rows 0")
    cell = kernel.submit(f"{ELSEWHERE} --timeout 3")
    cell.link()
    shown = cell.finish().shown

    assert STILL in shown
    assert "Jane" not in shown
    kernel.execute("myid.show_rows = 10")
