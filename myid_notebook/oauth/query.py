"""Parse query strings; no parameter may be repeated (RFC 6749 section 3.1)."""

from __future__ import annotations

from urllib.parse import parse_qsl

from myid_notebook.errors import RedirectRefused

MAX_PARAMETERS = 50


def parse_query(query: str) -> dict[str, str]:
    """Return the parameters of a query string, percent-decoded.

    Args:
        query: what stands behind the ``?``; empty values are kept.

    Raises:
        ValueError: not UTF-8, a name stands twice, or more than ``MAX_PARAMETERS`` parameters.
    """
    pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise ValueError("a parameter stands more than once")
    return parameters


def state_of_query(query: str) -> str | None:
    """Return the state in the query of a redirect, or None unless there is exactly one."""
    try:
        return parse_query(query).get("state") or None
    except ValueError:
        return None


def query_from_pasted_url(address: str) -> str:
    """Return the query of a pasted address, without surrounding whitespace and fragment.

    Args:
        address: the whole address, or only what stands behind its ``?``.

    Raises:
        RedirectRefused: it has no state.
    """
    text = "".join(address.split()).strip("\"'<>")
    # Not urlsplit: it remembers what it took apart, code and state too.
    before_fragment = text.partition("#")[0]
    query = before_fragment.partition("?")[2] if "?" in before_fragment else before_fragment
    if "state=" not in query:
        raise RedirectRefused(
            "This is not the address of the page after sign-in: it contains no state. Copy the "
            "whole address from the address bar of that page."
        )
    return query
