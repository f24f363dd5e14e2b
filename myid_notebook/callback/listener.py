"""The addresses at which the kernel of a pending sign-in receives redirects."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from http import HTTPStatus
from urllib.parse import urlsplit

from myid_notebook.callback import pages
from myid_notebook.callback.http_server import HTTPServer, Request, response
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.rendezvous import RELAY_KEY_HEADER, RELAY_PATH
from myid_notebook.machine.peer import is_from_another_user
from myid_notebook.secret import Secret

START_PATH = "/start"
"""Where the kernel's own browser starts; followed by a key."""

_JSON_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}

RedirectHandler = Callable[[str], Awaitable[Verdict]]
"""Takes the query of a redirect, returns the verdict on it."""


class Listener(HTTPServer):
    """Answer the HTTP requests of one pending sign-in, in the running event loop.

    Args:
        link: the authorization request, to which the start address redirects once.
        redirect_uri: the registered one, whose path and authority requests must have.
        on_relay: decides about redirects that another program of this user passes on.
        on_redirect: decides about redirects that arrive at the redirect URI itself.

    Attributes:
        relay_key: what a relay must send.
        start_path: where a browser started by this kernel begins; empty once used. The link itself
            must not be on a browser's command line: every user of the machine can read those, and
            the link holds the state.
    """

    def __init__(
        self,
        *,
        link: str,
        redirect_uri: str,
        on_relay: RedirectHandler,
        on_redirect: RedirectHandler,
    ) -> None:
        super().__init__()
        self.relay_key = Secret(secrets.token_urlsafe(32))
        self.start_path = Secret(f"{START_PATH}/{secrets.token_urlsafe(32)}")
        self._link = Secret(link)
        self._on_relay = on_relay
        self._on_redirect = on_redirect
        parts = urlsplit(redirect_uri)
        self._path = parts.path or "/"
        self._authority = _normalized_authority(parts.netloc)

    async def serve_relay_port(self, sock: socket.socket) -> None:
        """Take relayed redirects and the kernel's own browser at a listening socket."""
        await self.serve(sock, self._answer_relay_port)

    async def serve_redirect_uri(self, sock: socket.socket) -> None:
        """Take redirects from the browser, at a socket of the redirect URI's own address."""
        await self.serve(sock, self._answer_redirect_uri)

    def forget_link(self) -> None:
        """Drop the link, which holds the state."""
        self._link = Secret()

    async def _answer_relay_port(self, request: Request, writer: asyncio.StreamWriter) -> bytes:
        if _is_equal(request.path, self.start_path) and not _is_from_another_user(writer):
            self.start_path = Secret()
            return response(HTTPStatus.FOUND, {**pages.HEADERS, "Location": self._link}, b"")
        key = request.headers.get(RELAY_KEY_HEADER, "")
        if request.path != RELAY_PATH or not _is_equal(key, self.relay_key):
            return _page(Verdict(outcome=Outcome.NOT_FOUND))
        verdict = await self._on_relay(request.query)
        return response(HTTPStatus.OK, _JSON_HEADERS, verdict.to_json())

    async def _answer_redirect_uri(self, request: Request, writer: asyncio.StreamWriter) -> bytes:
        # Against DNS rebinding: another name in Host is a site that resolves to this machine.
        same_host = _normalized_authority(request.headers.get("host", "")) == self._authority
        if request.path != self._path or not same_host:
            return _page(Verdict(outcome=Outcome.NOT_FOUND))
        if not request.query:  # the page after sign-in, reloaded: it has removed the query
            return _page(Verdict(outcome=Outcome.NOTHING_TO_DO))
        if _is_from_another_user(writer):
            return _page(Verdict(outcome=Outcome.OTHER_OS_USER))
        return _page(await self._on_redirect(request.query))


def _is_equal(given: str, expected: str) -> bool:
    return compare_digest(given.encode(), expected.encode())


def _is_from_another_user(writer: asyncio.StreamWriter) -> bool:
    return is_from_another_user(
        writer.get_extra_info("peername"), writer.get_extra_info("sockname")
    )


def _normalized_authority(host: str) -> str:
    # Browsers omit the default port in Host, even if the registered URI has it.
    return host.lower().removesuffix(":80")


def _page(verdict: Verdict) -> bytes:
    return response(verdict.outcome.status, pages.HEADERS, pages.render_verdict(verdict))
