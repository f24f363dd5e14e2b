"""What is checked at MyID while the sign-in link is shown, and what is said of it."""

import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, suppress
from html import unescape
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace
from typing import cast

import pytest
import trustme
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import Cell
from support.jupyter.kernel import LocalKernel, follow
from support.machine.ports import free_port
from support.machine.threads import wait_until
from support.servers.http_server import FixedAnswerServer, HttpServer, json_body, redirect_to
from support.servers.sandbox import Registration, SandboxProcess, register
from support.servers.tls import server_context

from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel.checks import start_checks
from myid_notebook.kernel.registry import Registry
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.sign_in import SignIn

WILL_FAIL = "This sign-in will fail."
THREADS = "[each.name for each in __import__('threading').enumerate()].count('myid-checks')"
Servers = Callable[[Registration], AbstractContextManager[dict[str, str]]]
"""Makes servers, and says which settings lead to them."""

SIGN_IN_PAGE = b"<title>MyID Authentication</title><script src='client-service.js'></script>"


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


def serving(status: int, body: bytes = b"<html>A page.</html>") -> Servers:
    """Return a fault: another web server, which answers everything alike."""

    @contextmanager
    def other(_: Registration) -> Iterator[dict[str, str]]:
        with HttpServer(answer_with(status, body)) as server:
            yield {"MYID_SERVER": server.url}

    return other


def setting(**environ: str) -> Servers:
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


def sending_back(query: str) -> Servers:
    """Return a server that sends everybody back to the redirect URI at once."""

    @contextmanager
    def serve(client: Registration) -> Iterator[dict[str, str]]:
        with HttpServer(as_token_endpoint("invalid_grant")) as server:
            back = redirect_to(f"{client.redirect_uri}?{query}")
            server.answers["/web.oauth2/connect/authorize"] = back
            yield {"MYID_SERVER": server.url}

    return serve


FAULTS: dict[str, tuple[Servers, tuple[str, ...]]] = {
    "closed port": (
        setting(MYID_SERVER=f"http://127.0.0.1:{free_port()}"),
        ("cannot be reached", "Check MYID_SERVER"),
    ),
    "unknown CA": (untrusted, ("certificate that is not trusted here", "MYID_CA_BUNDLE")),
    "plain http": (plain_http, ("does not use TLS", "Check MYID_SERVER")),
    "another web server": (serving(200), ("MYID_SERVER leads to a web server that is not MyID's",)),
    "nothing there": (serving(404), ("MYID_SERVER leads to a web server that is not MyID's",)),
    "HTTP 500": (serving(500), ("fails (HTTP 500)",)),
    "token endpoint": (token_endpoint_elsewhere, ("cannot be reached", "Check MYID_TOKEN_URL")),
    "client secret": (
        setting(MYID_CLIENT_SECRET="hush-wrong"),
        ("not this client secret: set MYID_CLIENT_SECRET",),
    ),
    "redirect URI": (
        setting(MYID_REDIRECT_URI=f"http://localhost:{free_port()}/other"),
        ("MyID knows this client and secret, but not the redirect URI", "set MYID_REDIRECT_URI"),
    ),
    "scope": (
        setting(MYID_SCOPE="myid.unknown"),
        ("does not allow the scope myid.unknown", "set MYID_SCOPE"),
    ),
    "refresh tokens": (
        setting(MYID_SCOPE="myid.rest.basic offline_access"),
        ("leave offline_access out of MYID_SCOPE", "set AllowOfflineAccess to true"),
    ),
    "error in a redirect": (
        sending_back("error=invalid_scope"),
        ("does not allow the scope myid.rest.basic", "set MYID_SCOPE"),
    ),
}
"""By name: what makes it, and words of what is said."""


@contextmanager
def provider_out_of_reach(client: Registration) -> Iterator[dict[str, str]]:
    """MyID passes the browser on to a provider that the kernel cannot reach."""

    def pass_on(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"http://127.0.0.1:{free_port()}/sign-in")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with HttpServer(as_token_endpoint("invalid_grant")) as server:
        server.answers["/web.oauth2/connect/authorize"] = pass_on
        yield {"MYID_SERVER": server.url, "MYID_CLIENT_ID": client.client_id}


@contextmanager
def authorize_page_out_of_reach(client: Registration) -> Iterator[dict[str, str]]:
    """Only the browser reaches the server of the sign-in page."""
    page = f"http://127.0.0.1:{free_port()}/connect/authorize"
    yield {
        "MYID_AUTHORIZE_URL": page,
        "MYID_TOKEN_URL": f"{client.server}/web.oauth2/connect/token",
    }


def as_myid(
    error: str = "invalid_grant", *, status: int = 200, page: bytes = SIGN_IN_PAGE, slow: float = 0
) -> Servers:
    """Return a server that plays MyID: its sign-in page, and its token endpoint."""

    @contextmanager
    def serve(_: Registration) -> Iterator[dict[str, str]]:
        with HttpServer(as_token_endpoint(error)) as server:

            def answer(handler: BaseHTTPRequestHandler) -> None:
                server.stopping.wait(slow)
                answer_with(status, page)(handler)

            server.answers["/web.oauth2/connect/authorize"] = answer
            yield {"MYID_SERVER": server.url}

    return serve


@contextmanager
def closing(_: Registration) -> Iterator[dict[str, str]]:
    """A server that closes connections, as one that is restarting does."""
    with FixedAnswerServer() as server:
        yield {"MYID_SERVER": f"http://127.0.0.1:{server.port}"}


UNCERTAIN: dict[str, Servers] = {
    "a sign-in page without a form": as_myid(),
    "a slow sign-in page": as_myid(slow=4),
    "a page that is not MyID's": as_myid(page=b"<title>Consent to cookies</title>"),
    "no response": closing,
    "not for a kernel": as_myid(status=403),
    "busy": serving(503),
    "too many requests": serving(429),
    "another error for a code that cannot exist": as_myid("invalid_request"),
    "temporarily unavailable": as_myid("temporarily_unavailable"),
    "somebody is signed in already": sending_back("code=1&state=myid-doctor"),
    "this person may not": sending_back("error=access_denied&state=myid-doctor"),
    "a provider that the kernel cannot reach": provider_out_of_reach,
    "an authorize page that the kernel cannot reach": authorize_page_out_of_reach,
}
"""What a browser may get past, or what passes by itself."""


@pytest.fixture
def checking_kernel(start_kernel: Callable[..., LocalKernel]) -> LocalKernel:
    """A kernel that checks."""
    return start_kernel({"MYID_CHECKS": "on"})


def checked(servers: Servers, client: Registration) -> str:
    """Return what the checks beside a sign-in say in the end; empty if nothing."""
    said: list[str] = []
    with servers(client) as environ:
        settings = resolve({}, {**client.environ, **environ}, {})
        sign_in = SimpleNamespace(
            finished=Future(),
            route=SimpleNamespace(redirect_uri=settings.redirect_uri),
            report_problem=said.append,
        )
        start_checks(settings, Registry(), cast("SignIn[MyIDSession]", sign_in))
        for each in threading.enumerate():
            if each.name == "myid-checks":
                each.join(60)
                assert not each.is_alive()
    return said[-1] if said else ""


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, sandbox: SandboxProcess, client: Registration) -> None:
    """What will certainly make the sign-in fail is said with the setting, and without a secret."""
    servers, words = FAULTS[name]
    register(sandbox, client.redirect_uri, offline_access=False)

    said = checked(servers, client)

    assert [] == [word for word in words if word not in said]
    assert not [secret for secret in (client.client_secret, "hush-wrong") if secret in said]


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("name", UNCERTAIN)
def test_no_false_alarm(name: str, client: Registration) -> None:
    """What need not make the sign-in fail is not said."""
    assert "" == checked(UNCERTAIN[name], client)


def waiting_lines(cell: Cell) -> list[str]:
    """Return what the widget has shown so far."""
    contents = [message["content"] for message in cell.outputs.messages]
    states = [each.get("data", {}).get("state", {}) for each in contents if "comm_id" in each]
    return [str(state["value"]) for state in states if "value" in state]


def displays(cell: Cell) -> list[dict[str, str]]:
    """Return the displays that hold the link now."""
    return [each for each in cell.outputs.displays.values() if "authorize?" in str(each)]


PROBLEM = """
import threading
from myid_notebook.kernel.commands import registry
for each in threading.enumerate():
    if each.name == "myid-checks":
        each.join(60)
        assert not each.is_alive()
pending, passed = registry.record("myid").pending.sign_in, threading.Event()
pending._thread.call_soon(passed.set)  # behind what the checks found
assert passed.wait(60)
print(pending.problem)
"""


def problem_found(kernel: LocalKernel, cell: Cell) -> str:
    """Wait until the checks of a cell with --no-wait have ended, and return what they found."""
    cell.link()
    cell.finish()
    outputs = kernel.execute(PROBLEM)
    assert [] == outputs.errors
    return outputs.text.strip()


def test_fault_is_said_while_the_link_is_shown(
    start_kernel: Callable[..., LocalKernel], client: Registration
) -> None:
    """The waiting line, the text and the HTML of the link name the fault and the setting; until the
    time is over the sign-in stays pending, and the error at its end names the fault too.
    """
    kernel = start_kernel({"MYID_CHECKS": "on", "MYID_CLIENT_SECRET": "hush-wrong"})
    words = "not this client secret: set MYID_CLIENT_SECRET"
    cell = kernel.submit("%myid_login --timeout 15")
    cell.wait_for(lambda: any(words in unescape(line) for line in waiting_lines(cell)))
    for kind in ("text/plain", "text/html"):
        cell.wait_for(lambda kind=kind: words in unescape(displays(cell)[0][kind]))
    assert not cell.done
    outputs = cell.finish()

    ((name, message),) = outputs.errors
    assert "SignInTimeout" == name
    assert "When the link was shown, a check found a problem. MyID knows" in message
    assert words in message
    assert WILL_FAIL not in outputs.shown
    for secret in (client.client_secret, "hush-wrong"):
        assert secret not in str(outputs.messages)


@pytest.mark.parametrize(
    "code", ["%myid_login --paste", "import myid_notebook; await myid_notebook.login_async()"]
)
def test_every_way_to_sign_in(code: str, start_kernel: Callable[..., LocalKernel]) -> None:
    """The fault is said whichever way a person is to sign in."""
    kernel = start_kernel({"MYID_CHECKS": "on", "MYID_SERVER": f"http://127.0.0.1:{free_port()}"})
    kernel.on_input = lambda _: None
    cell = kernel.submit(code)

    cell.wait_for(lambda: WILL_FAIL in str(displays(cell)))

    assert "cannot be reached" in displays(cell)[0]["text/plain"]
    kernel.interrupt()


def test_status_says_it(start_kernel: Callable[..., LocalKernel]) -> None:
    """%myid_status and the card of the session say it too, until the sign-in has ended."""
    kernel = start_kernel({"MYID_CHECKS": "on", "MYID_SERVER": f"http://127.0.0.1:{free_port()}"})
    cell = kernel.submit("%myid_login --no-wait")
    cell.wait_for(lambda: WILL_FAIL in str(displays(cell)))

    assert WILL_FAIL in kernel.execute("%myid_status").shown
    assert WILL_FAIL in kernel.value("myid._repr_html_()")
    kernel.execute("%myid_logout")
    assert WILL_FAIL not in kernel.execute("%myid_status").shown + kernel.value(
        "myid._repr_html_()"
    )


def test_terminal(client: Registration) -> None:
    """A terminal prints it once, below the link."""
    environ = {name: os.environ[name] for name in os.environ if not name.startswith("MYID_")}
    faulty = {"MYID_SERVER": f"http://127.0.0.1:{free_port()}", "SSH_TTY": "/dev/none"}
    ours, terminal = pty.openpty()
    try:
        finished = subprocess.run(
            [sys.executable, "-c", "import myid_notebook; myid_notebook.login(timeout=8)"],
            env={**environ, **client.environ, "MYID_CHECKS": "on", **faulty},
            stdin=terminal,
            stdout=subprocess.PIPE,
            start_new_session=True,
            timeout=60,
            text=True,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(terminal)

    link, _, below = finished.stdout.partition(WILL_FAIL)
    assert "/connect/authorize?" in link
    assert below.startswith(" 127.0.0.1:")
    assert WILL_FAIL not in below


def test_working_client_is_asked_about_once(
    checking_kernel: LocalKernel, sandbox: SandboxProcess
) -> None:
    """Where all is right nothing is said; the token endpoint is asked about a client and secret
    once, however often somebody signs in.
    """
    counts = []
    for number in range(3):
        cell = checking_kernel.submit("%myid_login --force --no-wait")
        assert "" == problem_found(checking_kernel, cell)
        if number != 1:  # the second one is replaced by the third
            follow(cell)
            cell.wait_for(lambda cell=cell: "Signed in as Jane Doe" in cell.outputs.shown)
        assert WILL_FAIL not in str(cell.outputs.messages)
        counts.append(sandbox.status()["token_requests"])

    assert [2, 2, 3] == counts
    assert {"jane.doe": 2} == sandbox.status()["tokens_issued"]


def test_sign_in_before_the_check_ends_tells_that_the_client_works(
    checking_kernel: LocalKernel, sandbox: SandboxProcess
) -> None:
    """A client that has signed somebody in is not asked about again."""
    checking_kernel.execute("%myid_login --no-wait --checks off")
    cell = checking_kernel.submit("%myid_login --checks off")
    follow(cell)
    cell.finish()
    asked = sandbox.status()["token_requests"]

    cell = checking_kernel.submit("%myid_login --force --no-wait")
    assert "" == problem_found(checking_kernel, cell)

    assert [1, 1] == [asked, sandbox.status()["token_requests"]]


def test_switched_off(start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess) -> None:
    """Without checks nothing is asked before somebody signs in, and nothing is imported."""
    kernel = start_kernel({"MYID_CHECKS": "off"})
    cell = kernel.submit("%myid_login")
    cell.link()
    cell.wait_for(lambda: len(waiting_lines(cell)) > 2)
    counts = [sandbox.status()[name] for name in ("authorize_requests", "token_requests")]
    follow(cell)
    cell.finish()

    assert [0, 0] == counts
    assert "False" == kernel.value("'myid_notebook.doctor.probe' in __import__('sys').modules")


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then."""
    with suppress(OSError):
        for _ in range(600):
            handler.wfile.write(b"H")
            time.sleep(0.1)


@pytest.mark.parametrize("signs_in", [True, False])
def test_checks_end_with_the_sign_in(
    start_kernel: Callable[..., LocalKernel], client: Registration, *, signs_in: bool
) -> None:
    """The link is there while a server has yet to answer; when the sign-in ends, whether or not
    somebody signed in, so does the thread, at once.
    """
    with HttpServer(hang) as server:
        page = f"{server.url}/connect/authorize"
        kernel = start_kernel({"MYID_CHECKS": "on", "MYID_AUTHORIZE_URL": page})
        kernel.execute(
            "from myid_notebook.kernel import checks\nchecks.TIMEOUT = checks.TOTAL_TIMEOUT = 600"
        )
        cell = kernel.submit("%myid_login --no-wait")
        link = cell.link().replace(page, f"{client.server}/web.oauth2/connect/authorize")
        wait_until(lambda: server.seen)
        running = kernel.value(THREADS)
        if signs_in:
            open_page(finish_sign_in(link, "jane.doe"))
        else:
            kernel.execute("%myid_logout")
        started = time.monotonic()
        wait_until(lambda: "0" == kernel.value(THREADS))

    assert "1" == running
    assert time.monotonic() - started < 20
    assert str(signs_in) == kernel.value("myid.signed_in")
    assert WILL_FAIL not in str(cell.outputs.messages)
    assert client.client_secret not in str(cell.outputs.messages)


def test_time_is_limited(start_kernel: Callable[..., LocalKernel]) -> None:
    """A server that sends byte by byte is left after a few seconds, and nothing is said."""
    with HttpServer(hang) as server:
        kernel = start_kernel({"MYID_CHECKS": "on", "MYID_SERVER": server.url})
        cell = kernel.submit("%myid_login --no-wait")
        started = time.monotonic()
        found = problem_found(kernel, cell)

    assert time.monotonic() - started < 30
    assert (1, "") == (len(server.seen), found)
    assert WILL_FAIL not in str(cell.outputs.messages)
