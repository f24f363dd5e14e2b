"""Receive the redirect of one sign-in: rendezvous file, listener and sockets as one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from pathlib import Path

from myid_notebook.callback.listener import Listener, RedirectHandler
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.callback.route import HOW_TO_PASTE, CallbackRoute, RouteKind
from myid_notebook.errors import NoPortAvailable
from myid_notebook.machine.ports import bind_exclusively
from myid_notebook.machine.private_files import folder
from myid_notebook.oauth.query import state_of_query


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
            port=self._relay_port, key=self._listener.relay_key, lifetime=self._lifetime
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


def _bind_relay_socket() -> socket.socket:
    try:
        (sock,) = bind_exclusively("127.0.0.1", 0)
    except OSError as error:
        reason = error.strerror or error
    else:
        return sock
    raise NoPortAvailable(
        f"This kernel cannot open a port on its own machine ({reason}), so MyID cannot send you "
        "back to it. Close open files and connections or restart the kernel, then run %myid_login "
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
