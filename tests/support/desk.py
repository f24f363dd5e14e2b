"""Opens notebooks in a browser."""

from pathlib import Path

from playwright.sync_api import BrowserContext
from support.jupyter_process import JupyterProcess
from support.notebook_page import LAB, FrontEnd, NotebookPage, write_notebook


class Desk:
    """Opens notebooks of a server in a browser.

    Args:
        context: of the browser.
        jupyter: running.
        front_end: the user interface it runs.
    """

    def __init__(
        self, context: BrowserContext, jupyter: JupyterProcess, front_end: FrontEnd = LAB
    ) -> None:
        self._context = context
        self._jupyter = jupyter
        self._front_end = front_end

    def open(self, name: str, *sources: str) -> NotebookPage:
        """Write a notebook and open it."""
        write_notebook(self._jupyter.root_dir / name, sources)
        return NotebookPage(self._context, self._jupyter, name, self._front_end)

    def open_copy(self, original: Path) -> NotebookPage:
        """Open a copy of a notebook."""
        (self._jupyter.root_dir / original.name).write_bytes(original.read_bytes())
        return NotebookPage(self._context, self._jupyter, original.name, self._front_end)
