"""The page a browser ends on, read without a browser."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

import requests
from support.texts import repeated


@dataclass(frozen=True)
class CallbackPage:
    """What a person sees of the page, and what it was sent with."""

    status: int
    title: str
    text: str
    headers: Mapping[str, str]


def open_page(
    url: str, *, cookies: requests.cookies.RequestsCookieJar | None = None, timeout: float = 60
) -> CallbackPage:
    """Open the address MyID redirects to, as the browser does, without further redirects."""
    with requests.Session() as browser:
        browser.trust_env = False
        browser.cookies.update(cookies or {})
        return read_page(browser.get(url, allow_redirects=False, timeout=timeout))


def read_page(answer: requests.Response) -> CallbackPage:
    """Return what a person sees of an answer."""
    heading = re.search(r"<h1>(.*?)</h1>", answer.text)
    paragraphs = " ".join(re.findall(r"<p[^>]*>(.*?)</p>", answer.text, re.DOTALL))
    page = CallbackPage(
        status=answer.status_code,
        title=unescape(heading.group(1)) if heading else "",
        text=unescape(paragraphs),
        headers=answer.headers,
    )
    # Here, so that it holds for every page that any test opens.
    assert [] == repeated(f"{page.title}. {re.sub('<[^>]*>', '', page.text)}"), page.text
    return page


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.detail = ""
        self._in_detail = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(attrs)))
        self._in_detail = ("class", "detail") in attrs

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", ()))
        self._in_detail = False

    def handle_data(self, data: str) -> None:
        if self._in_detail:
            self.detail += data

    def handle_comment(self, data: str) -> None:
        self.found.append((f"comment {data}", ()))

    def handle_decl(self, decl: str) -> None:
        self.found.append((f"declaration {decl}", ()))

    def unknown_decl(self, data: str) -> None:
        self.found.append((f"section {data}", ()))

    def handle_pi(self, data: str) -> None:
        self.found.append((f"instruction {data}", ()))


def elements(html: str) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    """Return every tag with its attributes, every comment and declaration, in order."""
    return _Elements(html).found


def detail(html: str) -> str:
    """Return the text of the paragraph that may show text from outside."""
    return _Elements(html).detail


class Visit(threading.Thread):
    """Opens an address in a thread of its own."""

    def __init__(
        self, url: str, *, cookies: requests.cookies.RequestsCookieJar | None = None
    ) -> None:
        super().__init__()
        self._url = url
        self._cookies = cookies
        self._page: CallbackPage | None = None
        self.start()

    def run(self) -> None:
        """Open the page."""
        self._page = open_page(self._url, cookies=self._cookies)

    @property
    def under_way(self) -> bool:
        """Whether the browser still waits for the page."""
        return self.is_alive()

    @property
    def page(self) -> CallbackPage:
        """The page, once it is there."""
        self.join(60)
        assert self._page is not None
        return self._page
