"""Strip traceback frames that hold secrets.

``%xmode Verbose`` and error reporters print the variables of every frame, and frames of this
package, urllib3 and http.client hold settings, codes, tokens and the bytes that were sent.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TypeVar

Raised = TypeVar("Raised", bound=BaseException)


def strip_frames(error: Raised, handled: BaseException | None = None) -> Raised:
    """Remove the tracebacks of an exception and of its whole chain, and return it.

    ``raise … from None`` is not enough: it only hides the chain from printing.

    Args:
        error: just caught; raising it again starts a new traceback.
        handled: what the caller was handling when it made the failed call. It and its chain are
            left as they are, unless it is ``error`` itself.
    """
    queue: list[BaseException | None] = [error]
    seen: set[int] = set() if handled is error else {id(handled)}
    while queue:
        link = queue.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            link.__traceback__ = None
            queue += [link.__cause__, link.__context__]
            queue += [arg for arg in link.args if isinstance(arg, BaseException)]
    return error


class StrippedFrames:
    """A context manager that strips the frames of whatever leaves its body (``strip_frames``).

    Not ``contextlib.contextmanager``: that puts the traceback back.
    """

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
            strip_frames(error, self._handled)
