"""Whatever is wrong with the token store, a kernel works as without one and tells it nothing."""

import json
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.jupyter.kernel import LocalKernel, ServedKernel, signed_in
from support.jupyter.server import JupyterProcess
from support.machine.other_user import UID, as_other_user, needs_other_user, other_user
from support.machine.small_disk import fill, needs_mounts, small_disk
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess, register
from support.servers.server_thread import ConnectionServer
from support.values.settings import settings_of

from myid_notebook.machine.private_files import folder
from myid_notebook.machine.private_lines import proof_of
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.token_store.address import STORE_VARIABLE, new_path, write_address
from myid_notebook.token_store.client import TIMEOUT, Asking, Chain, Ended, StoreClient

KEY = "key-of-the-test-0123456789"
TOKEN = {"access_token": "token-of-the-store", "expires_at": 4e9, "subject": "s", "lifetime": 9}
TOKEN["refresh_token"] = None
RESPONSE = {
    "token": TOKEN,
    "operator": "Jane Doe",
    "same_notebook": True,
    "chain": ["id", 0],
    "renewable": False,
}
SETTINGS = settings_of()
CHAIN = Chain("id", 0)

Reply = Callable[[socket.socket], object]


class FakeStore(ConnectionServer):
    """A store that sends one thing to everybody.

    Args:
        reply: takes the connection once it has sent something.
        key: by which it proves itself; None to reply without a proof.

    Attributes:
        heard: what each connection has sent, after the proof if there is one.
    """

    def __init__(self, reply: Reply, key: str | None = KEY) -> None:
        super().__init__()
        self._reply = reply
        self._key = key
        self.heard: list[bytes] = []

    def serve(self, connection: socket.socket) -> None:
        """Hear one line, and reply."""
        connection.settimeout(30)
        if self._key is not None:
            nonce = json.loads(connection.recv(65_536))["nonce"]
            proof = proof_of(self._key, nonce, self.port)
            connection.sendall(json.dumps({"proof": proof}).encode() + b"\n")
        self.heard.append(connection.recv(65_536))
        self._reply(connection)


def sends(data: bytes) -> Reply:
    """Return a reply."""
    return lambda connection: connection.sendall(data)


def is_silent(connection: socket.socket) -> None:
    """Wait until the other side has gone."""
    connection.recv(1)


def sends_a_little(connection: socket.socket) -> None:
    """Send a blank now and then, until the other side has gone."""
    while True:
        connection.sendall(b" ")
        time.sleep(0.2)


LONG = b'{"token": "' + b"x" * 1_000_000
FAULTY = {
    "silent": is_silent,
    "a blank now and then": sends_a_little,
    "half a line": sends(b'{"token": {"access_token"'),
    "not UTF-8": sends(b"\xff\xfe\n"),
    "deep": sends(b"[" * 50_000 + b"\n"),
    "1 MB": sends(LONG + b"\n"),
    "of another release": sends(b'{"token": {"access_token": "x", "new": 1}, "chain": 5}\n'),
}
"""What a store may send that is no response."""


@pytest.fixture
def path(runtime_dir: Path) -> Path:
    """The address of a store that works, at a port where nobody listens."""
    assert runtime_dir
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return address(port)


def address(port: int) -> Path:
    """Write the address file of a store and return its path."""
    path = new_path()
    write_address(path, port, KEY)
    return path


def client_of(path: Path) -> StoreClient:
    """Return what a kernel has of the store at that address."""
    return StoreClient("kernel-of-the-test", path)


def nothing_comes_of(store: StoreClient) -> bool:
    """Ask for everything there is to ask for; return whether there was no store."""
    token = TokenResponse(access_token=Secret("a-token"), expires_at=4e9, subject=None)
    asking = store.ask_person("myid", SETTINGS, "s")
    assert isinstance(asking, Asking)
    asking.close()
    return (
        store.find("myid", SETTINGS) is None
        and store.keep("myid", SETTINGS, token, "Jane Doe") is None
        and isinstance(store.renew(CHAIN), Ended)
        and store.forget(CHAIN) == (False, [], [])
        and store.ended(CHAIN) == ""
    )


@contextmanager
def fake_store(reply: Reply, key: str | None = KEY) -> Iterator[FakeStore]:
    """Run a store that sends something of its own."""
    with FakeStore(reply, key) as store:
        yield store


FORGED: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "empty": lambda _: b"",
    "deep": lambda _: b"[" * 4000,
    "no key": lambda known: json.dumps({k: known[k] for k in known if k != "key"}).encode(),
    "port true": lambda known: json.dumps({**known, "port": True}).encode(),
    "other machine": lambda known: json.dumps({**known, "machine": "elsewhere"}).encode(),
}
"""Address files that are none, made of one that is."""


@pytest.mark.usefixtures("runtime_dir")
@pytest.mark.parametrize("kind", FORGED)
def test_forged_file(kind: str) -> None:
    """Nothing is sent on the word of a file that no server wrote."""
    with fake_store(sends(json.dumps(RESPONSE).encode() + b"\n")) as store:
        path = address(store.port)
        assert client_of(path).find("myid", SETTINGS)
        heard = len(store.heard)

        path.write_bytes(FORGED[kind](json.loads(path.read_bytes())))

        assert nothing_comes_of(client_of(path))
        assert heard == len(store.heard)


@pytest.mark.usefixtures("runtime_dir")
@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "elsewhere", "no suffix"])
def test_other_things_than_a_file(tmp_path: Path, kind: str) -> None:
    """A link, a pipe, a folder and a file outside the runtime folder are no addresses."""
    with fake_store(sends(json.dumps(RESPONSE).encode() + b"\n")) as store:
        path = address(store.port)
        kept = path.rename(tmp_path / path.name)
        if kind == "link":
            path.symlink_to(kept)
        elif kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "elsewhere":
            path = kept
        elif kind == "no suffix":
            path = kept.rename(path.with_suffix(".json"))

        assert nothing_comes_of(client_of(path))
        assert [] == store.heard


@needs_other_user
@pytest.mark.usefixtures("runtime_dir")
def test_file_of_another_user() -> None:
    """An address that another user left is not used."""
    with fake_store(sends(json.dumps(RESPONSE).encode() + b"\n")) as store:
        path = address(store.port)
        os.chown(path, UID, UID)

        assert nothing_comes_of(client_of(path))
        assert [] == store.heard


LISTEN = """
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
server = socket.create_server(
    (sys.argv[1], int(sys.argv[2])), family=family, dualstack_ipv6=family == socket.AF_INET6
)
print(server.getsockname()[1], flush=True)
heard = b""
while True:
    connection, _ = server.accept()
    heard += connection.recv(65536)
    connection.sendall(heard + b"\\n")
    connection.close()
"""
"""Tells everybody what everybody has sent."""


def heard_at(port: int) -> bytes:
    """Return what the other user's program has heard, from this test too."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(b"and from the test")
        return connection.recv(65_536)


@needs_other_user
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::"])  # noqa: S104 - as another user may
def test_port_of_another_user(path: Path, host: str) -> None:
    """Another user who listens at the port of a killed server hears nothing."""
    port = json.loads(path.read_bytes())["port"]
    with other_user(LISTEN, host, str(port)) as listening:
        assert str(port) == listening

        assert nothing_comes_of(client_of(path))

        assert KEY.encode() not in heard_at(port)


@pytest.mark.usefixtures("runtime_dir")
@pytest.mark.parametrize("lie", [b'{"proof": "0"}\n', b'{"proof": 7}\n', b'{"proof": "\\ud800"}\n'])
def test_store_that_cannot_prove_itself(lie: bytes) -> None:
    """It hears a nonce, and nothing of a sign-in."""
    with fake_store(sends(lie), key=None) as store:
        assert nothing_comes_of(client_of(address(store.port)))

        assert [["nonce"]] * len(store.heard) == [[*json.loads(line)] for line in store.heard]


ASK = """
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) as connection:
    connection.settimeout(10)
    try:
        connection.sendall(sys.argv[2].encode() + b"\\n")
        print(connection.recv(65536))
    except ConnectionError:
        print(b"")
"""


def store_file(jupyter: JupyterProcess) -> dict[str, Any]:
    """Return what the address file of a server says."""
    # A server responds a moment before its extensions have started.
    wait_until(lambda: any(jupyter.runtime_dir.rglob("*.store")))
    (path,) = jupyter.runtime_dir.rglob("*.store")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def asked(found: dict[str, Any], line: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Send a line to the store of an address file, and return what comes back."""
    with socket.create_connection(("127.0.0.1", found["port"]), 5) as connection:
        connection.sendall(b'{"nonce": ""}\n')
        assert connection.recv(65_536)
        connection.sendall(line + b"\n")
        return json.loads(connection.recv(65_536))


def question(found: dict[str, Any]) -> bytes:
    """Return what asks why a sign-in has ended that no store knows."""
    asking = {"key": found["key"], "do": "ended", "chain": "unknown", "kernel": "k"}
    return json.dumps(asking).encode()


@needs_other_user
def test_question_of_another_user(jupyter: JupyterProcess) -> None:
    """Another user who has got hold of the key gets nothing."""
    found = store_file(jupyter)
    assert {"reason": ""} == asked(found, question(found))

    assert "b''" == as_other_user(ASK, str(found["port"]), '{"nonce": ""}')


def test_wrong_key(jupyter: JupyterProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address with another key gets nothing from a store that works."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(jupyter.runtime_dir))
    path = address(store_file(jupyter)["port"])
    try:
        assert nothing_comes_of(client_of(path))
    finally:
        path.unlink()


@pytest.mark.usefixtures("runtime_dir")
@pytest.mark.parametrize("kind", FAULTY)
def test_faulty_store(kind: str) -> None:
    """A store that sends something else, or nothing, counts as none."""
    with fake_store(FAULTY[kind]) as store:
        client = client_of(address(store.port))
        began = time.monotonic()

        assert client.find("myid", SETTINGS) is None

        assert time.monotonic() - began < TIMEOUT + 1
        assert 1 == len(store.heard)


@pytest.fixture(scope="module")
def kernel_of_a_fake(sandbox_process: SandboxProcess) -> Iterator[LocalKernel]:
    """A kernel whose server, as the environment says, has a store."""
    with ExitStack() as stack:
        environ = register(sandbox_process).environ
        kernel = LocalKernel(environ)
        variable = kernel.runtime_dir / "myid-notebook" / "1-1.store"
        stack.enter_context(kernel)
        kernel.execute(f"%env {STORE_VARIABLE}={variable}\n%load_ext myid_notebook")
        yield kernel


def use(kernel: LocalKernel, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a kernel's store be at a port."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(kernel.runtime_dir))
    address(port).rename(folder() / "1-1.store")


@pytest.mark.alone
def test_link_in_time(
    kernel_of_a_fake: LocalKernel, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that does not respond delays the link by its timeout, and the sign-in works."""
    assert sandbox.url
    with fake_store(sends_a_little) as store:
        use(kernel_of_a_fake, store.port, monkeypatch)
        began = time.monotonic()
        cell = kernel_of_a_fake.submit("%myid_login --no-wait")
        assert cell.link()
        cell.finish()
        assert time.monotonic() - began < TIMEOUT + 1

        signed_in(kernel_of_a_fake)
        assert "200" == kernel_of_a_fake.value("myid.get('people').status_code")
        assert store.heard
    kernel_of_a_fake.execute("%myid_logout")


@needs_other_user
def test_killed_server(sandbox: SandboxProcess) -> None:
    """A server was killed and another user listens where its store did: nothing is sent there."""
    environ = register(sandbox).environ
    with ExitStack() as stack:
        server = stack.enter_context(JupyterProcess("server"))
        # It answers before its extensions have been told that it has started.
        wait_until(lambda: [*server.runtime_dir.rglob("*.store")])
        (path,) = server.runtime_dir.rglob("*.store")
        port = store_file(server)["port"]
        server.kill()
        stack.enter_context(other_user(LISTEN, "127.0.0.1", str(port)))
        given = {**environ, STORE_VARIABLE: str(path)}
        kernel = stack.enter_context(LocalKernel(given, runtime_dir=server.runtime_dir))
        kernel.execute("%load_ext myid_notebook")

        signed_in(kernel)
        assert "True" == kernel.value(
            "__import__('myid_notebook.kernel.commands').kernel.commands.registry.store is not None"
        )

        key = json.loads(path.read_bytes())["key"]
        assert key.encode() not in heard_at(port)
        server.start()
        assert not path.exists()


@needs_mounts
def test_full_disk(sandbox: SandboxProcess) -> None:
    """The server starts all the same and says so in one line; its kernels ask as without it."""
    server = JupyterProcess("server")
    server.environ |= register(sandbox).environ
    disk = server.runtime_dir / "myid-notebook"
    with small_disk(disk):
        fill(disk)
        with server, ServedKernel(server) as kernel:
            lines = [line for line in server.log.splitlines() if "MyID" in line]
            assert 1 == len(lines), server.log
            assert lines[0].endswith("MyID sign-ins will not survive a kernel restart (OSError)")
            assert "Traceback" not in server.log
            assert [] == [*disk.glob("*.store")]
            (disk / "filling").unlink()

            kernel.execute("%load_ext myid_notebook")
            assert "None" == kernel.value(f"__import__('os').environ.get({STORE_VARIABLE!r})")
            signed_in(kernel)
            kernel.restart()
            kernel.execute("%load_ext myid_notebook")
            assert kernel.submit("%myid_login --no-wait").link()


@pytest.mark.parametrize("ending", ["closed", "reset"])
def test_kernel_that_ends_while_asking(jupyter: JupyterProcess, ending: str) -> None:
    """The store logs nothing of it, and responds to the next one."""
    found = store_file(jupyter)
    line = question(found)
    before = len(jupyter.log)
    with socket.create_connection(("127.0.0.1", found["port"]), 5) as connection:
        connection.sendall(b'{"nonce": ""}\n' + line[:-5])
        time.sleep(0.3)  # now the store waits for the rest
        if ending == "reset":
            option = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)

    assert {"reason": ""} == asked(found, line)
    time.sleep(0.2)
    assert "client_connected_cb" not in jupyter.log[before:]
    assert "Traceback" not in jupyter.log[before:]


ASK_FOR_EVER = """
import threading, itertools
from myid_notebook.kernel.commands import registry
from myid_notebook.settings.resolve import resolve
settings = resolve({}, os.environ, {})
def ask():
    while True:
        registry.store.find("killed", settings)
for _ in range(8):
    threading.Thread(target=ask, daemon=True).start()
"""


def test_kernel_that_is_killed_while_asking(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """The store responds to the kernel that Jupyter starts in its place."""
    before = len(jupyter.log)
    pid = int(kernel.value("__import__('os').getpid()"))
    kernel.execute(f"import os\n{ASK_FOR_EVER}")
    os.kill(pid, 9)

    wait_until(lambda: "restarting kernel" in jupyter.log[before:], 30)
    found = store_file(jupyter)
    assert {"reason": ""} == asked(found, question(found))
    assert "client_connected_cb" not in jupyter.log[before:]
