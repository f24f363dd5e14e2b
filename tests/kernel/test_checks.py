"""What is checked at MyID while the sign-in link is shown, and what is said of it."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme
from support.jupyter.cell import Cell
from support.jupyter.kernel import LocalKernel, follow
from support.machine.ports import free_port
from support.servers.http_server import FixedAnswerServer, HttpServer, json_body
from support.servers.sandbox import Registration, SandboxProcess, register
from support.servers.tls import server_context

WILL_FAIL = "This sign-in will fail."
THREADS = "[each.name for each in __import__('threading').enumerate()].count('myid-checks')"
SIGN_IN_PAGE = b"<title>MyID Authentication</title><script src='client-service.js'></script>"
NOT_OF_A_TOKEN_ENDPOINT = ("Token endpoint: HTTP ", "not the response of a token endpoint")


def answer_with(status: int, body: bytes = b"<html>A page.</html>") -> Callable[..., None]:
    """Return what answers every request with a page."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def as_token_endpoint(error: str) -> Callable[..., None]:
    """Return what answers with an OAuth error."""
    return lambda handler: json_body(handler, json.dumps({"error": error}).encode(), 400)


@contextmanager
def untrusted(_: Registration) -> Iterator[dict[str, str]]:
    """A server whose certificate is of an authority that nobody here trusts."""
    with HttpServer(tls=server_context(trustme.CA())) as server:
        yield {"MYID_SERVER": server.url}


def serving(status: int, body: bytes = b"<html>A page.</html>") -> Callable[..., object]:
    """Return a fault: another web server, which answers everything alike."""

    @contextmanager
    def other(_: Registration) -> Iterator[dict[str, str]]:
        with HttpServer(answer_with(status, body)) as server:
            yield {"MYID_SERVER": server.url}

    return other


def setting(**environ: str) -> Callable[..., object]:
    """Return a fault: a setting with another value."""

    @contextmanager
    def other(_: Registration) -> Iterator[dict[str, str]]:
        yield environ

    return other


@contextmanager
def plain_http(client: Registration) -> Iterator[dict[str, str]]:
    """The server without TLS, addressed with https."""
    yield {"MYID_SERVER": client.server.replace("http:", "https:")}


@contextmanager
def token_endpoint_elsewhere(_: Registration) -> Iterator[dict[str, str]]:
    """A token endpoint at another server, where nobody listens."""
    yield {"MYID_TOKEN_URL": f"http://127.0.0.1:{free_port()}/token"}


FAULTS: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "no such host": (
        setting(MYID_SERVER="https://myid.example.invalid"),
        ("myid.example.invalid cannot be reached", "MYID_SERVER"),
    ),
    "closed port": (
        setting(MYID_SERVER=f"http://127.0.0.1:{free_port()}"),
        ("cannot be reached", "MYID_SERVER"),
    ),
    "unknown CA": (untrusted, ("certificate that is not trusted here", "MYID_CA_BUNDLE")),
    "plain http": (plain_http, ("does not use TLS", "MYID_SERVER")),
    "another web server": (serving(200), (*NOT_OF_A_TOKEN_ENDPOINT, "MYID_SERVER")),
    "nothing there": (serving(404), ("HTTP 404, not a sign-in page", "MYID_SERVER")),
    "HTTP 500": (serving(500), ("HTTP 500, not a sign-in page",)),
    "token endpoint": (
        token_endpoint_elsewhere,
        ("Token endpoint: 127.0.0.1", "cannot be reached", "MYID_TOKEN_URL"),
    ),
    "client secret": (setting(MYID_CLIENT_SECRET="hush-wrong"), ("MYID_CLIENT_SECRET",)),
    "client id": (setting(MYID_CLIENT_ID="myid.nobody"), ("MYID_CLIENT_ID", "error page")),
    "redirect URI": (
        setting(MYID_REDIRECT_URI=f"http://localhost:{free_port()}/other"),
        ("/other (MYID_REDIRECT_URI) is not registered",),
    ),
    "scope": (setting(MYID_SCOPE="myid.unknown"), ("MYID_SCOPE", "error page")),
}
"""By name: what makes it, and words of what is said."""


@pytest.fixture
def checking_kernel(start_kernel: Callable[..., LocalKernel]) -> LocalKernel:
    """A kernel that checks."""
    return start_kernel({"MYID_CHECKS": "on"})


@pytest.fixture(scope="module")
def one_kernel(client: Registration) -> Iterator[LocalKernel]:
    """A kernel that checks, for all faults; each leaves its environment as it was."""
    with LocalKernel({**client.environ, "MYID_CHECKS": "on"}) as kernel:
        kernel.execute("%load_ext myid_notebook\nimport os\nusual = dict(os.environ)")
        yield kernel


def waiting_lines(cell: Cell) -> list[str]:
    """Return what the widget has shown so far."""
    contents = [message["content"] for message in cell.outputs.messages]
    states = [each.get("data", {}).get("state", {}) for each in contents if "comm_id" in each]
    return [str(state["value"]) for state in states if "value" in state]


def displays(cell: Cell) -> list[dict[str, str]]:
    """Return the displays that hold the link now."""
    return [each for each in cell.outputs.displays.values() if "authorize?" in str(each)]


def checked(kernel: LocalKernel, cell: Cell) -> None:
    """Wait until the checks of a cell with --no-wait have ended."""
    cell.finish()
    deadline = time.monotonic() + 60
    while "0" != kernel.value(THREADS):
        assert time.monotonic() < deadline
    cell.wait_for(lambda: len(waiting_lines(cell)) > 1)  # what they said has arrived, too


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_said_while_the_link_is_shown(
    name: str, one_kernel: LocalKernel, client: Registration, sandbox: SandboxProcess
) -> None:
    """The waiting line, the text and the HTML of the link name the fault and the setting, and so
    does the error at the end; until then the sign-in stays pending. No secret is shown.
    """
    fault, words = FAULTS[name]
    assert sandbox.url
    with fault(client) as environ:  # type: ignore[attr-defined] # a context manager
        one_kernel.execute(f"os.environ.clear(); os.environ.update(usual | {environ!r})")
        cell = one_kernel.submit("%myid_login --timeout 600")
        cell.link()
        try:
            cell.wait_for(lambda: all(word in waiting_lines(cell)[-1] for word in words), 20)
            cell.wait_for(lambda: WILL_FAIL in str(displays(cell)))
            assert not cell.done
            (shown,) = displays(cell)
        finally:
            one_kernel.interrupt()
            outputs = cell.finish()

    for kind in ("text/plain", "text/html"):
        assert [True] * len(words) == [word in shown[kind] for word in words], shown[kind]
    assert ["SignInInterrupted"] == [error for error, _ in outputs.errors]
    assert WILL_FAIL not in outputs.shown
    for secret in (client.client_secret, "hush-wrong"):
        assert secret not in str(outputs.messages)
