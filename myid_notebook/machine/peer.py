"""Which user of this machine is at the other end of a loopback connection (sock_diag(7)).

Any user of a machine can connect to a loopback port, and could complete a sign-in whose link they
know. Linux tells who made a socket; other systems do not, so there nobody is refused.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from contextlib import closing
from typing import Any, NamedTuple

Address = tuple[str, int]

ESTABLISHED = 1
"""``TCP_ESTABLISHED``: the state of a connected socket."""

_ROOT = 0


class TcpSocket(NamedTuple):
    """A socket of this machine: its state in Linux's numbering, and the user who made it.

    The uid is 0 once the program has closed the socket.
    """

    state: int
    uid: int


def is_from_another_user(peer_address: Any, own_address: Any) -> bool:  # noqa: ANN401 - as asyncio gives them
    """Return whether a connection comes from another user; False if the system does not tell.

    Args:
        peer_address: asyncio's ``peername``; None if the peer had hung up when it was accepted.
        own_address: asyncio's ``sockname``.
    """
    # A peer that has hung up counts as another user, because the system no longer knows who it was:
    # otherwise a program could send a redirect and reset the connection before the check.
    if peer_address is None or own_address is None:
        return True
    peer, own = _address(peer_address), _address(own_address)
    try:
        found = find_tcp_socket(peer, own)
        if found is None and find_tcp_socket(own, None) is None:
            return False  # a system that does not even list the port that listens here
    except OSError:
        return False
    return found is None or found.state != ESTABLISHED or _is_another_user(found.uid)


def is_held_by_another_user(host: str, port: int) -> bool:
    """Return whether another user listens on a TCP port of a loopback address.

    False if nobody does, or if the system does not tell. ``localhost`` means both addresses.
    """
    addresses = ["127.0.0.1", "::1"] if host == "localhost" else [host]
    try:
        found = [find_tcp_socket((address, port), None) for address in addresses]
    except OSError:
        return False
    return any(each is not None and _is_another_user(each.uid) for each in found)


def _is_another_user(uid: int) -> bool:
    # Root may do anything anyway, and forwards ports for containers.
    return uid not in {os.getuid(), _ROOT}


def _address(name: Any) -> Address:  # noqa: ANN401 - longer for IPv6
    return str(name[0]), int(name[1])


_ANY = {socket.AF_INET: ("0.0.0.0", 0), socket.AF_INET6: ("::", 0)}  # noqa: S104 - asked for, not bound
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY, _NLMSG_ERROR, _NLM_F_REQUEST = 20, 2, 1
_EVERY_STATE = 0xFFFFFFFF

# The structures of linux/netlink.h and linux/inet_diag.h.
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBxI")
_ENDS = struct.Struct("!HH16s16s")
_ANY_INTERFACE_ANY_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
_RESPONSE = struct.Struct("=xB2x48x12xI")
_ERROR = struct.Struct("=i")


def find_tcp_socket(own: Address, peer: Address | None) -> TcpSocket | None:
    """Return the socket of any program of this machine with these addresses, or None.

    Args:
        own: IP address and port the socket is bound to.
        peer: IP address and port of its other end; None for a listening socket.

    Raises:
        OSError: the system cannot be asked: it is not Linux, or asking is forbidden here.
    """
    # One request for one socket. Reading /proc/net/tcp takes milliseconds, by which other users
    # could delay a redirect: they only need to open many connections.
    family = socket.AF_INET6 if ":" in own[0] else socket.AF_INET
    there = _ANY[family] if peer is None else peer
    ends = _ENDS.pack(own[1], there[1], _packed(family, own[0]), _packed(family, there[0]))
    request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, _EVERY_STATE)
    kind, answer = _query_sock_diag(request + ends + _ANY_INTERFACE_ANY_COOKIE)
    if kind == _NLMSG_ERROR:
        code = -_ERROR.unpack_from(answer)[0]
        if code == errno.ENOENT:
            return None
        raise OSError(code, os.strerror(code))
    return TcpSocket(*_RESPONSE.unpack_from(answer))


def _query_sock_diag(body: bytes) -> tuple[int, bytes]:
    head = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0)
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        raise OSError("only Linux tells")
    # The type under socket.socket, which proxies and test tools replace by one without raw sockets.
    with closing(socket.SocketType(family, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)) as netlink:
        netlink.settimeout(1)
        netlink.send(head + body)
        # Padded, because an error message is shorter than a response.
        message = netlink.recv(8192).ljust(_HEADER.size + _RESPONSE.size, b"\0")
    return _HEADER.unpack_from(message)[1], message[_HEADER.size :]


def _packed(family: int, host: str) -> bytes:
    return socket.inet_pton(family, host).ljust(16, b"\0")
