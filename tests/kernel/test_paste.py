"""Pasting the address of the page the browser ended on."""

import json
from collections.abc import Iterator

import pytest
from support.browserless import sign_in
from support.local_kernel import LocalKernel
from support.registration import register
from support.sandbox_process import SandboxProcess

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
        pytest.param("  {} \t", id="blanks"),
        pytest.param("{}#_=_", id="fragment"),
        pytest.param("'{}'", id="quotes"),
    ],
)
def test_pasted_address_signs_in(kernel: LocalKernel, around: str) -> None:
    """Where no redirect can arrive the cell asks for the address, hidden, and signs in with it."""
    cell = kernel.submit("%myid_login")
    kernel.on_input = lambda _: around.format(sign_in(cell.link()))
    outputs = cell.finish()

    assert [] == outputs.errors
    assert "Signed in as Jane Doe" in outputs.shown
    assert [True] == [hidden for _, hidden in kernel.prompts]
    assert "200" == kernel.value("myid.get('people').status_code")


def test_wrong_addresses_are_asked_for_again(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """What is not the answer is refused with a reason; the right address still works."""
    wrong = ["", "hello", f"{ELSEWHERE}?code=1&state=2", f"{ELSEWHERE}?error=x"]
    cell = kernel.submit("%myid_login")
    kernel.on_input = lambda _: wrong.pop() if wrong else sign_in(cell.link())
    outputs = cell.finish()

    assert [] == outputs.errors
    assert "its state does not match" in outputs.shown
    assert "it holds no state" in outputs.shown
    assert 1 == sandbox.status()["token_requests"]


def test_denied_by_paste(kernel: LocalKernel) -> None:
    """A pasted denial ends the sign-in, as a redirect would."""
    cell = kernel.submit("%myid_login")
    kernel.on_input = lambda _: sign_in(cell.link(), cancel=True)

    assert ["SignInDenied"] == [name for name, _ in cell.finish().errors]


def test_paste_goes_on_with_a_pending_sign_in(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """After --no-wait, --paste takes the answer of the link that is already open."""
    address = sign_in(kernel.submit("%myid_login --no-wait").link())
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
        pasted.append(sign_in(cell.link()))
        return pasted[0]

    kernel.on_input = paste
    saved = json.dumps(cell.finish().displays)

    secrets = [pair.partition("=")[2] for pair in pasted[0].partition("?")[2].split("&")]
    assert [] == [value for value in secrets if len(value) > 20 and value in saved]
