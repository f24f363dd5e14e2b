"""Finding out who signed in."""

from __future__ import annotations

import threading

from myid_notebook.client import PersonLookup
from myid_notebook.session import MyIDSession, Operator

PATIENCE = 5.0
"""Seconds to wait for a name; the session works meanwhile."""


def introduce(session: MyIDSession, ca_bundle: str | None) -> None:
    """Put the operator's name on a session; leave only the id where MyID does not tell it.

    Args:
        session: just signed in.
        ca_bundle: path of a PEM file to trust instead of the system's store.
    """
    operator = session.operator
    if operator is None or operator.id is None:
        return
    lookup = PersonLookup(session.api_url, ca_bundle)
    watchdog = threading.Timer(PATIENCE, lookup.abort)
    watchdog.daemon = True
    watchdog.start()
    try:
        name = lookup.name(operator.id, session.bearer, PATIENCE)
    finally:
        watchdog.cancel()
    if session.operator is operator:  # nobody signed out or in again meanwhile
        session.operator = Operator(id=operator.id, name=name)
