"""A browser at the Jupyter route that goes on only when the server has logged its request."""

import re

import requests
from support.callback_page import CallbackPage, read_page
from support.jupyter_process import JupyterProcess
from support.leftovers import wait_until

_LINE = re.compile(r" \d{3} (?:GET|POST) \S*/myid/(?:callback|paste)\b")
"""Jupyter's line of a request; it is written after the answer."""


class LoggedBrowser:
    """Opens pages of the extension, each with its line in the log before the next.

    Args:
        jupyter: the server, running.

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
            url: with its query.
            login: whether this browser is signed in to Jupyter.
        """
        with self._session(login=login) as http:
            return self._logged(http, "GET", url)

    def paste(self, address: str) -> CallbackPage:
        """Open the paste page, fill it in and return what follows.

        Args:
            address: what is pasted.
        """
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
