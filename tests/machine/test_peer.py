"""Which user a loopback connection belongs to, on every system."""

import socket

import pytest

from myid_notebook.machine.peer import is_from_another_user


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_own_connection(host: str) -> None:
    """The user's own programs are not another user."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as server:
        address = server.getsockname()[:2]
        with socket.create_connection(address), server.accept()[0] as end:
            assert not is_from_another_user(end.getpeername(), end.getsockname())


def test_connection_that_the_system_does_not_list() -> None:
    """If the system does not tell, nobody is refused."""
    assert not is_from_another_user(("127.0.0.1", 1), ("127.0.0.1", 2))
