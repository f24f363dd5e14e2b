"""Reading the address that a user pasted."""

from __future__ import annotations

from urllib.parse import urlsplit

from myid_notebook.errors import RedirectRefused


def query_of(address: str) -> str:
    """Return the query of a pasted address; blanks around it and a fragment do not matter.

    Args:
        address: the whole address, or only what stands behind its ``?``.

    Raises:
        RedirectRefused: there is no answer of MyID in it.
    """
    text = "".join(address.split()).strip("\"'<>")
    try:
        query = urlsplit(text).query if "?" in text else text.partition("#")[0]
    except ValueError:
        query = ""
    if "state=" not in query:
        raise RedirectRefused(
            "That is not the address of the page MyID sent the browser to: it holds no state. Copy "
            "the whole address from the address bar of that page."
        )
    return query
