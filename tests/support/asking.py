"""A token request under way in a thread."""

import threading
import time

from support.token_requests import token_request

from myid_notebook.errors import TokenEndpointError
from myid_notebook.transport.token_endpoint import TokenEndpoint


class Asking:
    """A token request under way.

    Args:
        url: of the token endpoint.
        bundle: CA bundle; None for the system's store.

    Attributes:
        endpoint: where it goes.
        error: what it failed with; None before.
    """

    def __init__(self, url: str, bundle: str | None = None) -> None:
        self.endpoint = TokenEndpoint(url, bundle)
        self.error: TokenEndpointError | None = None
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        try:
            self.endpoint.request(token_request(), 60)
        except TokenEndpointError as error:
            self.error = error

    def abort(self) -> float:
        """End it, and return how many seconds that took."""
        started = time.monotonic()
        self.endpoint.abort()
        self._thread.join(20)
        assert not self._thread.is_alive()
        return time.monotonic() - started
