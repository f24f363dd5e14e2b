"""Without a usable token a request raises before it goes out, and says what to run."""

from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest
from support.servers.http_server import HttpServer, json_body
from support.values.oauth import TOKEN, signed_in_session, token_response

from myid_notebook.errors import NotSignedIn, SessionExpired
from myid_notebook.session.bearer import EXPIRY_MARGIN, BearerAuth
from myid_notebook.session.session import BearerSession


def refuse(challenge: str | None, status: int = 401) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return what answers with a challenge."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if challenge is not None:
            handler.send_header("WWW-Authenticate", challenge)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def test_nobody_signed_in(server: HttpServer) -> None:
    """Nothing goes out; the message names the command of this session."""
    with BearerSession(f"{server.url}/", command="%myid_login audit") as session:
        with pytest.raises(NotSignedIn, match="%myid_login audit"):
            session.get("people")

        assert (False, 0.0, None) == (session.signed_in, session.expires_in, session.expires_at)
    assert [] == server.seen


@pytest.mark.parametrize("lifetime", [-1, 0, EXPIRY_MARGIN - 0.5])
def test_expired_token(server: HttpServer, lifetime: float) -> None:
    """A token that would not outlive the request counts as expired."""
    with signed_in_session(f"{server.url}/", lifetime) as session:
        with pytest.raises(SessionExpired, match="%myid_login"):
            session.get("people")

        assert session.signed_in is False
    assert [] == server.seen


def test_time_left_by_the_clock() -> None:
    """It counts down to zero, not below, and the last seconds are not used."""
    now = [1000.0]
    bearer = BearerAuth("https://h.example/", "%myid_login", clock=lambda: now[0])
    bearer.token = replace(token_response(), expires_at=1100.0)

    def at(moment: float) -> tuple[float | None, bool]:
        now[0] = moment
        left = bearer.left_of(bearer.token)
        return None if left is None else round(left, 1), bearer.usable

    seen = [
        at(moment) for moment in (1000.0, 1099.0 - EXPIRY_MARGIN, 1100.0 - EXPIRY_MARGIN, 1101.0)
    ]
    assert [(100.0, True), (EXPIRY_MARGIN + 1, True), (EXPIRY_MARGIN, False), (0.0, False)] == seen


def test_expiry_does_not_concern_other_servers(server: HttpServer) -> None:
    """A session whose token has expired still fetches what needs none."""
    with signed_in_session("https://myid.example.com/api/", -1) as session:
        assert 200 == session.get(f"{server.url}/people").status_code


@pytest.mark.parametrize(
    "challenge", ['Bearer error="invalid_token"', 'Bearer realm="r", error="invalid_token"']
)
def test_token_that_the_api_refuses(
    session: BearerSession, server: HttpServer, challenge: str
) -> None:
    """401 ``invalid_token`` (RFC 6750 section 3.1): the next request is not even sent."""
    server.answers["/rest.core/api/people"] = refuse(challenge)

    assert 401 == session.get("people").status_code
    assert session.signed_in is False
    assert not session.signed_in
    with pytest.raises(SessionExpired, match="no longer accepts this session's token"):
        session.get("people")
    assert 1 == len(server.seen)


@pytest.mark.parametrize(
    ("challenge", "status"),
    [(None, 401), ("Basic", 401), ('Bearer error="insufficient_scope"', 403),
     ('Bearer error="invalid_token"', 403)],
)  # fmt: skip
def test_other_refusals_leave_the_session_alone(
    session: BearerSession, server: HttpServer, challenge: str | None, status: int
) -> None:
    """A person without a right is still signed in."""
    server.answers["/rest.core/api/people"] = refuse(challenge, status)

    assert status == session.get("people").status_code
    assert session.signed_in


def test_refusal_by_another_server_does_not_count(session: BearerSession) -> None:
    """Only the API knows of its token."""
    with HttpServer(refuse('Bearer error="invalid_token"')) as other:
        session.get(other.url)

    assert session.signed_in


def test_late_refusal_of_an_older_token_does_not_count(
    session: BearerSession, server: HttpServer
) -> None:
    """Signing in again while a request was under way makes its refusal old news."""

    def renew_then_refuse(handler: BaseHTTPRequestHandler) -> None:
        session.sign_in(token_response(access_token="newer"))
        refuse('Bearer error="invalid_token"')(handler)

    server.answers["/rest.core/api/people"] = renew_then_refuse

    assert 401 == session.get("people").status_code
    assert session.signed_in


def test_same_object_goes_on_after_renewal(session: BearerSession, server: HttpServer) -> None:
    """Variables that hold the session keep working; a refused token is forgotten with it."""
    server.answers["/rest.core/api/people"] = refuse('Bearer error="invalid_token"')
    session.get("people")
    session.sign_in(token_response(access_token="renewed"))
    server.answers["/rest.core/api/people"] = json_body

    assert 200 == session.get("people").status_code
    assert [f"Bearer {TOKEN}", "Bearer renewed"] == [seen.authorization for seen in server.seen]


def test_signing_out_forgets(session: BearerSession, server: HttpServer) -> None:
    """Token, operator and cookies are gone; the object stays."""
    session.cookies.set("session", "cookie")

    session.sign_out()

    with pytest.raises(NotSignedIn):
        session.get("people")
    assert (None, []) == (session.operator, list(session.cookies))
    assert [] == server.seen
