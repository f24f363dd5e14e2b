"""The route of a loopback redirect URI, by the programs that run on this machine."""

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from support.jupyter.server import healthy, leave_server_file
from support.machine.other_user import needs_other_user, other_user
from support.machine.ports import free_port
from support.servers.http_server import FixedAnswerServer, HttpServer, json_answer, json_body

from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.callback.route import CallbackRoute, RouteKind, choose_route

HEALTHY = json_answer(b'{"myid_notebook": "0.1.0"}')
WITHOUT_EXTENSION = json_answer(b"{}", "404 Not Found")


def route_of(uri: str) -> CallbackRoute:
    """Return the route of a kernel that runs in no Jupyter, closed."""
    route = choose_route(uri, {}, paste=False)
    route.close()
    return route


@pytest.mark.parametrize("written", ["localhost", "127.0.0.1"])
def test_another_jupyter_server_with_the_extension(runtime_dir: Path, written: str) -> None:
    """A second notebook signs in through the URI of the first one's server."""
    with HttpServer(healthy) as server:
        leave_server_file(runtime_dir, f"http://localhost:{server.port}/lab/")
        uri = f"http://{written}:{server.port}/lab/myid/callback"
        route = route_of(uri)

    assert (RouteKind.JUPYTER, uri) == (route.kind, route.redirect_uri)
    assert f"http://localhost:{server.port}/lab/" in route.reason
    assert server.seen[0].target.startswith("/lab/myid/health?")


@pytest.mark.parametrize("answer", [WITHOUT_EXTENSION, json_answer(b"[" * 4000), b""])
def test_jupyter_server_without_the_extension(runtime_dir: Path, answer: bytes) -> None:
    """It holds the port: the reason names it, and what to install where."""
    with FixedAnswerServer(answer) as server:
        leave_server_file(runtime_dir, f"http://localhost:{server.port}/")
        route = route_of(f"http://localhost:{server.port}/myid/callback")

    assert RouteKind.PASTE == route.kind
    assert f"your Jupyter server (process {os.getpid()})" in route.reason
    assert "without the MyID extension" in route.reason


@pytest.mark.parametrize(("base", "path"), [("", "other"), ("lab/", "myid/callback")])
def test_path_that_is_not_the_callback(runtime_dir: Path, base: str, path: str) -> None:
    """Only the callback's own path leads through a server; its port is taken, by the user's own
    Jupyter, which must not be ended.
    """
    with HttpServer(healthy) as server:
        server.answers |= {"/myid/health": json_body} if base else {}
        leave_server_file(runtime_dir, f"http://localhost:{server.port}/{base}")
        route = route_of(f"http://localhost:{server.port}/{path}")

    url = f"http://localhost:{server.port}/{base}"
    assert RouteKind.PASTE == route.kind
    assert f"your own Jupyter server at {url} (process {os.getpid()})" in route.reason
    assert f"whose callback is {url}myid/callback. If" in route.reason
    assert "another program" not in route.reason


def test_file_of_a_killed_server(runtime_dir: Path) -> None:
    """A file without its server does not stand in the way."""
    uri = f"http://localhost:{free_port()}/myid/callback"
    leave_server_file(runtime_dir, uri.removesuffix("myid/callback"), pid=2**22 - 1)

    assert RouteKind.OWN_PORT == route_of(uri).kind


def test_port_of_a_killed_server_taken_by_another_program(runtime_dir: Path) -> None:
    """Not the server of the file, but the program at the port is named."""
    with FixedAnswerServer() as server:
        leave_server_file(runtime_dir, f"http://localhost:{server.port}/", pid=2**22 - 1)
        route = route_of(f"http://localhost:{server.port}/myid/callback")

    assert RouteKind.PASTE == route.kind
    assert f", process {os.getpid()})" in route.reason
    assert "Jupyter server" not in route.reason


SERVE = """
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens", flush=True)
while True:
    connection, _ = server.accept()
    connection.recv(9999)
    connection.sendall(sys.argv[2].encode())
    connection.close()
"""


@needs_other_user
def test_port_of_a_killed_server_taken_by_another_user(runtime_dir: Path) -> None:
    """Whatever they say there, the answer of a sign-in is not sent to them."""
    port = free_port()
    leave_server_file(runtime_dir, f"http://localhost:{port}/", pid=2**22 - 1)
    Rendezvous(port=1, key="k", valid_until=4e9).write("a sign-in of this user elsewhere")

    with other_user(SERVE, str(port), HEALTHY.decode()) as said:
        assert "listens" == said
        route = route_of(f"http://localhost:{port}/myid/callback")

    assert RouteKind.PASTE == route.kind
    assert f"Port {port} is in use by" in route.reason
    assert "your Jupyter server" not in route.reason


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_port_held_by_another_program(host: str) -> None:
    """On either address of localhost; the reason says what holds it."""
    port = free_port()
    with FixedAnswerServer(host=host, port=port):
        uri = f"http://localhost:{port}/myid/callback"
        route = route_of(uri)

    assert (RouteKind.PASTE, uri) == (route.kind, route.redirect_uri)
    assert f"Port {port} is in use by" in route.reason
    assert "--paste, in Python paste=True" in route.reason


WAIT = """
import socket, sys
from myid_notebook.callback.rendezvous import Rendezvous
server = socket.create_server(("127.0.0.1", 0))
Rendezvous(port=1, key="k", valid_until=4e9).write("state of the other")
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


def test_port_held_by_another_kernel_of_this_user() -> None:
    """Its sign-in must end first, or the address is pasted; the reason says so."""
    command = [sys.executable, "-c", WAIT]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as other:
        assert other.stdout is not None
        route = route_of(f"http://127.0.0.1:{int(other.stdout.readline())}/cb")

    assert RouteKind.PASTE == route.kind
    assert f"Another notebook of yours (process {other.pid}) is waiting" in route.reason
    assert "Finish or interrupt that sign-in, then run this cell again" in route.reason
    assert "--paste, in Python paste=True" in route.reason


CORRUPT = {
    "no url": b'{"pid": 1}',
    "endless pid": b'{"url": "http://localhost:1/", "pid": Infinity}',
    "odd url": b'{"url": "http://[", "pid": 1}',
    "no port": b'{"url": "http://localhost:99999/", "pid": 1}',
    "socket file": b'{"url": "http+unix://%2Ftmp%2Fj.sock/", "pid": 1}',
    "deep": b"[" * 100_000,
    "not UTF-8": b"\xff",
}


@pytest.mark.parametrize("kind", CORRUPT)
def test_corrupt_server_file(runtime_dir: Path, kind: str) -> None:
    """One odd file does not hide the servers behind it."""
    with HttpServer(healthy) as server:
        leave_server_file(runtime_dir, f"http://localhost:{server.port}/")
        (runtime_dir / "jpserver-0.json").write_bytes(CORRUPT[kind])

        reason = route_of(f"http://localhost:{server.port}/myid/callback").reason

    assert f"your Jupyter server at http://localhost:{server.port}/." in reason


def test_runtime_folder_is_looked_up_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder set later (``JUPYTER_RUNTIME_DIR``) counts: nothing is remembered."""
    with HttpServer(healthy) as server:
        uri = f"http://127.0.0.1:{server.port}/myid/callback"
        route = route_of(uri)
        assert uri == route.redirect_uri
        assert "which leads to your Jupyter server" in route.reason

        leave_server_file(tmp_path / "other", f"http://127.0.0.1:{server.port}/")
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "other"))
        assert "back to your Jupyter server at" in route_of(uri).reason
