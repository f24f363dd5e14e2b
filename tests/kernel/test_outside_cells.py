"""Sign-ins that an event loop or a thread runs, not a cell; none of them may end the kernel."""

from collections.abc import Callable, Iterator

import pytest
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.servers.sandbox import SandboxProcess, register

ELSEWHERE = "https://jupyter.example.com/myid/callback"
"""A redirect URI that does not lead to this kernel."""

WAYS = {
    "task": "asyncio.create_task(signing_in())",
    "timer": "asyncio.get_running_loop().call_later(0.2, sign_in)",
    "callback": "asyncio.get_running_loop().call_soon(sign_in)",
    "thread": "threading.Thread(target=sign_in).start()",
    "thread of a loop": "asyncio.get_running_loop().run_in_executor(None, sign_in)",
}

PREPARED = """
import asyncio, ipywidgets, threading, myid_notebook
ended = []
async def signing_in(**options):
    try:
        ended.append(await myid_notebook.login_async(**options))
    except BaseException as error:
        ended.append(error)
        raise
def sign_in(**options):
    try:
        ended.append(myid_notebook.login(**options))
    except BaseException as error:
        ended.append(error)
        raise
"""
"""Sign in, keep how that ended, and raise it to whatever runs it."""

ENDED = "[(type(end).__name__, isinstance(end, Exception), str(end)) for end in ended]"


@pytest.fixture
def kernel(sandbox: SandboxProcess) -> Iterator[LocalKernel]:
    """A kernel with every setting but the secret."""
    environ = register(sandbox).environ
    del environ["MYID_CLIENT_SECRET"]
    with LocalKernel(environ) as kernel:
        kernel.execute(PREPARED)
        yield kernel


@pytest.fixture
def pasting_kernel(sandbox: SandboxProcess) -> Iterator[LocalKernel]:
    """A kernel that no redirect can reach."""
    with LocalKernel(register(sandbox, ELSEWHERE).environ) as kernel:
        kernel.execute(f"%load_ext myid_notebook\n{PREPARED}")
        yield kernel


def _wait_for_end(kernel: LocalKernel) -> str:
    # In a cell of its own each time: what is under way continues between cells.
    for _ in range(50):
        # Behind it may stand what a thread writes about its exception at that moment.
        if "[]" != (ended := kernel.value(ENDED).partition("\n")[0]):
            return ended
        kernel.execute("await asyncio.sleep(0.1)")
    raise AssertionError("the sign-in has not ended")


@pytest.mark.parametrize("way", WAYS)
def test_secret_is_not_asked_for(kernel: LocalKernel, way: str) -> None:
    """Nobody is prompted after a cell has ended; the error says what to set."""
    outputs = kernel.execute(f"kept = {WAYS[way]}")
    ended = _wait_for_end(kernel)

    assert [] == outputs.errors
    assert "'SettingError', True" in ended
    assert "MYID_CLIENT_SECRET" in ended
    assert [] == kernel.prompts


def test_button(kernel: LocalKernel) -> None:
    """A button's handler gets the same error, and no warning of ``getpass``."""
    kernel.execute("button = ipywidgets.Button()\nbutton.on_click(lambda _: sign_in())")
    kernel.click(kernel.value("button.model_id"))
    ended = _wait_for_end(kernel)

    assert "'SettingError', True" in ended
    assert [] == kernel.prompts
    assert "GetPassWarning" not in kernel.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("way", ["task", "timer"])
def test_address_is_not_asked_for(pasting_kernel: LocalKernel, way: str) -> None:
    """Where the address must be pasted, a later cell can do so."""
    kernel = pasting_kernel
    cell = kernel.submit(f"kept = {WAYS[way]}")
    kernel.execute("await asyncio.sleep(1)")
    address = finish_sign_in(cell.link())
    kernel.on_input = lambda _: address
    outputs = kernel.execute("%myid_login --paste")

    assert [] == outputs.errors
    assert "True" == kernel.value("myid.signed_in")
    ended = _wait_for_end(kernel)
    assert ("NobodyToSignIn" if way == "timer" else "MyIDSession") in ended


@pytest.mark.parametrize("way", ["timer", "callback"])
def test_interrupt(start_kernel: Callable[..., LocalKernel], way: str) -> None:
    """Interrupt ends a sign-in in a callback with an error that the event loop only logs."""
    kernel = start_kernel()
    kernel.execute(PREPARED)
    cell = kernel.submit(f"kept = {WAYS[way]}")
    cell.link()
    kernel.execute("await asyncio.sleep(0.5)")  # an interrupt before the wait would be ignored

    kernel.interrupt()
    ended = _wait_for_end(kernel)

    assert "'SignInCancelled', True" in ended


def test_trio(start_kernel: Callable[..., LocalKernel]) -> None:
    """Where Trio runs the cells, the error says what to use instead."""
    pytest.importorskip("trio")
    kernel = start_kernel()
    kernel.execute(f"{PREPARED}\n%autoawait trio")
    outputs = kernel.execute("await signing_in()")

    assert ["SignInFailed"] == [name for name, _ in outputs.errors]
    assert "%autoawait asyncio" in outputs.errors[0][1]
