"""Strip traceback frames that hold secrets."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

Raised = TypeVar("Raised", bound=BaseException)


def strip_frames(error: Raised, outer: BaseException | None = None) -> Raised:
    """Return the exception without its traceback, and so its whole chain.

    The frames of urllib3 and http.client hold the bytes that were sent. ``%xmode Verbose`` and
    error reporters print the variables of every frame.

    Args:
        error: just caught; raising it again starts a new traceback.
        outer: what the caller of the failed call was handling; it and its own chain stay as they
            are, unless the call raised that very exception.
    """
    queue: list[BaseException | None] = [error]
    seen: set[int] = set() if outer is error else {id(outer)}
    while queue:
        link = queue.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            link.__traceback__ = None
            queue += [link.__cause__, link.__context__]
            queue += [arg for arg in link.args if isinstance(arg, BaseException)]
    return error


T = TypeVar("T")


def strip_frames_of(call: Callable[[], T]) -> T:
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
    raise strip_frames(failure, outer)


async def strip_frames_of_async(steps: Awaitable[T]) -> T:
    """Return the result of an awaitable; what it raises leaves without inner frames.

    Args:
        steps: awaited at once.
    """
    outer = sys.exception()
    try:
        return await steps
    except BaseException as error:  # noqa: BLE001 - a cancellation too; it goes on below
        failure = error
    raise strip_frames(failure, outer)
