"""The route of a redirect URI, where no other program matters."""

import json
import socket
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from support.jupyter.server import healthy, leave_server_file
from support.machine.ports import free_port
from support.servers.http_server import HttpServer, json_answer, json_body

from myid_notebook.callback import jupyter_servers, rendezvous
from myid_notebook.callback.route import CallbackRoute, RouteKind, choose_route

HUB_URI = "https://hub.example.com/hub/user-redirect/myid/callback"
CALLBACK = "MYID_NOTEBOOK_CALLBACK_URL"
PREFIX = {"JUPYTERHUB_SERVICE_PREFIX": "/user/jane/"}


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A Jupyter server of this user, as far as it is asked here."""
    with HttpServer(healthy) as running:
        yield running


def in_jupyter(url: str) -> dict[str, str]:
    """Return the environment of a kernel of that server."""
    return {CALLBACK: f"{url}/a%40b/myid/callback"}


@pytest.fixture(autouse=True)
def routes() -> Iterator[list[CallbackRoute]]:
    """Every route that was opened, closed afterwards."""
    opened: list[CallbackRoute] = []
    yield opened
    for route in opened:
        route.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
@pytest.mark.parametrize("base", ["a%40b", "a@b"])
def test_jupyter(server: HttpServer, host: str, base: str) -> None:
    """This Jupyter's own callback, however its address is written."""
    uri = f"http://{host}:{server.port}/{base}/myid/callback"
    route = choose_route(uri, in_jupyter(server.url), paste=False)

    assert (RouteKind.JUPYTER, uri, ()) == (route.kind, route.redirect_uri, route.sockets)
    assert "to this Jupyter server" in route.reason
    assert "/a%40b/myid/paste" == route.paste_path
    assert server.seen[0].target.startswith("/a%40b/myid/health?")


def test_jupyter_by_default(server: HttpServer) -> None:
    """Without a setting, the redirect goes there."""
    route = choose_route(None, in_jupyter(server.url), paste=False)

    assert RouteKind.JUPYTER == route.kind
    assert f"http://localhost:{server.port}/a%40b/myid/callback" == route.redirect_uri


def test_jupyter_behind_a_public_address(server: HttpServer) -> None:
    """A server does not know its own public address; the path says that it is probably this one."""
    uri = "https://jupyter.example.com/front/myid/callback"
    route = choose_route(uri, in_jupyter(server.url), paste=False)

    assert (RouteKind.JUPYTER, uri) == (route.kind, route.redirect_uri)
    assert uri in route.reason


def test_jupyter_of_another_user(
    server: HttpServer, routes: list[CallbackRoute], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it responds, it is not believed, and the reason says whose it is."""
    held = ("127.0.0.1", server.port)
    monkeypatch.setattr(jupyter_servers, "is_held_by_another_user", lambda *at: held == at)
    uri = "https://jupyter.example.com/myid/callback"
    route = choose_route(uri, in_jupyter(server.url), paste=False)

    assert (RouteKind.PASTE, "") == (route.kind, route.paste_path)
    assert f"at {server.url}/a%40b/ belongs to another user" in route.reason

    beside = f"http://[::1]:{server.port}/a%40b/myid/callback"
    routes.append(choose_route(beside, in_jupyter(server.url), paste=False))
    assert RouteKind.OWN_PORT == routes[0].kind
    assert "belongs to another user" in routes[0].reason


@pytest.mark.parametrize(
    "hub", [PREFIX, {"JUPYTERHUB_API_URL": "http://hub:8081/hub/api"}, {**PREFIX, "X": "y"}]
)
@pytest.mark.parametrize("uri", [HUB_URI, None])
def test_hub(server: HttpServer, hub: dict[str, str], uri: str | None) -> None:
    """A hub's user-redirect leads to this user's server."""
    environ = {
        **hub,
        **in_jupyter(server.url),
        "JUPYTERHUB_PUBLIC_HUB_URL": "https://hub.example.com/hub/",
    }
    route = choose_route(uri, environ, paste=False)

    assert (RouteKind.JUPYTER, HUB_URI) == (route.kind, route.redirect_uri)
    assert "through JupyterHub" in route.reason


@pytest.mark.parametrize("hub", [PREFIX, {"JUPYTERHUB_API_URL": "http://hub:8081/hub/api"}])
def test_hub_whose_server_was_restarted(
    server: HttpServer, runtime_dir: Path, hub: dict[str, str]
) -> None:
    """The hub sends the redirect to the server that runs now, not to the one of the environment."""
    leave_server_file(runtime_dir, f"{server.url}/user/jane/")
    environ = {**hub, CALLBACK: f"http://127.0.0.1:{free_port()}/user/jane/myid/callback"}

    assert RouteKind.JUPYTER == choose_route(HUB_URI, environ, paste=False).kind


def test_hub_that_does_not_reach_here(server: HttpServer, runtime_dir: Path) -> None:
    """Its variables are inherited; a server of the user's own is not what the hub leads to."""
    leave_server_file(runtime_dir, f"{server.url}/other/")
    environ = {**PREFIX, CALLBACK: f"http://127.0.0.1:{free_port()}/user/jane/myid/callback"}
    route = choose_route(HUB_URI, environ, paste=False)

    assert (RouteKind.PASTE, HUB_URI) == (route.kind, route.redirect_uri)
    assert "" == route.paste_path
    assert "none of your Jupyter servers with the MyID extension responds" in route.reason
    assert "--paste, in Python paste=True" in route.reason


DEAD = {CALLBACK: "http://127.0.0.1:1/a%40b/myid/callback"}
PASTE = [
    ({}, HUB_URI, "this kernel runs outside"),
    ({}, "https://jupyter.example.com/myid/callback", "is not this notebook"),
    (DEAD, "https://jupyter.example.com/other/path", "is not this notebook"),
    (DEAD, "https://jupyter.example.com/myid/callback", "is no longer running. Therefore, after"),
    (DEAD, "https://localhost:1/a@b/myid/callback", "This kernel cannot serve"),
    ({CALLBACK: "http://127.0.0.1:99999/myid/callback"},
     "https://jupyter.example.com/myid/callback", "is no longer running"),
    ({"MYID_NOTEBOOK_CALLBACK_URL": "https://localhost:8899/lab"},
     "https://jupyter.example.com:8899/lab", "is not this notebook"),
    ({"MYID_NOTEBOOK_CALLBACK_URL": "https://j.example/lab"},
     "https://other.example/lab", "is not this notebook"),
    ({}, "https://localhost:8888/myid/callback", "This kernel cannot serve"),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "uri", "words"), PASTE)
def test_paste(environ: dict[str, str], uri: str, words: str) -> None:
    """Where nothing here takes the answer, the reason says so and how to paste."""
    route = choose_route(uri, environ, paste=False)

    assert (RouteKind.PASTE, uri) == (route.kind, route.redirect_uri)
    assert words in route.reason
    assert "--paste, in Python paste=True" in route.reason


def test_paste_on_request() -> None:
    """Whoever asks to paste may paste."""
    route = choose_route("http://localhost:8899/a%40b/myid/callback", {}, paste=True)

    assert RouteKind.PASTE == route.kind
    assert "http://localhost:8899/a%40b/myid/callback" == route.redirect_uri
    assert "paste it below" in route.reason


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
@pytest.mark.parametrize("environ", [{}, DEAD])
def test_listener(routes: list[CallbackRoute], environ: dict[str, str], host: str) -> None:
    """A free address of this machine is held by this kernel, also inside another Jupyter, and by
    all its sign-ins together.
    """
    uri = f"http://{host}:{free_port()}/any/path"

    routes += [choose_route(uri, environ, paste=False) for _ in range(2)]

    for route in routes:
        assert (RouteKind.OWN_PORT, uri) == (route.kind, route.redirect_uri)
        assert len(route.sockets) == (2 if host == "localhost" else 1)
        assert route.reason.startswith(f"MyID will send you back to this kernel, at {uri}.")


def test_listener_of_a_sign_in_that_is_closing(routes: list[CallbackRoute]) -> None:
    """Some of its sockets are closed; the next sign-in shares those of another one."""
    uri = f"http://localhost:{free_port()}/any/path"
    routes += [choose_route(uri, {}, paste=False) for _ in range(2)]
    routes[0].sockets[1].close()

    routes.append(choose_route(uri, {}, paste=False))

    assert 2 == len(routes[2].sockets)


def test_every_reason_is_one_sentence_or_two(runtime_dir: Path) -> None:
    """A reason is shown in one line of the widget; nothing is written for it."""
    routes = [choose_route(uri, environ, paste=False) for environ, uri, _ in PASTE]

    for route in routes:
        assert route.reason.endswith(".")
        assert 1 == len(route.reason.splitlines())
        assert route.reason not in repr(route.sockets)
    assert [] == [*(runtime_dir / "myid-notebook").iterdir()]


def test_jupyter_that_has_ended(routes: list[CallbackRoute]) -> None:
    """In tmux or a batch job the environment outlives the server; this kernel takes its port."""
    uri = f"http://localhost:{free_port()}/a%40b/myid/callback"
    environ = {CALLBACK: uri.replace("localhost", "127.0.0.1")}

    routes.append(choose_route(None, environ, paste=False))

    assert (RouteKind.OWN_PORT, uri) == (routes[0].kind, routes[0].redirect_uri)
    assert "which started this kernel, is no longer running." in routes[0].reason
    assert "forwarded to this Jupyter server" not in routes[0].reason
    assert "" == routes[0].paste_path


SOMEBODYS = {
    "an extension that cannot read this user's files": b'{"myid_notebook": "0.1.0"}',
    "a wrong proof": b'{"myid_notebook": "0.1.0", "proof": "mine"}',
    "a proof that is no text": b'{"myid_notebook": "0.1.0", "proof": 1}',
    "another program": b"{}",
    "no JSON": b"<html>",
    "a list": b"[]",
}


@pytest.mark.parametrize("kind", SOMEBODYS)
def test_port_of_a_jupyter_that_has_ended(kind: str) -> None:
    """What has its port now is not believed to be that server."""
    with HttpServer(lambda handler: json_body(handler, SOMEBODYS[kind])) as other:
        environ = in_jupyter(other.url)
        route = choose_route(None, environ, paste=False)

    assert (RouteKind.PASTE, "") == (route.kind, route.paste_path)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_busy_jupyter(scheme: str) -> None:
    """A server that does not respond at once is still there; the link waits for a moment only."""
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as busy:
        uri = f"{scheme}://127.0.0.1:{busy.getsockname()[1]}/myid/callback"
        route = choose_route(uri, {CALLBACK: uri}, paste=False)

    assert (RouteKind.JUPYTER, "/myid/paste") == (route.kind, route.paste_path)
    assert time.monotonic() - started < 20


def test_jupyter_on_a_socket_file() -> None:
    """It is asked, too; without it, the path of its paste page is not offered."""
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket must be short
        path = f"{folder}/j"
        environ = {CALLBACK: f"http+unix://{quote(path, safe='')}/myid/callback"}
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen()
            with ThreadPoolExecutor() as threads:
                threads.submit(_answer_health, listening)
                route = choose_route("https://j.example/myid/callback", environ, paste=False)
        assert (RouteKind.JUPYTER, "/myid/paste") == (route.kind, route.paste_path)

        route = choose_route("https://j.example/myid/callback", environ, paste=False)
    assert (RouteKind.PASTE, "") == (route.kind, route.paste_path)


def _answer_health(listening: socket.socket) -> None:
    with listening.accept()[0] as connection:
        request = connection.recv(9999)
        assert b"\r\nHost: localhost\r\n" in request
        asked = request.partition(b"challenge=")[2].partition(b" ")[0].decode()
        found = {"myid_notebook": "0.1.0", "proof": rendezvous.proof_for(asked)}
        connection.sendall(json_answer(json.dumps(found).encode()))
