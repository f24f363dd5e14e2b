"""Listening sockets on loopback that nobody else can share."""

import errno
import socket

import pytest
from support.jupyter_process import free_port

from myid_notebook.redirects.port_holder import port_holder
from myid_notebook.redirects.sockets import bind_exclusively, is_in_use


def close(sockets: list[socket.socket]) -> None:
    """Close them all."""
    for sock in sockets:
        sock.close()


def test_localhost_is_both_addresses() -> None:
    """Browsers try either first, so both are held, on one port."""
    port = free_port()

    sockets = bind_exclusively("localhost", port)

    assert [("127.0.0.1", port), ("::1", port)] == [s.getsockname()[:2] for s in sockets]
    assert [False, False] == [sock.getblocking() for sock in sockets]
    close(sockets)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1"])
def test_an_address_is_only_itself(host: str) -> None:
    """No other address, and never one that other machines reach."""
    sockets = bind_exclusively(host, 0)

    assert [host] == [sock.getsockname()[0] for sock in sockets]
    close(sockets)


@pytest.mark.parametrize("taken", ["127.0.0.1", "::1"])
def test_localhost_is_in_use_when_either_address_is(taken: str) -> None:
    """Whoever held the other one would receive the redirect; and nothing stays bound."""
    port = free_port()
    held = bind_exclusively(taken, port)

    with pytest.raises(OSError, match=r".") as caught:
        bind_exclusively("localhost", port)

    assert is_in_use(caught.value)
    close(held)
    close(bind_exclusively("localhost", port))


def test_nobody_can_share_a_port() -> None:
    """A second program, on this or on every address, is refused."""
    port = free_port()
    held = bind_exclusively("127.0.0.1", port)

    for address in ("127.0.0.1", "0.0.0.0"):  # noqa: S104 - this must fail
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                other.bind((address, port))
    close(held)


def test_port_is_free_at_once_after_a_connection() -> None:
    """Connections of the past that linger do not keep a second sign-in from the port."""
    (server,) = bind_exclusively("127.0.0.1", 0)
    port = server.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    server.setblocking(True)
    accepted, _ = server.accept()
    accepted.close()  # this side closes first, so this side lingers
    client.close()
    server.close()

    close(bind_exclusively("127.0.0.1", port))


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.EPROTO, errno.EACCES])
def test_other_failures_are_not_in_use(number: int) -> None:
    """Only a port that is held by somebody is; on POSIX "denied" means one that is root's alone."""
    assert not is_in_use(OSError(number, "text"))


def test_address_that_is_not_here() -> None:
    """An address of another machine cannot be bound, which is not "in use"."""
    with pytest.raises(OSError, match=r".") as caught:
        bind_exclusively("192.0.2.1", free_port())

    assert not is_in_use(caught.value)


def test_holder_of_a_port() -> None:
    """The program is named, with its process id; an unknown one in words."""
    (held,) = bind_exclusively("127.0.0.1", 0)

    assert "(process " in port_holder(held.getsockname()[1])
    assert "another program" == port_holder(free_port())
    held.close()
