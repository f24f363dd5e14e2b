"""Exceptions without the frames that hold secrets."""

from __future__ import annotations

from typing import TypeVar

Raised = TypeVar("Raised", bound=BaseException)


def without_inner_frames(error: Raised, outer: BaseException | None = None) -> Raised:
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
