"""Waiting for an address that another pending sign-in of this user still holds."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from myid_notebook.redirects import rendezvous
from myid_notebook.redirects.port_holder import port_holder
from myid_notebook.redirects.sockets import bind_exclusively
from myid_notebook.settings.urls import origin

PAUSE = 0.05
"""Seconds between attempts."""

_LOOK_AFTER = 20
"""Attempts between looks at who holds it: a sign-in that ends lets go within one of them."""


async def sockets_when_free(
    redirect_uri: str, on_stranger: Callable[[str], None]
) -> list[socket.socket]:
    """Return sockets that listen at a redirect URI's own address, as soon as they can be had.

    Args:
        redirect_uri: at a loopback address.
        on_stranger: told who holds the address, once, where it is no pending sign-in any more:
            another program was quicker.
    """
    _, host, port = origin(redirect_uri)
    attempts, strangers = 0, 0
    while True:
        await asyncio.sleep(PAUSE)
        with contextlib.suppress(OSError):
            return bind_exclusively(host, port)
        attempts += 1
        if attempts % _LOOK_AFTER == 0:
            strangers = 0 if rendezvous.is_bound(redirect_uri) else strangers + 1
            if strangers == 2:  # noqa: PLR2004 - at the first look it may just be ending
                on_stranger(port_holder(port))
