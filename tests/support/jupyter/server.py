"""A real Jupyter server as a process of its own, and the file that it leaves."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
from support.machine.ports import free_port
from support.servers.http_server import json_body

from myid_notebook.callback import rendezvous

KERNEL_PYTHON = os.environ.get("MYID_TEST_PYTHON", sys.executable)
"""The interpreter that kernels run in; another one to test another ipykernel."""

_START = 60
_STOP = 20
"""How long the server may take to start and to stop, in seconds."""

LOGGING = {
    "root": {"level": "DEBUG", "handlers": ["console"]},
    "loggers": {"ServerApp": {"propagate": False}},
}
"""What makes ``ServerApp.logging_config`` log everything, not only what Jupyter logs itself."""

_FOREIGN = ("JUPYTER", "JPY_", "MYID_", "IPYTHON")
"""Beginnings of environment variables that would make one machine's tests differ from another's."""


class JupyterProcess:
    """A running ``jupyter APP`` with configuration, data and runtime folders of its own.

    Args:
        app: ``lab``, ``notebook``, ``nbclassic`` or ``server``.
        base_url: where it serves, percent-encoded.
        root_dir: the folder it shows; None for an empty one.

    Attributes:
        url: of the server, base URL included, ending in a slash.
        token: what signs in to it.
        port: the TCP port.
        home: the folder that holds all of its own folders.
        runtime_dir: where it and its kernels leave their files.
        root_dir: the folder it shows.
        environ: its environment variables; may be changed before it starts.
    """

    def __init__(
        self,
        app: str = "server",
        *,
        base_url: str = "/a%40b/",
        root_dir: Path | None = None,
        host: str = "localhost",
        environ: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jupyter-", ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)
        self.token = "token-of-the-tests"
        self.port = free_port()
        self.url = f"http://{host}:{self.port}{base_url}"
        self.runtime_dir = self.home / "runtime"
        self.root_dir = root_dir or self.home / "root"
        self.root_dir.mkdir(exist_ok=True)
        self.environ = {**clean_environ(self.home), **(environ or {})}
        self._command = [
            *(sys.executable, "-m", "jupyter", app, "--allow-root", "--no-browser"),
            *(f"--ServerApp.ip={host}", f"--ServerApp.port={self.port}"),
            *("--ServerApp.port_retries=0", f"--ServerApp.base_url={base_url}"),
            *(f"--ServerApp.root_dir={self.root_dir}", f"--IdentityProvider.token={self.token}"),
            *arguments,
        ]
        self._log = self.home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Everything the server has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        """The process id; 0 where it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start the server and wait until it answers.

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
                raise RuntimeError(f"Jupyter did not start:\n{log_text}")
            time.sleep(0.1)

    def ask(
        self, method: str, path: str, json: object = None, *, timeout: float = 30
    ) -> requests.Response:
        """Send a request with the token and return the answer.

        Args:
            path: below the base URL.
        """
        with requests.Session() as http:
            http.trust_env = False
            headers = {"Authorization": f"token {self.token}"}
            return http.request(
                method, self.url + path, json=json, headers=headers, timeout=timeout
            )

    def start_kernel(self) -> tuple[str, Path]:
        """Start a kernel as a front end does; return its id and its connection file."""
        answer = self.ask("POST", "api/kernels", {"name": "python3"})
        answer.raise_for_status()
        kernel_id = str(answer.json()["id"])
        return kernel_id, self.runtime_dir / f"kernel-{kernel_id}.json"

    def cookies(self, host: str = "localhost") -> requests.cookies.RequestsCookieJar:
        """Sign a browser in to Jupyter with the token, and return its cookies.

        Args:
            host: the name by which the browser knows this machine.
        """
        url = self.url.replace("localhost", host)
        with requests.Session() as browser:
            browser.trust_env = False
            browser.get(f"{url}lab?token={self.token}", allow_redirects=False, timeout=30)
            return browser.cookies

    def kill(self) -> None:
        """End the server without any chance to tidy up; it may be started again."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_STOP)

    def stop(self) -> None:
        """End the server with its kernels; harmless where it has ended."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP)
        self._process = None
        self._folder.cleanup()

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "api", timeout=2).ok
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


def clean_environ(home: Path) -> dict[str, str]:
    """Return an environment with Jupyter's and IPython's own folders below ``home``.

    Args:
        home: a folder; the others are made in it.
    """
    environ = {name: os.environ[name] for name in os.environ if not name.startswith(_FOREIGN)}
    names = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
    environ |= {f"JUPYTER_{kind}_DIR": str(home / folder) for kind, folder in names.items()}
    environ |= {"IPYTHONDIR": str(home / "ipython"), "JUPYTER_PREFER_ENV_PATH": "0"}
    _choose_kernel_python(home / "data")
    return environ


def _choose_kernel_python(data_dir: Path) -> None:
    if sys.executable != KERNEL_PYTHON:
        spec: dict[str, Any] = {
            "argv": [KERNEL_PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "The other Python",
            "language": "python",
        }
        folder = data_dir / "kernels" / "python3"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def leave_server_file(runtime_dir: Path, url: str, pid: int | None = None) -> Path:
    """Write the file of a Jupyter server, as jupyter_server writes it, and return its path.

    Args:
        url: of the server, base URL included.
        pid: of the server; None for this process.
    """
    runtime_dir.mkdir(parents=True, exist_ok=True)
    pid = pid or os.getpid()
    members = {
        "base_url": "/",
        "hostname": "localhost",
        "password": False,
        "pid": pid,
        "port": 8888,
        "root_dir": "/home/jane",
        "secure": url.startswith("https"),
        "sock": "",
        "token": "secret of the server",
        "url": url,
        "version": "2.21.1",
    }
    path = runtime_dir / f"jpserver-{pid}.json"
    path.write_text(json.dumps(members))
    return path


def healthy(handler: BaseHTTPRequestHandler) -> None:
    """Answer as the extension of a Jupyter server of this user does."""
    asked = parse_qs(urlsplit(handler.path).query).get("challenge", [""])[0]
    found = {"myid_notebook": "0.1.0", "proof": rendezvous.proof_for(asked)}
    json_body(handler, json.dumps(found).encode())
