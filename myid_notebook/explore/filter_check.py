"""Notice a search parameter that MyID ignores, before everybody comes back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from myid_notebook.errors import closest
from myid_notebook.explore.api_error import FilterIgnored, MyIDAPIError
from myid_notebook.explore.get import get_object
from myid_notebook.explore.openapi import known_parameters
from myid_notebook.explore.session import MyIDSession


def check_filters(session: MyIDSession, path: str, params: Mapping[str, Any]) -> None:
    """Ask for each parameter alone, with a value nobody can have; rows mean it is ignored.

    MyID returns all results for a filter that it does not support (a comment in Intercede's own
    sample scripts). A parameter is asked for once in a session; status 400 shows that MyID knows
    it.

    Args:
        path: of the collection, without a query.

    Raises:
        FilterIgnored: MyID ignores a parameter.
        MyIDAPIError: MyID refused the request for another reason.
    """
    place = path.strip("/").lower()
    for name in params:
        key = place, name.lower()
        if key in session.checked_parameters:
            continue
        if _is_ignored(session, path, name):
            raise FilterIgnored(_words(place, name), parameter=name, path=path)
        session.checked_parameters.add(key)


def _is_ignored(session: MyIDSession, path: str, name: str) -> bool:
    try:
        page = get_object(session, path, {name: f"nobody-{secrets.token_hex(8)}"})
    except MyIDAPIError as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        return False
    return bool(page.get("results"))


def _words(place: str, name: str) -> str:
    known = known_parameters(place)
    lower = {each.lower(): each for each in known}
    near = closest(name.lower(), lower, cutoff=0.5)
    if near:
        hint = f"Did you mean {lower[near]!r}?"
    elif known:
        hint = f"Known parameters: {', '.join(known)}."
    else:
        hint = "%myid_api may list those that it knows."
    return (
        f"MyID ignores the parameter {name!r} of {place}, so it would return every record. {hint} "
        "(If it is not a filter, pass check=False.)"
    )
