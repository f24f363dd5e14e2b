"""Whatever a server answers the doctor, or does not: one row, in time, without a secret."""

import json
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from support.servers.http_server import HttpServer, json_body, redirect_to
from support.values.doctor_report import Examine, check
from support.values.secrets import found

from myid_notebook.doctor import doctor as doctor_module
from myid_notebook.doctor.check import Finding
from myid_notebook.doctor.report import to_html, to_text

SECRET = "ein Geheimnis/für+alle"
TOKEN_PATH = "/web.oauth2/connect/token"
BASIC = b64encode(f"{quote_plus('myid.odd')}:{quote_plus(SECRET)}".encode()).decode()


def sign_in_form(handler: BaseHTTPRequestHandler) -> None:
    """Answer with a page that has a form."""
    handler.send_response(200)
    handler.send_header("Content-Length", "13")
    handler.end_headers()
    handler.wfile.write(b"<form></form>")


def _environ(server: HttpServer, **more: str) -> dict[str, str]:
    return {
        "MYID_SERVER": server.url,
        "MYID_CLIENT_ID": "myid.odd",
        "MYID_CLIENT_SECRET": SECRET,
        **more,
    }


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
@pytest.mark.parametrize(
    "echo", [SECRET, quote(SECRET, safe=""), quote_plus(SECRET), BASIC, f"{SECRET}\n{SECRET}"]
)
def test_echoed_secret(examine_with: Examine, method: str, echo: str) -> None:
    """A client secret that the server repeats, plain or as it was sent, is in no report."""
    with HttpServer(sign_in_form) as server:
        server.answers[TOKEN_PATH] = lambda handler: json_body(
            handler, json.dumps({"error": f"no such secret: {echo}!"}).encode(), 400
        )
        report = examine_with(**_environ(server, MYID_CLIENT_AUTHENTICATION=method))

    assert "no such secret" in check(report, "token_endpoint").detail
    shown = f"{to_text(report)} {to_html(report)} {report!r}"
    assert [] == found({"secret": SECRET, "header": BASIC}, " ".join(shown.split()))


def test_echoed_secret_on_an_error_page(examine_with: Examine) -> None:
    """The same on the authorize endpoint's page, which was never sent it."""

    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(f"Sorry, there was an error : not {SECRET}<p>".encode())

    with HttpServer(page) as server:
        report = examine_with(**_environ(server))

    assert "shows an error page (not …)" in check(report, "authorize_endpoint").detail
    assert SECRET not in f"{to_text(report)} {report!r}"


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        # The page of IdentityServer's quick start, from which MyID's comes.
        (
            "\n <strong><em>\n : unauthorized&#x5F;client\n </em></strong>\n <p>Request Id: 1",
            "unauthorized_client",
        ),
        ("\n  <STRONG>\n <em>: unauthorized_client</em></STRONG>\n<p>More", "unauthorized_client"),
        (" : invalid_scope</p>", "invalid_scope"),
        (": a &lt;b&gt;", "a <b>"),
        ("</div><div>Request Id: 1</div>", "no code"),
        ("<" * 1_000_000, "<"),
    ],
)
def test_error_page_in_any_markup(examine_with: Examine, markup: str, code: str) -> None:
    """The code is read from the elements it is in, without what follows, and in time."""

    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):  # the doctor does not read an endless page to its end
            handler.wfile.write(f"<div>Sorry, there was an error {markup}".encode())

    with HttpServer(page) as server:
        detail = check(examine_with(**_environ(server)), "authorize_endpoint").detail

    assert detail.startswith(f"MyID shows an error page ({code}")
    assert "Request Id" not in detail
    assert "More" not in detail


def test_redirects_without_end(examine_with: Examine) -> None:
    """A circle is told as one; only a person, whose browser may get past it, can sign in."""
    with HttpServer(redirect_to("/again")) as server:
        line = check(examine_with(**_environ(server)), "myid_server")

    assert "redirects in a circle, or without an end" in line.detail
    assert not line.certain


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 -0000",
        "Mon, 01 Jan 1 00:00:00 +9999",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 01 Jan 2024 00:00:00 +99999999999",
        "now",
        "",
    ],
)
def test_odd_date(examine_with: Examine, date: str) -> None:
    """A date that is none, or far from any calendar, is a row like any other."""

    def dated(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(200)
        handler.send_header("Date", date)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with HttpServer(dated) as server:
        found_clock = check(examine_with(**_environ(server)), "clock")

    assert found_clock.finding in {Finding.NOTE, Finding.WRONG}


def test_date_without_a_zone(examine_with: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is UTC, wherever this machine stands."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()

    def dated(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(200)
        now = time.strftime("%a, %d %b %Y %H:%M:%S -0000", time.gmtime())
        handler.send_header("Date", now)
        handler.end_headers()

    with HttpServer(dated) as server:
        report = examine_with(**_environ(server))
    monkeypatch.undo()
    time.tzset()

    assert Finding.OK is check(report, "clock").finding


def _drip_head(handler: BaseHTTPRequestHandler, server: HttpServer) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    _drip(handler, server)


def _drip_body(handler: BaseHTTPRequestHandler, server: HttpServer) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    _drip(handler, server)


def _drip(handler: BaseHTTPRequestHandler, server: HttpServer) -> None:
    while not server.stopping.wait(0.05):
        handler.wfile.write(b"x")


def _round_and_round(handler: BaseHTTPRequestHandler, server: HttpServer) -> None:
    server.stopping.wait(0.2)
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@pytest.mark.alone
@pytest.mark.parametrize("path", ["/web.oauth2/connect/authorize", TOKEN_PATH])
@pytest.mark.parametrize(
    "behaviour",
    [
        _drip_head,
        _drip_body,
        pytest.param(lambda _, server: server.stopping.wait(), id="silence"),
        _round_and_round,
    ],
)
def test_slow_server(
    examine_with: Examine,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    behaviour: Callable[[BaseHTTPRequestHandler, HttpServer], None],
) -> None:
    """A server that never comes to an end delays the doctor no longer than its time limit."""
    monkeypatch.setattr(doctor_module, "TIMEOUT", 0.5)
    with HttpServer(sign_in_form) as server:
        server.answers[path] = lambda handler: behaviour(handler, server)
        started = time.monotonic()
        report = examine_with(**_environ(server))
        took = time.monotonic() - started

    key = "token_endpoint" if path == TOKEN_PATH else "myid_server"
    if behaviour is _round_and_round and path == TOKEN_PATH:
        assert "HTTP 302" in check(report, key).detail  # a form is never sent on
    else:
        assert "did not respond" in check(report, key).detail
    assert Finding.WRONG is check(report, key).finding
    assert took < 5


def test_given_up_is_hung_up(examine_with: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection of a question that was given up is closed, not left to a thread."""
    monkeypatch.setattr(doctor_module, "TIMEOUT", 0.5)
    hung_up: list[bool] = []

    def wait_for_the_end(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.settimeout(20)
        hung_up.append(handler.connection.recv(1) == b"")

    with HttpServer(wait_for_the_end) as server:
        examine_with(**_environ(server))

    assert [True] == hung_up


@pytest.mark.parametrize("answer", ['{"error": ' + "[" * 100_000, "[]", '"error"', ""])
def test_answer_that_is_none(examine_with: Examine, answer: str) -> None:
    """What is no token endpoint's answer is told as that, however it is nested."""
    with HttpServer(sign_in_form) as server:
        server.answers[TOKEN_PATH] = lambda handler: json_body(handler, answer.encode(), 200)
        report = examine_with(**_environ(server))

    assert (
        "HTTP 200, not the response of a token endpoint" == check(report, "token_endpoint").detail
    )


def test_failure_nobody_thought_of(examine_with: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the library raises is one row, never a traceback."""

    def fail(*_: object, **__: object) -> None:
        raise OverflowError

    monkeypatch.setattr("myid_notebook.transport.adapter.TLSAdapter.send", fail)

    found_server = check(examine_with(), "myid_server")

    assert Finding.WRONG is found_server.finding
    assert "OverflowError" in found_server.detail


def test_bundle_without_a_certificate(examine_with: Examine, tmp_path: Path) -> None:
    """A CA bundle that holds nothing is a row with its remedy."""
    bundle = tmp_path / "empty.pem"
    bundle.touch()

    report = examine_with(MYID_SERVER="https://127.0.0.1:9", MYID_CA_BUNDLE=str(bundle))

    assert Finding.WRONG is check(report, "myid_server").finding
    assert "contains no PEM certificate" in check(report, "myid_server").remedy
    assert Finding.OK is check(report, "runtime_folder").finding
