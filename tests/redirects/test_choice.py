"""Which door a redirect URI leads through, where it says nothing about other programs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.jupyter_process import free_port

from myid_notebook.errors import SettingError
from myid_notebook.redirects.choice import open_door
from myid_notebook.redirects.door import Door, DoorKind

HUB_URI = "https://hub.example.com/hub/user-redirect/myid/callback"
ON_HUB = {
    "JUPYTERHUB_SERVICE_PREFIX": "/user/jane/",
    "MYID_NOTEBOOK_CALLBACK_URL": "http://127.0.0.1:41234/user/jane/myid/callback",
}
IN_JUPYTER = {"MYID_NOTEBOOK_CALLBACK_URL": "http://127.0.0.1:8899/a%40b/myid/callback"}


@pytest.fixture(autouse=True)
def doors() -> Iterator[list[Door]]:
    """Every door that was opened, closed afterwards."""
    opened: list[Door] = []
    yield opened
    for door in opened:
        door.close()


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
    door = open_door(uri, environ, paste=False)

    assert DoorKind.JUPYTER == door.kind
    assert door.redirect_uri == (uri or door.redirect_uri)
    assert [] == door.sockets


PASTE = [
    ({}, HUB_URI, "this kernel runs outside"),
    ({}, "https://jupyter.example.com/myid/callback", "does not lead here"),
    (IN_JUPYTER, "https://jupyter.example.com/other/path", "does not lead here"),
    ({"MYID_NOTEBOOK_CALLBACK_URL": "https://localhost:8899/lab"},
     "https://jupyter.example.com:8899/lab", "does not lead here"),
    ({"MYID_NOTEBOOK_CALLBACK_URL": "https://j.example/lab"},
     "https://other.example/lab", "does not lead here"),
    ({}, "https://localhost:8888/myid/callback", "Nothing here can serve"),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "uri", "words"), PASTE)
def test_paste(environ: dict[str, str], uri: str, words: str) -> None:
    """Where nothing here takes the answer, the reason says so and how to paste."""
    door = open_door(uri, environ, paste=False)

    assert (DoorKind.PASTE, uri) == (door.kind, door.redirect_uri)
    assert words in door.reason
    assert "%myid_login --paste" in door.reason


@pytest.mark.parametrize("environ", [{}, IN_JUPYTER, ON_HUB])
def test_paste_on_request(environ: dict[str, str]) -> None:
    """Whoever asks to paste may paste."""
    door = open_door("http://localhost:8899/a%40b/myid/callback", environ, paste=True)

    assert DoorKind.PASTE == door.kind
    assert "http://localhost:8899/a%40b/myid/callback" == door.redirect_uri
    assert "You asked to paste" in door.reason


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
@pytest.mark.parametrize("environ", [{}, IN_JUPYTER])
def test_listener(doors: list[Door], environ: dict[str, str], host: str) -> None:
    """A free address of this machine is held by this kernel, also inside another Jupyter."""
    uri = f"http://{host}:{free_port()}/any/path"

    doors.append(open_door(uri, environ, paste=False))

    assert (DoorKind.LISTENER, uri) == (doors[0].kind, doors[0].redirect_uri)
    assert len(doors[0].sockets) == (2 if host == "localhost" else 1)
    assert uri in doors[0].reason


def test_closing_a_door_frees_its_port(doors: list[Door]) -> None:
    """A sign-in that never started holds nothing."""
    uri = f"http://localhost:{free_port()}/cb"
    open_door(uri, {}, paste=False).close()

    doors.append(open_door(uri, {}, paste=False))

    assert DoorKind.LISTENER == doors[0].kind
    assert 2 == len(doors[0].sockets)


def test_no_default() -> None:
    """Where no URI is set and none can be known, nothing is opened."""
    with pytest.raises(SettingError):
        open_door(None, {"JUPYTERHUB_SERVICE_PREFIX": "/user/jane/"}, paste=False)


def test_every_reason_is_one_sentence_or_two(runtime_dir: Path) -> None:
    """A reason is shown in one line of the widget; nothing is written for it."""
    doors = [open_door(uri, environ, paste=False) for environ, uri, _ in PASTE]
    doors += [open_door(uri, environ, paste=False) for environ, uri in JUPYTER]

    for door in doors:
        assert door.reason.endswith(".")
        assert 1 == len(door.reason.splitlines())
        assert door.reason not in repr(door.sockets)
    assert not runtime_dir.exists()
