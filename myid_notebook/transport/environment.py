"""The proxies that the environment names, looked up once for many requests."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

_VARIABLES = tuple(
    spelling
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method")
    for spelling in (name, name.upper())
)

MAX_AGE = 5.0
"""Seconds after which the system's settings are asked again (macOS, Windows)."""


def environment_proxies(url: str, no_proxy: str | None = None) -> dict[str, str]:
    """Return the proxies of the environment by scheme, as ``requests`` finds them.

    ``requests`` looks through all variables for each request, which takes a quarter of its time. A
    variable that changes counts from the next request on; within ``MAX_AGE``, if its name mixes
    capitals and small letters.

    Args:
        url: absolute.
        no_proxy: used instead of the environment's ``NO_PROXY``.
    """
    place = urlsplit(url).netloc.rpartition("@")[2]
    variables = tuple(map(os.environ.get, _VARIABLES))
    return dict(_proxies(place, no_proxy, variables, int(time.monotonic() / MAX_AGE)))


@lru_cache(maxsize=64)
def _proxies(
    place: str, no_proxy: str | None, _variables: tuple[str | None, ...], _period: int
) -> dict[str, str]:
    return dict(get_environ_proxies(f"http://{place}", no_proxy))
