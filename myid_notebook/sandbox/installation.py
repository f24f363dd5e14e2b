"""The state of a running sandbox, kept in memory."""

import asyncio
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from myid_notebook.sandbox.authorization.login import Lockout, Logins
from myid_notebook.sandbox.authorization.tokens import (
    AuthorizationCodes,
    RefreshTokens,
    SignOn,
    TokenSigner,
)
from myid_notebook.sandbox.clients import ClientEntry
from myid_notebook.sandbox.connections import Connections
from myid_notebook.sandbox.faults import Faults
from myid_notebook.sandbox.population.directory import Directory


@dataclass(slots=True)
class Counts:
    """The requests since the last reset.

    Attributes:
        authorize_requests: the requests to the authorization endpoint.
        token_requests: the requests to the token endpoint.
        tokens_issued: the access tokens that were issued, by the logon name they act as.
        tokens_by_grant: the same, by grant type.
        tokens_revoked: the refresh tokens that were valid when the revocation endpoint ended them.
        api_calls: the calls of the Core API, with any response.
        api_successes: the calls of the Core API with a response of status 2xx, by the path below
            the API, in lower case, with the sorted query.
    """

    authorize_requests: int = 0
    token_requests: int = 0
    tokens_issued: Counter[str] = field(default_factory=Counter)
    tokens_by_grant: Counter[str] = field(default_factory=Counter)
    tokens_revoked: int = 0
    api_calls: int = 0
    api_successes: Counter[str] = field(default_factory=Counter)


class Installation:
    """The state of one sandbox. It has no locks, because only the event loop uses it."""

    def __init__(
        self, clients: dict[str, ClientEntry], directory: Directory, switches: Faults
    ) -> None:
        self.clients = clients
        self.directory = directory
        self.initial_faults = switches
        self.signer = TokenSigner()
        self.connections = Connections()
        self.closing = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """Clear counts, locks, codes, refresh tokens and logins; restore the initial switches.

        The clients and the people stay as they are.
        """
        self.counts = Counts()
        self.faults = self.initial_faults.merged({})
        self.codes = AuthorizationCodes()
        self.refresh_tokens = RefreshTokens()
        self.logins = Logins()
        self.lockout = Lockout()
        self.sign_ons: OrderedDict[str, SignOn] = OrderedDict()
        self.shown_errors: OrderedDict[str, str] = OrderedDict()

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
