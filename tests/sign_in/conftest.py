"""Sign-ins in this very process, with a real sandbox and real sockets."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.browser.pending_sign_in import Begin
from support.machine.leftovers import leftovers
from support.machine.threads import wait_until
from support.servers.sandbox import Registration

from myid_notebook.callback.route import choose_route
from myid_notebook.errors import MyIDError
from myid_notebook.explore.session import MyIDSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn


@pytest.fixture
def left_over(runtime_dir: Path) -> Callable[[], list[str]]:
    """Tells what there is now that was not there when the test began."""
    before = leftovers(runtime_dir)
    return lambda: [each for each in leftovers(runtime_dir) if each not in before]


@pytest.fixture
def begin(registration: Registration, left_over: Callable[[], list[str]]) -> Iterator[Begin]:
    """Begins a sign-in; every one begun must end and leave nothing behind."""
    begun: list[SignIn] = []

    def begin_one(
        session: MyIDSession | None = None,
        *,
        environ: dict[str, str] | None = None,
        timeout: float = 60,
        paste: bool = False,
        on_token: Callable[[], None] | None = None,
    ) -> SignIn:
        settings = resolve({}, {**registration.environ, **(environ or {})}, {})
        route = choose_route(settings.redirect_uri, {}, paste=paste)
        target = session or MyIDSession(settings.api_url, ca_bundle=settings.ca_bundle)
        try:
            begun.append(SignIn(settings, route, target, timeout=timeout, on_token=on_token))
        except MyIDError:
            route.close()
            raise
        begun[-1].start()
        return begun[-1]

    yield begin_one
    for sign_in in begun:
        sign_in.cancel(cancelled())
        sign_in.session.close()
    wait_until(lambda: left_over() == [])
