"""Receive the redirect of one sign-in: rendezvous file, listener and sockets as one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

from myid_notebook.callback import rendezvous
from myid_notebook.callback.listener import Listener, RedirectHandler
from myid_notebook.callback.outcome import Verdict
from myid_notebook.callback.relay import relay
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.callback.route import HOW_TO_PASTE, CallbackRoute, RouteKind
from myid_notebook.errors import NoPortAvailable
from myid_notebook.machine.ports import bind_exclusively, port_holder
from myid_notebook.machine.processes import machine_name, pid_namespace
from myid_notebook.oauth.query import state_of_query
from myid_notebook.settings.urls import origin

BIND_INTERVAL = 0.01
"""Seconds between attempts to bind a port that another sign-in holds. A redirect is refused in the
meantime, if that sign-in has just ended; an attempt takes some 25 microseconds."""

_ATTEMPTS_PER_HOLDER_CHECK = 100
"""Attempts between checks that a pending sign-in still holds the port."""


class CallbackReceiver:
    """Receive the redirect of one sign-in, from construction until ``close``.

    Args:
        link: the authorization request.
        route: how the redirect arrives. Its kind becomes ``PASTE`` if the redirect cannot arrive
            that way after all, and ``OWN_PORT`` once this kernel has taken over a shared port.
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
        self._taking_over: asyncio.Task[None] | None = None
        self._relay_socket = _bind_relay_socket()
        self._relay_port = int(self._relay_socket.getsockname()[1])
        self._listener = Listener(
            link=link,
            redirect_uri=route.redirect_uri,
            on_relay=on_redirect,
            on_redirect=self._handle_or_relay,
        )
        _receivers.add(self)
        self._write_file()

    @property
    def start_url(self) -> str:
        """The address that sends a browser started by this kernel to the link, once."""
        return f"http://127.0.0.1:{self._relay_port}{self._listener.start_path}"

    async def serve(self) -> None:
        """Receive redirects from now on, in the running event loop."""
        await self._listener.serve_relay_port(self._relay_socket)
        for sock in self.route.sockets:
            await self._listener.serve_redirect_uri(sock)
        if self.route.kind is RouteKind.SHARED_PORT:
            self._taking_over = asyncio.create_task(self._take_over())

    async def close(self, grace: float) -> None:
        """Stop receiving and release everything; pages under way may take ``grace`` seconds."""
        self._remove_file()
        if self._taking_over is not None:
            self._taking_over.cancel()
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

    async def _handle_or_relay(self, query: str) -> Verdict:
        # Another sign-in of this user may share the registered redirect URI.
        if state_of_query(query) in {None, self._state}:
            return await self._on_redirect(query)
        return await relay(query)

    async def _take_over(self) -> None:
        shared = self.route
        sockets = await wait_for_port(shared.redirect_uri, self._report_other_program)
        self.route = shared._replace(kind=RouteKind.OWN_PORT, sockets=sockets)
        self._remove_file()
        self._write_file()  # now as the holder of the port
        for sock in sockets:
            await self._listener.serve_redirect_uri(sock)

    def _report_other_program(self, holder: str) -> None:
        # Code and state would go to that program, and the user would wait in vain.
        self._fall_back_to_paste(
            f"Another of your sign-ins used the address {self.route.redirect_uri}; when it ended, "
            f"{holder} took the port"
        )

    def _fall_back_to_paste(self, why: str) -> None:
        self.route = self.route._replace(
            kind=RouteKind.PASTE, reason=f"{why}: {HOW_TO_PASTE}.", if_elsewhere=""
        )

    def _write_file(self) -> None:
        entry = Rendezvous(
            port=self._relay_port,
            relay_key=self._listener.relay_key,
            pid=os.getpid(),
            host=machine_name(),
            lifetime=self._lifetime,
            bound=self.route.redirect_uri if self.route.sockets else None,
            pid_namespace=pid_namespace(),
        )
        try:
            self._file = entry.write(self._state)
        except OSError as error:
            # The other kinds work without the file, except for redirects that others pass on.
            if self.route.kind is RouteKind.JUPYTER:
                self._fall_back_to_paste(
                    f"The runtime folder {rendezvous.folder()} cannot be used "
                    f"({error.strerror or error}), so Jupyter cannot pass the redirect on"
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


async def wait_for_port(
    redirect_uri: str, report_other_program: Callable[[str], None]
) -> list[socket.socket]:
    """Return sockets listening at a loopback redirect URI, as soon as its port is free.

    Args:
        redirect_uri: at a loopback address, held by a pending sign-in of this user.
        report_other_program: called once, with a description of the program, if another program
            takes the port before this one.
    """
    _, host, port = origin(redirect_uri)
    attempts, checks_failed = 0, 0
    while True:
        await asyncio.sleep(BIND_INTERVAL)
        with contextlib.suppress(OSError):
            return bind_exclusively(host, port)
        attempts += 1
        if attempts % _ATTEMPTS_PER_HOLDER_CHECK == 0:
            is_shared = rendezvous.is_bound_by_sign_in(redirect_uri)
            checks_failed = 0 if is_shared else checks_failed + 1
            if checks_failed == 2:  # noqa: PLR2004 - at the first check a sign-in may be ending
                report_other_program(port_holder(port))


_receivers: set[CallbackReceiver] = set()


def _close_inherited_sockets() -> None:
    # In a forked process: sockets it inherits would hold the registered port after the sign-in has
    # ended in the parent. The rendezvous file is the parent's and stays.
    for receiver in list(_receivers):
        receiver._close_sockets()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_inherited_sockets)
