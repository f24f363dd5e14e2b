"""Real kernels, and a front end of theirs without the front end."""

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import requests
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from support.browser.callback_page import CallbackPage, open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import Cell, Outputs
from support.jupyter.server import KERNEL_PYTHON, clean_environ

_READY = 60
"""How long a kernel may take to start, in seconds."""

_ATTEMPTS = 3
"""How often it is looked for in that time."""


class KernelClient:
    """Executes cells in a kernel that runs already, as a context manager.

    Args:
        on_input: answers what a cell asks for, or returns None to leave it; None where nobody is
            there to ask.

    Attributes:
        prompts: every prompt so far, and whether what is typed stays hidden.
    """

    def __init__(
        self, connection_file: Path, *, on_input: Callable[[str], str | None] | None = None
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
            # The kernel may have been started anew, at other ports.
            self._client.stop_channels()
        raise RuntimeError("the kernel does not answer")

    def submit(self, code: str, *, allow_stdin: bool = True) -> Cell:
        """Send a cell to the kernel and return at once.

        Args:
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
            on_output: told after every message; may act upon it.
            allow_stdin: whether a person is there; nbclient and papermill say no.
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

    def type_late(self, text: str) -> None:
        """Send what somebody typed into a prompt that may have ended meanwhile."""
        self._client.input(text)

    def click(self, comm_id: str) -> None:
        """Click a button of ipywidgets, as a front end does."""
        data = {"method": "custom", "content": {"event": "click"}}
        message = self._client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._client.shell_channel.send(message)

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

    def completions(self, code: str) -> list[str]:
        """Return the texts that a front end offers at Tab.

        Args:
            code: up to the cursor.
        """
        reply = self._client.complete(code, reply=True, timeout=_READY)
        return [*reply["content"]["matches"]]

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
            if not self._client.shell_channel.socket.poll(500, zmq.POLLOUT):
                continue  # nothing is there, and to send would wait for ever
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
            if answer is not None:
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


_STOP = 15
"""How long a kernel may take to end, in seconds."""


class LocalKernel(KernelClient):
    """A kernel process of its own, with Jupyter and IPython folders of its own.

    Args:
        runtime_dir: where its rendezvous files go; None for a folder of its own.
        on_input: answers what a cell asks for.

    Attributes:
        home: the folder that holds all of its own folders, temporary files too, and where it runs.
        runtime_dir: where its rendezvous files go.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        runtime_dir: Path | None = None,
        on_input: Callable[[str], str | None] | None = None,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)
        self.runtime_dir = runtime_dir or self.home / "runtime"
        self.log = self.home / "kernel.log"
        (self.home / "tmp").mkdir()
        self._environ = {
            **clean_environ(self.home),
            "JUPYTER_RUNTIME_DIR": str(self.runtime_dir),
            "TMPDIR": str(self.home / "tmp"),
            "JPY_PARENT_PID": str(os.getpid()),  # the kernel ends with these tests
            **environ,
        }
        super().__init__(self.home / "connection.json", on_input=on_input)
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self) -> None:
        """Start the process and open the channels."""
        if not self.connection_file.exists():
            # Sockets in the file system: ports could be taken before the kernel binds them.
            sockets = str(self.home / "kernel")
            write_connection_file(str(self.connection_file), transport="ipc", ip=sockets)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [KERNEL_PYTHON, "-m", "ipykernel_launcher", "-f", str(self.connection_file)],
                cwd=self.home,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            super().connect()
        except RuntimeError as error:
            raise RuntimeError(self.log.read_text(encoding="utf-8")) from error

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def interrupt(self) -> None:
        """Interrupt it as front ends do: a signal to its whole process group."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGINT)

    def restart(self) -> None:
        """End it and start it anew, on the same connection."""
        self._end(restart=True)
        self.connect()

    def kill(self) -> None:
        """End it without any chance to tidy up."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_STOP)

    def shut_down(self) -> None:
        """End it as front ends do, by a message, and wait."""
        self._end(restart=False)

    def close(self) -> None:
        """End it, whatever it does, and remove its folders."""
        self._end(restart=False)
        self._folder.cleanup()

    def _end(self, *, restart: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            self._client.shutdown(restart=restart)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP)
        process.kill()
        process.wait(_STOP)
        super().close()


class KernelHost(Protocol):
    """A Jupyter server that starts kernels."""

    def start_kernel(self) -> tuple[str, Path]:
        """Start a kernel as a front end does; return its id and its connection file."""

    def ask(self, method: str, path: str, json: object = None) -> requests.Response:
        """Send a request to the server's REST API and return the answer."""


class ServedKernel(KernelClient):
    """A kernel started, interrupted, restarted and ended through a server's REST API.

    Args:
        on_input: answers what a cell asks for.
    """

    def __init__(
        self, jupyter: KernelHost, *, on_input: Callable[[str], str | None] | None = None
    ) -> None:
        self._jupyter = jupyter
        self._id, connection_file = jupyter.start_kernel()
        super().__init__(connection_file, on_input=on_input)

    def __enter__(self) -> Self:
        with contextlib.suppress(RuntimeError, FileNotFoundError):
            return super().__enter__()
        # Of two kernels that chose one port Jupyter starts the loser at that port again and again,
        # and then gives it up.
        self._id, self.connection_file = self._jupyter.start_kernel()
        return super().__enter__()

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


def follow(cell: Cell, username: str = "jane.doe") -> CallbackPage:
    """Wait for a cell's link, sign in there, and return the page at the end."""
    return open_page(finish_sign_in(cell.link(), username))


def signed_in(kernel: KernelClient, line: str = "%myid_login") -> Outputs:
    """Execute a magic, sign in, and return what the cell put out.

    Args:
        kernel: with the extension loaded.
    """
    cell = kernel.submit(line)
    page = follow(cell)
    assert "Signed in to MyID" == page.title, page.text
    outputs = cell.finish()
    assert outputs.errors == [], outputs.traceback
    return outputs
