"""The fault switches of the Core API."""

import pytest
import requests
from support.servers.sandbox_client import HandmadeClient

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


def test_api_after(client: HandmadeClient, token: str) -> None:
    """``api_after`` spoils everything from a call on, or what the other switches choose there."""
    client.sandbox.faults(api_status=503, api_after=2)
    assert statuses(client, token, *["roles"] * 5) == [200, 200, 503, 503, 503]
    client.sandbox.faults(api_every=2, api_times=1)
    assert statuses(client, token, *["roles"] * 6) == [200, 200, 200, 503, 200, 200]


def test_api_only(client: HandmadeClient, token: str) -> None:
    """``api_only`` leaves calls of other paths and queries alone, and does not count them."""
    client.sandbox.faults(api_status=503, api_only="Group", api_times=3)
    paths = ("roles", "Groups", "people?q=group", "dirs?x=y", "groups/browse", "groups", "dirs")

    assert statuses(client, token, *paths) == [200, 503, 503, 200, 503, 200, 200]


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


@pytest.mark.parametrize(
    ("form", "invalid", "elsewhere"),
    [
        ("aspnet", ["errors", "status", "title"], ["status", "title"]),
        ("code", ["code", "message"], ["code", "message"]),
        ("html", "<!DOCTYPE html>", "<!DOCTYPE html>"),
        ("empty", "", ""),
    ],
)
def test_the_form_of_errors(
    client: HandmadeClient, token: str, form: str, invalid: list[str] | str, elsewhere: list[str]
) -> None:
    """``api_errors`` holds for every error, injected or not."""
    client.sandbox.faults(api_errors=form, api_status=503, api_only="roles")

    def seen(path: str, status: int) -> object:
        response = client.call(token, path)
        assert response.status_code == status
        is_json = "json" in response.headers.get("Content-Type", "")
        return sorted(response.json()) if is_json else response.text[:15]

    assert seen("devices?expiresAfter=soon", 400) == invalid
    assert seen("people/x", 404) == elsewhere
    assert seen("roles", 503) == elsewhere
    client.sandbox.faults(api_errors="aspnet")
    errors = client.call(token, "devices?expiresAfter=soon").json()["errors"]
    assert list(errors) == ["expiresAfter"]
    assert isinstance(errors["expiresAfter"][0], str)


@pytest.mark.parametrize("challenge", ["Bearer", INVALID, None])
def test_the_challenge(client: HandmadeClient, token: str, challenge: str | None) -> None:
    """``api_challenge`` is in a 401 of one path and in one for a refused token."""
    client.sandbox.faults(api_status=401, api_only="roles", api_challenge=challenge)
    for response in (client.call(token, "roles"), client.call("no-token", "groups")):
        assert response.status_code == 401
        assert response.headers.get("WWW-Authenticate") == challenge
    assert client.call(token, "groups").ok


def test_unknown_routes(client: HandmadeClient, token: str) -> None:
    """A route that does not exist is 404 without a body, as with ASP.NET."""
    for path in ("nothing", "people/x/nothing", "../other"):
        response = client.call(token, path)
        assert (response.status_code, response.content) == (404, b"")


def test_redirects(client: HandmadeClient, token: str) -> None:
    """``api_redirect`` leads anywhere, also in a circle."""
    client.sandbox.faults(api_redirect="/rest.core/api/roles")
    for path in ("people", "roles"):
        response = client.call(token, path)
        assert response.status_code == 302
        assert response.headers["Location"] == "/rest.core/api/roles"
    client.sandbox.faults(api_only="people")
    assert statuses(client, token, "people", "roles") == [302, 200]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("cut", requests.JSONDecodeError),
        ("cut_chunk", requests.exceptions.ChunkedEncodingError),
        ("encoding", requests.exceptions.ContentDecodingError),
    ],
)
def test_broken_bodies(
    client: HandmadeClient, token: str, body: str, error: type[Exception]
) -> None:
    """A body can end early without a length, in a chunk, or have another encoding than it says."""
    client.sandbox.faults(api_body=body, api_times=1)
    with pytest.raises(error):
        client.call(token, "roles").json()
    assert client.call(token, "roles").json()["results"]
