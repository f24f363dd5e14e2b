"""Query strings as OAuth 2.0 reads them: no parameter twice (RFC 6749 section 3.1)."""

from __future__ import annotations

from urllib.parse import parse_qsl

MAX_PARAMETERS = 50


class RepeatedParameterError(ValueError):
    """A parameter stands more than once in a query string."""


def parse_query(query: str) -> dict[str, str]:
    """Return the parameters of a query string, percent-decoded.

    Args:
        query: what stands behind the ``?``; empty values are kept.

    Raises:
        RepeatedParameterError: a name stands twice.
        ValueError: not UTF-8, or more than ``MAX_PARAMETERS`` parameters.
    """
    pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise RepeatedParameterError("a parameter stands more than once")
    return parameters
