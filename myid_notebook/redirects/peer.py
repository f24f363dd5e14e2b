"""Which user of this machine is at the other end of a loopback connection.

Any program of any user of a machine can reach a port on loopback. Where the system tells whose a
connection is (Linux, in ``/proc/net/tcp``), nobody else can answer a sign-in.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Any

_TCP, _TCP6 = Path("/proc/net/tcp"), Path("/proc/net/tcp6")
_ESTABLISHED = "01"
_ROOT = 0


def is_another_users(peer_address: Any, own_address: Any) -> bool:  # noqa: ANN401 - as asyncio gives them
    """Return whether a connection comes from another user; False where the system does not tell.

    Root counts as oneself: it can do anything anyway, and forwards ports for containers. A peer
    that has hung up does not: the system shows its connection as root's.

    Args:
        peer_address: address and port of the peer, as ``peername``.
        own_address: address and port of this end, as ``sockname``.
    """
    peer, own = _name(*peer_address[:2]), _name(*own_address[:2])
    table = _connections(_TCP6 if ":" in own_address[0] else _TCP)
    if (own, peer) not in table:
        return False  # not the system's whole truth
    state, uid = table.get((peer, own), ("", -1))
    return state != _ESTABLISHED or uid not in {os.getuid(), _ROOT}


def _connections(table: Path) -> dict[tuple[str, str], tuple[str, int]]:
    try:
        rows = [line.split() for line in table.read_text("ascii").splitlines()[1:]]
        return {(row[1], row[2]): (row[3], int(row[7])) for row in rows}
    except (OSError, ValueError, IndexError):
        return {}


def _name(host: str, port: int) -> str:
    # As Linux prints an address: 32-bit words in the machine's own order.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    packed = socket.inet_pton(family, host)
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    return "".join(f"{word:08X}" for word in words) + f":{port:04X}"
