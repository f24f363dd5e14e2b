"""Another thread signs out, or in again, at any moment between two lines."""

import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import requests
from support.values.oauth import TOKEN, token_response

from myid_notebook.errors import NotSignedIn
from myid_notebook.explore.session import MyIDSession
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session.bearer import BearerAuth

URL = "https://myid.example.com/rest.core/api/people"


def _signed_out_while_looking() -> BearerAuth:
    """Return one that loses its token when it looks at the clock."""

    def clock() -> float:
        bearer.token = None
        return 0.0

    bearer = BearerAuth(URL, "%myid_login", clock)
    bearer.token = token_response()
    return bearer


def test_request() -> None:
    """A request that had found a token goes out with that one."""
    request = requests.Request("GET", URL).prepare()

    _signed_out_while_looking()(request)

    assert f"Bearer {TOKEN}" == request.headers["Authorization"]


@pytest.mark.parametrize("look", [repr, lambda bearer: bearer.usable])
def test_looking(look: Callable[[BearerAuth], object]) -> None:
    """Whoever looks sees the token that was there."""
    assert look(_signed_out_while_looking())


def test_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown is of one moment."""
    reads: Iterator[TokenResponse | None] = iter([token_response(), None, None, None])
    session = MyIDSession(URL)
    monkeypatch.setattr(BearerAuth, "token", property(lambda _: next(reads)))
    session.operator = None

    assert "signed in as the user with id JANE, 60 minutes left" in repr(session)


def _flip(session: MyIDSession, stop: threading.Event) -> None:
    while not stop.is_set():
        session.sign_out()
        session.sign_in(token_response())


def _look(session: MyIDSession, failures: list[BaseException]) -> None:
    for _ in range(3000):
        try:
            shown = repr(session)
            assert "not signed in" in shown or "as the user with id JANE, 60 minutes" in shown
            session.bearer(requests.Request("GET", URL).prepare())
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            if type(error) is not NotSignedIn:  # which an expired one is a kind of
                failures.append(error)


def test_many_threads() -> None:
    """Whatever the moment: a whole token, or nobody signed in; never an expired one, or a crash."""
    session, stop, failures = MyIDSession(URL), threading.Event(), []
    lookers = [threading.Thread(target=_look, args=(session, failures)) for _ in range(3)]
    flipper = threading.Thread(target=_flip, args=(session, stop))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in (flipper, *lookers):
            thread.start()
        for thread in lookers:
            thread.join()
    finally:
        stop.set()
        flipper.join()
        sys.setswitchinterval(interval)

    assert [] == failures
