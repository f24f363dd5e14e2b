"""Pasting the address of the page the browser ended on."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.servers.sandbox import SandboxProcess, register
from support.values.secrets import found

ELSEWHERE = "https://jupyter.example.com/myid/callback"
"""A redirect URI that does not lead to this kernel."""


@pytest.fixture(scope="module")
def started_kernel(sandbox_process: SandboxProcess) -> Iterator[LocalKernel]:
    """A kernel that no redirect can reach."""
    with LocalKernel(register(sandbox_process, ELSEWHERE).environ) as kernel:
        kernel.execute("%load_ext myid_notebook")
        yield kernel


@pytest.fixture
def kernel(started_kernel: LocalKernel, sandbox: SandboxProcess) -> LocalKernel:  # noqa: ARG001 - reset
    """The kernel, with nobody signed in and no prompt seen."""
    started_kernel.execute("%myid_logout")
    started_kernel.prompts.clear()
    return started_kernel


@pytest.mark.parametrize(
    "around",
    [
        pytest.param("{}", id="as it is"),
        pytest.param("'{}'", id="quotes"),
    ],
)
def test_pasted_address_signs_in(kernel: LocalKernel, around: str) -> None:
    """Where no redirect can arrive the cell asks for the address, hidden, and signs in with it."""
    cell = kernel.submit("%myid_login")
    kernel.on_input = lambda _: around.format(finish_sign_in(cell.link()))
    outputs = cell.finish()

    assert [] == outputs.errors
    assert "Signed in as Jane Doe" in outputs.shown
    assert [True] == [hidden for _, hidden in kernel.prompts]
    assert "200" == kernel.value("myid.get('people').status_code")


def test_wrong_addresses_are_asked_for_again(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """What is not the answer is refused with a reason; the right address still works."""
    wrong = ["", "hello", f"{ELSEWHERE}?code=1&state=2", f"{ELSEWHERE}?error=x"]
    cell = kernel.submit("%myid_login")
    kernel.on_input = lambda _: wrong.pop() if wrong else finish_sign_in(cell.link())
    outputs = cell.finish()

    assert [] == outputs.errors
    assert "its state does not match" in outputs.shown
    assert "it contains no state" in outputs.shown
    assert 1 == sandbox.status()["token_requests"]


def test_denied_by_paste(kernel: LocalKernel) -> None:
    """A pasted denial ends the sign-in, as a redirect would."""
    cell = kernel.submit("%myid_login")
    kernel.on_input = lambda _: finish_sign_in(cell.link(), cancel=True)

    assert ["SignInDenied"] == [name for name, _ in cell.finish().errors]


def test_paste_goes_on_with_a_pending_sign_in(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """After --no-wait, --paste takes the answer of the link that is already open."""
    address = finish_sign_in(kernel.submit("%myid_login --no-wait").link())
    kernel.on_input = lambda _: address
    outputs = kernel.execute("%myid_login --paste")

    assert ([], "") == (outputs.errors, outputs.link)
    assert "True" == kernel.value("myid.signed_in")
    assert 1 == sandbox.status()["authorize_requests"]


def test_nobody_right_in_ten_tries(kernel: LocalKernel) -> None:
    """Something that answers every prompt with nonsense does not keep the cell for ever."""
    kernel.on_input = lambda _: "nonsense"
    outputs = kernel.execute("%myid_login")

    assert ["RedirectRefused"] == [name for name, _ in outputs.errors]
    assert 10 == len(kernel.prompts)


def test_outputs_hold_no_code(kernel: LocalKernel) -> None:
    """What a front end could save of a sign-in by paste holds neither code nor state."""
    pasted: list[str] = []
    cell = kernel.submit("%myid_login")

    def paste(_: str) -> str:
        pasted.append(finish_sign_in(cell.link()))
        return pasted[0]

    kernel.on_input = paste
    saved = json.dumps(cell.finish().displays)

    secrets = [pair.partition("=")[2] for pair in pasted[0].partition("?")[2].split("&")]
    assert [] == [value for value in secrets if len(value) > 20 and value in saved]


def test_interrupt_while_a_pasted_code_is_exchanged(
    kernel: LocalKernel, sandbox: SandboxProcess
) -> None:
    """Interrupt ends the sign-in also then, and no traceback shows what was pasted."""
    sandbox.faults(token_hang=True)
    kernel.execute("%xmode Verbose")
    cell = kernel.submit("%myid_login")
    pasted: list[str] = []

    def paste(_: str) -> str:
        pasted.append(finish_sign_in(cell.link()))
        return pasted[0]

    kernel.on_input = paste
    cell.wait_for(lambda: sandbox.status()["token_requests"])
    kernel.interrupt()
    outputs = cell.finish(timeout=10)
    context = kernel.execute("import traceback, sys\nlast = sys.last_value\n" + CHAIN)
    kernel.execute("%xmode Context")

    answer = dict(parse_qsl(urlsplit(pasted[0]).query))
    secrets = {name: answer[name] for name in ("code", "state")}
    assert ["SignInInterrupted"] == [name for name, _ in outputs.errors]
    assert "SignInInterrupted" in context.text
    assert [] == found(secrets, outputs.traceback + context.text)
    assert "not signed in" in kernel.execute("%myid_status").shown
    assert "False" == kernel.value(PENDING)


CHAIN = """
print(*traceback.TracebackException.from_exception(last, capture_locals=True).format())
while last is not None:
    print(repr(last), *traceback.StackSummary.extract(
        traceback.walk_tb(last.__traceback__), capture_locals=True).format())
    last = last.__context__
"""
"""Prints an error with its chain, hidden links of it included, and the variables of all frames."""

PENDING = (
    "any(record.pending for record in __import__('myid_notebook.kernel.commands')"
    ".kernel.commands.registry.records.values())"
)


def test_end_of_input(kernel: LocalKernel) -> None:
    """Ctrl-D at the prompt ends the sign-in in one line, like Interrupt."""
    kernel.on_input = lambda _: "\x04"

    outputs = kernel.execute("%myid_login")

    assert ["SignInInterrupted"] == [name for name, _ in outputs.errors]
    assert "False" == kernel.value(PENDING)


def test_nothing_typed(kernel: LocalKernel) -> None:
    """The prompt ends with the time of the sign-in; what is typed there later goes nowhere."""
    kernel.on_input = lambda _: None
    outputs = kernel.execute("%myid_login --timeout 3", timeout=15)

    assert ["SignInTimeout"] == [name for name, _ in outputs.errors]
    kernel.type_late("late")
    kernel.on_input = lambda _: "in time"
    assert "in time" == kernel.value("input()")


def test_redirect_arrives_at_the_prompt(start_kernel: Callable[..., LocalKernel]) -> None:
    """The prompt ends when the sign-in succeeds without it, and the cell continues."""
    kernel = start_kernel()
    waiting = kernel.submit("%myid_login --no-wait")
    link = waiting.link()
    waiting.finish()
    kernel.on_input = lambda _: None
    cell = kernel.submit("%myid_login --paste\nprint('then')")
    cell.wait_for(lambda: kernel.prompts)
    open_page(finish_sign_in(link))
    outputs = cell.finish(timeout=15)

    assert ([], "then") == (outputs.errors, outputs.text.strip())
    assert "200" == kernel.value("myid.get('people').status_code")


def test_interrupt_of_the_prompt(kernel: LocalKernel) -> None:
    """Interrupt still ends prompt and sign-in."""
    kernel.on_input = lambda _: None
    cell = kernel.submit("%myid_login")
    cell.wait_for(lambda: kernel.prompts)
    kernel.interrupt()

    assert ["SignInInterrupted"] == [name for name, _ in cell.finish(timeout=10).errors]
    assert "False" == kernel.value(PENDING)
