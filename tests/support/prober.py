"""Small requests to a Jupyter server, one after the other, beside whatever a test does to it."""

import http.client
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_PAUSE = 0.02
"""Seconds from an answer to the next request."""

_PATIENCE = 60
"""Seconds to wait for one answer; a longer silence is an error of its own."""


class Prober(threading.Thread):
    """Asks all the time and keeps how long each answer took, as a context manager.

    The last answer is waited for at the end, so that nothing that happened meanwhile is missed.

    Args:
        url: what to ask for.
        headers: of each request.

    Attributes:
        took: seconds of each request so far, from connecting to the last byte of the answer.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        super().__init__(name="prober")
        self.took: list[float] = []
        self._address = urlsplit(url)
        self._headers = dict(headers)
        self._stopping = threading.Event()
        self._failure: Exception | None = None

    @property
    def slowest(self) -> float:
        """Seconds that the slowest answer took."""
        return max(self.took)

    def run(self) -> None:
        """Ask until the end."""
        try:
            while not self._stopping.is_set():
                start = time.perf_counter()
                self._ask()
                self.took.append(time.perf_counter() - start)
                self._stopping.wait(_PAUSE)
        except Exception as error:  # noqa: BLE001 - the test is told at the end
            self._failure = error

    def _ask(self) -> None:
        # No library above it: what that does itself would count as the server's time.
        address = self._address
        assert address.hostname
        http_client = http.client.HTTPConnection(address.hostname, address.port, timeout=_PATIENCE)
        try:
            http_client.request("GET", address.path, headers=self._headers)
            answer = http_client.getresponse()
            answer.read()
            assert answer.status == http.HTTPStatus.OK, answer.status
        finally:
            http_client.close()

    def __enter__(self) -> Self:
        self._ask()  # the first one of all makes the server load what it needs for it
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self.join()
        if self._failure is not None:
            raise self._failure
