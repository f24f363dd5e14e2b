"""Notice that a token was forgotten on behalf of every notebook."""

from __future__ import annotations

from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.token_store.client import StoreClient


class StoreWatch:
    """Watch one token of the store; costs two looks at the time of a file for each request.

    Args:
        store: that holds the token.
        since: ``store.last_change()`` from before the token was put there or found there.
    """

    def __init__(self, store: StoreClient, since: int) -> None:
        self._store = store
        self._seen = since
        self._why = ""

    def why_withdrawn(self, token: TokenResponse) -> str:
        """Return why the token must not be used any more; empty if it may."""
        change = self._store.last_change()
        if change not in {0, self._seen}:
            self._seen = change
            self._why = self._store.why_withdrawn(token)
        return self._why

    def refused(self, token: TokenResponse) -> None:
        """Have a token forgotten that the API refused."""
        self._store.forget(token, "refused")
