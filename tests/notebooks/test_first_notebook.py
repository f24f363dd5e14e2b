"""The notebooks that come with the project: clean, and every cell runs."""

import re
import threading
from html import unescape
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import SIGNED_IN
from support.jupyter.server import clean_environ
from support.machine.ports import free_port
from support.servers.sandbox import SandboxProcess

NOTEBOOKS = sorted(Path(__file__).parents[2].glob("notebooks/*.ipynb"))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_clean(file: Path) -> None:
    """A notebook under version control is valid, has ids of its own for its cells, is for any
    Python 3, and has no outputs and no counts.
    """
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert [cell for cell in notebook.cells if "id" not in cell] == []
    assert [
        cell.source for cell in _code(notebook) if cell.outputs or cell.execution_count is not None
    ] == []


def test_first_notebook_runs(
    sandbox: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every cell of the first notebook runs, with a person who signs in when the link appears."""
    for name, value in clean_environ(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MYID_SANDBOX_URL", sandbox.url)
    monkeypatch.setenv("MYID_REDIRECT_URI", f"http://localhost:{free_port()}/myid/callback")
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    for cell in notebook.cells:
        # Nobody is there, says nbclient; so the cell has to be told to wait.
        cell.source = cell.source.replace("%myid_login --sandbox", "%myid_login --sandbox --wait")
    person = _Person(notebook, kernel_name="python3", timeout=60)
    person.execute(cwd=str(tmp_path))
    assert person.visit is not None
    person.visit.join()
    outputs = {cell.id: str(cell.outputs) for cell in _code(notebook)}
    assert SIGNED_IN.search(outputs["sign-in"])
    assert "logonName" in outputs["search"]
    assert "Jane Doe" in outputs["who"]
    assert "Signed out." in outputs["logout"]


class _Person(NotebookClient):
    """Executes a notebook, and signs in at the link in its outputs."""

    visit: threading.Thread | None = None

    def process_message(
        self, msg: dict[str, object], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take a message of the kernel; follow the link that is in it."""
        link = re.search(r"http://\S+/connect/authorize\?[^\s\"'\\]+", str(msg))
        if link and self.visit is None:
            self.visit = threading.Thread(target=_follow, args=(unescape(link[0]),))
            self.visit.start()
        return super().process_message(msg, cell, cell_index)


def _follow(link: str) -> None:
    open_page(finish_sign_in(link))


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
