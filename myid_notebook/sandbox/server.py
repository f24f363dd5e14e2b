"""Serve the application with uvicorn until it is told to stop."""

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

import uvicorn

from myid_notebook.sandbox.application import create_application
from myid_notebook.sandbox.installation import Installation

_SHUTDOWN_TIMEOUT = 2
"""How long requests in progress may take when the sandbox shuts down, in seconds."""

_READY_MESSAGE = """\
MyID sandbox ready at {url}
  Sign in with Security Questions as jane.doe; the answers are blue and rover.
  Clients: {clients}. All people are fictitious. Press Ctrl-C to stop.
"""


class _Server(uvicorn.Server):
    """A server that prints when it is ready and ends delayed requests when it shuts down."""

    def __init__(self, config: uvicorn.Config, installation: Installation, url: str) -> None:
        super().__init__(config)
        self._installation = installation
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        clients = sorted(self._installation.clients) or ["none"]
        with suppress(OSError, ValueError):  # standard output may be closed
            sys.stdout.write(_READY_MESSAGE.format(url=self._url, clients=", ".join(clients)))
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._installation.closing.set()
        await super().shutdown(sockets)


def serve(
    installation: Installation,
    listener: socket.socket,
    *,
    certfile: Path | None,
    keyfile: Path | None,
    exit_with_stdin: bool,
) -> None:
    """Serve until Ctrl-C, which raises KeyboardInterrupt, or until standard input is closed.

    Args:
        certfile: the TLS certificate; None serves plain HTTP.
        keyfile: the private key; None if ``certfile`` contains it.
        exit_with_stdin: stop when standard input is closed.
    """
    config = uvicorn.Config(
        create_application(installation),
        http=installation.connections.protocol(),
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        ssl_certfile=certfile,
        ssl_keyfile=keyfile,
        timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT,
    )
    server = _Server(config, installation, _url(listener, tls=certfile is not None))
    if exit_with_stdin:
        Thread(target=_stop_at_end_of_stdin, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def _url(listener: socket.socket, *, tls: bool) -> str:
    host, port = listener.getsockname()[:2]
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _stop_at_end_of_stdin(server: uvicorn.Server) -> None:
    # os.read instead of sys.stdin: a daemon thread that holds the lock of sys.stdin crashes the
    # interpreter when it exits.
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    server.should_exit = True
