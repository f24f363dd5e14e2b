"""The token store leaves a token nowhere but in memory, and its key in one file only."""

import json
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import SandboxProcess
from support.servers.server_thread import ConnectionServer
from support.values.secrets import files_below, found

from myid_notebook.server.token_store import TokenStore
from myid_notebook.token_store.address import STORE_VARIABLE


@dataclass(frozen=True)
class Day:
    """A sign-in, a restart that found it, and a logout.

    Attributes:
        secrets: the token and the key of the store.
        outputs: everything that the kernel published.
        environ: of the server and its kernels, and their command lines.
    """

    secrets: dict[str, str]
    outputs: str
    environ: str


REPRESENT = """
from myid_notebook.kernel.commands import registry
from myid_notebook.settings.resolve import resolve
from myid_notebook.token_store.address import read_address
import os
settings = resolve({}, os.environ, {})
store = registry.store
found = store.find("myid", settings, renewable=True)
address = read_address(store._path)
everything = [store, vars(store), address, found,
    found.token, found._asdict(), registry.records, vars(registry), vars(myid.bearer)]
print(everything, str(everything), *everything, *map(dir, everything))
"""
"""Shows all there is of the store in a kernel that is signed in."""


@pytest.fixture(scope="module")
def day(jupyter: JupyterProcess, sandbox_process: SandboxProcess) -> Day:
    """Sign in, restart the kernel, sign in again without being asked, and log out."""
    sandbox_process.reset()
    messages: list[object] = []
    with ServedKernel(jupyter) as kernel:
        start = "%load_ext myid_notebook\n%xmode Verbose"
        kernel.execute(start)
        cell = kernel.submit("%myid_login")
        redirect = finish_sign_in(cell.link())
        assert "Signed in to MyID" == open_page(redirect, cookies=jupyter.cookies()).title
        messages += cell.finish().messages
        token = _token(kernel)
        kernel.restart()
        kernel.execute(start)
        for line in ("%myid_login", REPRESENT, "myid", "%myid_status", "myid.get('people')"):
            outputs = kernel.execute(line)
            assert [] == outputs.errors, outputs.traceback
            messages += outputs.messages
        assert token == _token(kernel)
        processes = [psutil.Process(jupyter.pid)]
        processes += processes[0].children(recursive=True)
        environ = "\n".join(_environ(each.pid) for each in processes)
        messages += kernel.execute("%myid_logout").messages
    (address,) = jupyter.runtime_dir.rglob("*.store")
    key = json.loads(address.read_text())["key"]
    return Day({"token": token, "key": key}, json.dumps(messages, default=str), environ)


def _token(kernel: ServedKernel) -> str:
    # Through a file, because a shared log must not have what this test itself let a kernel print.
    kernel.execute(
        "with open('token-of-the-test', 'w') as file: file.write(myid.bearer.token.access_token)"
    )
    file = Path(kernel.value("__import__('os').path.abspath('token-of-the-test')"))
    token = file.read_text()
    file.unlink()
    return token


def _environ(pid: int) -> str:
    parts = (Path(f"/proc/{pid}") / name for name in ("environ", "cmdline"))
    return "\n".join(part.read_bytes().decode("latin-1") for part in parts)


def test_outputs(day: Day) -> None:
    """Neither what a cell shows, and so a saved notebook, nor any representation of the store's
    parts has token or key.
    """
    assert "(from before the restart)" in day.outputs
    for shown in ("StoreClient object", "Address(port=", "Found(token="):
        assert shown in day.outputs
    assert [] == found(day.secrets, day.outputs)


def test_logs(day: Day, jupyter: JupyterProcess) -> None:
    """With every logger of the server at DEBUG, its log has neither."""
    assert day.secrets
    assert "DEBUG" in jupyter.log
    assert [] == found(day.secrets, jupyter.log)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows it")
def test_processes(day: Day) -> None:
    """Environment and command lines of the server and its kernels have neither."""
    assert STORE_VARIABLE in day.environ
    assert "ipykernel_launcher" in day.environ
    assert [] == found(day.secrets, day.environ)


def test_files_of_the_server(day: Day, jupyter: JupyterProcess) -> None:
    """No file has the token, whatever it is for; one has the key, which only the user can read."""
    files = files_below(jupyter.home)
    texts = {path: f"{path} {content.decode('latin-1')}" for path, content in files.items()}
    holders = {path: found(day.secrets, text) for path, text in texts.items()}

    assert len(files) > 3
    ((path, names),) = [(path, names) for path, names in holders.items() if names]
    assert (["key"], ".store") == (names, path.suffix)
    assert 0o600 == path.stat().st_mode & 0o777


def test_server_side() -> None:
    """Nothing of the store in the server shows a token, in whatever way it is written down."""
    secret = "token-that-nobody-may-see"
    store = TokenStore()
    match = dict.fromkeys(("name", "token_url", "client_id", "scope", "api_url"), "same")
    token = {"access_token": secret, "expires_at": 4e9, "subject": "s", "lifetime": None}
    token["refresh_token"] = f"refresh-{secret}"
    request = {"do": "keep", "match": match, "kernel": "k", "token": token, "operator": "Jane"}
    assert store.respond({**request, "shared": False, "replaces": None}, "")

    shown = f"{store!r} {vars(store)} {store} {[*vars(store).values()]}"

    assert "_Chain(" in shown
    assert [] == found({"token": secret}, shown)


class Silent(ConnectionServer):
    """A store that never responds.

    Attributes:
        asked: set once somebody has asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    def serve(self, connection: socket.socket) -> None:
        """Take the question, and wait until the other side has gone."""
        connection.settimeout(30)
        connection.recv(65_536)
        self.asked.set()
        connection.recv(1)


SHOW_AGAIN = """
import sys, traceback
%tb
capture_locals = traceback.TracebackException.from_exception(sys.last_value, capture_locals=True)
print("capture_locals", *capture_locals.format())
"""
"""Shows the last error, and then all variables of all its frames."""


@pytest.mark.parametrize(
    "line",
    [
        "get_ipython().run_line_magic('myid_login', 'other --no-wait')",
        "get_ipython().run_line_magic('myid_logout', '')",
    ],
)
def test_interrupt(
    jupyter: JupyterProcess, sandbox: SandboxProcess, kernel: ServedKernel, line: str
) -> None:
    """An interrupt while the store is asked shows neither, with %xmode Verbose."""
    assert sandbox.url
    kernel.execute("%xmode Verbose")
    cell = kernel.submit("%myid_login")
    open_page(finish_sign_in(cell.link()), cookies=jupyter.cookies())
    assert [] == cell.finish().errors
    token = _token(kernel)
    path = Path(kernel.value(f"__import__('os').environ[{STORE_VARIABLE!r}]"))
    with Silent() as silent:
        content = path.read_text()
        known = json.loads(content)
        path.write_text(json.dumps({**known, "port": silent.port}))
        try:
            cell = kernel.submit(
                f"def ask(known):\n    return {line}\nask('value ' + 'of a variable')"
            )
            assert silent.asked.wait(20)
            kernel.interrupt()
            outputs = cell.finish()
        finally:
            path.write_text(content)

    ((name, _),) = outputs.errors
    assert name in {"KeyboardInterrupt", "SignInInterrupted"}
    shown = json.dumps(outputs.messages, default=str)
    if name == "KeyboardInterrupt":
        assert "value of a variable" in shown
    shown += kernel.execute(SHOW_AGAIN).shown
    assert "capture_locals" in shown
    assert [] == found({"token": token, "key": known["key"]}, shown)
