"""Everything one running sandbox holds, in memory."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from myid_notebook.sandbox.authorization.access_token import TokenSigner
from myid_notebook.sandbox.authorization.code import AuthorizationCodes
from myid_notebook.sandbox.authorization.lockout import Lockout
from myid_notebook.sandbox.authorization.login import Logins
from myid_notebook.sandbox.clients.entry import ClientEntry
from myid_notebook.sandbox.connections import Connections
from myid_notebook.sandbox.faults import Faults
from myid_notebook.sandbox.population.directory import Directory


@dataclass(slots=True)
class Counts:
    """What was asked of the authorization server since the last reset."""

    authorize_requests: int = 0
    token_requests: int = 0
    tokens_issued: Counter[str] = field(default_factory=Counter)


class Installation:
    """The state of one sandbox; only its event loop touches it, so nothing is locked."""

    def __init__(self, clients: dict[str, ClientEntry]) -> None:
        self.clients = clients
        self.directory = Directory()
        self.signer = TokenSigner()
        self.connections = Connections()
        self.closing = asyncio.Event()
        self.forget()

    def forget(self) -> None:
        """Drop counts, locks, faults, codes and pending sign-ins; clients and people stay."""
        self.counts = Counts()
        self.faults = Faults()
        self.codes = AuthorizationCodes()
        self.logins = Logins()
        self.lockout = Lockout()

    async def pause(self, seconds: float) -> None:
        """Let ``seconds`` pass, or fewer when the sandbox is closing."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return


def _installation(request: Request) -> Installation:
    return cast("Installation", request.app.state.installation)


Installed = Annotated[Installation, Depends(_installation)]
"""The parameter type by which a route asks for the running sandbox."""
