"""A front end of a real kernel, without the front end."""

import contextlib
import queue
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from support.cell import Cell, Outputs

_READY = 60
"""How long a kernel may take to start, in seconds."""

_ATTEMPTS = 3
"""How often it is looked for in that time."""


class KernelClient:
    """Executes cells in a kernel that runs already, as a context manager.

    Args:
        connection_file: of the kernel.
        on_input: answers what a cell asks for; None where nobody is there to ask.

    Attributes:
        prompts: every prompt so far, and whether what is typed stays hidden.
    """

    def __init__(
        self, connection_file: Path, *, on_input: Callable[[str], str] | None = None
    ) -> None:
        self.connection_file = connection_file
        self.on_input = on_input
        self.prompts: list[tuple[str, bool]] = []
        self._cells: dict[str, Cell] = {}
        self._client = BlockingKernelClient()

    @property
    def busy(self) -> bool:
        """Whether a cell is under way, as far as messages have been taken."""
        return not all(cell.done for cell in self._cells.values())

    def connect(self) -> None:
        """Open the channels and wait until the kernel answers.

        Raises:
            RuntimeError: it does not.
        """
        for _ in range(_ATTEMPTS):
            self._client = BlockingKernelClient()
            self._client.load_connection_file(str(self.connection_file))
            self._client.start_channels()
            if self._is_ready():
                return
            # Of two kernels that chose one port Jupyter starts the loser anew, at other ports.
            self._client.stop_channels()
        raise RuntimeError("the kernel does not answer")

    def submit(self, code: str, *, allow_stdin: bool = True) -> Cell:
        """Send a cell to the kernel and return at once.

        Args:
            code: of the cell.
            allow_stdin: whether a person is there; nbclient and papermill say no.
        """
        message_id = self._client.execute(code, allow_stdin=allow_stdin, stop_on_error=False)
        cell = self._cells[message_id] = Cell(message_id, self._pump)
        return cell

    def execute(
        self,
        code: str,
        *,
        on_output: Callable[[Outputs], object] | None = None,
        allow_stdin: bool = True,
        timeout: float = 60,
    ) -> Outputs:
        """Execute a cell to its end and return what it put out.

        Args:
            code: of the cell.
            on_output: told after every message; may act upon it.
            allow_stdin: whether a person is there; nbclient and papermill say no.
            timeout: seconds.
        """
        cell = self.submit(code, allow_stdin=allow_stdin)

        def done() -> bool:
            if on_output is not None:
                on_output(cell.outputs)
            return cell.done

        cell.wait_for(done, timeout)
        return cell.outputs

    def value(self, expression: str) -> str:
        """Return the text of an expression's ``print``.

        Args:
            expression: evaluated in the kernel.

        Raises:
            AssertionError: it raised.
        """
        outputs = self.execute(f"print({expression})")
        assert outputs.errors == [], outputs.traceback
        return outputs.text.removesuffix("\n")

    def inspect(self, code: str, detail: int) -> str:
        """Return what a front end shows of a name: by Shift-Tab, ``?`` or ``??``.

        Args:
            code: ends in the name.
            detail: 0, or 1 for the source as well.
        """
        reply = self._client.inspect(code, detail_level=detail, reply=True, timeout=_READY)
        return str(reply["content"])

    def complete(self, code: str) -> str:
        """Return what a front end offers at Tab.

        Args:
            code: up to the cursor.
        """
        return str(self._client.complete(code, reply=True, timeout=_READY)["content"])

    def close(self) -> None:
        """Close the channels; the kernel goes on."""
        self._client.stop_channels()

    def _is_ready(self) -> bool:
        # Not the client's own wait_for_ready: it gives up when a busy machine misses a heartbeat.
        deadline = time.monotonic() + _READY / _ATTEMPTS
        ready = False
        while not ready:
            if time.monotonic() > deadline:
                return False
            self._client.kernel_info()
            with contextlib.suppress(queue.Empty):
                self._client.shell_channel.get_msg(timeout=0.5)
                # Subscribing to publications takes a moment too; what comes before is lost.
                self._client.iopub_channel.get_msg(timeout=0.2)
                ready = True
        for channel in (self._client.shell_channel, self._client.iopub_channel):
            with contextlib.suppress(queue.Empty):
                while True:
                    channel.get_msg(timeout=0.05)
        return True

    def _pump(self, seconds: float) -> None:
        channels = (
            self._client.iopub_channel,
            self._client.shell_channel,
            self._client.stdin_channel,
        )
        poller = zmq.Poller()
        for channel in channels:
            poller.register(channel.socket, zmq.POLLIN)
        ready = dict(poller.poll(seconds * 1000))
        for channel in channels:
            if channel.socket in ready:
                self._take(channel.get_msg(timeout=1))

    def _take(self, message: dict[str, Any]) -> None:
        cell = self._cells.get(message["parent_header"].get("msg_id", ""))
        kind = message["header"]["msg_type"]
        if kind == "input_request":
            content = message["content"]
            self.prompts.append((content["prompt"], content["password"]))
            answer = self.on_input(content["prompt"]) if self.on_input else ""
            self._client.input(answer)
        elif kind == "update_display_data":
            self._update(message)
        elif cell is None:
            return
        elif kind == "execute_reply":
            cell.replied = True
            cell.outputs.pages = str(message["content"].get("payload", ""))
        elif kind == "status":
            cell.idle = cell.idle or message["content"]["execution_state"] == "idle"
        else:
            cell.outputs.take(message)

    def _update(self, message: dict[str, Any]) -> None:
        # Whichever cell it comes from, it replaces the display of that id wherever it is.
        display_id = message["content"]["transient"]["display_id"]
        for cell in self._cells.values():
            if display_id in cell.outputs.displays:
                cell.outputs.take(message)

    def __enter__(self) -> Self:
        try:
            self.connect()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
