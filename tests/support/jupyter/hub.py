"""A real JupyterHub as a process of its own, run with the configuration of the documentation."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import requests
from support.jupyter.server import LOGGING, clean_environ
from support.machine.ports import free_port

CONFIGURATION = Path(__file__).parents[3] / "docs" / "examples" / "jupyterhub_config.py"
"""The file that docs/jupyterhub.md presents."""

ADMIN = "grace"
"""The administrator of the hub, who may enter every user's server."""

_START = 60
_STOP = 60
"""How long the hub may take to start, and to stop with all servers, in seconds."""


class HubProcess:
    """A running ``jupyterhub`` with folders, database and ports of its own.

    Whoever gives a name and any password is let in; servers are processes on this machine.

    Args:
        base_url: the hub's path prefix, ``/`` for none.
        environ: further environment variables of the hub.
        arguments: further command line arguments, which win over the configuration file.

    Attributes:
        url: of the hub, base URL included, ending in a slash.
        home: the folder that holds all of its own folders.
        environ: environment variables of the hub, to be changed before the start.
    """

    def __init__(
        self,
        base_url: str = "/",
        *,
        environ: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        proxy = find_proxy()
        self._folder = tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)
        self.url = f"http://127.0.0.1:{free_port()}{base_url}"
        self.environ = {
            **clean_environ(self.home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HUB_PUBLIC_URL": self.url,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **(environ or {}),
        }
        self._command = [
            *(sys.executable, "-m", "jupyterhub", "-f", str(CONFIGURATION)),
            f"--JupyterHub.bind_url={self.url}",
            f"--JupyterHub.hub_bind_url=http://127.0.0.1:{free_port()}",
            f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{free_port()}",
            f"--ConfigurableHTTPProxy.command={proxy}",
            *("--JupyterHub.authenticator_class=dummy", "--Authenticator.allow_all=True"),
            f"--Authenticator.admin_users={ADMIN}",
            "--JupyterHub.spawner_class=support.jupyter.spawner.ReservedPortSpawner",
            "--Spawner.args=--allow-root",
            f"--SimpleLocalProcessSpawner.home_dir_template={self.home}/home/{{username}}",
            "--JupyterHub.allow_named_servers=True",
            *("--JupyterHub.log_level=DEBUG", "--ConfigurableHTTPProxy.debug=True"),
            *("--Spawner.args=--debug", f"--Spawner.args=--ServerApp.logging_config={LOGGING}"),
            *arguments,
        ]
        self._log = self.home / "hub.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Everything the hub and the users' servers have written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def redirect_uri(self) -> str:
        """The one redirect URI of all its users."""
        return f"{self.url}hub/user-redirect/myid/callback"

    def runtime_dir(self, username: str) -> Path:
        """Return the runtime folder that all servers and kernels of a user share."""
        return self.home / "home" / username / ".local" / "share" / "jupyter" / "runtime"

    def start(self) -> None:
        """Start the hub and wait until it answers through its proxy.

        Raises:
            RuntimeError: it ended or stayed silent instead; the message is what it wrote.
        """
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.home,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                log_text = self.log
                self.stop()
                raise RuntimeError(f"JupyterHub did not start:\n{log_text}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the hub with its proxy, servers and kernels; harmless where it has ended."""
        process = self._process
        if process is None:
            return
        # Killed: a hub that is told to end takes seconds to tell its servers so.
        started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(_STOP)
        for each in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(started, _STOP)
        self._process = None
        self._folder.cleanup()

    def _answers(self) -> bool:
        with requests.Session() as http:
            http.trust_env = False
            try:
                return http.get(f"{self.url}hub/health", timeout=2).ok
            except requests.RequestException:
                return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


PROXY = "configurable-http-proxy"


def find_proxy() -> str:
    """Return the path of the proxy's program.

    Raises:
        FileNotFoundError: it is neither in this environment nor on the PATH.
    """
    folder = Path(sys.prefix, "node_modules", ".bin")
    found = shutil.which(PROXY, path=f"{folder}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise FileNotFoundError(
            f"The tests of JupyterHub need {PROXY}: run “npm install --prefix {sys.prefix} "
            f"{PROXY}”, or leave these tests out with -m 'not hub'."
        )
    return found
