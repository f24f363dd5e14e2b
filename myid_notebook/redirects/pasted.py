"""Reading the address that a user pasted."""

from __future__ import annotations

from myid_notebook.errors import RedirectRefused


def query_of(address: str) -> str:
    """Return the query of a pasted address; blanks around it and a fragment do not matter.

    Args:
        address: the whole address, or only what stands behind its ``?``.

    Raises:
        RedirectRefused: there is no answer of MyID in it.
    """
    text = "".join(address.split()).strip("\"'<>")
    # Not urlsplit: it remembers what it took apart, code and state too.
    before_fragment = text.partition("#")[0]
    query = before_fragment.partition("?")[2] if "?" in before_fragment else before_fragment
    if "state=" not in query:
        raise RedirectRefused(
            "That is not the address of the page MyID sent the browser to: it holds no state. Copy "
            "the whole address from the address bar of that page."
        )
    return query
