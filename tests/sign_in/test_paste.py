"""Pasting the address of the last page, at whatever moment."""

import gc
import sys
import threading
from asyncio import SelectorEventLoop
from collections.abc import Iterator

import pytest
from support.browser.pending_sign_in import Begin, redirect
from support.machine.threads import call_in_time

from myid_notebook.errors import MyIDError
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn


def test_after_the_end(begin: Begin) -> None:
    """It changes nothing and says nothing."""
    sign_in = begin(paste=True)
    address = redirect(sign_in)
    sign_in.cancel(cancelled())

    call_in_time(lambda: sign_in.paste(address))

    assert not sign_in.session.signed_in


class Closing:
    """An event loop on the point of being closed, as when its thread has to wait for its turn.

    Attributes:
        reached: set when it is about to be closed.
        go: lets it be.
    """

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go = threading.Event()
        self._close = SelectorEventLoop.close

    def close(self, loop: SelectorEventLoop) -> None:
        """Close a loop; that of a sign-in when it is told to."""
        if threading.current_thread().name == "myid-login":
            self.reached.set()
            self.go.wait()
        self._close(loop)


@pytest.fixture
def closing(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Closing]:
    """The end of a sign-in, slowed down."""
    assert begin
    state = Closing()

    def close(loop: SelectorEventLoop) -> None:
        state.close(loop)

    monkeypatch.setattr(SelectorEventLoop, "close", close)
    yield state
    state.go.set()


@pytest.mark.parametrize("right", [True, False])
def test_at_the_very_end(begin: Begin, closing: Closing, *, right: bool) -> None:
    """An event loop that takes a call and forgets it keeps nobody waiting, and leaves no coroutine
    behind that was never awaited.
    """
    sign_in = begin(paste=True)
    address = redirect(sign_in) if right else "http://localhost/?code=c&state=another"
    ending = threading.Thread(target=sign_in.cancel, args=(cancelled(),))
    ending.start()
    assert closing.reached.wait(20)

    pasting = threading.Thread(target=sign_in.paste, args=(address,), daemon=True)
    pasting.start()
    pasting.join(0.2)  # a moment to hand the call to the loop; the test holds without it too
    closing.go.set()
    pasting.join(20)
    ending.join(20)

    assert not pasting.is_alive()
    assert not sign_in.session.signed_in
    gc.collect()


def test_race_with_the_end(begin: Begin) -> None:
    """Whoever pastes while the sign-in is being cancelled gets an answer, or none, but no wait."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(10):
            _race(begin(paste=True))
    finally:
        sys.setswitchinterval(before)
    gc.collect()


def _race(sign_in: SignIn) -> None:
    pasting = threading.Event()

    def paste_on_and_on() -> None:
        while not sign_in.finished.done():
            pasting.set()
            try:
                sign_in.paste("http://localhost/?code=c&state=another")
            except MyIDError:
                continue

    threads = [threading.Thread(target=paste_on_and_on, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert pasting.wait(20)
    sign_in.cancel(cancelled())
    for thread in threads:
        thread.join(20)
    assert not [thread for thread in threads if thread.is_alive()]
