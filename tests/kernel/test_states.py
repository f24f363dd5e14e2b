"""The same state in the same words, wherever a notebook shows it."""

import re
from collections.abc import Callable

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import Cell
from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.machine.threads import wait_until

SIGNED_IN, OUT, EXPIRED = "signed in", "not signed in", "expired"
PENDING, FAILING = "waiting for you to sign in", "this sign-in will fail"
REFUSED, GIVEN = "no longer accepted by myid", "using the token in myid_access_token (not checked)"
STATES = re.compile(
    "|".join(map(re.escape, [OUT, SIGNED_IN, EXPIRED, PENDING, REFUSED, FAILING, GIVEN]))
)

NO_SERVER = "%myid_login --no-wait --checks on --server http://localhost:9"

VALUES = """'|' + '|'.join(
    each.value for each in [*__import__('ipywidgets').widgets.widget._instances.values()]
    if hasattr(each, 'value')
)"""
"""What the widgets show."""


def states_in(text: str) -> set[str]:
    """Return the states that a text names."""
    # Not in what a card advises: "%myid_login when it has expired".
    return {*STATES.findall(text.lower().replace("when it has expired", ""))}


def words_of(html: str) -> str:
    """Return the text of HTML."""
    return re.sub("<[^>]+>", " ", html)


def _begin(kernel: LocalKernel, line: str = "%myid_login --no-wait") -> Cell:
    cell = kernel.submit(line)
    cell.link()
    cell.finish()
    return cell


def _pending(kernel: LocalKernel) -> None:
    _begin(kernel)


def _signed_in(kernel: LocalKernel) -> None:
    signed_in(kernel)


def _renewing(kernel: LocalKernel) -> None:
    signed_in(kernel)
    _begin(kernel, "%myid_login --force --no-wait")


def _expired(kernel: LocalKernel) -> None:
    signed_in(kernel)
    kernel.execute("myid.bearer._clock = lambda: __import__('time').time() + 3600")


def _expired_and_renewing(kernel: LocalKernel) -> None:
    _expired(kernel)
    _begin(kernel)


def _refused(kernel: LocalKernel) -> None:
    signed_in(kernel)
    kernel.execute("myid.bearer._refused = myid.bearer.token")


def _signed_out(kernel: LocalKernel) -> None:
    signed_in(kernel)
    kernel.execute("%myid_logout")


def _failed(kernel: LocalKernel) -> None:
    link = kernel.submit("%myid_login --no-wait").link()
    open_page(finish_sign_in(link, cancel=True))
    wait_until(lambda: kernel.value("myid.pending") == "")


def _failing(kernel: LocalKernel) -> None:
    _begin(kernel, NO_SERVER)
    wait_until(lambda: "fail" in kernel.value("myid.pending"))


def _given(kernel: LocalKernel) -> None:
    kernel.execute("import os\nos.environ['MYID_ACCESS_TOKEN'] = 'x.y.z'\n%myid_login")
    kernel.execute("del os.environ['MYID_ACCESS_TOKEN']")


@pytest.mark.parametrize(
    ("reach", "states"),
    [
        pytest.param(_pending, {PENDING}, id="pending"),
        pytest.param(_signed_in, {SIGNED_IN}, id="signed in"),
        pytest.param(_renewing, {SIGNED_IN, PENDING}, id="renewing"),
        pytest.param(_expired, {EXPIRED}, id="expired"),
        pytest.param(_expired_and_renewing, {EXPIRED, PENDING}, id="expired and renewing"),
        pytest.param(_refused, {REFUSED}, id="refused"),
        pytest.param(_signed_out, {OUT}, id="signed out"),
        pytest.param(_failed, {OUT}, id="failed"),
        pytest.param(_failing, {FAILING}, id="will fail"),
        pytest.param(_given, {GIVEN}, id="given token"),
    ],
)
def test_one_state_one_name(
    start_kernel: Callable[..., LocalKernel],
    reach: Callable[[LocalKernel], None],
    states: set[str],
) -> None:
    """In the text of the session, its card and %myid_status."""
    kernel = start_kernel()
    reach(kernel)

    (shown,) = kernel.execute("myid").displays.values()
    _, *table = kernel.execute("%myid_status").shown.strip().splitlines()

    assert states == states_in(str(shown["text/plain"]))
    assert states == states_in(words_of(str(shown["text/html"])).replace("Signed in as", SIGNED_IN))
    assert states == states_in("\n".join(table))


@pytest.mark.parametrize(
    ("line", "state", "mark"),
    [("%myid_login --no-wait", PENDING, ": "), (NO_SERVER, FAILING, ". ")],
)
def test_widget(start_kernel: Callable[..., LocalKernel], line: str, state: str, mark: str) -> None:
    """The widget begins as %myid_status does."""
    kernel = start_kernel()
    _begin(kernel, line)

    def begins() -> bool:
        return f"|{state}{mark}" in kernel.value(VALUES).lower()

    wait_until(begins)
    assert state in states_in(kernel.execute("%myid_status").shown)


def test_end_of_a_sign_in(kernel: LocalKernel) -> None:
    """The line that is left of the link says the state that the session then has."""
    failed = kernel.submit("%myid_login --no-wait")
    open_page(finish_sign_in(failed.link(), cancel=True))
    failed.wait_for(lambda: "Not signed in. " in failed.outputs.shown)
    succeeded = kernel.submit("%myid_login --no-wait")
    follow(succeeded)
    succeeded.wait_for(lambda: "Signed in as " in succeeded.outputs.shown)

    assert {SIGNED_IN} == states_in(kernel.value("repr(myid)"))
