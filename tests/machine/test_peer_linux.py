"""Which user a loopback connection belongs to, as Linux tells it."""

import errno
import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NoReturn

import pytest
from support.machine.threads import wait_until

from myid_notebook.machine.peer import (
    ESTABLISHED,
    Address,
    TcpSocket,
    find_tcp_socket,
    is_from_another_user,
    is_held_by_another_user,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")

LISTEN = 10
ME = os.getuid()


@pytest.fixture(params=["127.0.0.1", "::1"])
def host(request: pytest.FixtureRequest) -> str:
    """A loopback address of each kind."""
    return str(request.param)


@pytest.fixture
def server(host: str) -> Iterator[socket.socket]:
    """A server there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:
        yield listening


def address_of(name: tuple[str, int]) -> Address:
    """Return a socket's name without what IPv6 adds to it."""
    return name[0], name[1]


def test_each_end_of_a_connection(server: socket.socket) -> None:
    """Found by both addresses; with the user who made it."""
    address = address_of(server.getsockname())
    with socket.create_connection(address) as client, server.accept()[0]:
        peer = address_of(client.getsockname())

        assert TcpSocket(ESTABLISHED, ME) == find_tcp_socket(peer, address)
        assert TcpSocket(ESTABLISHED, ME) == find_tcp_socket(address, peer)
        assert find_tcp_socket(peer, (address[0], address[1] ^ 1)) is None


def test_one_connection_among_many(server: socket.socket) -> None:
    """Others to the same port do not matter."""
    address = address_of(server.getsockname())
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection(address))
            stack.enter_context(server.accept()[0])
        last = socket.create_connection(address)
        end = stack.enter_context(server.accept()[0])
        peer = address_of(last.getsockname())
        assert not is_from_another_user(end.getpeername(), end.getsockname())

        last.close()

        assert is_from_another_user(peer, end.getsockname())


def test_listening_socket(server: socket.socket) -> None:
    """Found without a peer; and not any more when it has ended."""
    address = address_of(server.getsockname())

    assert TcpSocket(LISTEN, ME) == find_tcp_socket(address, None)
    assert not is_held_by_another_user(*address)
    server.close()
    assert find_tcp_socket(address, None) is None
    assert not is_held_by_another_user(*address)


def test_socket_that_listens_everywhere() -> None:
    """Whoever listens at every address listens at loopback too."""
    with socket.create_server(("", 0)) as everywhere:
        port = everywhere.getsockname()[1]
        assert TcpSocket(LISTEN, ME) == find_tcp_socket(("127.0.0.1", port), None)


@pytest.mark.parametrize("reset", [True, False])
def test_peer_that_has_hung_up(server: socket.socket, *, reset: bool) -> None:
    """Its user is not known any more, so it counts as another user's."""
    address = address_of(server.getsockname())
    client = socket.create_connection(address)
    with server.accept()[0] as end:
        peer = end.getpeername()
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        wait_until(lambda: find_tcp_socket(address_of(peer), address) != (ESTABLISHED, ME))

        assert is_from_another_user(peer, end.getsockname())


def test_connection_that_the_system_does_not_list() -> None:
    """If not even the port that listens here is listed, nobody is refused."""
    assert not is_from_another_user(("127.0.0.1", 1), ("127.0.0.1", 2))


@pytest.mark.parametrize("names", [(None, ("::1", 1)), (("::1", 1), None), (None, None)])
def test_connection_without_a_name(names: tuple[object, object]) -> None:
    """It counts as another user's: the peer hung up before asyncio asked for its name."""
    assert is_from_another_user(*names)


@pytest.mark.parametrize("message", [b"", b"\0" * 20, b"\0" * 60])
def test_answer_that_is_cut_off(message: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells of no connection that is there."""
    cut_off = type("CutOff", (socket.SocketType,), {"recv": lambda *_: message})
    monkeypatch.setattr(socket, "SocketType", cut_off)

    found = find_tcp_socket(("127.0.0.1", 8888), None)

    assert found is not None
    assert ESTABLISHED != found.state


@pytest.mark.parametrize("uid", [ME, 0, ME + 1])
def test_own_and_root_users_are_accepted(uid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other user id is another user."""
    monkeypatch.setattr(
        "myid_notebook.machine.peer.find_tcp_socket", lambda *_: TcpSocket(ESTABLISHED, uid)
    )

    expected = uid not in {ME, 0}
    assert expected == is_from_another_user(("127.0.0.1", 40000), ("127.0.0.1", 8888))
    assert expected == is_held_by_another_user("localhost", 8888)


def test_localhost_means_both_addresses(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user at either of them holds the port; an address means itself alone."""
    held = {(host, 8888): TcpSocket(LISTEN, ME + 1)}
    monkeypatch.setattr("myid_notebook.machine.peer.find_tcp_socket", lambda own, _: held.get(own))

    assert is_held_by_another_user("localhost", 8888)
    assert not is_held_by_another_user("127.0.0.2", 8888)


def test_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system does not tell, nobody is refused."""
    monkeypatch.delattr(socket, "AF_NETLINK")

    assert not is_from_another_user(("127.0.0.1", 40000), ("127.0.0.1", 8888))
    assert not is_held_by_another_user("localhost", 8888)
    with pytest.raises(OSError, match="only Linux"):
        find_tcp_socket(("127.0.0.1", 8888), None)


def test_where_it_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal is told apart from "there is none"."""
    refusal = (2, struct.pack("=i", -errno.EPERM))  # NLMSG_ERROR
    # A private name, because no test can make the system refuse.
    monkeypatch.setattr("myid_notebook.machine.peer._query_sock_diag", lambda _: refusal)

    with pytest.raises(PermissionError):
        find_tcp_socket(("127.0.0.1", 8888), None)
    assert not is_from_another_user(("127.0.0.1", 40000), ("127.0.0.1", 8888))


class _Streams(socket.socket):
    """What PySocks puts in place of ``socket.socket``."""

    def __init__(self, family: int = -1, kind: int = -1, *args: object, **kwargs: object) -> None:
        if kind not in {socket.SOCK_STREAM, socket.SOCK_DGRAM}:
            raise ValueError("Socket type must be stream or datagram")
        super().__init__(family, kind, *args, **kwargs)  # type: ignore[arg-type] # passed on


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    """Do as pytest-socket does."""
    raise RuntimeError("A test tried to use socket.socket.")


@pytest.mark.parametrize("replaced", [_Streams, _refuse])
def test_socket_that_others_replaced(
    monkeypatch: pytest.MonkeyPatch, replaced: Callable[..., object]
) -> None:
    """Proxies and test tools replace ``socket.socket``; the system is asked all the same."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(socket, "socket", replaced)
        found = find_tcp_socket(listener.getsockname(), None)

    assert found is not None
    assert os.getuid() == found.uid
