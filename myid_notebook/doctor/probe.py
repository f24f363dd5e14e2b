"""Send one request to MyID within the doctor's time limit."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from myid_notebook.doctor import check
from myid_notebook.transport.client import HTTPClient, HTTPResponse
from myid_notebook.transport.messages import reason_of

MAX_BODY = 200_000
"""Bytes of a response body that are read."""


class NoResponseError(Exception):
    """There was no response.

    Args:
        reason: what happened, in words that complete "the server …".
        distrusted: whether TLS failed.
    """

    def __init__(self, reason: str, *, distrusted: bool = False) -> None:
        super().__init__(reason)
        self.distrusted = distrusted


def send_probe(
    method: str,
    url: str,
    ca_bundle: str | None,
    *,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> HTTPResponse:
    """Send a request, follow its redirects if it has no form, and return the response.

    Args:
        ca_bundle: path of a PEM file to trust instead of the system's store.
        headers: in addition to the usual ones.

    Raises:
        NoResponseError: no response, or not within ``check.CHECK_TIMEOUT`` seconds in all.
        SettingError: the CA bundle holds no certificate.
    """
    client = HTTPClient(url, ca_bundle)

    def send() -> HTTPResponse | NoResponseError:
        # Errors are returned, because the frames of the caught exception hold what was sent.
        try:
            return client.send(
                method,
                url,
                timeout=check.CHECK_TIMEOUT,
                headers=headers,
                body=form,
                follow_redirects=True,
                truncate_at=MAX_BODY,
            )
        except requests.RequestException as error:
            distrusted = isinstance(error, requests.exceptions.SSLError)
            return NoResponseError(reason_of(error), distrusted=distrusted)
        except Exception as error:  # noqa: BLE001 - urllib3 and codecs raise a few of their own
            return NoResponseError(f"could not be checked ({type(error).__name__})")

    try:
        response = check.within_check_timeout(send)
    except TimeoutError:
        response = NoResponseError(f"did not respond within {check.CHECK_TIMEOUT:.0f} seconds")
    finally:
        client.abort()
    if isinstance(response, NoResponseError):
        raise response
    return response
