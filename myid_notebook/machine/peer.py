"""Which user of this machine is at the other end of a loopback connection (sock_diag(7))."""

from __future__ import annotations

import errno
import os
import socket
import struct
from typing import Any, NamedTuple

Address = tuple[str, int]

ESTABLISHED = 1
"""The state of a socket whose other end is there (``TCP_ESTABLISHED``)."""

_ANY = {socket.AF_INET: ("0.0.0.0", 0), socket.AF_INET6: ("::", 0)}  # noqa: S104 - asked for, not bound
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY, _NLMSG_ERROR, _NLM_F_REQUEST = 20, 2, 1
_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBxI")
_ENDS = struct.Struct("!HH16s16s")
_ANY_INTERFACE_ANY_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
_ANSWER = struct.Struct("=xB2x48x12xI")
_ERROR = struct.Struct("=i")
_EVERY_STATE = 0xFFFFFFFF


class TcpSocket(NamedTuple):
    """What the system tells of a socket.

    Args:
        state: as Linux numbers it.
        uid: of the user who made it; 0 where its program has closed it.
    """

    state: int
    uid: int


def find_socket(own: Address, peer: Address | None) -> TcpSocket | None:
    """Return a socket of this machine, of whatever program, or None where there is none.

    Args:
        own: IP address and port it is bound to.
        peer: IP address and port of the other end; None for a socket that listens.

    Raises:
        OSError: the system cannot be asked: not Linux, or it is forbidden here.
    """
    family = socket.AF_INET6 if ":" in own[0] else socket.AF_INET
    there = _ANY[family] if peer is None else peer
    ends = _ENDS.pack(own[1], there[1], _packed(family, own[0]), _packed(family, there[0]))
    question = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, _EVERY_STATE)
    kind, answer = _ask_kernel(question + ends + _ANY_INTERFACE_ANY_COOKIE)
    if kind == _NLMSG_ERROR:
        code = -_ERROR.unpack_from(answer)[0]
        if code == errno.ENOENT:
            return None
        raise OSError(code, os.strerror(code))
    return TcpSocket(*_ANSWER.unpack_from(answer))


def _ask_kernel(body: bytes) -> tuple[int, bytes]:
    head = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0)
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        raise OSError("only Linux tells")
    with socket.socket(family, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
        netlink.settimeout(1)
        netlink.send(head + body)
        # A refusal is shorter than an answer.
        message = netlink.recv(8192).ljust(_HEADER.size + _ANSWER.size, b"\0")
    return _HEADER.unpack_from(message)[1], message[_HEADER.size :]


def _packed(family: int, host: str) -> bytes:
    return socket.inet_pton(family, host).ljust(16, b"\0")


_ROOT = 0


def is_another_users(peer_address: Any, own_address: Any) -> bool:  # noqa: ANN401 - as asyncio gives them
    """Return whether a connection comes from another user; False where the system does not notify.

    Root counts as oneself: it can do anything anyway, and forwards ports for containers. A peer
    that has hung up does not: the system forgets at once whose its connection was.

    Args:
        peer_address: address and port of the peer, as ``peername``.
        own_address: address and port of this end, as ``sockname``.
    """
    if peer_address is None or own_address is None:
        return True  # it is gone: asyncio could not even ask who it was
    peer, own = _address(peer_address), _address(own_address)
    try:
        found = find_socket(peer, own)
        if found is None and find_socket(own, None) is None:
            return False  # a system that does not even know the port that listens here
    except OSError:
        return False
    return found is None or found.state != ESTABLISHED or _is_anothers(found)


def is_held_by_another_user(host: str, port: int) -> bool:
    """Return whether another user listens on a port; False where nobody does, or nobody tells.

    Args:
        host: a loopback address, or ``localhost`` for both of them.
        port: TCP port on this machine.
    """
    addresses = ["127.0.0.1", "::1"] if host == "localhost" else [host]
    try:
        found = [find_socket((address, port), None) for address in addresses]
    except OSError:
        return False
    return any(each is not None and _is_anothers(each) for each in found)


def _is_anothers(found: TcpSocket) -> bool:
    return found.uid not in {os.getuid(), _ROOT}


def _address(name: Any) -> Address:  # noqa: ANN401 - longer for IPv6
    return str(name[0]), int(name[1])
