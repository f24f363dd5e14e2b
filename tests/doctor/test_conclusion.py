"""What the doctor concludes: one sentence for each fault, made for real."""

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from support.machine.ports import free_port
from support.servers.http_server import Answer, HttpServer, json_body, redirect_to
from support.servers.sandbox import Registration, SandboxProcess, client_entry, register
from support.values.doctor_report import Examine, check

from myid_notebook.callback.jupyter_servers import CALLBACK_PATH, CALLBACK_URL_VARIABLE
from myid_notebook.doctor.check import Finding
from myid_notebook.doctor.report import to_html, to_text

AUTHORIZE_PATH = "/web.oauth2/connect/authorize"
TOKEN_PATH = "/web.oauth2/connect/token"
LOGIN_PATH = "/web.oauth2/Account/Login"


def html(text: str, status: int = 200) -> Answer:
    """Return what answers with a page."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html; charset=utf-8")
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


def says(error: str, status: int = 400) -> Answer:
    """Return what answers as a token endpoint that refuses."""
    return lambda handler: json_body(handler, json.dumps({"error": error}).encode(), status)


@pytest.fixture
def myid() -> Iterator[HttpServer]:
    """A server that is all right, until a test changes an answer."""
    with HttpServer(html("nothing here", 404)) as server:
        server.answers[AUTHORIZE_PATH] = redirect_to(f"{LOGIN_PATH}?ReturnUrl=%2F")
        server.answers[LOGIN_PATH] = html("<html><title>x</title><script></script></html>")
        server.answers[TOKEN_PATH] = says("invalid_grant")
        yield server


def test_nothing_to_conclude(examine_with: Examine, myid: HttpServer) -> None:
    """Where all is well, the report says that, and folds the client entry."""
    report = examine_with(MYID_SERVER=myid.url)

    assert "" == report.conclusion
    assert to_text(report).startswith("No problems found.\n")
    assert "<details><summary>Client entry" in to_html(report)


FAULTS: dict[str, tuple[dict[str, str | None], dict[str, object], str]] = {
    "redirect URI": (
        {"MYID_REDIRECT_URI": "http://localhost:7/other"},
        {},
        (
            "MyID knows this client and secret, but not the redirect URI "
            "http://localhost:7/other: ask your MyID administrator to register it, or set "
            "MYID_REDIRECT_URI to the one that is registered."
        ),
    ),
    "redirect URI, newer servers": (
        {"MYID_REDIRECT_URI": "http://localhost:7/other"},
        {"redirect_mismatch_code": "invalid_request"},
        "MyID knows this client and secret, but not the redirect URI http://localhost:7/other: ",
    ),
    "redirect URI and secret, newer servers": (
        {"MYID_REDIRECT_URI": "http://localhost:7/other", "MYID_CLIENT_SECRET": "wrong"},
        {"redirect_mismatch_code": "invalid_request"},
        (
            "MyID knows the client id {client}, but neither its secret (MYID_CLIENT_SECRET) nor"
            " the redirect URI http://localhost:7/other: "
        ),
    ),
    "redirect URI, the secret is asked for later": (
        {"MYID_REDIRECT_URI": "http://localhost:7/other", "MYID_CLIENT_SECRET": None},
        {},
        (
            "MyID does not know the client id {client} (MYID_CLIENT_ID), or it does not know "
            "the redirect URI http://localhost:7/other: "
        ),
    ),
    "client id": (
        {"MYID_CLIENT_ID": "myid.nobody"},
        {},
        (
            "MyID probably does not know the client id myid.nobody, because its sign-in page "
            "and its token endpoint both refuse it: check MYID_CLIENT_ID, or ask your MyID "
            "administrator to register the client entry that %myid_doctor shows."
        ),
    ),
    "secret": (
        {"MYID_CLIENT_SECRET": "wrong"},
        {},
        (
            "MyID knows the client id {client} and the redirect URI, but not this client "
            "secret: set MYID_CLIENT_SECRET (the plain secret, not its hash), or ask your MyID "
            "administrator for another one."
        ),
    ),
    "no secret": (
        {"MYID_CLIENT_SECRET": ""},
        {},
        (
            "MyID expects a client secret for the client id {client}, but none is set: set "
            "MYID_CLIENT_SECRET, or ask your MyID administrator to register a client without a "
            "secret."
        ),
    ),
    "scope": (
        {"MYID_SCOPE": "myid.rest.basic myid.everything"},
        {},
        (
            "MyID does not allow the scope myid.rest.basic myid.everything for the client id "
            "{client}: set MYID_SCOPE to one that is allowed, or ask your MyID administrator to"
            " add it to the client's AllowedScopes."
        ),
    ),
    "refresh tokens": (
        {"MYID_SCOPE": "myid.rest.basic offline_access"},
        {},
        (
            "MyID does not allow the scope myid.rest.basic offline_access for the client id "
            "{client}: leave offline_access out of MYID_SCOPE, or ask your MyID administrator to "
            "set AllowOfflineAccess to true in the client entry"
        ),
    ),
    "scope and secret": (
        {"MYID_SCOPE": "myid.everything", "MYID_CLIENT_SECRET": "wrong"},
        {},
        (
            "MyID does not allow the scope myid.everything for the client id {client}: set "
            "MYID_SCOPE to one that is allowed, or ask your MyID administrator to add it to the"
            " client's AllowedScopes. MyID refuses the client secret (MYID_CLIENT_SECRET) as "
            "well."
        ),
    ),
}
"""What is changed of a client's settings, the sandbox's switches, and the conclusion."""


@pytest.mark.parametrize("fault", FAULTS)
def test_registration(
    examine_with: Examine, registration: Registration, sandbox: SandboxProcess, fault: str
) -> None:
    """What both endpoints say together names the setting; the client entry is unfolded."""
    environ, switches, expected = FAULTS[fault]
    sandbox.faults(**switches)
    register(sandbox, registration.redirect_uri, offline_access=False)

    report = examine_with(**environ)

    assert report.conclusion.startswith(expected.format(client=registration.client_id))
    assert " ".join(to_text(report).split()).startswith(report.conclusion)
    assert "<details open><summary>Client entry" in to_html(report)


def test_grant(examine_with: Examine, registration: Registration, sandbox: SandboxProcess) -> None:
    """A client for other things than people who sign in."""
    name, uri = "myid.robot", registration.redirect_uri
    grants = {"AllowedGrantTypes": ["client_credentials"]}
    sandbox.register(client_entry(name, uri, registration.client_secret, **grants))

    report = examine_with(MYID_CLIENT_ID=name)

    assert report.conclusion == (
        "MyID does not let the client id myid.robot sign people in: ask your MyID administrator to "
        "add authorization_code to its AllowedGrantTypes."
    )


@pytest.mark.parametrize(
    ("path", "page", "finding"),
    [
        (LOGIN_PATH, "<html><script></script></html>", Finding.OK),
        (LOGIN_PATH.lower() + "/", "", Finding.OK),
        ("/elsewhere", "<html><TITLE>\n MyID&#32;Authentication</TITLE></html>", Finding.OK),
        ("/elsewhere", "<html><form></form></html>", Finding.OK),
        ("/elsewhere", "<html><title>Welcome</title></html>", Finding.NOTE),
    ],
)
def test_sign_in_page(
    examine_with: Examine, myid: HttpServer, path: str, page: str, finding: Finding
) -> None:
    """A page without a form can be MyID's; one that nothing tells is no proof of a fault."""
    myid.answers[AUTHORIZE_PATH] = redirect_to(f"{path}?ReturnUrl=x")
    myid.answers[path] = html(page)

    report = examine_with(MYID_SERVER=myid.url)

    assert finding is check(report, "authorize_endpoint").finding
    assert report.healthy


def test_form_of_another_server(examine_with: Examine, myid: HttpServer) -> None:
    """A form elsewhere may be that of the network, before it lets anybody through."""
    with HttpServer(html("<form></form>")) as network:
        myid.answers[AUTHORIZE_PATH] = redirect_to(f"{network.url}/welcome")
        report = examine_with(MYID_SERVER=myid.url)

    assert Finding.NOTE is check(report, "authorize_endpoint").finding


ANCM = """<!DOCTYPE html><html><head><title>HTTP Error 500.30 - ASP.NET Core app failed to start
</title></head><body><h1>HTTP Error 500.30 - ASP.NET Core app failed to start</h1>
<h2>Common solutions to this issue:</h2></body></html>"""


def test_server_that_does_not_start(examine_with: Examine) -> None:
    """IIS says 500.30 if a client file is no JSON or has a ClientId twice: not MYID_SERVER."""
    with HttpServer(html(ANCM, 500)) as server:
        report = examine_with(MYID_SERVER=server.url)

    host = server.url.removeprefix("http://")
    assert report.conclusion == (
        f"MyID's web.oauth2 at {host} does not start (HTTP 500.30). Your settings are not the "
        "cause. Your MyID administrator must correct a file in the CustomClients folder, or "
        "appsettings.Production.json: it is not valid JSON, or it contains a ClientId twice."
    )
    assert "MYID_SERVER" not in check(report, "token_endpoint").remedy


def test_sign_in_that_must_not_begin_with_a_link(examine_with: Examine, myid: HttpServer) -> None:
    """A MyID that takes POST alone is told by its status."""
    myid.answers[AUTHORIZE_PATH] = html("Method Not Allowed", 405)

    report = examine_with(MYID_SERVER=myid.url)

    assert "HTTP 405, not a sign-in page" in check(report, "authorize_endpoint").detail


@pytest.mark.parametrize("path", [AUTHORIZE_PATH, TOKEN_PATH])
@pytest.mark.parametrize(
    ("status", "page", "said"),
    [
        (503, "Service Unavailable", "fails (HTTP 503). Your settings are probably not the cause."),
        (500, ANCM.replace("500.30", "500.31"), "fails (HTTP 500.31)."),
        (500, "oops", "fails (HTTP 500)."),
    ],
)
def test_server_that_fails(
    examine_with: Examine, myid: HttpServer, path: str, status: int, page: str, said: str
) -> None:
    """What the server itself says is wrong is not blamed on a setting."""
    myid.answers[path] = html(page, status)

    report = examine_with(MYID_SERVER=myid.url)

    assert f"{myid.url.removeprefix('http://')} {said}" in report.conclusion
    assert "MYID_" not in report.conclusion


@pytest.mark.parametrize(
    "answer",
    [
        html("It works!", 404),
        json_body,
        html("<html>It works!</html>", 403),
        html("<html>Sign in to the network</html>"),
    ],
)
def test_another_web_server(examine_with: Examine, answer: Answer) -> None:
    """A server that answers like neither of MyID's endpoints is another one."""
    with HttpServer(answer) as server:
        report = examine_with(MYID_SERVER=server.url)

    assert report.conclusion.startswith("MYID_SERVER leads to a web server that is not MyID's: ")


def test_closed_port(examine_with: Examine) -> None:
    """Nobody listens there."""
    port = free_port()

    report = examine_with(MYID_SERVER=f"http://127.0.0.1:{port}")

    assert report.conclusion == (
        f"127.0.0.1:{port} cannot be reached from where this kernel runs. Check MYID_SERVER and "
        "the network (VPN, proxy): this kernel must reach MyID too, not only your browser."
    )
    assert "token_endpoint" not in {line.check.key for line in report.lines}


def test_published_secret(examine_with: Examine, myid: HttpServer) -> None:
    """A secret that stands in Intercede's guides is refused, although it works; its hash, which
    would be copied, is not shown.
    """
    for secret, value in (
        ("82564d6e-c4a6-4f64-a6d4-cac43781c67c", "kv31VP5z/oKS0QMMaIfZ2UrhmQOdgAPpXV/vaF1cymk="),
        ("07025f77-e54e-46eb-a2eb-079f89586573", "WmNN/+Ifjeb/djkhXB9YKAbfR8wbDfoWpEGMfux5DHU="),
    ):
        report = examine_with(MYID_SERVER=myid.url, MYID_CLIENT_SECRET=secret)

        assert report.conclusion.startswith(
            "Client secret: is published in Intercede's guides and samples, so anybody knows it. "
        )
        assert not report.healthy
        shown = to_text(report) + to_html(report)
        assert (False, False) == (secret in shown, value in shown)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"MYID_SERVER": None, "MYID_CLIENT_ID": None},
            "missing: MYID_SERVER and MYID_CLIENT_ID",
        ),
        (
            {"MYID_CLIENT_ID": None, "MYID_SCOPE": "\u4e2d", "MYID_SHARE": "all"},
            "missing: MYID_CLIENT_ID; invalid: MYID_SCOPE and MYID_SHARE",
        ),
        ({"MYID_PROFILE": "nobody"}, "invalid: MYID_PROFILE"),
    ],
)
def test_settings(examine_with: Examine, environ: dict[str, str | None], said: str) -> None:
    """All that are missing or malformed, together."""
    report = examine_with(**environ)

    assert f"Correct the settings first ({said})." == report.conclusion
    assert said == check(report, "settings").detail
    assert "skipped" in check(report, "myid_server").detail


@pytest.mark.parametrize(
    "unusable", [{"MYID_CLIENT_ID": None}, {"MYID_SCOPE": "\u4e2d"}, {"MYID_SHOW_ROWS": "x"}]
)
def test_redirect_uri_that_is_set(
    examine_with: Examine, registration: Registration, unusable: dict[str, str | None]
) -> None:
    """It is the one to look at, and to register, although another setting is unusable."""
    report = examine_with(**unusable)

    uri = registration.redirect_uri
    assert uri == check(report, "redirect_uri").detail
    assert uri in check(report, "route").detail
    entry = json.loads(report.client_entry)
    assert [uri] == entry["RedirectUris"]
    assert (unusable == {"MYID_CLIENT_ID": None}) != (entry["ClientId"] == registration.client_id)


@pytest.mark.parametrize(
    "environ",
    [
        {"MYID_REDIRECT_URI": "http://example.com/callback"},
        {"MYID_REDIRECT_URI": None, "MYID_PROFILE": "nobody"},
        {"MYID_REDIRECT_URI": None, "JUPYTERHUB_SERVICE_PREFIX": "/user/jane/"},
    ],
)
def test_no_redirect_uri(examine_with: Examine, environ: dict[str, str | None]) -> None:
    """Where none can be known, none is vouched for or shown to be registered."""
    report = examine_with(**environ)

    assert "skipped" in check(report, "route").detail
    vouched_for = {each.check.key for each in report.lines if each.result.finding is Finding.OK}
    assert "redirect_uri" not in vouched_for
    assert ["<the redirect URI>"] == json.loads(report.client_entry)["RedirectUris"]
    assert not report.healthy


def test_jupyter_at_another_port(examine_with: Examine, myid: HttpServer) -> None:
    """The redirect URI has the port of something else: it says so, with both ports."""
    with HttpServer() as jupyter, socket.create_server(("127.0.0.1", 0)) as other:
        port, own = other.getsockname()[1], jupyter.port
        environ = {
            "MYID_SERVER": myid.url,
            "MYID_REDIRECT_URI": f"http://127.0.0.1:{port}/{CALLBACK_PATH}",
            CALLBACK_URL_VARIABLE: f"{jupyter.url}/{CALLBACK_PATH}",
        }
        report = examine_with(**environ)
        myid.answers[AUTHORIZE_PATH] = html("Sorry, there was an error: unauthorized_client")
        unregistered = examine_with(**environ)

    ports = f"the redirect URI has port {port}, but this Jupyter server uses port {own}"
    assert report.conclusion.startswith(f"No problems found, but {ports}. Set MYID_REDIRECT_URI ")
    assert f"start Jupyter with --port {port}" in report.conclusion
    assert report.healthy
    assert f"http://127.0.0.1:{port}/{CALLBACK_PATH} ({ports}): ask" in unregistered.conclusion


def test_order_and_words(examine_with: Examine) -> None:
    """The conclusion, then problems, then notes, then what is ok; with words beside the marks."""
    report = examine_with(MYID_REDIRECT_URI="http://localhost:7/other")

    text, page = to_text(report), to_html(report)
    rows = [line.split()[1] for line in text.splitlines() if line[:1] in "✗•✓" and line[1:2] == " "]
    assert rows == sorted(rows, key=["problem", "note", "ok"].index)
    assert {"problem", "note", "ok"} == set(rows)
    parts = ("<b>MyID knows", "✗ problem", "• note", "✓ ok", "<pre")
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert page.index("✓ ok") > page.index("<details><summary>")
    assert page.count("<tr>") == page.count("<th scope=") - page.count('scope="col"') + 2


def test_unwritable_runtime_folder(
    examine_with: Examine, myid: HttpServer, runtime_dir: Path
) -> None:
    """A fault that has no sentence of its own is told with what to do."""
    runtime_dir.write_text("a file where a folder should be")

    report = examine_with(MYID_SERVER=myid.url)

    assert report.conclusion.startswith(f"Runtime folder: {runtime_dir}")
    assert "Make the folder writable for you" in report.conclusion
