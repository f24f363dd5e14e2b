"""Send requests to MyID within a time limit, for the doctor and beside a pending sign-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol, TypedDict, Unpack

import requests

from myid_notebook.doctor import check
from myid_notebook.settings.urls import origin
from myid_notebook.transport.client import Auth, HTTPClient, HTTPResponse
from myid_notebook.transport.failure import Failure, failure_of

MAX_BODY = 200_000
"""Bytes of a response body that are read."""


class NoResponseError(Exception):
    """There was no response."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class SendOptions(TypedDict, total=False):
    """What a request has besides method, URL and CA bundle."""

    headers: Mapping[str, str]
    """In addition to the usual ones."""

    form: Mapping[str, str]
    """The body; redirects are not followed then."""

    stop_at: str
    """The beginning of addresses to which no redirect is followed."""

    setting: str
    """The environment variable of the setting that the URL comes from."""

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
        response = failure_of(requests.Timeout(), url, options.get("setting", "MYID_SERVER"))
    finally:
        client.abort()
    if isinstance(response, Failure):
        raise NoResponseError(response)
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
            raise NoResponseError(failure_of(requests.Timeout(), url))
        client.prepare()
        response = _send(client, method, url, self._timeout, options)
        if isinstance(response, Failure):
            raise NoResponseError(response)
        return response


def _send(
    client: HTTPClient, method: str, url: str, timeout: float, options: SendOptions
) -> HTTPResponse | Failure:
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
    except Exception as error:  # noqa: BLE001 - urllib3 and codecs raise a few of their own
        failure = failure_of(error, url, options.get("setting", "MYID_SERVER"))
        asked = getattr(error, "request", None)
        # Where a redirect led, only the browser needs a response.
        elsewhere = asked is not None and origin(str(asked.url)) != origin(url)
        return replace(failure, lasting=failure.lasting and not elsewhere)
