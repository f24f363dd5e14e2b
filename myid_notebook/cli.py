"""The command ``myid-notebook``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import myid_notebook
from myid_notebook.doctor.check import Environment
from myid_notebook.doctor.doctor import examine
from myid_notebook.doctor.report import to_text
from myid_notebook.front_end import writable
from myid_notebook.settings.table import SETTINGS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 1 if the doctor found a fault.

    Args:
        arguments: without the program's name; None for those of the process.
    """
    given = _parser().parse_args(arguments)
    options = {name: getattr(given, name, None) for name in SETTINGS}
    report = examine(Environment(options=options, environ=os.environ))
    sys.stdout.write(writable(to_text(report), sys.stdout.encoding) + "\n")
    return 0 if report.healthy else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="myid-notebook", description="Sign in to MyID from notebooks."
    )
    parser.add_argument("--version", action="version", version=myid_notebook.__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser(
        "doctor",
        help="check everything a sign-in needs",
        description="Check settings, MyID server, redirect and versions, without signing in.",
    )
    for setting in SETTINGS.values():
        if setting.option:
            doctor.add_argument(setting.option, **setting.option_arguments)
    return parser
