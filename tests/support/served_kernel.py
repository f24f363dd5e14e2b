"""A kernel of a Jupyter server, as JupyterLab starts it."""

from collections.abc import Callable

from support.jupyter_process import JupyterProcess
from support.kernel import KernelClient


class ServedKernel(KernelClient):
    """A kernel started, interrupted, restarted and ended through a server's REST API.

    Args:
        jupyter: the server, running.
        on_input: answers what a cell asks for.
    """

    def __init__(
        self, jupyter: JupyterProcess, *, on_input: Callable[[str], str] | None = None
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
