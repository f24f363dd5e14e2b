"""Requests to a Jupyter server: one after the other and timed, or each until it is logged."""

import http.client
import re
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
from support.browser.callback_page import CallbackPage, read_page
from support.jupyter.server import JupyterProcess
from support.machine.threads import wait_until

_PAUSE = 0.02
"""Seconds from an answer to the next request."""

_PATIENCE = 60
"""Seconds to wait for one answer; a longer silence is an error of its own."""


class LatencyProbe(threading.Thread):
    """Asks all the time and keeps how long each answer took, as a context manager.

    The last answer is waited for at the end, so that nothing that happened meanwhile is missed.

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


_LINE = re.compile(r" \d{3} (?:GET|POST) \S*/myid/(?:callback|paste)\b")
"""Jupyter's line of a request; it is written after the answer."""


class LoggedBrowser:
    """Opens pages of the extension, each with its line in the log before the next.

    Attributes:
        seen: the titles of the pages so far, in order.
    """

    def __init__(self, jupyter: JupyterProcess) -> None:
        self._jupyter = jupyter
        self._paste_url = f"{jupyter.url}myid/paste"
        self.seen: list[str] = []

    @property
    def lines(self) -> int:
        """How many requests to the extension stand in the log."""
        return len(_LINE.findall(self._jupyter.log))

    def open(self, url: str, *, login: bool = True) -> CallbackPage:
        """Open an address and return the page.

        Args:
            login: whether this browser is signed in to Jupyter.
        """
        with self._session(login=login) as http:
            return self._logged(http, "GET", url)

    def paste(self, address: str) -> CallbackPage:
        """Open the paste page, fill it in and return what follows."""
        with self._session() as http:
            self._logged(http, "GET", self._paste_url)
            form = {"_xsrf": str(http.cookies.get("_xsrf")), "address": address}
            return self._logged(http, "POST", self._paste_url, form)

    def _session(self, *, login: bool = True) -> requests.Session:
        http = requests.Session()
        http.trust_env = False
        if login:
            http.cookies.update(self._jupyter.cookies())
        return http

    def _logged(
        self, http: requests.Session, method: str, url: str, form: dict[str, str] | None = None
    ) -> CallbackPage:
        before = self.lines
        answer = http.request(method, url, data=form, timeout=60, allow_redirects=False)
        wait_until(lambda: self.lines == before + 1)
        page = read_page(answer)
        self.seen.append(page.title)
        return page
