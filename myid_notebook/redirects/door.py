"""The doors through which a redirect can come back to a kernel."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from enum import StrEnum

HOW_TO_PASTE = (
    "copy the address of the page the browser ends on and paste it (%myid_login --paste asks "
    "for it)"
)
"""What a person does where no redirect can come back."""


class DoorKind(StrEnum):
    """Who takes the redirect."""

    JUPYTER = "Jupyter server"
    LISTENER = "this kernel"
    PASTE = "paste"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The way back of one sign-in.

    Args:
        kind: who takes the redirect.
        redirect_uri: sent to MyID, at the authorization and at the token endpoint alike.
        reason: one sentence for the user: which door, and why.
        sockets: listening on the redirect URI's own address, where this kernel holds it. Empty
            with ``LISTENER`` while another pending sign-in of this user holds it and passes on.
    """

    kind: DoorKind
    redirect_uri: str
    reason: str
    sockets: list[socket.socket] = field(default_factory=list, repr=False)

    def close(self) -> None:
        """Close the sockets; harmless where a listener already did."""
        for sock in self.sockets:
            sock.close()
