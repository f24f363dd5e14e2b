"""The fault switches of the Core API."""

import json
import time
from collections.abc import Iterator

import psutil
import pytest
import requests
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import HandmadeClient

HEADER = {"Authorization": "Bearer x"}
INVALID = 'Bearer error="invalid_token"'


@pytest.fixture
def token(client: HandmadeClient) -> str:
    """A token of jane.doe."""
    return client.access_token()


def statuses(client: HandmadeClient, token: str, *paths: str) -> list[int]:
    """Return the status of each call in turn; 0 stands for none."""
    return [status(client, token, path) for path in paths]


def status(client: HandmadeClient, token: str, path: str) -> int:
    """Return the status of a call; 0 if the connection was closed."""
    try:
        return client.call(token, path).status_code
    except requests.ConnectionError:
        return 0


@pytest.mark.parametrize("path", ["people", "roles", "devices/x", "no/such/path"])
def test_api_status(client: HandmadeClient, path: str) -> None:
    """``api_status`` is the answer to every call, before even the token is looked at."""
    client.sandbox.faults(api_status=500)
    response = client.send("GET", f"{client.api}/{path}", headers=HEADER)

    assert (response.status_code, response.json()["code"]) == (500, "WS90500")
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize("after", ["3", "Wed, 21 Oct 2026 07:28:00 GMT", "soon"])
def test_retry_after(client: HandmadeClient, token: str, after: str) -> None:
    """``api_retry_after`` is the header of such an answer, whatever it says."""
    client.sandbox.faults(api_status=429, api_retry_after=after)
    response = client.call(token, "people")

    assert (response.status_code, response.headers["Retry-After"]) == (429, after)


@pytest.mark.parametrize(
    ("body", "content_type", "begins"),
    [
        ("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("list", "application/json", b"[{"),
        ("number", "application/json", b"42"),
        ("invalid", "application/json", b'{"results": [{'),
        ("empty", "application/json", b""),
        ("no_results", "application/json", b'{"links": []}'),
    ],
)
def test_api_body(
    client: HandmadeClient, token: str, body: str, content_type: str, begins: bytes
) -> None:
    """``api_body`` answers 200 with something else than rows, or than a record."""
    client.sandbox.faults(api_body=body)
    response = client.call(token, "people")

    assert (response.status_code, response.headers["Content-Type"]) == (200, content_type)
    assert response.content.startswith(begins)
    assert bool(response.content) == bool(begins)
    if body == "invalid":
        with pytest.raises(json.JSONDecodeError):
            json.loads(response.content)


def pieces(client: HandmadeClient, token: str) -> Iterator[bytes]:
    """Yield the pieces of a body as they come."""
    with requests.get(
        f"{client.api}/people",
        headers={"Authorization": f"Bearer {token}"},
        stream=True,
        timeout=30,
    ) as response:
        yield from response.iter_content(1_000_000)


def test_a_huge_body_is_streamed(client: HandmadeClient, token: str) -> None:
    """200 MB of JSON pass without the sandbox ever holding them, and the rest still works."""
    client.sandbox.faults(api_body="huge")
    process = psutil.Process(client.sandbox.pid)
    before = process.memory_info().rss
    length, most = 0, before
    begin = end = b""
    for number, piece in enumerate(pieces(client, token)):
        length += len(piece)
        begin, end = (begin + piece)[:100], (end + piece)[-100:]
        if number % 10 == 0:
            most = max(most, process.memory_info().rss)

    assert 199_000_000 < length < 201_000_000
    assert most - before < 20_000_000
    row = json.loads(begin[len('{"results": [') : begin.index(b"}") + 1])
    assert end.endswith(b'{"id": "1"}], "links": []}')
    assert {"id", "logonName"} < set(row)
    client.sandbox.control("DELETE", "faults")
    assert client.call(token, "roles").ok


def test_api_reset(client: HandmadeClient, token: str) -> None:
    """``api_reset`` closes the connection without a word, of the API only."""
    client.sandbox.faults(api_reset=True)

    with pytest.raises(requests.ConnectionError):
        client.call(token, "people")
    with pytest.raises(requests.ConnectionError):
        client.call(token, "people", "POST", json={})
    assert client.access_token()


def test_the_first_of_several_applies(client: HandmadeClient, token: str) -> None:
    """A closed connection before a status, a status before a body."""
    client.sandbox.faults(api_body="number", api_status=503, api_reset=True)
    assert status(client, token, "roles") == 0
    client.sandbox.faults(api_reset=False)
    assert status(client, token, "roles") == 503
    client.sandbox.faults(api_status=None)
    assert client.call(token, "roles").json() == 42


@pytest.mark.parametrize(("fault", "seen"), [({"api_status": 503}, 503), ({"api_reset": True}, 0)])
def test_api_times(client: HandmadeClient, token: str, fault: dict[str, object], seen: int) -> None:
    """``api_times`` spoils the next calls only, and the next ones again when it is set again."""
    for _ in range(2):
        client.sandbox.faults(**fault, api_times=2)
        assert statuses(client, token, *["roles"] * 4) == [seen, seen, 200, 200]


def test_api_every(client: HandmadeClient, token: str) -> None:
    """``api_every`` spoils each n-th call; with ``api_times`` so many of them."""
    client.sandbox.faults(api_status=503, api_every=3)
    assert statuses(client, token, *["roles"] * 6) == [200, 200, 503] * 2
    client.sandbox.faults(api_times=1)
    assert statuses(client, token, *["roles"] * 6) == [200, 200, 503, 200, 200, 200]


def test_api_only(client: HandmadeClient, token: str) -> None:
    """``api_only`` leaves calls of other paths alone, and does not count them."""
    client.sandbox.faults(api_status=503, api_only="Group", api_times=2)
    paths = ("roles", "Groups", "people?q=group", "groups/browse", "groups", "dirs")

    assert statuses(client, token, *paths) == [200, 503, 200, 503, 200, 200]


def test_a_token_is_refused_after_some_calls(client: HandmadeClient, token: str) -> None:
    """``api_refuse_after`` makes each token good for so many calls, and then for none."""
    client.sandbox.faults(api_refuse_after=2)
    other = client.access_token("dora.department")

    assert statuses(client, token, *["roles"] * 4) == [200, 200, 401, 401]
    assert statuses(client, other, *["roles"] * 3) == [200, 200, 401]
    assert client.call(token, "roles").headers["WWW-Authenticate"] == INVALID
    assert client.call(client.access_token(), "roles").ok
    client.sandbox.control("DELETE", "faults")
    assert client.call(token, "roles").ok


def test_calls_that_a_fault_spoils_use_up_no_token(client: HandmadeClient, token: str) -> None:
    """A call counts for its token only if the API looked at the token."""
    client.sandbox.faults(api_refuse_after=1, api_status=503, api_times=2)

    assert statuses(client, token, *["roles"] * 4) == [503, 503, 200, 401]


@pytest.mark.alone
def test_a_kept_connection_is_quick(sandbox: SandboxProcess) -> None:
    """Calls on one connection wait for no delayed acknowledgement, some 40 ms each."""
    token = HandmadeClient(sandbox).access_token()
    with requests.Session() as http:
        http.headers["Authorization"] = f"Bearer {token}"
        url = f"{sandbox.url}/rest.core/api/roles"
        took = []
        for _ in range(30):
            started = time.monotonic()
            assert http.get(url, timeout=30).ok
            took.append(time.monotonic() - started)

    assert sorted(took)[5] < 0.03
