"""Notebooks of a Jupyter server, whose kernels are told their path."""

from http import HTTPStatus
from pathlib import Path

import requests
from support.jupyter.server import JupyterProcess


class Notebook:
    """Starts the kernel of a notebook, as a front end does when the notebook is opened."""

    def __init__(self, jupyter: JupyterProcess, path: str) -> None:
        self._jupyter = jupyter
        self._path = path

    def start_kernel(self) -> tuple[str, Path]:
        """Open the notebook, which is made if it is not there, and start its kernel.

        Returns:
            The kernel's id and its connection file.
        """
        if self.ask("GET", f"api/contents/{self._path}").status_code == HTTPStatus.NOT_FOUND:
            folder, _, _ = self._path.rpartition("/")
            if folder:
                self.ask("PUT", f"api/contents/{folder}", {"type": "directory"})
            self.ask("PUT", f"api/contents/{self._path}", {"type": "notebook"}).raise_for_status()
        body = {
            "path": self._path,
            "type": "notebook",
            "name": self._path.rpartition("/")[2],
            "kernel": {"name": "python3"},
        }
        answer = self._jupyter.ask("POST", "api/sessions", body)
        answer.raise_for_status()
        kernel_id = str(answer.json()["kernel"]["id"])
        return kernel_id, self._jupyter.runtime_dir / f"kernel-{kernel_id}.json"

    def ask(self, method: str, path: str, json: object = None) -> requests.Response:
        """Send a request to the server's REST API and return the answer."""
        return self._jupyter.ask(method, path, json)
