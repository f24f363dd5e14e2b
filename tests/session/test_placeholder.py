"""The token stands in a request only while that is on its way."""

import pickle

import pytest
import requests
from support.servers.http_server import HttpServer, redirect_to
from support.values.oauth import TOKEN, signed_in_session, token_response

from myid_notebook.errors import SessionExpired
from myid_notebook.session.bearer import PLACEHOLDER
from myid_notebook.session.session import BearerSession


def test_prepared_request(session: BearerSession, server: HttpServer) -> None:
    """A request that was prepared shows the placeholder, goes out with the token, as often as one
    likes, and then shows the placeholder again.
    """
    prepared = session.prepare_request(requests.Request("GET", "people"))

    for _ in range(2):
        assert PLACEHOLDER == prepared.headers["Authorization"]
        answer = session.send(prepared)
    assert PLACEHOLDER == answer.request.headers["Authorization"]
    assert [f"Bearer {TOKEN}"] * 2 == [seen.authorization for seen in server.seen]


def test_redirects(session: BearerSession, server: HttpServer) -> None:
    """Every request of a chain of redirects, and the one that would come next."""
    server.answers["/rest.core/api/old"] = redirect_to("/rest.core/api/new")

    answer = session.get("old")
    stopped = session.get("old", allow_redirects=False)

    assert stopped.next is not None
    kept = [answer.request, answer.history[0].request, stopped.request, stopped.next]
    assert [PLACEHOLDER] * 4 == [request.headers["Authorization"] for request in kept]
    assert [f"Bearer {TOKEN}"] * 3 == [seen.authorization for seen in server.seen]
    session.send(stopped.next)
    assert f"Bearer {TOKEN}" == server.seen[-1].authorization


def test_failed_request(session: BearerSession, server: HttpServer) -> None:
    """The request that hangs on an exception."""
    server.answers["/rest.core/api/people"] = lambda handler: handler.connection.close()

    with pytest.raises(requests.ConnectionError) as raised:
        session.get("people")

    assert raised.value.request is not None
    assert PLACEHOLDER == raised.value.request.headers["Authorization"]
    assert f"Bearer {TOKEN}" == server.seen[0].authorization


def test_answers_can_be_stored(session: BearerSession) -> None:
    """An answer may be pickled, with its request: caches of analysts do so."""
    stored = pickle.dumps(session.get("people"))

    assert TOKEN.encode() not in stored
    assert {} == pickle.loads(stored).json()  # noqa: S301 - it was written above


def test_renewal_between_preparing_and_sending(session: BearerSession, server: HttpServer) -> None:
    """The token that counts is the one of the moment of sending."""
    prepared = session.prepare_request(requests.Request("GET", "people"))

    session.sign_in(token_response(access_token="the-newer-token"))
    session.send(prepared)
    session.sign_in(token_response(-1))

    with pytest.raises(SessionExpired):
        session.send(prepared)
    assert ["Bearer the-newer-token"] == [seen.authorization for seen in server.seen]


def test_token_of_another_session(session: BearerSession, server: HttpServer) -> None:
    """Where a call brings another operator's token, that one goes out."""
    with signed_in_session(session.api_url) as other:
        other.sign_in(token_response(access_token="the-token-of-another"))
        session.get("people", auth=other.bearer)

    assert ["Bearer the-token-of-another"] == [seen.authorization for seen in server.seen]


def test_bearer_elsewhere(session: BearerSession, server: HttpServer) -> None:
    """``auth=myid.auth`` authorizes requests that other code sends to the API."""
    requests.get(f"{session.api_url}people", auth=session.auth, timeout=20)

    assert [f"Bearer {TOKEN}"] == [seen.authorization for seen in server.seen]
