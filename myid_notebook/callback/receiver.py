"""Receive the redirect of one sign-in: rendezvous file, listener and sockets as one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from myid_notebook.callback import rendezvous
from myid_notebook.callback.listener import START_PATH, Answer, Listener
from myid_notebook.callback.outcome import Verdict
from myid_notebook.callback.relay import relay, state_of
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.callback.route import HOW_TO_PASTE, CallbackRoute, RouteKind
from myid_notebook.errors import NoPortAvailable
from myid_notebook.machine.ports import bind_exclusively, port_holder
from myid_notebook.machine.processes import machine_name, pid_namespace
from myid_notebook.secret import Secret
from myid_notebook.settings.urls import origin

BIND_INTERVAL = 0.05
"""Seconds between attempts."""

_ATTEMPTS_BETWEEN_CHECKS = 20
"""Attempts between looks at who holds it: a sign-in that ends lets go within one of them."""


async def wait_for_port(
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
        await asyncio.sleep(BIND_INTERVAL)
        with contextlib.suppress(OSError):
            return bind_exclusively(host, port)
        attempts += 1
        if attempts % _ATTEMPTS_BETWEEN_CHECKS == 0:
            strangers = 0 if rendezvous.is_bound(redirect_uri) else strangers + 1
            if strangers == 2:  # noqa: PLR2004 - at the first look it may just be ending
                on_stranger(port_holder(port))


_receivers: set[CallbackReceiver] = set()
"""Those of this process, for a process that is forked from it."""


class CallbackReceiver:
    """Opens the listener, writes the rendezvous file, and removes both.

    Args:
        link: the one that starts the sign-in.
        route: the way back; may become ``PASTE`` where the rendezvous file cannot be written.
        state: of the authorization request.
        lifetime: seconds until the sign-in's deadline.
        answer: decides over the redirects that carry this state.

    Raises:
        NoPortAvailable: this process can open no port any more.
    """

    def __init__(
        self, link: str, route: CallbackRoute, state: str, lifetime: float, answer: Answer
    ) -> None:
        self.route = route
        self._state = state
        self._answer = answer
        self._relay_key = Secret(secrets.token_urlsafe(32))
        self._start_key = Secret(secrets.token_urlsafe(32))
        self._lifetime = lifetime
        self._file: Path | None = None
        self._relay_socket = _relay_socket()
        self._relay_port = int(self._relay_socket.getsockname()[1])
        self._listener = Listener(
            relay_key=self._relay_key,
            answer=answer,
            redirect_uri=route.redirect_uri,
            dispatch=self._dispatch,
            start_key=self._start_key,
            link=Secret(link),
        )
        self._taking_over: asyncio.Task[None] | None = None
        _receivers.add(self)
        self._publish()

    @property
    def start_url(self) -> str:
        """Where a browser goes that this kernel opens; it is sent on to the link, once.

        For the command line of a browser, which every user of a machine can read.
        """
        return f"http://127.0.0.1:{self._relay_port}{START_PATH}/{self._start_key}"

    async def serve(self) -> None:
        """Receive redirects from now on, in the running event loop."""
        await self._listener.serve_relays(self._relay_socket)
        for sock in self.route.sockets:
            await self._listener.serve_redirects(sock)
        if self.route.kind is RouteKind.LISTENER and not self.route.sockets:
            self._taking_over = asyncio.create_task(self._take_over())

    def withdraw(self) -> None:
        """Remove the rendezvous file, so that no redirect finds this sign-in any more."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()
            self._file = None

    async def close(self, grace: float) -> None:
        """Stop receiving.

        Args:
            grace: seconds that pages under way may take.
        """
        self.withdraw()
        if self._taking_over is not None:
            self._taking_over.cancel()
        await self._listener.close(grace)
        self.abandon()

    def abandon(self) -> None:
        """Release and forget everything, without an event loop; harmless after ``close``."""
        self.withdraw()
        self._listener.forget()
        self._state = ""
        self.release()

    def release(self) -> None:
        """Close the sockets, and nothing else: for a process that only inherited them."""
        _receivers.discard(self)
        self._relay_socket.close()
        self.route.close()

    async def _dispatch(self, query: str) -> Verdict:
        # Another sign-in of this user may share the registered address: its redirect goes on.
        if state_of(query) in {None, self._state}:
            return await self._answer(query)
        return await relay(query)

    def _publish(self) -> None:
        rendezvous.sweep()
        try:
            self._file = self._rendezvous().write(self._state)
        except OSError as error:
            if self.route.kind is RouteKind.JUPYTER:
                self._paste_instead(
                    f"The runtime folder {rendezvous.folder()} cannot be used "
                    f"({error.strerror or error}), so Jupyter cannot pass the redirect on"
                )

    def _paste_instead(self, why: str) -> None:
        self.route = replace(self.route, kind=RouteKind.PASTE, reason=f"{why}: {HOW_TO_PASTE}.")

    def _rendezvous(self) -> Rendezvous:
        return Rendezvous(
            port=self._relay_port,
            relay_key=self._relay_key,
            pid=os.getpid(),
            host=machine_name(),
            lifetime=self._lifetime,
            bound=self.route.redirect_uri if self.route.sockets else None,
            pid_namespace=pid_namespace(),
        )

    async def _take_over(self) -> None:
        before = self.route
        sockets = await wait_for_port(self.route.redirect_uri, self._on_stranger)
        self.route = replace(before, sockets=sockets)
        self.withdraw()
        self._publish()
        for sock in self.route.sockets:
            await self._listener.serve_redirects(sock)

    def _on_stranger(self, holder: str) -> None:
        self._paste_instead(
            f"Another of your sign-ins used the address {self.route.redirect_uri}; when it ended, "
            f"{holder} took the port"
        )


def _relay_socket() -> socket.socket:
    try:
        (sock,) = bind_exclusively("127.0.0.1", 0)
    except OSError as error:
        reason = error.strerror or error
    else:
        return sock
    raise NoPortAvailable(
        f"This kernel cannot open a port on its own machine ({reason}), so MyID could not send you "
        "back to it. Close open files and connections or restart the kernel, then run %myid_login "
        "again. If the problem persists, ask the administrator of this machine."
    )


def _release_inherited() -> None:
    # A forked process that kept them would hold the port when this one has let it go.
    for receiver in list(_receivers):
        receiver.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_inherited)
