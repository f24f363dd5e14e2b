"""A browser on its way to the redirect URI, while the test goes on."""

import threading

import requests
from support.callback_page import CallbackPage, open_page


class Visit(threading.Thread):
    """Opens an address in a thread of its own.

    Args:
        url: with its query.
        cookies: of the browser.
    """

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
