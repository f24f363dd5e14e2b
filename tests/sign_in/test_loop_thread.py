"""The thread of a sign-in, in the moments before and after its event loop."""

import asyncio
import threading

import pytest
from support.browser.pending_sign_in import Begin
from support.machine.threads import wait_until

from myid_notebook.errors import SignInCancelled
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import LoopThread


def test_given_up_before_there_is_a_loop(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in that is given up while its thread begins ends as soon as it has begun."""
    making, go_on, make = threading.Event(), threading.Event(), asyncio.SelectorEventLoop
    given_up: list[SignIn] = []

    def slow() -> asyncio.AbstractEventLoop:
        making.set()
        go_on.wait()
        return make()

    def cancel_soon(sign_in: SignIn) -> None:
        making.wait()
        sign_in.cancel(cancelled(), wait=False)
        given_up.append(sign_in)
        go_on.set()

    monkeypatch.setattr(asyncio, "SelectorEventLoop", slow)
    start = SignIn.start

    def start_given_up(sign_in: SignIn) -> None:
        threading.Thread(target=cancel_soon, args=[sign_in]).start()
        start(sign_in)

    monkeypatch.setattr(SignIn, "start", start_given_up)
    sign_in = begin()

    assert [sign_in] == given_up
    assert sign_in.wait(10)
    with pytest.raises(SignInCancelled):
        sign_in.result()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_release_that_fails() -> None:
    """Whoever waits for the end is told of it all the same."""

    async def live() -> None:
        thread.set_started()

    def release() -> None:
        raise OSError("nothing can be released")

    thread = LoopThread(live, lambda _: None, release)
    threading.Thread(target=thread.start, daemon=True).start()

    wait_until(lambda: thread.start_called)
    running = [each for each in threading.enumerate() if each.name == "myid-login"]
    thread.finished.result(10)
    for each in running:
        each.join(10)  # its exception belongs to this test, not to the next
