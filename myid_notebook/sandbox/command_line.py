"""The sandbox's command line."""

import argparse
import ipaddress
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from myid_notebook.sandbox.clients.defaults import default_clients
from myid_notebook.sandbox.clients.entry import ClientEntry
from myid_notebook.sandbox.clients.folder import ClientsFolderError, read_clients_folder
from myid_notebook.sandbox.installation import Installation
from myid_notebook.sandbox.listening import ListeningError, listening_socket
from myid_notebook.sandbox.server import serve

REFUSED = 2
"""The exit code when the sandbox cannot start as asked."""

DEFAULT_PORT = 7000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox until Ctrl-C, which raises KeyboardInterrupt; return the exit code.

    Args:
        arguments: the command line; None takes that of the process.
    """
    options = _parser().parse_args(arguments)
    try:
        _check_tls(options.host, options.certfile, options.keyfile)
        clients = _clients(options.clients)
        socket = listening_socket(options.host, options.port)
    except (ClientsFolderError, ListeningError, _UnsafeError) as error:
        sys.stderr.write(f"myid-sandbox: {error}\n")
        return REFUSED
    with socket:
        serve(
            Installation(clients),
            socket,
            certfile=options.certfile,
            keyfile=options.keyfile,
            exit_with_stdin=options.exit_with_stdin,
        )
    return 0


class _UnsafeError(Exception):
    """What was asked would put secrets on a network in clear, or the TLS files are unusable."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m myid_notebook.sandbox",
        description="A stand-in for Intercede MyID with invented people.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", default=DEFAULT_PORT, type=_port, help="0 takes any free one")
    parser.add_argument("--clients", type=Path, metavar="DIR", help="CustomClients-style folder")
    parser.add_argument("--certfile", type=Path, help="TLS certificate, PEM")
    parser.add_argument("--keyfile", type=Path, help="its private key, PEM")
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="end when standard input ends"
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:  # noqa: PLR2004 - the range of a TCP port
        raise ValueError
    return port


def _clients(folder: Path | None) -> dict[str, ClientEntry]:
    return read_clients_folder(folder) if folder else default_clients()


def _check_tls(host: str, certfile: Path | None, keyfile: Path | None) -> None:
    if certfile is None:
        if keyfile is not None:
            raise _UnsafeError("--keyfile needs --certfile")
        if not _is_loopback(host):
            raise _UnsafeError(f"{host} is not a loopback address: give --certfile to serve TLS")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile)
    except OSError as error:
        raise _UnsafeError(f"{certfile}, {keyfile or 'no key file'}: {error}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
