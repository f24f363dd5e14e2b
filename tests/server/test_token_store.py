"""Restarted kernels and other notebooks find their sign-in at the Jupyter server."""

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests
from support.jupyter.cell import Outputs
from support.jupyter.kernel import ServedKernel, signed_in
from support.jupyter.served_notebook import Notebook
from support.jupyter.server import JupyterProcess
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess, register
from support.values.secrets import files_below

from myid_notebook.machine.private_lines import proof_of

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


def asks(kernel: ServedKernel, line: str = "%myid_login") -> bool:
    """Return whether a magic shows the link of a new sign-in, and end that."""
    cell = kernel.submit(f"{line} --no-wait")
    link = cell.link()
    cell.finish()
    kernel.execute("from myid_notebook.kernel.commands import registry\nregistry.close()")
    return "/connect/authorize?" in link


def test_renamed_notebook(open_notebook: Open, store_server: JupyterProcess) -> None:
    """It finds its sign-in at its new name, with its folder renamed too; nobody else finds it."""
    kernel = open_notebook("old/renamed.ipynb")
    signed_in(kernel, "%myid_login renamed")
    kernel.close()
    for old, new in (("old/renamed.ipynb", "old/b.ipynb"), ("old", "new")):
        store_server.ask("PATCH", f"api/contents/{old}", {"path": new}).raise_for_status()

    assert asks(open_notebook("old/renamed.ipynb"), "%myid_login renamed")
    kernel = open_notebook("new/b.ipynb")
    assert "(from before the restart)" in again(kernel, "%myid_login renamed").shown
    kernel.close()
    store_server.ask("DELETE", "api/contents/new/b.ipynb").raise_for_status()
    assert asks(open_notebook("new/b.ipynb"), "%myid_login renamed")


def test_other_notebook(open_notebook: Open) -> None:
    """Who signs in decides whether it gets the sign-in, whatever the other notebook asks for."""
    one, other = open_notebook("first.ipynb"), open_notebook("second.ipynb")
    signed_in(one, "%myid_login other1")
    assert asks(other, "%myid_login other1 --share server")

    signed_in(one, "%myid_login other2 --share server")
    assert "(from another notebook)" in again(other, "%myid_login other2").shown


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


def test_logout(open_notebook: Open) -> None:
    """It ends the store's copy and names the other notebook, which is told why when it ends."""
    one, other = open_notebook("one.ipynb"), open_notebook("sub/other.ipynb")
    signed_in(one, "%myid_login shared --share server")
    again(other, "%myid_login shared")
    other.execute(f"import myid_notebook.kernel.commands as c\nchain = {CHAIN.format('shared')}")

    assert "other.ipynb also uses this sign-in" in one.execute("%myid_logout shared").shown

    assert "200" == other.value("shared.get('people').status_code")
    assert "You signed out in one.ipynb." == other.value("c.registry.store.ended(chain)")
    other.restart()
    other.execute("%load_ext myid_notebook")
    assert asks(other, "%myid_login shared --share server")


CHAIN = "{}.bearer.stored.chain"
"""The sign-in of a session in the store."""


def test_refused_token(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """A token that MyID refused is not used again, and no notebook finds it any more; one that has
    it is told why when it expires.
    """
    one, other = open_notebook("refused.ipynb"), open_notebook("refused2.ipynb")
    signed_in(one, "%myid_login refused --share server")
    again(other, "%myid_login refused")
    sandbox.faults(api_refuse_after=0)
    assert "401" == one.value("refused.get('people').status_code")
    sandbox.reset()

    other.execute("refused.bearer._clock = lambda: float('inf')")
    expired = other.execute("refused.get('people')").traceback
    assert "has expired. MyID refused its token in refused.ipynb. Run" in expired
    assert asks(one, "%myid_login refused")
    assert asks(other, "%myid_login refused")


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
    """``notebook`` keeps a notebook's own, and gives it to no other; no kernel may renew."""
    limits = ("--MyIDNotebook.share=notebook", "--MyIDNotebook.refresh=off")
    with _server(sandbox, *limits) as server:
        kernel = open_notebook("a.ipynb", server)
        signed_in(kernel, "%myid_login --share server")
        other = open_notebook("b.ipynb", server)
        assert other.submit("%myid_login --no-wait --share server").link()

        kernel.restart()
        assert "(from before the restart)" in again(kernel).shown
        refused = kernel.execute("%myid_login new --scope 'myid.rest.basic offline_access'")
        assert "does not allow refresh tokens. Leave offline_access out" in refused.shown


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


def raw(store_server: JupyterProcess, line: bytes, *, nonce: bool = False) -> bytes:
    """Send a line to the store and return what comes back.

    Args:
        nonce: whether to have the store prove itself before.
    """
    (address,) = store_server.runtime_dir.rglob("*.store")
    found = json.loads(address.read_text())
    received = b""
    with (
        contextlib.suppress(ConnectionError, TimeoutError),
        socket.create_connection(("127.0.0.1", found["port"]), 1) as connection,
    ):
        if nonce:
            connection.sendall(b'{"nonce": "n"}\n')
            proof = json.loads(connection.recv(65_536))
            assert {"proof": proof_of(found["key"], "n", found["port"])} == proof
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
        b'{"key": "wrong", "do": "forget", "chain": null, "kernel": ""}\n',
        b"x" * 100_000 + b"\n",
    ],
)
def test_strangers_get_nothing(
    open_notebook: Open, store_server: JupyterProcess, line: bytes
) -> None:
    """Whatever is sent without the key: nothing comes back, and the store goes on."""
    assert open_notebook
    assert [b"", b""] == [raw(store_server, line, nonce=nonce).strip() for nonce in (False, True)]


@pytest.mark.parametrize("request_", [{}, {"do": "find", "match": 7}, {"do": ["find"]}])
def test_malformed_requests(store_server: JupyterProcess, request_: dict[str, object]) -> None:
    """With the key, too, what is malformed gets an empty response."""
    (address,) = store_server.runtime_dir.rglob("*.store")
    key = json.loads(address.read_text())["key"]

    line = json.dumps({**request_, "key": key, "kernel": "k"}).encode() + b"\n"
    assert b"{}\n" == raw(store_server, line, nonce=True)


def test_server_that_has_ended(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """A kernel that outlives its server asks again when its session has ended."""
    with _server(sandbox) as server:
        kernel = open_notebook("ended.ipynb", server)
        signed_in(kernel)
        kernel.execute("import os; os.environ['MYID_NOTEBOOK_TOKEN_STORE'] += '.gone.store'")
        kernel.execute("from myid_notebook.kernel.commands import registry; registry._store = None")

        assert works(kernel)
        assert "Signed out." in kernel.execute("%myid_logout").shown


def test_restarted_server(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """The sign-ins are gone with its memory, and the file of a killed one is removed."""
    with _server(sandbox) as server:
        signed_in(open_notebook("a.ipynb", server))
        (address,) = server.runtime_dir.rglob("*.store")
        server.kill()
        server.start()

        assert asks(open_notebook("a.ipynb", server))
        assert [address] != [*server.runtime_dir.rglob("*.store")]


def test_sandbox(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """Kernels of one Jupyter server are one client of a sandbox that runs by itself."""
    line = f"%env MYID_SANDBOX_URL={sandbox.url}\n%myid_login tried --sandbox --share server"
    one, other = open_notebook("tried.ipynb"), open_notebook("tried2.ipynb")
    signed_in(one, line)

    assert "(from another notebook)" in again(other, line).shown
    one.restart()
    assert "(from before the restart)" in again(one, line).shown
