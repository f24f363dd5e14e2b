"""Exclusive listening sockets on loopback, and who holds a port."""

import errno
import os
import socket
import sys
from typing import NoReturn

import psutil
import pytest
from support.machine.ports import free_port

from myid_notebook.machine.ports import bind_exclusively, holder_pid, is_in_use, program


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
    """Only a port that somebody holds is; on POSIX "denied" means one that is root's alone."""
    assert not is_in_use(OSError(number, "text"))


def test_address_that_is_not_here() -> None:
    """An address of another machine cannot be bound, which is not "in use"."""
    with pytest.raises(OSError, match=r".") as caught:
        bind_exclusively("192.0.2.1", free_port())

    assert not is_in_use(caught.value)


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ("net_connections", psutil.AccessDenied()),
        ("net_connections", PermissionError()),
        ("Process", psutil.NoSuchProcess(1)),
        ("Process", PermissionError()),
    ],
)
def test_holder_that_the_system_does_not_tell(
    monkeypatch: pytest.MonkeyPatch, question: str, error: Exception
) -> None:
    """Another user's program, or one that has just ended, is "another program"."""

    def refuse(*_: object) -> NoReturn:
        raise error

    (held,) = bind_exclusively("127.0.0.1", 0)
    monkeypatch.setattr(psutil, question, refuse)

    assert "another program" == program(holder_pid(held.getsockname()[1]))
    held.close()


def test_holder_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain Python has no psutil."""
    monkeypatch.setitem(sys.modules, "psutil", None)

    assert "another program" == program(holder_pid(free_port()))


def test_holder_of_a_port() -> None:
    """The program is named, with its process id; an unknown one in words."""
    (held,) = bind_exclusively("127.0.0.1", 0)

    assert f", process {os.getpid()})" in program(holder_pid(held.getsockname()[1]))
    assert holder_pid(free_port()) is None
    held.close()


class WithoutIPv6(socket.socket):
    """A socket of a machine that has no IPv6."""

    def __init__(self, family: int, kind: int) -> None:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        super().__init__(family, kind)


def test_machine_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """There localhost is 127.0.0.1 alone; who asks for ::1 by name is told."""
    port = free_port()
    monkeypatch.setattr(socket, "socket", WithoutIPv6)

    (alone,) = bind_exclusively("localhost", port)
    assert ("127.0.0.1", port) == alone.getsockname()
    alone.close()
    with pytest.raises(OSError, match="not supported"):
        bind_exclusively("::1", port)


class WithoutIPv4(socket.socket):
    """A socket of a machine on which nothing may listen at 127.0.0.1."""

    def bind(self, address: tuple[str, int]) -> None:
        """Bind, except there."""
        if address[0] == "127.0.0.1":
            raise OSError(errno.EACCES, "Permission denied")
        super().bind(address)


def test_machine_without_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 is no address one could do without: browsers may try no other."""
    port = free_port()
    monkeypatch.setattr(socket, "socket", WithoutIPv4)

    with pytest.raises(PermissionError):
        bind_exclusively("localhost", port)
