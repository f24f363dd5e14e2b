"""Send requests to MyID within a time limit, for the doctor and beside a pending sign-in."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import requests

from myid_notebook.settings.urls import origin
from myid_notebook.threads import run_in_thread
from myid_notebook.transport.client import Auth, HTTPClient, HTTPResponse
from myid_notebook.transport.failure import Failure, failure_of

MAX_BODY = 200_000
"""Bytes of a response body that are read."""

_SOCKET_SHARE = 0.8
"""The part of a request's time that its socket waits: its error tells what it waited for."""

T = TypeVar("T")


class Probe:
    """Makes calls within a time limit, each in a daemon thread.

    In a thread, so that a call that hangs can be abandoned, and so that an interrupt shows no
    frames of the call, which may hold what it sends.

    Args:
        each: seconds for one call.
        total: seconds for all calls together.
    """

    def __init__(self, each: float, total: float = math.inf) -> None:
        self._each = each
        self._ends_at = time.monotonic() + total
        self._aborted = threading.Event()
        self._client: HTTPClient | None = None

    @property
    def aborted(self) -> bool:
        """Whether ``abort`` was called."""
        return self._aborted.is_set()

    def abort(self) -> None:
        """End the request in progress, from any thread; later calls are not made."""
        self._aborted.set()
        client = self._client
        if client is not None:
            client.abort()

    def call(self, function: Callable[[], T]) -> T:
        """Return the result of a call.

        Raises:
            TimeoutError: it took too long and was abandoned, or was not made.
            SignInFailed: the process cannot start a thread.
        """
        seconds = min(self._each, self._ends_at - time.monotonic())
        if self.aborted or seconds <= 0:
            raise TimeoutError
        return run_in_thread(function, name="myid-probe").result(seconds)

    def send(
        self,
        method: str,
        url: str,
        ca_bundle: str | None,
        *,
        setting: str,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        stop_at: str = "",
    ) -> HTTPResponse | Failure:
        """Send a request, follow its redirects, and return the response or why there is none.

        Args:
            ca_bundle: path of a PEM file to trust instead of the system's store.
            setting: the environment variable of the setting that the URL comes from.
            headers: in addition to the usual ones.
            form: the body; redirects are not followed then.
            auth: adds a token to the request; redirects are not followed then.
            stop_at: the beginning of addresses to which no redirect is followed.

        Raises:
            SignInFailed: the process cannot start a thread.
        """
        client = self._client = HTTPClient(url, ca_bundle)

        def send_and_catch() -> HTTPResponse | Failure:
            # Errors are returned, because the frames of the exception hold what was sent.
            try:
                return client.send(
                    method,
                    url,
                    timeout=self._each * _SOCKET_SHARE,
                    headers=headers,
                    body=form,
                    auth=auth,
                    follow_redirects=lambda url: not (stop_at and url.startswith(stop_at)),
                    truncate_at=MAX_BODY,
                )
            except Exception as error:  # noqa: BLE001 - urllib3 and codecs raise some of their own
                return _failure(error, url, setting)

        try:
            return self.call(send_and_catch)
        except TimeoutError:
            return failure_of(requests.Timeout(), url, setting)
        finally:
            client.abort()


def _failure(error: Exception, url: str, setting: str) -> Failure:
    failure, request = failure_of(error, url, setting), getattr(error, "request", None)
    # Where a redirect led, only the browser needs a response.
    led_elsewhere = request is not None and origin(str(request.url)) != origin(url)
    return replace(failure, lasting=failure.lasting and not led_elsewhere)
