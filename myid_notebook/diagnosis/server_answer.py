"""One question to MyID's server, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import requests

from myid_notebook.transport import TrustAdapter, trust

PATIENCE = 10.0
"""Seconds to wait for each answer."""

MAX_TEXT = 200_000
"""Bytes of an answer that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAnswer:
    """What the server answered.

    Args:
        status: HTTP status.
        url: where redirects within the server led.
        headers: names in any case.
        text: the beginning of the body.
    """

    status: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)


def ask(
    method: str,
    url: str,
    ca_bundle: str | None,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ServerAnswer:
    """Ask the server something that spends nothing.

    Args:
        method: HTTP method; redirects are followed for ``GET`` only.
        url: absolute.
        ca_bundle: path of a PEM file to trust instead of the system's store.
        form: the body, as form fields.
        headers: beside those of any request.

    Raises:
        requests.RequestException: there was no answer.
        SettingError: the CA bundle holds no certificate.
    """
    with requests.Session() as http:
        adapter = TrustAdapter(trust(ca_bundle))
        http.mount("https://", adapter)
        http.mount("http://", adapter)
        http.auth = lambda request: request  # no .netrc
        response = http.request(
            method,
            url,
            data=form,
            headers=headers,
            timeout=PATIENCE,
            allow_redirects=method == "GET",
            stream=True,
        )
        with response:
            body = next(response.iter_content(MAX_TEXT), b"")
            return ServerAnswer(
                status=response.status_code,
                url=response.url,
                headers=response.headers,
                text=body.decode(errors="replace"),
            )
