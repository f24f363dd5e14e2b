"""A person's browser at a JupyterHub, without the browser."""

import re
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import requests
from support.browser.callback_page import CallbackPage, read_page
from support.jupyter.hub import HubProcess

_READY = 60
"""How long a user's server may take to start or to stop, in seconds."""

_PAUSE = 0.1
"""Seconds between looks at a page that waits for a server."""


class HubBrowser(requests.Session):
    """Cookies, redirects and forms as in a browser; nobody is logged in at first."""

    def __init__(self, hub: HubProcess, username: str) -> None:
        super().__init__()
        self.trust_env = False
        self.headers["Accept"] = "text/html"
        self.hub = hub
        self.username = username

    def log_in(self) -> None:
        """Log in at the hub, and nowhere else."""
        self._log_in(self.get(f"{self.hub.url}hub/login", timeout=_READY), follow=False)
        assert self.cookie("jupyterhub-session-id", urlsplit(self.hub.url).path)

    def open(self, url: str) -> CallbackPage:
        """Open an address as a person does: log in, agree, wait for a server to start."""
        return read_page(self.visit(url))

    def visit(self, url: str) -> requests.Response:
        """Open an address as a person does, and return the last answer.

        Raises:
            TimeoutError: a server did not start.
        """
        answer = self.get(url, timeout=_READY)
        deadline = time.monotonic() + _READY
        while answer.ok:
            path = urlsplit(answer.url).path
            if "/hub/spawn-pending/" in path:
                time.sleep(_PAUSE)
                answer = self.get(answer.url, timeout=_READY)
            elif path.endswith("/hub/login"):
                answer = self._log_in(answer)
            elif path.endswith("/oauth2/authorize"):
                answer = self._fill_in(answer)
            else:
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"{answer.url}: {answer.text}")
        return answer

    def server(self, name: str = "") -> "HubServer":
        """Start one of this person's servers, as its button on the hub's page does.

        Args:
            name: of a named server; empty for the default one.
        """
        tail = f"/{name}" if name else ""
        self.visit(f"{self.hub.url}hub/spawn/{self.username}{tail}").raise_for_status()
        return HubServer(self, name)

    def submit(self, url: str, **fields: str) -> CallbackPage:
        """Open a page with one form, fill it in, press its button, and return what follows."""
        return read_page(self._fill_in(self.visit(url), **fields))

    @property
    def default(self) -> "HubServer":
        """This person's default server, running or not."""
        return HubServer(self, "")

    def cookie(self, name: str, path: str) -> str:
        """Return a cookie's value, or nothing."""
        found = (c.value for c in self.cookies if (c.name, c.path) == (name, path))
        return next(found, None) or ""

    def _log_in(self, page: requests.Response, *, follow: bool = True) -> requests.Response:
        return self._fill_in(page, follow=follow, username=self.username, password="any")

    def _fill_in(
        self, page: requests.Response, *, follow: bool = True, **fields: str
    ) -> requests.Response:
        hidden = re.findall(r'name="(_xsrf|scopes)"\s+value="([^"]*)"', page.text)
        form = [*((name, unescape(value)) for name, value in hidden), *fields.items()]
        return self.post(page.url, data=form, allow_redirects=follow, timeout=_READY)


class HubServer:
    """A user's own Jupyter server, seen from that user's browser.

    Args:
        name: of a named server; empty for the default one.

    Attributes:
        url: of the server, ending in a slash.
    """

    def __init__(self, browser: HubBrowser, name: str) -> None:
        self._browser = browser
        self._name = name
        tail = f"{name}/" if name else ""
        self.url = f"{browser.hub.url}user/{browser.username}/{tail}"

    def ask(self, method: str, path: str, json: object = None) -> requests.Response:
        """Send a request to the server's REST API, as a front end does, and return the answer.

        Args:
            path: below the server's URL.
        """
        token = self._browser.cookie("_xsrf", urlsplit(self.url).path)
        headers = {"X-XSRFToken": token, "Referer": self.url}
        url = self.url + path
        return self._browser.request(method, url, json=json, headers=headers, timeout=_READY)

    def start_kernel(self) -> tuple[str, Path]:
        """Start a kernel as a front end does; return its id and its connection file."""
        answer = self.ask("POST", "api/kernels", {"name": "python3"})
        answer.raise_for_status()
        kernel_id = str(answer.json()["id"])
        folder = self._browser.hub.runtime_dir(self._browser.username)
        return kernel_id, folder / f"kernel-{kernel_id}.json"

    def stop(self) -> None:
        """Stop the server, as the button on the hub's page does, and wait until it has stopped.

        Raises:
            TimeoutError: it did not stop.
        """
        hub = self._browser.hub
        token = self._browser.cookie("_xsrf", f"{urlsplit(hub.url).path}hub/")
        headers = {"X-XSRFToken": token, "Referer": f"{hub.url}hub/home"}
        tail = f"s/{self._name}" if self._name else ""
        url = f"{hub.url}hub/api/users/{self._browser.username}/server{tail}"
        deadline = time.monotonic() + _READY
        while self._browser.delete(url, headers=headers, timeout=_READY).status_code == 202:
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(_PAUSE)
