"""A listener with both its sockets, and what it heard."""

from types import TracebackType
from typing import Self

import psutil
from support.browser.raw_http import exchange, head
from support.machine.ports import free_port
from support.machine.threads import LoopThread

from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.receiver import START_PATH, Listener
from myid_notebook.machine.ports import bind_exclusively
from myid_notebook.secret import Secret

RELAY_KEY = "the-relay-key"
START_KEY = "the-start-key"
LINK = "https://myid.example.com/connect/authorize?state=s"
VERDICT = Verdict(outcome=Outcome.SIGNED_IN, detail="as Jane")


class ServedListener:
    """A listener that answers every redirect in the same way.

    Args:
        registered: the redirect URI; None for one at the own port.
        verdict: what every redirect gets.

    Attributes:
        port: of the redirect URI's own address.
        relay_port: where relays go.
        heard: the queries it was asked to decide over, relayed ones included.
    """

    def __init__(
        self, loop: LoopThread, registered: str | None = None, *, verdict: Verdict = VERDICT
    ) -> None:
        self._loop = loop
        self._verdict = verdict
        self.port = free_port()
        (self._relay_socket,) = bind_exclusively("127.0.0.1", 0)
        self.relay_port = int(self._relay_socket.getsockname()[1])
        self.heard: list[str] = []
        self._listener = Listener(
            link=LINK,
            redirect_uri=registered or f"http://localhost:{self.port}/myid/callback",
            on_relay=self._answer,
            on_redirect=self._answer,
        )
        self._listener.relay_key = Secret(RELAY_KEY)
        self._listener.start_path = Secret(f"{START_PATH}/{START_KEY}")

    @property
    def open_connections(self) -> int:
        """How many connections to its ports this process has."""
        own = {self.port, self.relay_port}
        found = psutil.Process().net_connections("tcp")
        return len([c for c in found if c.status != psutil.CONN_LISTEN and c.laddr.port in own])

    async def _answer(self, query: str) -> Verdict:
        self.heard.append(query)
        return self._verdict

    async def _serve(self) -> None:
        await self._listener.serve_relay_port(self._relay_socket)
        for sock in bind_exclusively("localhost", self.port):
            await self._listener.serve_redirect_uri(sock)

    def redirect(self, query: str = "code=c&state=s") -> bytes:
        """Arrive as the browser does and return the whole answer."""
        return exchange(self.port, head(f"/myid/callback?{query}", Host=f"localhost:{self.port}"))

    def close(self, grace: float = 1.0) -> None:
        """Close the listener.

        Args:
            grace: seconds for answers under way.
        """
        self._loop.call(self._listener.close(grace))

    def __enter__(self) -> Self:
        self._loop.call(self._serve())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(0)
        self._relay_socket.close()
