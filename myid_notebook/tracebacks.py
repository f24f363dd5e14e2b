"""Strip traceback frames that hold secrets.

``%xmode Verbose`` and error reporters print the variables of every frame, and frames of this
package, urllib3 and http.client hold settings, codes, tokens and the bytes that were sent.
"""

from __future__ import annotations

import sys
from types import FrameType, TracebackType
from typing import TypeVar

Raised = TypeVar("Raised", bound=BaseException)


def strip_frames(
    error: Raised, handled: BaseException | None = None, *, keep_users: bool = False
) -> Raised:
    """Remove the tracebacks of an exception and of its whole chain, and return it.

    ``raise … from None`` is not enough: it only hides the chain from printing.

    Args:
        error: just caught; raising it again starts a new traceback.
        handled: what the caller was handling when it made the failed call. It and its chain are
            left as they are, unless it is ``error`` itself.
        keep_users: keep the frames of other code that was called back, such as a response hook.
    """
    queue: list[BaseException | None] = [error]
    seen: set[int] = set() if handled is error else {id(handled)}
    while queue:
        link = queue.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            link.__traceback__ = _users_frames(link.__traceback__) if keep_users else None
            queue += [link.__cause__, link.__context__]
            queue += [arg for arg in link.args if isinstance(arg, BaseException)]
    return error


_CALL_BACK = ("requests.hooks", "requests.models", "myid_notebook.explore")
"""Modules that call a user's code without giving it the token or what is sent.

Adapters, and what others put around ``send``, get the request with the token in it. Packages below
urllib3, such as gevent or pyOpenSSL, get its bytes.
"""

_BELOW = {"myid_notebook", "requests", "urllib3"} | sys.stdlib_module_names


def _users_frames(traceback: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    users: set[FrameType | None] = set()
    while traceback is not None:
        frame = traceback.tb_frame
        if not _is_below(frame) and (frame.f_back in users or _calls_back(frame.f_back)):
            users.add(frame)
            kept.append(traceback)
        traceback = traceback.tb_next
    remaining: TracebackType | None = None
    for each in reversed(kept):
        remaining = TracebackType(remaining, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return remaining


def _is_below(frame: FrameType) -> bool:
    return _module_of(frame).partition(".")[0] in _BELOW


def _calls_back(frame: FrameType | None) -> bool:
    return frame is not None and f"{_module_of(frame)}.".startswith(
        tuple(f"{name}." for name in _CALL_BACK)
    )


def _module_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


class StrippedFrames:
    """A context manager that strips the frames of whatever leaves its body (``strip_frames``).

    Not ``contextlib.contextmanager``: that puts the traceback back.

    Args:
        keep_users: keep the frames of other code that was called back, such as a response hook.
    """

    def __init__(self, *, keep_users: bool = False) -> None:
        self._keep_users = keep_users

    def __enter__(self) -> None:
        """Remember the exception that the caller is handling, which is the user's own."""
        self._handled = sys.exception()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Strip the frames; the exception goes on, interrupts and cancellations included."""
        if error is not None:
            strip_frames(error, self._handled, keep_users=self._keep_users)
