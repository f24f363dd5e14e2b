"""Faults of the token endpoint and of the Core API."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from support.servers.sandbox_client import HandmadeClient, jwt_parts, query_of

HEADER = {"Authorization": "Bearer nonsense"}


@pytest.fixture
def ready(client: HandmadeClient) -> HandmadeClient:
    """A client whose sign-ins need no page."""
    client.sandbox.faults(auto_sign_in="jane.doe")
    return client


def exchange(client: HandmadeClient, **faults: object) -> requests.Response:
    """Sign in, switch ``faults`` on and exchange the code."""
    code = query_of(client.authorize().headers["Location"])["code"]
    client.sandbox.faults(**faults)
    return client.exchange(code)


@pytest.mark.alone
def test_delay_keeps_nobody_else_waiting(ready: HandmadeClient) -> None:
    """``token_delay`` delays one answer; other requests are answered meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        delayed = pool.submit(exchange, ready, token_delay=1)
        while not ready.sandbox.status()["token_requests"]:
            assert time.monotonic() < started + 5
        assert not delayed.done()
        assert delayed.result().ok

    assert time.monotonic() - started >= 1


def test_hang_lasts_until_the_client_goes(ready: HandmadeClient) -> None:
    """``token_hang`` never answers, and the sandbox goes on."""
    ready.sandbox.faults(token_hang=True)
    fields = ready.token_fields("x")
    with pytest.raises(requests.ReadTimeout):
        ready.send("POST", ready.token_endpoint, data=fields, timeout=0.3)

    assert ready.sandbox.status()["token_requests"] == 1


def test_drop_sends_not_one_byte(ready: HandmadeClient) -> None:
    """``token_drop`` closes the connection without an answer."""
    ready.sandbox.faults(token_drop=True)
    address = urlsplit(ready.token_endpoint)
    request = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 3\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\na=b"
    )
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        connection.sendall(request.encode())
        try:
            answer = connection.recv(1)
        except ConnectionResetError:
            answer = b""

    assert answer == b""


@pytest.mark.parametrize("status", [200, 401, 403, 500, 503])
def test_status_and_error(ready: HandmadeClient, status: int) -> None:
    """``token_status`` and ``token_error`` are answered whatever was asked."""
    response = exchange(ready, token_status=status, token_error="own_code")

    assert (response.status_code, response.json()) == (status, {"error": "own_code"})
    assert ready.sandbox.status()["tokens_issued"] == {}


def test_error_description(ready: HandmadeClient) -> None:
    """``error_description`` goes with real and with faulty errors."""
    real = exchange(ready, error_description="why", code_lifetime=0)
    faulty = exchange(ready, token_status=500)

    assert real.json() == {"error": "invalid_grant", "error_description": "why"}
    assert faulty.json() == {"error": "server_error", "error_description": "why"}


@pytest.mark.parametrize(
    ("body", "content", "content_type"),
    [
        ("html", b"<!DOCTYPE html>", "text/html; charset=utf-8"),
        ("empty", b"", "application/json"),
        ("list", b'["access_token"]', "application/json"),
        ("invalid", b'{"access_token": "', "application/json"),
    ],
)
def test_bodies(ready: HandmadeClient, body: str, content: bytes, content_type: str) -> None:
    """``token_body`` answers 200 with something that is no token response."""
    response = exchange(ready, token_body=body)

    assert (response.status_code, response.headers["Content-Type"]) == (200, content_type)
    assert response.content[: len(content)] == content
    assert bool(response.content) == bool(content)


@pytest.mark.alone
@pytest.mark.parametrize("body", ["huge", "drip"])
def test_endless_bodies(ready: HandmadeClient, body: str) -> None:
    """``huge`` sends 100 MB and ``drip`` a byte a second; both begin at once and can be left."""
    ready.sandbox.faults(token_body=body)
    with requests.Session() as http:
        http.trust_env = False
        response = http.post(
            ready.token_endpoint, data=ready.token_fields("x"), stream=True, timeout=10
        )
        started = time.monotonic()
        received = response.raw.read({"huge": 10_000_000, "drip": 2}[body])
        seconds = time.monotonic() - started
        response.close()

    assert len(received) == {"huge": 10_000_000, "drip": 2}[body]
    assert (seconds > 0.9) == (body == "drip")
    assert ready.sandbox.status()["token_requests"] == 1


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ({"token_type": "bearer"}, {"token_type": "bearer"}),
        ({"token_type": None}, {"token_type": None}),
        ({"no_expires_in": True}, {"expires_in": None}),
        ({"omit_scope": True}, {"scope": None}),
        ({"token_lifetime": 7}, {"expires_in": 7}),
    ],
)
def test_altered_members(
    ready: HandmadeClient, fault: dict[str, object], changed: dict[str, object]
) -> None:
    """Single members of the answer can be altered or left out (None)."""
    members = exchange(ready, **fault).json()
    normal = {"expires_in": 3600, "token_type": "Bearer", "scope": "myid.rest.basic"}
    expected = {name: value for name, value in (normal | changed).items() if value is not None}

    _, claims = jwt_parts(members.pop("access_token"))
    assert members == expected
    assert claims["exp"] - claims["nbf"] == fault.get("token_lifetime", 3600)


def test_refresh_token(ready: HandmadeClient) -> None:
    """``refresh_token`` adds one that nobody asked for, and that is not accepted."""
    refresh_token = exchange(ready, refresh_token=True).json()["refresh_token"]
    response = ready.exchange("", grant_type="refresh_token", refresh_token=refresh_token)

    assert response.json() == {"error": "invalid_grant"}


def test_code_lifetime(ready: HandmadeClient) -> None:
    """``code_lifetime`` makes codes expire sooner."""
    assert exchange(ready, code_lifetime=60).ok
    assert exchange(ready, code_lifetime=0).json() == {"error": "invalid_grant"}


def test_token_redirect(ready: HandmadeClient) -> None:
    """``token_redirect`` answers 302 to somewhere else."""
    response = exchange(ready, token_redirect="https://elsewhere.example/x")

    assert response.status_code == 302
    assert response.headers["Location"] == "https://elsewhere.example/x"


@pytest.mark.alone
def test_api_delay(client: HandmadeClient) -> None:
    """``api_delay`` comes before each answer of the API, and of nothing else."""
    token = client.access_token()
    client.sandbox.faults(api_delay=0.3)
    started = time.monotonic()
    client.call(token, "roles")
    delayed = time.monotonic()
    client.authorize()

    assert delayed - started >= 0.3
    assert time.monotonic() - delayed < 0.3
