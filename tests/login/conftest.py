"""Sign-ins in this very process, with a real sandbox and real sockets."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.leftovers import leftovers, wait_until
from support.pending import Begin
from support.registration import Registration

from myid_notebook.errors import MyIDError
from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled
from myid_notebook.login.observer import Observer
from myid_notebook.redirects.choice import open_door
from myid_notebook.session import MyIDSession
from myid_notebook.settings import resolve


@pytest.fixture
def left_over(runtime_dir: Path) -> Callable[[], list[str]]:
    """Tells what there is now that was not there when the test began."""
    before = leftovers(runtime_dir)
    return lambda: [each for each in leftovers(runtime_dir) if each not in before]


@pytest.fixture
def begin(registration: Registration, left_over: Callable[[], list[str]]) -> Iterator[Begin]:
    """Begins a sign-in; every one begun must end and leave nothing behind."""
    begun: list[Login] = []

    def begin_one(
        session: MyIDSession | None = None,
        *,
        environ: dict[str, str] | None = None,
        timeout: float = 60,
        paste: bool = False,
        deliver: Observer | None = None,
    ) -> Login:
        settings = resolve({}, {**registration.environ, **(environ or {})}, {}, lambda _: None)
        door = open_door(settings.redirect_uri, {}, paste=paste)
        target = session or MyIDSession(settings.api_url, ca_bundle=settings.ca_bundle)
        try:
            begun.append(Login(settings, door, target, timeout=timeout, deliver=deliver))
        except MyIDError:
            door.close()
            raise
        begun[-1].start()
        return begun[-1]

    yield begin_one
    for login in begun:
        login.cancel(cancelled())
        login.session.close()
    wait_until(lambda: left_over() == [])
