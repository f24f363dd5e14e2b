"""Loopback redirect URIs that lead to this user's Jupyter server through another program."""

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator

import pytest
import requests
import trustme
from support.browser.callback_page import CallbackPage, read_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.jupyter.server import JupyterProcess
from support.machine.other_user import needs_other_user, other_user
from support.machine.ports import free_port
from support.servers.proxies import pump
from support.servers.sandbox import SandboxProcess, register
from support.servers.server_thread import ConnectionServer
from support.servers.tls import server_context

from myid_notebook.callback.route import RouteKind, choose_route


class Forward(ConnectionServer):
    """A program that passes connections on, as ``ssh -L`` does; or a proxy that adds TLS.

    Args:
        port: where to.
        tls: the TLS context; None without.
        host: the address it listens on.
    """

    def __init__(
        self, port: int, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        super().__init__(host)
        self._upstream = port
        self._tls = tls

    def serve(self, connection: socket.socket) -> None:
        """Pass on what comes, in both directions."""
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
        with connection, socket.create_connection(("localhost", self._upstream)) as upstream:
            back = threading.Thread(target=pump, args=(upstream, connection))
            back.start()
            pump(connection, upstream)
            back.join()


@pytest.fixture(params=["https", "http"])
def front(request: pytest.FixtureRequest, jupyter: JupyterProcess) -> Iterator[str]:
    """The server's URL through another program, with a certificate that nobody here trusts."""
    tls = server_context(trustme.CA()) if request.param == "https" else None
    with Forward(jupyter.port, tls) as forward:
        yield f"{request.param}://localhost:{forward.port}/a%40b/"


@pytest.fixture
def browse() -> Iterator[Callable[[str], CallbackPage]]:
    """A browser whose user accepts any certificate."""
    with requests.Session() as browser, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # urllib3 warns of that
        browser.trust_env, browser.verify = False, False
        yield lambda url: read_page(browser.get(url, allow_redirects=False, timeout=60))


def test_redirect_arrives(
    jupyter: JupyterProcess,
    sandbox: SandboxProcess,
    front: str,
    browse: Callable[[str], CallbackPage],
) -> None:
    """The person signs in as at the server's own address, and nothing is pasted."""
    client = register(sandbox, f"{front}myid/callback")
    with LocalKernel(client.environ, runtime_dir=jupyter.runtime_dir) as kernel:
        cell = kernel.submit("%load_ext myid_notebook\n%myid_login")
        link = cell.link()
        assert f"{front}, which leads to your Jupyter server." in cell.outputs.shown

        browse(f"{front}lab?token={jupyter.token}")
        assert "Signed in to MyID" == browse(finish_sign_in(link)).title
        assert "Signed in as Jane Doe" in cell.finish().shown
        assert [] == kernel.prompts


def test_somebody_elses_server(
    jupyter: JupyterProcess, front: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """A server that cannot read this user's files is not the way, however it responds."""
    assert jupyter.pid
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    route = choose_route(f"{front}myid/callback", {}, paste=False)

    assert RouteKind.PASTE == route.kind


def test_path_that_is_not_the_callback(
    jupyter: JupyterProcess, front: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the callback's own path takes a redirect."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(jupyter.runtime_dir))

    assert RouteKind.PASTE == choose_route(f"{front}other", {}, paste=False).kind
    assert RouteKind.JUPYTER == choose_route(f"{front}myid/callback", {}, paste=False).kind


FORWARD = """
import select
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens", flush=True)
while True:
    client, _ = listening.accept()
    server = socket.create_connection(("localhost", int(sys.argv[2])))
    server.sendall(client.recv(9999))
    while piece := server.recv(9999):
        client.sendall(piece)
    client.close()
"""


@needs_other_user
def test_another_users_program_before_this_users_server(
    jupyter: JupyterProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can pass on every question; their program would see the redirect."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(jupyter.runtime_dir))
    port = free_port()
    with other_user(FORWARD, str(port), str(jupyter.port)) as said:
        assert "listens" == said
        uri = f"http://127.0.0.1:{port}/a%40b/myid/callback"
        route = choose_route(uri, {}, paste=False)

    assert RouteKind.PASTE == route.kind
    assert f"Port {port} is in use by" in route.reason
