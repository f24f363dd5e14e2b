"""The thread of a sign-in, in the moments before and after its event loop."""

import asyncio
import threading

import pytest
from support.leftovers import wait_until
from support.pending import Begin

from myid_notebook.errors import SignInCancelled
from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled
from myid_notebook.login.login_thread import LoginThread


def test_given_up_before_there_is_a_loop(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in that is given up while its thread begins ends as soon as it has begun."""
    making, go_on, make = threading.Event(), threading.Event(), asyncio.new_event_loop
    given_up: list[Login] = []

    def slow() -> asyncio.AbstractEventLoop:
        making.set()
        go_on.wait()
        return make()

    def give_up(login: Login) -> None:
        making.wait()
        login.give_up(cancelled())
        given_up.append(login)
        go_on.set()

    monkeypatch.setattr(asyncio.events, "new_event_loop", slow)
    start = Login.start

    def start_given_up(login: Login) -> None:
        threading.Thread(target=give_up, args=[login]).start()
        start(login)

    monkeypatch.setattr(Login, "start", start_given_up)
    login = begin()

    assert [login] == given_up
    assert login.wait(10)
    with pytest.raises(SignInCancelled):
        login.result()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_release_that_fails() -> None:
    """Whoever waits for the end is told of it all the same."""

    async def live() -> None:
        thread.started()

    def release() -> None:
        raise OSError("nothing can be released")

    thread = LoginThread(live, lambda _: None, release)
    threading.Thread(target=thread.start, daemon=True).start()

    wait_until(lambda: thread.begun)
    running = [each for each in threading.enumerate() if each.name == "myid-login"]
    assert thread.wait(10)
    for each in running:
        each.join(10)  # its exception belongs to this test, not to the next
