"""The command line: ``python -m myid_notebook.sandbox``."""

import argparse
import gc
import ipaddress
import json
import ssl
import sys
import textwrap
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from myid_notebook.sandbox.clients import (
    ClientEntry,
    ClientsFolderError,
    default_clients,
    read_clients_folder,
)
from myid_notebook.sandbox.connections import ListeningError, listening_socket
from myid_notebook.sandbox.faults import Faults, switch_table
from myid_notebook.sandbox.installation import Installation
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.generator import LEAST_PEOPLE, MOST_PEOPLE, PEOPLE_COUNT
from myid_notebook.sandbox.server import serve

EXIT_REFUSED = 2
"""The exit code if the sandbox cannot start with the given options."""

DEFAULT_PORT = 7000

_YEARS = range(2000, 2100)
"""The years of ``--today``: certificates can be dated three years before and after."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox until Ctrl-C, which raises KeyboardInterrupt; return the exit code.

    Args:
        arguments: the command line; None means ``sys.argv[1:]``.
    """
    options = _parser().parse_args(arguments)
    try:
        _check_tls(options.host, options.certfile, options.keyfile)
        clients = _clients(options.clients)
        switches = _switches(options)
        socket = listening_socket(options.host, options.port)
    except (ClientsFolderError, ListeningError, _SwitchError, _TLSError) as error:
        sys.stderr.write(f"myid-sandbox: {error}\n")
        return EXIT_REFUSED
    with socket:
        # The people stay until the end: looking through a million of them again and again for
        # garbage would make the start half as long again, and requests wait for a second.
        gc.disable()
        directory = Directory(options.people, options.today)
        gc.freeze()
        gc.enable()
        serve(
            Installation(clients, directory, switches),
            socket,
            certfile=options.certfile,
            keyfile=options.keyfile,
            exit_with_stdin=options.exit_with_stdin,
        )
    return 0


class _SwitchError(Exception):
    """A switch is unknown or has an invalid value."""


class _TLSError(Exception):
    """The options would send secrets in clear text, or the TLS files are unusable."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m myid_notebook.sandbox",
        description="Run a simulated Intercede MyID with fictitious people.",
        epilog=_switches_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port",
        default=DEFAULT_PORT,
        type=_port,
        help=f"port to listen on; 0 picks any free port (default: {DEFAULT_PORT})",
    )
    parser.add_argument(
        "--clients",
        type=Path,
        metavar="DIR",
        help="folder with client files, like MyID's CustomClients",
    )
    parser.add_argument(
        "--people",
        default=PEOPLE_COUNT,
        type=_people_count,
        metavar="N",
        help=f"number of generated people (default: {PEOPLE_COUNT:,}); {MOST_PEOPLE:,} take about "
        "20 seconds and 800 MB",
    )
    parser.add_argument(
        "--today",
        type=_day,
        metavar="YYYY-MM-DD",
        help="day from which the dates of devices and requests are counted (default: today in UTC)",
    )
    parser.add_argument("--certfile", type=Path, help="TLS certificate in PEM format")
    parser.add_argument(
        "--keyfile", type=Path, help="private key in PEM format, if --certfile has none"
    )
    parser.add_argument(
        "--dialect",
        choices=get_args(Faults.model_fields["dialect"].annotation),
        help="the same as --switch dialect=…",
    )
    parser.add_argument(
        "--single-sign-on",
        action="store_true",
        help="the same as --switch single_sign_on=true",
    )
    parser.add_argument(
        "--switch",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a switch; may be repeated",
    )
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="stop when standard input is closed"
    )
    return parser


def _switches_help() -> str:
    lines = [
        "switches, with their values (the first is the default):",
        *(
            textwrap.fill(
                f"{meaning} ({values})",
                width=90,
                initial_indent=f"  {name:<24}",
                subsequent_indent=" " * 26,
            )
            for name, values, meaning in switch_table()
        ),
        "",
        "PUT /sandbox/faults sets them while the sandbox runs; see docs/sandbox.md.",
    ]
    return "\n".join(lines)


def _switches(options: argparse.Namespace) -> Faults:
    given: dict[str, object] = {}
    if options.dialect:
        given["dialect"] = options.dialect
    if options.single_sign_on:
        given["single_sign_on"] = True
    for each in options.switch:
        name, _, value = each.partition("=")
        try:
            given[name] = json.loads(value)
        except ValueError:
            given[name] = value  # a text without quotes
    try:
        return Faults().merged(given)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = fault["loc"][0] if fault["loc"] else ""
        raise _SwitchError(f"--switch {name}: {fault['msg']}") from error


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:  # noqa: PLR2004 - the range of a TCP port
        raise ValueError
    return port


def _people_count(text: str) -> int:
    if not text.isdecimal() or not LEAST_PEOPLE <= int(text) <= MOST_PEOPLE:
        raise argparse.ArgumentTypeError(f"must be from {LEAST_PEOPLE} to {MOST_PEOPLE:,}")
    return int(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in _YEARS:
        raise argparse.ArgumentTypeError(
            f"must be a day such as 2026-11-25, from {_YEARS[0]} to {_YEARS[-1]}"
        )
    return day


def _clients(folder: Path | None) -> dict[str, ClientEntry]:
    return read_clients_folder(folder) if folder else default_clients()


def _check_tls(host: str, certfile: Path | None, keyfile: Path | None) -> None:
    if certfile is None:
        if keyfile is not None:
            raise _TLSError("--keyfile requires --certfile")
        if not _is_loopback(host):
            raise _TLSError(f"{host} is not a loopback address; use --certfile to serve HTTPS")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile)
    except OSError as error:
        raise _TLSError(f"{certfile}, {keyfile or 'no key file'}: {error}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
