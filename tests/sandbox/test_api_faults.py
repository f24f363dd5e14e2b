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
