"""The route of a redirect URI, where no other program matters."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.machine.ports import free_port

from myid_notebook.callback.route import CallbackRoute, RouteKind, choose_route
from myid_notebook.errors import SettingError

HUB_URI = "https://hub.example.com/hub/user-redirect/myid/callback"
ON_HUB = {
    "JUPYTERHUB_SERVICE_PREFIX": "/user/jane/",
    "MYID_NOTEBOOK_CALLBACK_URL": "http://127.0.0.1:41234/user/jane/myid/callback",
}
IN_JUPYTER = {"MYID_NOTEBOOK_CALLBACK_URL": "http://127.0.0.1:8899/a%40b/myid/callback"}


@pytest.fixture(autouse=True)
def routes() -> Iterator[list[CallbackRoute]]:
    """Every route that was opened, closed afterwards."""
    opened: list[CallbackRoute] = []
    yield opened
    for route in opened:
        route.close()


JUPYTER = [
    (IN_JUPYTER, None),
    (IN_JUPYTER, "http://localhost:8899/a%40b/myid/callback"),
    (IN_JUPYTER, "http://localhost:8899/a@b/myid/callback"),
    (IN_JUPYTER, "http://127.0.0.1:8899/a%40b/myid/callback"),
    (IN_JUPYTER, "http://[::1]:8899/a%40b/myid/callback"),
    (IN_JUPYTER, "https://jupyter.example.com/front/myid/callback"),
    ({"MYID_NOTEBOOK_CALLBACK_URL": "http://localhost/myid/callback"},
     "http://localhost:80/myid/callback"),
    ({"MYID_NOTEBOOK_CALLBACK_URL": "https://j.example/myid/callback"},
     "https://j.example:443/myid/callback"),
    (ON_HUB, HUB_URI),
    ({"JUPYTERHUB_API_URL": "http://hub:8081/hub/api"}, HUB_URI),
    ({**ON_HUB, "JUPYTERHUB_PUBLIC_HUB_URL": "https://hub.example.com/hub/"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "uri"), JUPYTER)
def test_jupyter(environ: dict[str, str], uri: str | None) -> None:
    """This Jupyter's own callback, however its address is written; a hub's user-redirect."""
    route = choose_route(uri, environ, paste=False)

    assert RouteKind.JUPYTER == route.kind
    assert route.redirect_uri == (uri or route.redirect_uri)
    assert [] == route.sockets


PASTE = [
    ({}, HUB_URI, "this kernel runs outside"),
    ({}, "https://jupyter.example.com/myid/callback", "is not this notebook"),
    (IN_JUPYTER, "https://jupyter.example.com/other/path", "is not this notebook"),
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
    assert "%myid_login --paste" in route.reason


@pytest.mark.parametrize("environ", [{}, IN_JUPYTER, ON_HUB])
def test_paste_on_request(environ: dict[str, str]) -> None:
    """Whoever asks to paste may paste."""
    route = choose_route("http://localhost:8899/a%40b/myid/callback", environ, paste=True)

    assert RouteKind.PASTE == route.kind
    assert "http://localhost:8899/a%40b/myid/callback" == route.redirect_uri
    assert "paste it below" in route.reason


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
@pytest.mark.parametrize("environ", [{}, IN_JUPYTER])
def test_listener(routes: list[CallbackRoute], environ: dict[str, str], host: str) -> None:
    """A free address of this machine is held by this kernel, also inside another Jupyter."""
    uri = f"http://{host}:{free_port()}/any/path"

    routes.append(choose_route(uri, environ, paste=False))

    assert (RouteKind.OWN_PORT, uri) == (routes[0].kind, routes[0].redirect_uri)
    assert len(routes[0].sockets) == (2 if host == "localhost" else 1)
    assert uri in routes[0].reason


def test_closing_a_route_frees_its_port(routes: list[CallbackRoute]) -> None:
    """A sign-in that never started holds nothing."""
    uri = f"http://localhost:{free_port()}/cb"
    choose_route(uri, {}, paste=False).close()

    routes.append(choose_route(uri, {}, paste=False))

    assert RouteKind.OWN_PORT == routes[0].kind
    assert 2 == len(routes[0].sockets)


def test_no_default() -> None:
    """Where no URI is set and none can be known, nothing is opened."""
    with pytest.raises(SettingError):
        choose_route(None, {"JUPYTERHUB_SERVICE_PREFIX": "/user/jane/"}, paste=False)


def test_every_reason_is_one_sentence_or_two(runtime_dir: Path) -> None:
    """A reason is shown in one line of the widget; nothing is written for it."""
    routes = [choose_route(uri, environ, paste=False) for environ, uri, _ in PASTE]
    routes += [choose_route(uri, environ, paste=False) for environ, uri in JUPYTER]

    for route in routes:
        assert route.reason.endswith(".")
        assert 1 == len(route.reason.splitlines())
        assert route.reason not in repr(route.sockets)
    assert not runtime_dir.exists()
