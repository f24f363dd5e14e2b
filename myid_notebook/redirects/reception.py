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
from myid_notebook.redirects.door import Door, DoorKind
from myid_notebook.redirects.listener import START_PATH, Answer, Listener
from myid_notebook.redirects.relay import relay, state_of
from myid_notebook.redirects.rendezvous import Rendezvous, machine_name
from myid_notebook.redirects.sockets import bind_exclusively
from myid_notebook.redirects.verdict import Verdict
from myid_notebook.secret import Secret
from myid_notebook.settings.urls import origin

TAKE_OVER_PAUSE = 0.05
"""Seconds between attempts to take over an address that another sign-in of this user holds."""


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
                self.door = replace(
                    self.door,
                    kind=DoorKind.PASTE,
                    reason=(
                        f"The runtime folder {rendezvous.folder()} cannot be used "
                        f"({error.strerror or error}), so Jupyter cannot pass the answer on: copy "
                        "the address of the page the browser ends on and paste it (%myid_login "
                        "--paste asks for it)."
                    ),
                )

    def _rendezvous(self) -> Rendezvous:
        return Rendezvous(
            port=self._relay_port,
            relay_key=self._relay_key,
            pid=os.getpid(),
            host=machine_name(),
            lifetime=self._lifetime,
            bound=self.door.redirect_uri if self.door.sockets else None,
        )

    async def _take_over(self) -> None:
        _, host, port = origin(self.door.redirect_uri)
        while True:
            await asyncio.sleep(TAKE_OVER_PAUSE)
            with contextlib.suppress(OSError):
                sockets = bind_exclusively(host, port)
                self.door = replace(self.door, sockets=sockets)
                break
        self.withdraw()
        self._publish()
        for sock in self.door.sockets:
            await self._listener.serve_redirects(sock)


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
