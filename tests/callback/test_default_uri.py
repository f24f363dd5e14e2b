"""The default redirect URI."""

import socket
import tempfile
from urllib.parse import quote

import pytest
from support.jupyter.server import healthy
from support.servers.http_server import HttpServer

from myid_notebook.callback.jupyter_servers import default_redirect_uri
from myid_notebook.errors import SettingError

CALLBACK = "MYID_NOTEBOOK_CALLBACK_URL"
HUB = "JUPYTERHUB_PUBLIC_HUB_URL"
ON_HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/jane/", "JUPYTERHUB_API_URL": "http://h:8081/hub/api"}

URIS = [
    ({}, "http://localhost:8888/myid/callback"),
    ({CALLBACK: "http://127.0.0.1:9999/a%40b/myid/callback"},
     "http://localhost:9999/a%40b/myid/callback"),
    ({CALLBACK: "http://[::1]:8888/myid/callback"}, "http://localhost:8888/myid/callback"),
    ({CALLBACK: "http://localhost/myid/callback"}, "http://localhost/myid/callback"),
    ({CALLBACK: "https://127.0.0.1:8888/myid/callback"}, "https://localhost:8888/myid/callback"),
    ({CALLBACK: "https://jupyter.example.com/myid/callback"},
     "https://jupyter.example.com/myid/callback"),
    ({CALLBACK: "http+unix://%2Ftmp%2Fgone.sock/myid/callback"},
     "http://localhost:8888/myid/callback"),
    ({CALLBACK: "http://gone.invalid:8888/myid/callback"}, "http://localhost:8888/myid/callback"),
    ({HUB: "https://hub.example.com/hub/", **ON_HUB},
     "https://hub.example.com/hub/user-redirect/myid/callback"),
    ({HUB: "https://hub.example.com/pre%20fix/hub", CALLBACK: "http://127.0.0.1:1/myid/callback"},
     "https://hub.example.com/pre%20fix/hub/user-redirect/myid/callback"),
    ({HUB: "http://127.0.0.1:8000/hub/", **ON_HUB},
     "http://127.0.0.1:8000/hub/user-redirect/myid/callback"),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "uri"), URIS)
def test_default_of_a_place(environ: dict[str, str], uri: str) -> None:
    """The hub's for all its users; else this Jupyter's by the name localhost; else port 8888."""
    assert uri == default_redirect_uri(environ)


MISSING = [
    (ON_HUB, "https://HUB/hub/user-redirect/myid/callback"),
    ({**ON_HUB, "JUPYTERHUB_BASE_URL": "/jupyter/"},
     "https://HUB/jupyter/hub/user-redirect/myid/callback"),
    ({**ON_HUB, CALLBACK: "http://127.0.0.1:8888/user/jane/myid/callback"},
     "this JupyterHub does not publish its address"),
    ({**ON_HUB, HUB: "hub.example.com"}, "'hub.example.com/user-redirect"),
    ({**ON_HUB, HUB: "http://hub.example.com/hub/"}, "must use https"),
    ({**ON_HUB, HUB: "https://*.example.com/hub/"}, "a wildcard"),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "words"), MISSING)
def test_no_default(environ: dict[str, str], words: str) -> None:
    """Where nothing right can be known, the message says why, and what to set."""
    with pytest.raises(SettingError) as caught:
        default_redirect_uri(environ)

    assert "redirect_uri" == caught.value.setting
    assert words in str(caught.value)
    assert "MYID_REDIRECT_URI" in str(caught.value)


def test_no_default_of_a_server_on_a_socket_file() -> None:
    """A browser reaches it through something else, of which only its administrator knows."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/j")
        listening.listen()
        with pytest.raises(SettingError, match="a socket file"):
            default_redirect_uri(
                {CALLBACK: f"http+unix://{quote(folder + '/j', safe='')}/myid/callback"}
            )


def test_no_default_of_a_server_on_the_network() -> None:
    """Plain http is for this machine alone."""
    with HttpServer(healthy) as server:
        remote = f"http://0.0.0.0:{server.port}/myid/callback"
        with pytest.raises(SettingError, match="not safe over a network"):
            default_redirect_uri({CALLBACK: remote})

    assert server.seen[0].target.startswith("/myid/health?")
