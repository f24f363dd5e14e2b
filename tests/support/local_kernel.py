"""A kernel without a Jupyter server, as VS Code starts it."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from jupyter_client.connect import write_connection_file
from support.jupyter_process import KERNEL_PYTHON, clean_environ
from support.kernel import KernelClient

_STOP = 15
"""How long a kernel may take to end, in seconds."""


class LocalKernel(KernelClient):
    """A kernel process of its own, with Jupyter and IPython folders of its own.

    Args:
        environ: further environment variables.
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
        on_input: Callable[[str], str] | None = None,
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
