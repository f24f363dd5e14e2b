"""Where the kernel receives the redirect, and the browser may run on another computer."""

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.jupyter.server import healthy
from support.machine.ports import free_port
from support.servers.http_server import HttpServer

from myid_notebook.callback import route as route_module
from myid_notebook.callback.route import CallbackRoute, RouteKind, choose_route

HERE = socket.gethostname()
SSH = {"SSH_CONNECTION": "192.0.2.7 50022 198.51.100.4 22", "SSH_TTY": "/dev/pts/1"}

ELSEWHERE = {
    "ssh": (SSH, False, "(ssh -L {port}:localhost:{port} 198.51.100.4)"),
    "ssh with a display forwarded": (
        {**SSH, "DISPLAY": "localhost:10.0"},
        False,
        "(ssh -L {port}:localhost:{port} 198.51.100.4)",
    ),
    "ssh at another port": (
        {"SSH_CONNECTION": "fe80::1 50022 2001:db8::4 2222", "DISPLAY": ":1"},
        False,
        "(ssh -L {port}:localhost:{port} -p 2222 2001:db8::4)",
    ),
    "ssh through a tunnel": (
        {"SSH_CONNECTION": "127.0.0.1 50022 127.0.0.1 22"},
        False,
        f"(ssh -L {{port}}:localhost:{{port}} {HERE})",
    ),
    "an odd variable": ({"SSH_CONNECTION": "a b; c d"}, False, f"localhost:{{port}} {HERE})"),
    "a terminal only": (
        {"SSH_TTY": "/dev/pts/1", "DISPLAY": ":1"},
        False,
        f"localhost:{{port}} {HERE})",
    ),
    "no display": ({}, False, f"(ssh -L {{port}}:localhost:{{port}} {HERE})"),
    "container": ({}, True, "port {port} of this container must be forwarded"),
    "container of VS Code": ({"VSCODE_CWD": "/w"}, True, "VS Code forwards port {port}"),
    "VS Code over ssh": ({**SSH, "VSCODE_PID": "1"}, False, "VS Code forwards port {port}"),
    "Codespaces": ({"CODESPACES": "true", "DISPLAY": ":1"}, False, "VS Code forwards port {port}"),
    "Kubernetes": (
        {"KUBERNETES_SERVICE_HOST": "10.0.0.1"},
        False,
        f"(kubectl port-forward {HERE} {{port}}:{{port}})",
    ),
}


def own_port(
    environ: Mapping[str, str], path: str = "/myid/callback", host: str = "localhost"
) -> CallbackRoute:
    """Return the route of a redirect URI at a free port, closed."""
    route = choose_route(f"http://{host}:{free_port()}{path}", environ, paste=False)
    route.close()
    assert RouteKind.OWN_PORT == route.kind
    return route


@pytest.mark.parametrize("place", ELSEWHERE)
def test_elsewhere(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason says at once how to forward which port, or to paste."""
    environ, container, words = ELSEWHERE[place]
    monkeypatch.setattr(route_module, "_is_in_container", lambda: container)
    route = own_port(environ)
    port = route.redirect_uri.removesuffix("/myid/callback").rpartition(":")[2]

    assert words.format(port=port) in route.reason
    assert "--paste, in Python paste=True" in route.if_elsewhere
    assert route.reason.endswith(route.if_elsewhere)
    assert 1 == len(route.reason.splitlines())


def test_address_in_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """An IPv6 address stands in brackets there."""
    monkeypatch.setattr(route_module, "_is_in_container", lambda: False)

    assert ":[::1]:" in own_port({}, host="[::1]").if_elsewhere


@pytest.mark.parametrize("mark", ["/.dockerenv", "/run/.containerenv"])
def test_container(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker and Podman leave a file each."""
    monkeypatch.setattr(Path, "exists", lambda path: mark == str(path))

    assert "of this container must be forwarded" in own_port({}).if_elsewhere


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"])
def test_here(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the browser runs on this machine, nothing of that is said."""
    monkeypatch.setattr(route_module, "_is_in_container", lambda: False)
    route = own_port({name: "x"})

    assert "" == route.if_elsewhere
    assert "computer" not in route.reason


def test_published_port_of_this_jupyter() -> None:
    """In a container, a redirect to the published port arrives at the server."""
    with HttpServer(healthy) as server:
        environ = {"MYID_NOTEBOOK_CALLBACK_URL": f"{server.url}/a%40b/myid/callback"}
        route = own_port(environ, "/a@b/myid/callback")
        other = own_port(environ, "/other")

    assert "forwarded to this Jupyter server, the redirect will arrive that way." in route.reason
    assert "--paste" in other.reason
