"""Text that a server sent, made fit for a message."""

from __future__ import annotations

import re
from collections.abc import Iterable

from myid_notebook.oauth.masking import MASK, masked
from myid_notebook.oauth.one_line import cut, one_line

_OPAQUE = re.compile(r"[A-Za-z0-9+/=_.~%-]{40,}")
_ENOUGH = 10_000
"""Characters that are looked at."""

_MARGIN = 3_000
"""More characters than a hidden value has in any encoding, and a line."""


def outside_text(text: str, hidden: Iterable[str] = ()) -> str:
    """Return text from outside on one line, cut, without control characters or long opaque values.

    A server may echo what it was sent; anything that could be a code, secret or token is masked.

    Args:
        text: of any length and content.
        hidden: values that must not be shown, however short and plain they look, nor in another
            encoding.
    """
    return _shown(text, hidden, opaque=_OPAQUE)


def outside_url(url: str, hidden: Iterable[str] = ()) -> str:
    """Return a URL from outside on one line, cut, but otherwise as it is.

    Args:
        url: of any length and content.
        hidden: values that must not be shown, as for ``outside_text``.
    """
    return _shown(url, hidden, opaque=None)


def _shown(text: str, hidden: Iterable[str], *, opaque: re.Pattern[str] | None) -> str:
    line = one_line(text)
    # On the line as it is shown, and before it is cut: half a secret cannot be found.
    shown = masked(line[:_ENOUGH], hidden)
    if opaque is not None:
        shown = opaque.sub(MASK, shown)
    if len(line) > _ENOUGH and len(shown) < _MARGIN:
        return MASK  # half a secret may stand at its end
    return cut(shown)
