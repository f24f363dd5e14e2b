"""Everything that receives the redirect of one pending sign-in, opened and closed as one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from dataclasses import replace
from pathlib import Path

from myid_notebook.errors import DoorUnavailable
from myid_notebook.redirects import rendezvous
from myid_notebook.redirects.door import HOW_TO_PASTE, Door, DoorKind
from myid_notebook.redirects.listener import START_PATH, Answer, Listener
from myid_notebook.redirects.relay import relay, state_of
from myid_notebook.redirects.rendezvous import Rendezvous
from myid_notebook.redirects.sockets import bind_exclusively
from myid_notebook.redirects.take_over import sockets_when_free
from myid_notebook.redirects.this_machine import machine_name, pid_namespace
from myid_notebook.redirects.verdict import Verdict
from myid_notebook.secret import Secret

_open: set[Reception] = set()
"""Those of this process, for a process that is forked from it."""


class Reception:
    """Opens the listener, writes the rendezvous file, and removes both.

    Args:
        link: the one that starts the sign-in.
        door: the way back; may become ``PASTE`` where the rendezvous file cannot be written.
        state: of the authorization request.
        lifetime: seconds until the sign-in's deadline.
        answer: decides over the redirects that carry this state.

    Raises:
        DoorUnavailable: this process can open no port any more.
    """

    def __init__(self, link: str, door: Door, state: str, lifetime: float, answer: Answer) -> None:
        self.door = door
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
            redirect_uri=door.redirect_uri,
            dispatch=self._dispatch,
            start_key=self._start_key,
            link=Secret(link),
        )
        self._taking_over: asyncio.Task[None] | None = None
        _open.add(self)
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
        for sock in self.door.sockets:
            await self._listener.serve_redirects(sock)
        if self.door.kind is DoorKind.LISTENER and not self.door.sockets:
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
        _open.discard(self)
        self._relay_socket.close()
        self.door.close()

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
            if self.door.kind is DoorKind.JUPYTER:
                self._paste_instead(
                    f"The runtime folder {rendezvous.folder()} cannot be used "
                    f"({error.strerror or error}), so Jupyter cannot pass the answer on"
                )

    def _paste_instead(self, why: str) -> None:
        self.door = replace(self.door, kind=DoorKind.PASTE, reason=f"{why}: {HOW_TO_PASTE}.")

    def _rendezvous(self) -> Rendezvous:
        return Rendezvous(
            port=self._relay_port,
            relay_key=self._relay_key,
            pid=os.getpid(),
            host=machine_name(),
            lifetime=self._lifetime,
            bound=self.door.redirect_uri if self.door.sockets else None,
            pid_namespace=pid_namespace(),
        )

    async def _take_over(self) -> None:
        before = self.door
        sockets = await sockets_when_free(self.door.redirect_uri, self._on_stranger)
        self.door = replace(before, sockets=sockets)
        self.withdraw()
        self._publish()
        for sock in self.door.sockets:
            await self._listener.serve_redirects(sock)

    def _on_stranger(self, holder: str) -> None:
        self._paste_instead(
            f"The address {self.door.redirect_uri}, which another sign-in of yours held, was "
            f"taken by {holder} when that one ended"
        )


def _relay_socket() -> socket.socket:
    try:
        (sock,) = bind_exclusively("127.0.0.1", 0)
    except OSError as error:
        reason = error.strerror or error
    else:
        return sock
    raise DoorUnavailable(
        f"This kernel can open no port on its own machine ({reason}), so the sign-in could not "
        "come back to it. Close what it holds open, or restart it, and run %myid_login again; if "
        "it stays, ask whoever runs this machine."
    )


def _release_inherited() -> None:
    # A forked process that kept them would hold the port when this one has let it go.
    for reception in list(_open):
        reception.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_inherited)
