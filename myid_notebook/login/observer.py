"""Who is told how a sign-in goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from myid_notebook.login.login import Login

_log = logging.getLogger(__name__)

Observer = Callable[["Login"], None]


def tell(observer: Observer | None, login: Login) -> None:
    """Tell an observer; a front end that fails must not end a sign-in.

    Args:
        observer: None where nobody wants to know.
        login: whose state has changed.
    """
    if observer is not None:
        try:
            observer(login)
        except Exception:  # noqa: BLE001 - whatever a front end raises
            _log.warning("A front end could not show the state of a sign-in", exc_info=True)
