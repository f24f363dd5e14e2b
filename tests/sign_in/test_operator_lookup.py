"""Asking for the operator's name is a courtesy that nobody has to wait for."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, redirect
from support.machine.threads import call_in_time, wait_until
from support.servers.sandbox import SandboxProcess
from support.values.oauth import token_response

from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session.state import Operator
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import Stage, cancelled
from myid_notebook.sign_in.operator_name import look_up_operator
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.sign_in.without_browser import token_of_settings

HOST = "api.example.test"
API = {"MYID_API_URL": f"https://{HOST}/rest.core/api/"}


class NameService:
    """One that does not answer for ``HOST``.

    Attributes:
        asked: set when it is asked.
    """

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.gives_up = threading.Event()
        self._look_up = socket.getaddrinfo

    def look_up(self, host: object, *args: object, **kwargs: object) -> object:
        """Look a name up, as ``socket.getaddrinfo`` does."""
        if host != HOST:
            return self._look_up(host, *args, **kwargs)  # type: ignore[arg-type] # as it came
        self.asked.set()
        self.gives_up.wait()
        raise socket.gaierror(-3, "Temporary failure in name resolution")


@pytest.fixture
def name_service(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Iterator[NameService]:
    """The machine's name service; it gives up before the end of sign-ins is looked at."""
    assert begin
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    service = NameService()
    monkeypatch.setattr(socket, "getaddrinfo", service.look_up)
    yield service
    service.gives_up.set()


@pytest.fixture
def set_lookup_timeout(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how many seconds are waited for a name."""
    module = sys.modules["myid_notebook.sign_in.operator_name"]
    return lambda seconds: monkeypatch.setattr(module, "LOOKUP_TIMEOUT", seconds)


def signed_in(sign_in: SignIn) -> None:
    """Look at a session that has no name."""
    assert sign_in.result().signed_in
    assert sign_in.session.operator is not None
    assert sign_in.session.operator.name is None


def test_lookup_timeout(
    begin: Begin, name_service: NameService, set_lookup_timeout: Callable[[float], None]
) -> None:
    """Signed in, and done before whatever hangs below the lookup has given up."""
    set_lookup_timeout(0.3)
    sign_in = begin(environ=API)

    assert "Signed in to MyID" == open_page(redirect(sign_in)).title

    assert name_service.asked.wait(20)
    assert sign_in.wait(20)
    signed_in(sign_in)


def test_cancel(
    begin: Begin, name_service: NameService, set_lookup_timeout: Callable[[float], None]
) -> None:
    """Interrupting the cell, logging out and a newer sign-in do not wait for it either."""
    set_lookup_timeout(600)
    sign_in = begin(environ=API, timeout=600)
    open_page(redirect(sign_in))
    assert name_service.asked.wait(20)

    call_in_time(lambda: sign_in.cancel(cancelled()))

    assert sign_in.finished.done()
    signed_in(sign_in)


def test_deadline(
    begin: Begin, name_service: NameService, set_lookup_timeout: Callable[[float], None]
) -> None:
    """The deadline of the sign-in ends the wait too."""
    set_lookup_timeout(600)
    sign_in = begin(environ=API, timeout=3)
    open_page(redirect(sign_in))
    assert name_service.asked.wait(20)

    assert sign_in.wait(20)
    signed_in(sign_in)


def test_connection_goes_with_the_wait(
    begin: Begin, set_lookup_timeout: Callable[[float], None], left_over: Callable[[], list[str]]
) -> None:
    """An API that accepts connections and says nothing keeps no thread of the sign-in."""
    set_lookup_timeout(600)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/api/"
        sign_in = begin(environ={"MYID_API_URL": url}, timeout=600)
        open_page(redirect(sign_in))
        asking, _ = silent.accept()
        with asking:
            assert asking.recv(100)
            call_in_time(lambda: sign_in.cancel(cancelled()), 5)
            silent.close()

            wait_until(lambda: left_over() == [], 5)
    signed_in(sign_in)


def test_given_token(
    name_service: NameService, set_lookup_timeout: Callable[[float], None]
) -> None:
    """A token from the environment is not waited for longer."""
    set_lookup_timeout(0.3)
    token = "e30.eyJzdWIiOiAiNDIifQ.x"
    environ = {"MYID_SERVER": "https://myid.example.test", "MYID_CLIENT_ID": "c", **API}
    settings = resolve({}, {**environ, "MYID_ACCESS_TOKEN": token}, {})
    given = token_of_settings(settings)

    operators: list[Operator] = []
    call_in_time(lambda: operators.append(look_up_operator(given, settings.api_url, None)))

    assert name_service.asked.is_set()
    assert ["the user with id 42"] == [str(operator) for operator in operators]


def test_somebody_else_meanwhile(begin: Begin, sandbox: SandboxProcess) -> None:
    """A name that arrives after somebody else has signed in is not put on them."""
    other: TokenResponse = token_response()
    sandbox.faults(api_delay=1)
    sign_in = begin()
    open_page(redirect(sign_in))
    assert Stage.NAMING is sign_in.stage
    sign_in.session.sign_in(other)

    assert sign_in.wait(20)
    assert "the user with id JANE" == str(sign_in.session.operator)
