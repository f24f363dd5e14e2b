"""The page a browser ends on, read without a browser."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

import requests


@dataclass(frozen=True)
class CallbackPage:
    """What a person sees of the page, and what it was sent with.

    Args:
        status: HTTP status.
        title: its heading.
        text: everything it says.
        headers: HTTP headers, in whatever case.
    """

    status: int
    title: str
    text: str
    headers: Mapping[str, str]


def open_page(
    url: str, *, cookies: requests.cookies.RequestsCookieJar | None = None, timeout: float = 60
) -> CallbackPage:
    """Open the address MyID redirects to, as the browser does; further redirects are not followed.

    Args:
        url: with its query.
        cookies: of the browser.
        timeout: seconds.
    """
    with requests.Session() as browser:
        browser.trust_env = False
        browser.cookies.update(cookies or {})
        return read_page(browser.get(url, allow_redirects=False, timeout=timeout))


def read_page(answer: requests.Response) -> CallbackPage:
    """Return what a person sees of an answer.

    Args:
        answer: with its body.
    """
    heading = re.search(r"<h1>(.*?)</h1>", answer.text)
    paragraphs = " ".join(re.findall(r"<p[^>]*>(.*?)</p>", answer.text, re.DOTALL))
    return CallbackPage(
        status=answer.status_code,
        title=unescape(heading.group(1)) if heading else "",
        text=unescape(paragraphs),
        headers=answer.headers,
    )
