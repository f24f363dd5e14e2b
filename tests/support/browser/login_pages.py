"""Signing in at the sandbox without a browser."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

JANES_ANSWERS = ("blue", "rover")
"""What jane.doe answers, in the order in which the page asks."""


class SignInStoppedError(Exception):
    """The page showed a warning instead of going on; the message is that warning."""


class LoginPage(HTMLParser):
    """What a browser sees of a sign-in page: form, labels, warning."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.inputs: list[str] = []
        self.labels: dict[str, str] = {}
        self.buttons: dict[str, dict[str, str]] = {}
        self._alert = ""
        self._target: tuple[str, str] = ("", "")
        self._button: dict[str, str] = {}
        self.feed(html)

    @property
    def alert(self) -> str:
        """The text of the warning, or empty."""
        return " ".join(self._alert.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, inputs, labels, buttons and warnings."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = attributes["action"]
        elif tag == "input" and attributes["type"] == "hidden":
            self.hidden[attributes["name"]] = attributes["value"]
        elif tag == "input":
            self.inputs.append(attributes["name"])
        elif tag == "label":
            self._target = ("label", attributes["for"])
        elif tag == "button":
            self._target = ("button", "")
            self._button = {attributes["name"]: attributes["value"]}
        elif attributes.get("role") == "alert":
            self._target = ("alert", "")

    def handle_endtag(self, tag: str) -> None:
        """End the text of a label, a button or a warning."""
        if tag in {"label", "button", "p", "div"}:
            self._target = ("", "")

    def handle_data(self, data: str) -> None:
        """Take the text of labels, buttons and warnings."""
        kind, name = self._target
        if kind == "label":
            self.labels[name] = data
        elif kind == "button":
            self.buttons[data] = self._button
        elif kind == "alert":
            self._alert += data


def shown_error(html: str) -> str:
    """Return the code on MyID's error page, or empty if the page is another one."""
    sentence, _, code = LoginPage(html).alert.partition(" : ")
    return code if sentence == "Sorry, there was an error" else ""


def open_sign_in(
    browser: requests.Session,
    method: str,
    url: str,
    **options: Any,  # noqa: ANN401 - those of requests
) -> requests.Response:
    """Send a request and follow redirects within the server, but not the one to the client.

    Args:
        url: the link a browser would open.
    """
    options = {"timeout": 30, **options, "allow_redirects": False}
    response = browser.request(method, url, **options)
    while response.is_redirect:
        target = urljoin(response.url, response.headers["Location"])
        if urlsplit(target)[:2] != urlsplit(url)[:2]:
            break
        response = browser.get(target, **{**options, "data": None})
    return response


class BrowserlessVisit:
    """A visit to the sign-in pages, one page after the other.

    Args:
        authorize_url: the link a browser would open.
        verify: the CA bundle to trust when the sandbox serves TLS.
        browser: to keep cookies in; None for one of its own.

    Attributes:
        response: the last answer; a redirect to the client is not followed.
    """

    def __init__(
        self,
        authorize_url: str,
        *,
        verify: str | bool = True,
        browser: requests.Session | None = None,
    ) -> None:
        self._verify = verify
        self._browser = browser
        self.response = self._ask("GET", authorize_url)

    def _ask(
        self, method: str, url: str, form: Mapping[str, str] | None = None
    ) -> requests.Response:
        if self._browser is not None:
            return open_sign_in(self._browser, method, url, data=form, verify=self._verify)
        with requests.Session() as http:
            http.trust_env = False
            return open_sign_in(http, method, url, data=form, verify=self._verify)

    @property
    def page(self) -> LoginPage:
        """The page that is shown now."""
        return LoginPage(self.response.text)

    @property
    def location(self) -> str:
        """The address that the client is redirected to, or empty."""
        return self.response.headers.get("Location", "")

    def press(self, button: str, **fields: str) -> LoginPage:
        """Fill in ``fields``, press ``button`` and return the page that follows."""
        page = self.page
        url = urljoin(self.response.url, page.action)
        form = {**page.hidden, **fields, **page.buttons[button]}
        self.response = self._ask("POST", url, form)
        return self.page


def finish_sign_in(
    authorize_url: str,
    username: str = "jane.doe",
    answers: Sequence[str] | Mapping[str, str] = JANES_ANSWERS,
    *,
    cancel: bool = False,
    verify: str | bool = True,
) -> str:
    """Walk through the sign-in pages and return the address of the final redirect.

    Args:
        authorize_url: the link a browser would open.
        answers: in the order of the page, or by question.
        cancel: press Cancel on the first page instead.
        verify: the CA bundle to trust when the sandbox serves TLS.

    Raises:
        SignInStoppedError: a page showed a warning, or MyID its error page.
    """
    visit = BrowserlessVisit(authorize_url, verify=verify)
    if not visit.location and cancel:
        visit.press("Cancel")
    if not visit.location:
        _go_on(visit, "Security Questions")
        _go_on(visit, "Next", username=username)
        asked = visit.page
        if isinstance(answers, Mapping):
            given = [answers[asked.labels[name]] for name in asked.inputs]
        else:
            given = list(answers)
        _go_on(visit, "Sign In", **dict(zip(asked.inputs, given, strict=False)))
    return visit.location


def _go_on(visit: BrowserlessVisit, button: str, **fields: str) -> None:
    if visit.page.alert:
        raise SignInStoppedError(visit.page.alert)
    visit.press(button, **fields)
    if visit.page.alert:
        raise SignInStoppedError(visit.page.alert)
