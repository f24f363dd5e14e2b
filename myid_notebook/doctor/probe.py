"""Send requests to MyID within a time limit, for the doctor and beside a pending sign-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Protocol, TypedDict, Unpack

import requests

from myid_notebook.doctor import check
from myid_notebook.settings.urls import origin
from myid_notebook.transport.client import Auth, HTTPClient, HTTPResponse
from myid_notebook.transport.messages import is_lasting, reason_of, tls_remedy

MAX_BODY = 200_000
"""Bytes of a response body that are read."""


class NoResponseError(Exception):
    """There was no response.

    Args:
        reason: what happened, in words that complete "the server …".
        remedy: what to do about a TLS certificate that is not trusted; empty for anything else.
        lasting: whether the request would certainly fail the same way a moment later.
    """

    def __init__(self, reason: str, *, remedy: str = "", lasting: bool = False) -> None:
        super().__init__(reason)
        self.remedy = remedy
        self.lasting = lasting


class SendOptions(TypedDict, total=False):
    """What a request has besides method, URL and CA bundle."""

    headers: Mapping[str, str]
    """In addition to the usual ones."""

    form: Mapping[str, str]
    """The body; redirects are not followed then."""

    stop_at: str
    """The beginning of addresses to which no redirect is followed."""

    auth: Auth
    """Adds a token to the request; redirects are not followed then."""


class Send(Protocol):
    """Sends one request; ``send_probe`` or the like."""

    def __call__(
        self, method: str, url: str, ca_bundle: str | None, **options: Unpack[SendOptions]
    ) -> HTTPResponse:
        """Send a request and return its response."""


def send_probe(
    method: str, url: str, ca_bundle: str | None, **options: Unpack[SendOptions]
) -> HTTPResponse:
    """Send a request, follow its redirects, and return the response.

    Args:
        ca_bundle: path of a PEM file to trust instead of the system's store.

    Raises:
        NoResponseError: no response, or not within ``check.CHECK_TIMEOUT`` seconds in all.
        SettingError: the CA bundle holds no certificate.
    """
    client = HTTPClient(url, ca_bundle)
    client.prepare()
    timeout = check.CHECK_TIMEOUT
    try:
        response = check.within_check_timeout(lambda: _send(client, method, url, timeout, options))
    except TimeoutError:
        response = NoResponseError(f"did not respond within {timeout:.0f} seconds")
    finally:
        client.abort()
    if isinstance(response, NoResponseError):
        raise response
    return response


class BriefProbe:
    """Sends requests from the caller's own thread, within some seconds in all.

    Args:
        total: seconds for all requests together.
        each: seconds for a connection, and between bytes.
    """

    def __init__(self, total: float, each: float) -> None:
        self._ends_at = time.monotonic() + total
        self._timeout = each
        self._aborted = threading.Event()
        self._client: HTTPClient | None = None

    @property
    def is_late(self) -> bool:
        """Whether the seconds are over."""
        return time.monotonic() >= self._ends_at

    def abort(self) -> None:
        """End the request in progress, from any thread; later ones are not sent."""
        self._aborted.set()
        client = self._client
        if client is not None:
            client.abort()

    def send(
        self, method: str, url: str, ca_bundle: str | None, **options: Unpack[SendOptions]
    ) -> HTTPResponse:
        """Send a request as ``send_probe`` does.

        A server that sends byte by byte is ended by ``abort`` alone.

        Raises:
            NoResponseError: no response, or not in time.
            SettingError: the CA bundle holds no certificate.
        """
        self._client = client = HTTPClient(url, ca_bundle)
        if self._aborted.is_set() or self.is_late:
            raise NoResponseError("was not asked")
        client.prepare()
        response = _send(client, method, url, self._timeout, options)
        if isinstance(response, NoResponseError):
            raise response
        return response


def _send(
    client: HTTPClient, method: str, url: str, timeout: float, options: SendOptions
) -> HTTPResponse | NoResponseError:
    stop_at = options.get("stop_at")
    # Errors are returned, because the frames of the caught exception hold what was sent.
    try:
        return client.send(
            method,
            url,
            timeout=timeout,
            headers=options.get("headers"),
            body=options.get("form"),
            auth=options.get("auth"),
            follow_redirects=lambda url: not (stop_at and url.startswith(stop_at)),
            truncate_at=MAX_BODY,
        )
    except requests.RequestException as error:
        # Where a redirect led, only the browser needs a response.
        asked = error.request is None or origin(str(error.request.url)) == origin(url)
        lasting = asked and is_lasting(error)
        return NoResponseError(reason_of(error), remedy=tls_remedy(error), lasting=lasting)
    except Exception as error:  # noqa: BLE001 - urllib3 and codecs raise a few of their own
        return NoResponseError(f"could not be checked ({type(error).__name__})")
