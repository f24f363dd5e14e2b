"""Restarted kernels and other notebooks find their sign-in at the Jupyter server."""

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psutil
import pytest
import requests
from support.jupyter.cell import Outputs
from support.jupyter.kernel import ServedKernel, signed_in
from support.jupyter.served_notebook import Notebook
from support.jupyter.server import JupyterProcess
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess, register
from support.values.secrets import files_below

from myid_notebook.machine.private_files import has_ended

Open = Callable[..., ServedKernel]


@pytest.fixture(scope="module")
def store_server(sandbox_process: SandboxProcess) -> Iterator[JupyterProcess]:
    """A server of these tests alone: its store outlives a test."""
    with _server(sandbox_process) as server:
        yield server


def _server(sandbox: SandboxProcess, *arguments: str) -> JupyterProcess:
    server = JupyterProcess("server", arguments=arguments)
    server.environ |= register(sandbox).environ  # the kernels take the redirects themselves
    return server


@pytest.fixture
def open_notebook(store_server: JupyterProcess, sandbox: SandboxProcess) -> Iterator[Open]:
    """Opens a notebook, with the extension loaded; its kernel ends with the test."""
    assert sandbox.url
    with ExitStack() as kernels:

        def start(path: str, jupyter: JupyterProcess = store_server) -> ServedKernel:
            kernel = ServedKernel(Notebook(jupyter, path))
            kernels.enter_context(contextlib.suppress(requests.ConnectionError))  # its server ended
            kernels.enter_context(kernel)
            kernel.execute("%load_ext myid_notebook")
            return kernel

        yield start


def again(kernel: ServedKernel, line: str = "%myid_login") -> Outputs:
    """Execute a magic that asks nobody, and return what it showed."""
    outputs = kernel.execute(f"%load_ext myid_notebook\n{line}")
    assert [] == outputs.errors, outputs.traceback
    assert "" == outputs.link
    return outputs


def works(kernel: ServedKernel) -> bool:
    """Return whether the session can be used."""
    return kernel.value("myid.get('people').status_code") == "200"


def test_restarted_kernel(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """It finds the sign-in of its own notebook, and says so; nobody is asked."""
    kernel = open_notebook("restarted.ipynb")
    signed_in(kernel)

    kernel.restart()
    outputs = again(kernel)

    assert "Signed in as Jane Doe" in outputs.shown
    assert "(from before the restart)" in outputs.shown
    assert works(kernel)
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]


def test_kernel_started_anew(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """A notebook that was closed and opened again has another kernel, and the same path."""
    kernel = open_notebook("anew.ipynb")
    signed_in(kernel)
    kernel.close()

    assert "(from before the restart)" in again(open_notebook("anew.ipynb")).shown
    assert 1 == sandbox.status()["authorize_requests"]


def test_other_notebook(open_notebook: Open) -> None:
    """By default it does not get the sign-in; with share=server it does."""
    signed_in(open_notebook("first.ipynb"), "%myid_login other1")
    kernel = open_notebook("second.ipynb")
    cell = kernel.submit("%myid_login other1 --no-wait")
    assert cell.link()
    cell.finish()
    kernel.execute("%myid_logout other1")

    assert "(from another notebook)" in again(kernel, "%myid_login other1 --share server").shown


@pytest.mark.parametrize(
    "line",
    [
        "%myid_login another",
        "%myid_login --share off",
        "%myid_login --scope 'myid.rest.basic openid'",
        "%myid_login --force",
    ],
)
def test_other_settings(open_notebook: Open, line: str) -> None:
    """Another name, scope or server is another sign-in; ``share=off`` and ``--force`` ask."""
    kernel = open_notebook("settings.ipynb")
    again_or_sign_in(kernel)
    kernel.restart()
    kernel.execute("%load_ext myid_notebook")

    cell = kernel.submit(f"{line} --no-wait")

    assert cell.link()
    kernel.execute("%myid_logout another\n%myid_logout")


def again_or_sign_in(kernel: ServedKernel) -> None:
    """Sign in with share=notebook, whether or not somebody has."""
    signed_in(kernel, "%myid_login --force")


def test_nothing_is_kept(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """With ``share=off`` a restarted kernel asks."""
    kernel = open_notebook("off.ipynb")
    signed_in(kernel, "%myid_login --share off")
    kernel.restart()
    kernel.execute("%load_ext myid_notebook")

    assert kernel.submit("%myid_login --no-wait").link()
    assert 1 == sandbox.status()["tokens_issued"]["jane.doe"]


def test_logout_reaches_other_notebooks(open_notebook: Open) -> None:
    """It says so; the other notebook's next call says so too, and signs in again when told."""
    one, other = open_notebook("one.ipynb"), open_notebook("other.ipynb")
    signed_in(one, "%myid_login shared --share server")
    again(other, "%myid_login shared --share server")
    assert "200" == other.value("shared.get('people').status_code")

    assert "in the other notebooks" in one.execute("%myid_logout shared").shown

    ((name, message),) = other.execute("shared.get('people')").errors
    assert ("NotSignedIn", True) == (name, "signed out of MyID in another notebook" in message)
    cell = other.submit("%myid_login shared --share server --no-wait")
    assert cell.link()


def test_refused_token_is_forgotten(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """A token that MyID refuses is in no notebook any more."""
    one, other = open_notebook("refused.ipynb"), open_notebook("refused2.ipynb")
    signed_in(one, "%myid_login --force --share server")
    again(other, "%myid_login --share server")
    sandbox.faults(api_refuse_after=0)

    assert "401" == one.value("myid.get('people').status_code")
    sandbox.reset()

    ((name, message),) = other.execute("myid.get('people')").errors
    assert ("SessionExpired", True) == (name, "no longer accepts" in message)
    one.restart()
    one.execute("%load_ext myid_notebook")
    assert one.submit("%myid_login --no-wait").link()


def test_expired_token(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """A token is found only while it is valid."""
    sandbox.faults(token_lifetime=6)
    kernel = open_notebook("expired.ipynb")
    signed_in(kernel)
    expires_at = float(kernel.value("myid.expires_at.timestamp()"))
    kernel.restart()
    kernel.execute("%load_ext myid_notebook")
    wait_until(lambda: time.time() > expires_at)

    assert kernel.submit("%myid_login --no-wait").link()


def test_scripts_have_none(open_notebook: Open) -> None:
    """A program that a notebook starts inherits the environment, but not the sign-in."""
    kernel = open_notebook("script.ipynb")
    signed_in(kernel)
    program = "from myid_notebook.kernel.commands import registry; print(registry.store)"

    outputs = kernel.execute(
        "import subprocess, sys\n"
        f"run = subprocess.run([sys.executable, '-c', {program!r}], capture_output=True)\n"
        "print(run.stdout, run.stderr)"
    )

    assert "b'None\\n' b''" in outputs.text


def test_switched_off_by_the_administrator(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """Then the server keeps nothing, whatever a notebook says."""
    with _server(sandbox, "--MyIDNotebook.share=off") as server:
        kernel = open_notebook("a.ipynb", server)
        signed_in(kernel, "%myid_login --share server")
        kernel.restart()
        kernel.execute("%load_ext myid_notebook")

        assert kernel.submit("%myid_login --no-wait --share server").link()
        assert [] == [*server.runtime_dir.rglob("*.store")]


def test_limited_by_the_administrator(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """``notebook`` keeps a notebook's own, and gives it to no other."""
    with _server(sandbox, "--MyIDNotebook.share=notebook") as server:
        kernel = open_notebook("a.ipynb", server)
        signed_in(kernel, "%myid_login --share server")
        other = open_notebook("b.ipynb", server)
        assert other.submit("%myid_login --no-wait --share server").link()

        kernel.restart()
        assert "(from before the restart)" in again(kernel).shown


def test_files(open_notebook: Open, store_server: JupyterProcess) -> None:
    """The file with the address can be read by its user only, and no file has a token."""
    kernel = open_notebook("files.ipynb")
    signed_in(kernel)
    token = kernel.value("str(myid.bearer.token.access_token)")
    (address,) = store_server.runtime_dir.rglob("*.store")

    assert 0o600 == address.stat().st_mode & 0o777
    assert 0o700 == address.parent.stat().st_mode & 0o777
    files = files_below(store_server.home)
    assert len(files) > 3
    assert [] == [path for path, content in files.items() if token.encode() in content]


def raw(store_server: JupyterProcess, line: bytes) -> bytes:
    """Send a line to the store and return what comes back."""
    (address,) = store_server.runtime_dir.rglob("*.store")
    port = json.loads(address.read_text())["port"]
    received = b""
    with (
        contextlib.suppress(ConnectionError, TimeoutError),
        socket.create_connection(("127.0.0.1", port), 1) as connection,
    ):
        connection.sendall(line)
        while piece := connection.recv(65_536):
            received += piece
    return received


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"[]\n",
        b'{"do": "find"}\n',
        b'{"key": "wrong", "do": "find", "match": {}, "notebook": "", "anywhere": true}\n',
        b"x" * 100_000 + b"\n",
    ],
)
def test_strangers_get_nothing(
    open_notebook: Open, store_server: JupyterProcess, line: bytes
) -> None:
    """Whatever is sent without the key: nothing comes back, and the store goes on."""
    assert raw(store_server, line).strip() in {b"", b"{}"}
    assert open_notebook


@pytest.mark.parametrize("request_", [{}, {"do": "find", "match": 7}, {"do": ["find"]}])
def test_malformed_requests(store_server: JupyterProcess, request_: dict[str, object]) -> None:
    """With the key, too, what is malformed gets an empty response."""
    (address,) = store_server.runtime_dir.rglob("*.store")
    key = json.loads(address.read_text())["key"]

    assert b"{}\n" == raw(store_server, json.dumps({**request_, "key": key}).encode() + b"\n")


def test_server_that_has_ended(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """A kernel that outlives its server asks again when its session has ended."""
    with _server(sandbox) as server:
        kernel = open_notebook("ended.ipynb", server)
        signed_in(kernel)
        kernel.execute("import os; os.environ['MYID_NOTEBOOK_TOKEN_STORE'] += '.gone.store'")
        kernel.execute("from myid_notebook.kernel.commands import registry; registry._store = None")

        assert works(kernel)
        assert "Signed out." in kernel.execute("%myid_logout").shown


@pytest.mark.parametrize("killed", [False, True])
def test_restarted_server(open_notebook: Open, sandbox: SandboxProcess, *, killed: bool) -> None:
    """The sign-ins are gone with its memory: one new sign-in, and the cell says why."""
    with _server(sandbox) as server:
        signed_in(open_notebook("a.ipynb", server))
        (address,) = server.runtime_dir.rglob("*.store")
        if not killed:
            server.ask("POST", "api/shutdown")
            wait_until(lambda: has_ended(server.pid) or is_zombie(server.pid))
        server.kill()
        server.start()
        kernel = open_notebook("a.ipynb", server)

        cell = kernel.submit("%myid_login --no-wait")

        assert cell.link()
        assert "Jupyter was restarted" in cell.outputs.shown
        assert [address] != [*server.runtime_dir.rglob("*.store")]


def is_zombie(pid: int) -> bool:
    """Return whether a process has ended and was not waited for."""
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_sandbox(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """Kernels of one Jupyter server are one client of a sandbox that runs by itself."""
    line = f"%env MYID_SANDBOX_URL={sandbox.url}\n%myid_login tried --sandbox --share server"
    one, other = open_notebook("tried.ipynb"), open_notebook("tried2.ipynb")
    signed_in(one, line)

    assert "(from another notebook)" in again(other, line).shown
    one.restart()
    assert "(from before the restart)" in again(one, line).shown
