"""Ask the token store of this kernel's Jupyter server; best effort, without it nothing changes."""

from __future__ import annotations

import contextlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

from myid_notebook.front_end import current_shell, is_kernel
from myid_notebook.machine.private_files import Address
from myid_notebook.machine.private_lines import Connection
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.settings.resolve import Settings
from myid_notebook.token_store.address import STORE_VARIABLE, read_address, token_from
from myid_notebook.tracebacks import StrippedFrames

TIMEOUT = 2.0
"""Seconds a store may take to prove itself and to respond."""

RENEWAL_TIMEOUT = 10.0
"""Seconds a store may take to respond while a sign-in is renewed: nobody waits for a link then."""

_NO_STORE = "The Jupyter server that kept this sign-in has ended or does not have it any more."
_NO_RESPONSE = (OSError, ValueError, RecursionError)


class Chain(NamedTuple):
    """One sign-in in the store; renewed, it stays the same chain.

    Args:
        id: random.
        counter: how often its token was renewed.
    """

    id: str
    counter: int


class Found(NamedTuple):
    """A sign-in of the store.

    Args:
        token: without a refresh token; expired only if it can be renewed.
        operator: the name of the person who signed in; None if unknown.
        same_notebook: whether this notebook put it there, before a restart of its kernel.
        chain: what to renew and to forget it by.
        renewable: whether the store keeps a refresh token for it, or has lent it.
    """

    token: TokenResponse
    operator: str | None
    same_notebook: bool
    chain: Chain
    renewable: bool


class Ended(NamedTuple):
    """The chain has ended.

    Args:
        reason: as a sentence, such as "You signed out in audit.ipynb."
    """

    reason: str


class Forgotten(NamedTuple):
    """What the store has forgotten.

    Args:
        known: whether it had anything to forget.
        notebooks: the names of other notebooks that took it and whose kernels run.
        refresh_tokens: that the store had of it, to be revoked at the MyID that issued them.
    """

    known: bool
    notebooks: list[str]
    refresh_tokens: list[Secret]


class Lease:
    """A refresh token, taken out of the store; the open connection is the lease.

    Args:
        connection: which the store holds open.
        number: of the lease.

    Attributes:
        refresh_token: to be presented to MyID once; empty once the lease is over.
    """

    def __init__(self, connection: Connection, number: int, refresh_token: Secret) -> None:
        self.refresh_token = refresh_token
        self._connection: Connection | None = connection
        self._number = number

    def give_back(self) -> None:
        """Return the refresh token, which was certainly not presented, to the store."""
        self._end({"unused": self.refresh_token})

    def renewed(self, token: TokenResponse) -> Chain | None:
        """Give the new tokens to the store.

        Args:
            token: without a refresh token, the old one can be used again.

        Returns:
            None if the store does not take them, because the chain has ended: drop them.
        """
        pair = replace(token, refresh_token=token.refresh_token or self.refresh_token)
        return _chain(self._end({"pair": asdict(pair)}))

    def close(self) -> None:
        """End the chain, unless the lease is over already."""
        connection, self._connection = self._connection, None
        self.refresh_token = Secret()
        if connection is not None:
            connection.close()

    def _end(self, words: dict[str, Any]) -> dict[str, Any]:
        connection, self._connection = self._connection, None
        self.refresh_token = Secret()
        if connection is not None:
            with (
                StrippedFrames(),
                contextlib.suppress(*_NO_RESPONSE),
                contextlib.closing(connection),
            ):
                return connection.ask({"lease": self._number, **words}, RENEWAL_TIMEOUT)
        return {}


class Asking:
    """While it is open, this notebook asks a person to sign in, and others of theirs wait.

    Args:
        connection: which the store holds open; None where nobody is to wait.
    """

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection

    def close(self) -> None:
        """Tell the store that nobody is asked any more."""
        if self._connection is not None:
            self._connection.close()


class StoreClient:
    """The store as one kernel sees it.

    Args:
        kernel: the id that Jupyter gave the kernel, which outlives a restart.
        path: of the file with the address of the store.
    """

    def __init__(self, kernel: str, path: Path) -> None:
        self._kernel = kernel
        self._path = path
        self._address: Address | None = None

    def find(
        self, name: str, settings: Settings, *, subject: str | None = None, renewable: bool = False
    ) -> Found | None:
        """Return the newest sign-in that this notebook may use; None if there is none.

        Args:
            name: of the session.
            subject: the person whose sign-in it must be; None for any.
            renewable: whether one will do whose access token has expired, if it can be renewed.
        """
        asked = {"subject": subject, "renewable": renewable}
        response = self._ask({"do": "find", **_match(name, settings), **asked})
        return _found(response)

    def keep(
        self,
        name: str,
        settings: Settings,
        token: TokenResponse,
        operator: str | None,
        *,
        replaces: Chain | None = None,
    ) -> Chain | None:
        """Put a sign-in into the store; return None if it is not there.

        Args:
            name: of the session.
            token: with its refresh token, if there is one.
            replaces: ends for all who share it, if it is of the same person; they get this one.
                It stays for the others if this one may not be given to them.
        """
        if settings.share == "off":
            return None
        given = {"token": asdict(token), "operator": operator, "shared": settings.share == "server"}
        old = None if replaces is None else replaces.id
        return _chain(self._ask({"do": "keep", **_match(name, settings), **given, "replaces": old}))

    def renew(self, chain: Chain) -> Found | Lease | Ended | None:
        """Return a newer token, or else the refresh token, for this process alone.

        Returns:
            None if another kernel renews just now, or the store does not respond: ask again.
        """
        request = {"do": "renew", "chain": chain.id, "counter": chain.counter}
        with StrippedFrames():
            try:
                connection, response = self._held(request, RENEWAL_TIMEOUT)
            except TimeoutError:
                return None
            except _NO_RESPONSE:
                return Ended(_NO_STORE)
        if "lease" in response:
            return Lease(connection, response["lease"], Secret(response["refresh_token"]))
        connection.close()
        if "wait" in response:
            return None
        return _found(response) or Ended(str(response.get("ended", _NO_STORE)))

    def forget(self, chain: Chain | None, *, refused: bool = False) -> Forgotten:
        """End a sign-in in the store, for every notebook.

        Args:
            chain: None ends every sign-in of the store.
            refused: whether MyID refused its token; else the user signed out.
        """
        known = None if chain is None else chain.id
        response = self._ask({"do": "forget", "chain": known, "refused": refused})
        tokens = [Secret(text) for text in response.get("refresh_tokens", [])]
        return Forgotten(response.get("known", False), response.get("notebooks", []), tokens)

    def ended(self, chain: Chain) -> str:
        """Return why a sign-in was ended elsewhere, as a sentence; empty if it was not."""
        return str(self._ask({"do": "ended", "chain": chain.id}).get("reason", ""))

    def ask_person(self, name: str, settings: Settings, subject: str | None) -> Asking | None:
        """Say that this notebook is about to ask a person to sign in.

        Args:
            name: of the session.
            subject: who it must be; None if unknown.

        Returns:
            None if another notebook asks that person already, for itself and others.
        """
        if subject is None or settings.share == "off":
            return Asking()
        shared = {"subject": subject, "shared": settings.share == "server"}
        request = {"do": "ask_person", **_match(name, settings), **shared}
        with StrippedFrames(), contextlib.suppress(*_NO_RESPONSE):
            connection, response = self._held(request)
            if "asking" in response:
                return Asking(connection)
            connection.close()
            if "wait" in response:
                return None
        return Asking()

    def shared_secret(self, purpose: str) -> Secret:
        """Return a secret that all kernels of this Jupyter server know; empty without a store."""
        address = read_address(self._path)
        if address is None:
            return Secret()
        return Secret(hmac.new(address.key.encode(), purpose.encode(), "sha256").hexdigest())

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        # An interrupt of a request shows the user's frames and these, which hold the key.
        with StrippedFrames(), contextlib.suppress(*_NO_RESPONSE):
            connection, response = self._held(request)
            connection.close()
            return response
        return {}

    def _held(
        self, request: Mapping[str, Any], timeout: float = TIMEOUT
    ) -> tuple[Connection, dict[str, Any]]:
        # The address from before, if somebody has emptied the folder: the server may still run.
        address = self._address = read_address(self._path) or self._address
        if address is None:
            raise ConnectionError("no store")
        connection = Connection(address, TIMEOUT)
        try:
            whole = {**request, "kernel": self._kernel, "key": address.key}
            return connection, connection.ask(whole, timeout)
        except BaseException:
            connection.close()
            raise


def _match(name: str, settings: Settings) -> dict[str, Any]:
    return {"match": {"name": name, **settings.identity}}


def _chain(response: Mapping[str, Any]) -> Chain | None:
    with contextlib.suppress(KeyError, TypeError):  # there is none, or in another server's form
        return Chain(*response["chain"])
    return None


def _found(response: Mapping[str, Any]) -> Found | None:
    with contextlib.suppress(KeyError, TypeError):  # there is none, or in another server's form
        return Found(
            token=token_from(response["token"]),
            operator=response["operator"],
            same_notebook=response["same_notebook"],
            chain=Chain(*response["chain"]),
            renewable=response["renewable"],
        )
    return None


def store_of_this_kernel() -> StoreClient | None:
    """Return the store of the Jupyter server that started this kernel.

    None for terminals and scripts, which inherit the server's environment too, and for kernels
    without the server extension.
    """
    shell: Any = current_shell()  # IPython's shell of a kernel has no common type
    path = os.environ.get(STORE_VARIABLE)
    if not path or not is_kernel(shell):
        return None
    file = getattr(getattr(shell.kernel, "parent", None), "connection_file", "")
    # Jupyter names the connection file after the kernel's id, and keeps it over a restart.
    return StoreClient(Path(file).stem.removeprefix("kernel-"), Path(path)) if file else None
