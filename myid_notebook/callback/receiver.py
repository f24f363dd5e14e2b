"""Receive the redirect of one sign-in: its rendezvous file, its listener and the sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from myid_notebook.callback import pages
from myid_notebook.callback.http_server import HTTPServer, Request, response
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.rendezvous import RELAY_KEY_HEADER, RELAY_PATH, Rendezvous
from myid_notebook.callback.route import HOW_TO_PASTE, CallbackRoute, RouteKind
from myid_notebook.errors import NoPortAvailable
from myid_notebook.machine.peer import is_from_another_user
from myid_notebook.machine.ports import bind_exclusively
from myid_notebook.machine.private_files import folder
from myid_notebook.oauth.query import state_of_query
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


class CallbackReceiver:
    """Receive the redirect of one sign-in, from construction until ``close``.

    Args:
        link: the authorization request.
        route: how the redirect arrives. Its kind becomes ``PASTE`` if the redirect cannot arrive
            that way after all.
        state: of the authorization request.
        lifetime: seconds until the sign-in's deadline.
        on_redirect: decides about the redirects that carry this state.

    Raises:
        NoPortAvailable: this process can open no port any more.
    """

    def __init__(
        self,
        link: str,
        route: CallbackRoute,
        state: str,
        lifetime: float,
        on_redirect: RedirectHandler,
    ) -> None:
        self.route = route
        self._state = state
        self._lifetime = lifetime
        self._on_redirect = on_redirect
        self._file: Path | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # while it serves
        self._relay_socket = _bind_relay_socket()
        self._relay_port = int(self._relay_socket.getsockname()[1])
        self._listener = Listener(
            link=link,
            redirect_uri=route.redirect_uri,
            on_relay=on_redirect,
            on_redirect=self._decide,
        )
        _receivers.add(self)
        self._write_file()

    @property
    def start_url(self) -> str:
        """The address that sends a browser started by this kernel to the link, once."""
        return f"http://127.0.0.1:{self._relay_port}{self._listener.start_path}"

    async def serve(self) -> None:
        """Receive redirects from now on, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        await self._listener.serve_relay_port(self._relay_socket)
        for sock in self.route.sockets:
            await self._listener.serve_redirect_uri(sock)

    async def close(self, grace: float) -> None:
        """Stop receiving and release everything; pages under way may take ``grace`` seconds."""
        self._remove_file()
        self._loop = None
        await self._listener.close(grace)
        self.close_nowait()

    def close_nowait(self) -> None:
        """Release everything without an event loop; does nothing after ``close``."""
        self._remove_file()
        self._listener.forget_link()
        self._state = ""
        self._close_sockets()

    def _close_sockets(self) -> None:
        _receivers.discard(self)
        self._relay_socket.close()
        self.route.close()

    async def _decide(self, query: str) -> Verdict:
        # Another sign-in of this kernel may share the redirect URI.
        state = state_of_query(query)
        if state is None or self.expects(state):
            return await self._on_redirect(query)
        other = next((each for each in list(_receivers) if each.expects(state)), None)
        verdict = other and await other.decide_in_own_loop(query)
        return verdict or Verdict(outcome=Outcome.UNKNOWN)

    def expects(self, state: str) -> bool:
        """Return whether a redirect with this state belongs to this sign-in."""
        return state == self._state

    async def decide_in_own_loop(self, query: str) -> Verdict | None:
        """Decide about a redirect that another receiver got; None if this one is closing."""
        if self._loop is None:
            return None
        decision = self._listener.run_as_connection(lambda: self._on_redirect(query))
        try:
            future = asyncio.run_coroutine_threadsafe(decision, self._loop)
        except RuntimeError:  # the loop is closed
            decision.close()
            return None
        # A loop that is closing takes calls and drops them.
        verdict = asyncio.wrap_future(future)
        await asyncio.wait([verdict], timeout=self._lifetime)
        return verdict.result() if verdict.done() and not verdict.cancelled() else None

    def _write_file(self) -> None:
        entry = Rendezvous(
            port=self._relay_port,
            key=self._listener.relay_key,
            valid_until=time.time() + self._lifetime,
        )
        try:
            self._file = entry.write(self._state)
        except OSError as error:
            # The other kinds work without the file.
            if self.route.kind is RouteKind.JUPYTER:
                reason = (
                    f"The runtime folder {folder()} cannot be used "
                    f"({error.strerror or error}), so Jupyter cannot pass the redirect on: "
                    f"{HOW_TO_PASTE}."
                )
                self.route = self.route._replace(
                    kind=RouteKind.PASTE, reason=reason, if_elsewhere=""
                )

    def _remove_file(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()
            self._file = None


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


def _bind_relay_socket() -> socket.socket:
    try:
        (sock,) = bind_exclusively("127.0.0.1", 0)
    except OSError as error:
        reason = error.strerror or error
    else:
        return sock
    raise NoPortAvailable(
        f"This kernel cannot open a port on its own machine ({reason}), so MyID cannot send you "
        "back to it. Close open files and connections or restart the kernel, then sign in "
        "again. If the problem persists, ask the administrator of this machine."
    )


_receivers: set[CallbackReceiver] = set()


def _close_inherited_sockets() -> None:
    # In a forked process: sockets it inherits would hold the registered port after the sign-in has
    # ended in the parent. The rendezvous file is the parent's and stays.
    for receiver in list(_receivers):
        receiver._close_sockets()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_inherited_sockets)
