"""Asking for the operator's name is a courtesy that nobody has to wait for."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from support.callback_page import open_page
from support.in_time import in_time
from support.leftovers import wait_until
from support.pending import Begin, redirect
from support.sandbox_process import SandboxProcess
from support.signed_in import token_response

from myid_notebook.login import Login, Phase
from myid_notebook.login.endings import cancelled
from myid_notebook.login.given_token import sign_in_with_given_token
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session import MyIDSession
from myid_notebook.settings import resolve

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
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how many seconds are waited for a name."""
    module = sys.modules["myid_notebook.login.introduction"]
    return lambda seconds: monkeypatch.setattr(module, "PATIENCE", seconds)


def signed_in(login: Login) -> None:
    """Look at a session that has no name."""
    assert login.result().signed_in
    assert login.session.operator is not None
    assert login.session.operator.name is None


def test_patience(
    begin: Begin, name_service: NameService, patience: Callable[[float], None]
) -> None:
    """Signed in, and done before whatever hangs below the lookup has given up."""
    patience(0.3)
    login = begin(environ=API)

    assert "Signed in to MyID" == open_page(redirect(login)).title

    assert name_service.asked.wait(20)
    assert login.wait(20)
    signed_in(login)


def test_cancel(begin: Begin, name_service: NameService, patience: Callable[[float], None]) -> None:
    """Interrupting the cell, logging out and a newer sign-in do not wait for it either."""
    patience(600)
    login = begin(environ=API, timeout=600)
    open_page(redirect(login))
    assert name_service.asked.wait(20)

    in_time(lambda: login.cancel(cancelled()))

    assert login.done
    signed_in(login)


def test_deadline(
    begin: Begin, name_service: NameService, patience: Callable[[float], None]
) -> None:
    """The deadline of the sign-in ends the wait too."""
    patience(600)
    login = begin(environ=API, timeout=3)
    open_page(redirect(login))
    assert name_service.asked.wait(20)

    assert login.wait(20)
    signed_in(login)


def test_connection_goes_with_the_wait(
    begin: Begin, patience: Callable[[float], None], left_over: Callable[[], list[str]]
) -> None:
    """An API that accepts connections and says nothing keeps no thread of the sign-in."""
    patience(600)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/api/"
        login = begin(environ={"MYID_API_URL": url}, timeout=600)
        open_page(redirect(login))
        asking, _ = silent.accept()
        with asking:
            assert asking.recv(100)
            in_time(lambda: login.cancel(cancelled()), 5)
            silent.close()

            wait_until(lambda: left_over() == [], 5)
    signed_in(login)


def test_given_token(name_service: NameService, patience: Callable[[float], None]) -> None:
    """A token from the environment is not waited for longer."""
    patience(0.3)
    token = "e30.eyJzdWIiOiAiNDIifQ.x"
    environ = {"MYID_SERVER": "https://myid.example.test", "MYID_CLIENT_ID": "c", **API}
    settings = resolve({}, {**environ, "MYID_ACCESS_TOKEN": token}, {}, lambda _: None)
    with MyIDSession(settings.api_url) as session:
        in_time(lambda: sign_in_with_given_token(session, settings))

        assert name_service.asked.is_set()
        assert "42" == str(session.operator)


def test_somebody_else_meanwhile(begin: Begin, sandbox: SandboxProcess) -> None:
    """A name that arrives after somebody else has signed in is not put on them."""
    other: TokenResponse = token_response()
    sandbox.faults(api_delay=1)
    login = begin()
    open_page(redirect(login))
    assert Phase.SIGNED_IN is login.phase
    login.session.sign_in(other)

    assert login.wait(20)
    assert "JANE" == str(login.session.operator)
