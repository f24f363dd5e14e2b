"""Which user of this machine is at the other end of a loopback connection.

Any program of any user of a machine can reach a port on loopback. Where the system tells whose a
connection is (Linux), nobody else can answer a sign-in.
"""

from __future__ import annotations

import os
from typing import Any

from myid_notebook.redirects.sock_diag import ESTABLISHED, Address, TcpSocket, find

_ROOT = 0


def is_another_users(peer_address: Any, own_address: Any) -> bool:  # noqa: ANN401 - as asyncio gives them
    """Return whether a connection comes from another user; False where the system does not tell.

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
        found = find(peer, own)
        if found is None and find(own, None) is None:
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
        found = [find((address, port), None) for address in addresses]
    except OSError:
        return False
    return any(each is not None and _is_anothers(each) for each in found)


def _is_anothers(found: TcpSocket) -> bool:
    return found.uid not in {os.getuid(), _ROOT}


def _address(name: Any) -> Address:  # noqa: ANN401 - longer for IPv6
    return str(name[0]), int(name[1])
