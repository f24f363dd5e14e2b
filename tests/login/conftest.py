"""Sign-ins in this very process, with a real sandbox and real sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.leftovers import leftovers, wait_until
from support.pending import Begin
from support.registration import Registration, register
from support.sandbox_process import SandboxProcess

from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled
from myid_notebook.redirects.choice import open_door
from myid_notebook.session import MyIDSession
from myid_notebook.settings import resolve


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter runtime folder of the test's own."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"


@pytest.fixture
def registration(sandbox: SandboxProcess) -> Registration:
    """A client whose redirect URI is at a free port of this machine."""
    return register(sandbox)


@pytest.fixture
def begin(registration: Registration, runtime_dir: Path) -> Iterator[Begin]:
    """Begins a sign-in; every one begun must end and leave nothing behind."""
    begun: list[Login] = []

    def begin_one(
        session: MyIDSession | None = None,
        *,
        environ: dict[str, str] | None = None,
        timeout: float = 60,
        paste: bool = False,
    ) -> Login:
        settings = resolve({}, {**registration.environ, **(environ or {})}, {}, lambda _: None)
        door = open_door(settings.redirect_uri, {}, paste=paste)
        target = session or MyIDSession(settings.api_url, ca_bundle=settings.ca_bundle)
        begun.append(Login(settings, door, target, timeout=timeout))
        begun[-1].start()
        return begun[-1]

    yield begin_one
    for login in begun:
        login.cancel(cancelled())
        login.session.close()
    wait_until(lambda: leftovers(runtime_dir) == [])
