"""A kernel of a Jupyter server, as JupyterLab starts it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import requests
from support.kernel import KernelClient


class KernelHost(Protocol):
    """A Jupyter server that starts kernels."""

    def start_kernel(self) -> tuple[str, Path]:
        """Start a kernel as a front end does; return its id and its connection file."""

    def ask(self, method: str, path: str, json: object = None) -> requests.Response:
        """Send a request to the server's REST API and return the answer."""


class ServedKernel(KernelClient):
    """A kernel started, interrupted, restarted and ended through a server's REST API.

    Args:
        jupyter: the server, running.
        on_input: answers what a cell asks for.
    """

    def __init__(
        self, jupyter: KernelHost, *, on_input: Callable[[str], str] | None = None
    ) -> None:
        self._jupyter = jupyter
        self._id, connection_file = jupyter.start_kernel()
        super().__init__(connection_file, on_input=on_input)

    def interrupt(self) -> None:
        """Interrupt it, as the button ■ does."""
        self._act("interrupt")

    def restart(self) -> None:
        """Restart it, as the button ⟳ does."""
        self._act("restart")
        super().close()
        self.connect()

    def close(self) -> None:
        """End it."""
        super().close()
        self._jupyter.ask("DELETE", f"api/kernels/{self._id}")

    def _act(self, action: str) -> None:
        self._jupyter.ask("POST", f"api/kernels/{self._id}/{action}").raise_for_status()


Serve = Callable[[KernelHost], ServedKernel]
"""The type of the fixture ``serve``, which starts kernels of a server."""
