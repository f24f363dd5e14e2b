"""The state of a running sandbox, kept in memory."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from myid_notebook.sandbox.authorization.login import Lockout, Logins
from myid_notebook.sandbox.authorization.tokens import AuthorizationCodes, TokenSigner
from myid_notebook.sandbox.clients import ClientEntry
from myid_notebook.sandbox.connections import Connections
from myid_notebook.sandbox.faults import Faults
from myid_notebook.sandbox.population.directory import Directory


@dataclass(slots=True)
class Counts:
    """The requests to the authorization server since the last reset."""

    authorize_requests: int = 0
    token_requests: int = 0
    tokens_issued: Counter[str] = field(default_factory=Counter)


class Installation:
    """The state of one sandbox. It has no locks, because only the event loop uses it."""

    def __init__(self, clients: dict[str, ClientEntry], directory: Directory) -> None:
        self.clients = clients
        self.directory = directory
        self.signer = TokenSigner()
        self.connections = Connections()
        self.closing = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """Clear counts, locks, faults, codes and logins; keep the clients and the people."""
        self.counts = Counts()
        self.faults = Faults()
        self.codes = AuthorizationCodes()
        self.logins = Logins()
        self.lockout = Lockout()

    async def pause(self, seconds: float) -> None:
        """Wait for ``seconds``, or until the sandbox shuts down."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return


def _installation(request: Request) -> Installation:
    return cast("Installation", request.app.state.installation)


Installed = Annotated[Installation, Depends(_installation)]
"""The parameter type of a route that uses the installation."""
