"""Calls whose errors show nothing of what they worked with."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from myid_notebook.session.frames import without_inner_frames

T = TypeVar("T")


def frameless(call: Callable[[], T]) -> T:
    """Return the result of a call; what it raises leaves without inner frames.

    Those hold the settings and the environment, client secret included; ``%xmode Verbose`` and
    error reporters print the variables of every frame.

    Args:
        call: takes nothing.
    """
    outer = sys.exception()  # the user's own, who may call this while handling it
    try:
        return call()
    except BaseException as error:  # noqa: BLE001 - an interrupt too; it goes on below
        failure = error
    raise without_inner_frames(failure, outer)


async def frameless_async(steps: Awaitable[T]) -> T:
    """Return the result of an awaitable; what it raises leaves without inner frames.

    Args:
        steps: awaited at once.
    """
    outer = sys.exception()
    try:
        return await steps
    except BaseException as error:  # noqa: BLE001 - a cancellation too; it goes on below
        failure = error
    raise without_inner_frames(failure, outer)
