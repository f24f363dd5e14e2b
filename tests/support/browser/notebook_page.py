"""A notebook open in a browser, in any of Jupyter's user interfaces."""

import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import BrowserContext, Locator, Page, expect
from support.jupyter.server import JupyterProcess
from support.machine.threads import wait_until

WAIT = 30_000
"""Milliseconds a user interface may take for anything."""


@dataclass(frozen=True)
class FrontEnd:
    """Where a user interface has what.

    Args:
        app: ``jupyter APP``.
        path: of a notebook below the base URL, before its name.
        cell: the CSS selector of a code cell; the following are below it.
    """

    app: str
    path: str
    cell: str = ".jp-Notebook .jp-CodeCell"
    editor: str = ".cm-content"
    prompt: str = ".jp-InputPrompt"
    output: str = ".jp-Cell-outputArea"


LAB = FrontEnd("lab", "lab/tree/")
NOTEBOOK = FrontEnd("notebook", "notebooks/")
NBCLASSIC = FrontEnd(
    "nbclassic", "nbclassic/notebooks/", ".code_cell", ".CodeMirror", ".input_prompt", ".output"
)


class KernelGone(Exception):
    """Jupyter gave the kernel up: another program took one of its ports before it did."""


class NotebookPage:
    """A notebook open in a browser.

    Args:
        name: of the notebook's file, below the server's root folder.
        front_end: the user interface that the server runs.

    Attributes:
        page: of the browser.
        file: the notebook on disk.
    """

    def __init__(
        self, context: BrowserContext, jupyter: JupyterProcess, name: str, front_end: FrontEnd = LAB
    ) -> None:
        self._front_end = front_end
        self.file = jupyter.root_dir / name
        self.page: Page = context.new_page()
        self.page.goto(f"{jupyter.url}{front_end.path}{name}?reset&token={jupyter.token}")
        expect(self._part(0, front_end.editor)).to_be_visible(timeout=WAIT)
        # Before its kernel is connected a user interface says "idle" too, and drops what is run.
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: _is_connected(jupyter, name), WAIT / 1000)
            return
        self.page.close()
        raise TimeoutError if _kernels(jupyter, name) else KernelGone

    def run(self, index: int) -> None:
        """Run a code cell and return when the kernel has taken it.

        Args:
            index: of the cell among the code cells.
        """
        self._part(index, self._front_end.editor).click()
        self.page.keyboard.press("Control+Enter")
        taken = re.compile(r"\[(\*|\d+)\]")
        expect(self._part(index, self._front_end.prompt)).to_have_text(taken, timeout=WAIT)

    def complete(self, index: int, text: str) -> None:
        """Type at the end of a code cell, and press Tab.

        Args:
            index: of the cell among the code cells.
            text: what is typed.
        """
        self._part(index, self._front_end.editor).click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Tab")

    def set_theme(self, theme: str) -> None:
        """Change JupyterLab's theme, and wait for it.

        Args:
            theme: ``Light`` or ``Dark``.
        """
        change = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"
        self.page.evaluate(change, f"JupyterLab {theme}")
        is_light = str(theme == "Light").lower()
        body = self.page.locator(f"body[data-jp-theme-light={is_light}]")
        expect(body).to_have_count(1, timeout=WAIT)

    def run_to_end(self, index: int) -> None:
        """Run a code cell and wait for its end.

        Args:
            index: of the cell among the code cells.
        """
        self.run(index)
        self.expect_end(index)

    def expect_end(self, index: int) -> None:
        """Wait until a code cell has run.

        Args:
            index: of the cell among the code cells.
        """
        ended = re.compile(r"\[\d+\]")
        expect(self._part(index, self._front_end.prompt)).to_have_text(ended, timeout=WAIT)

    def output(self, index: int) -> Locator:
        """Return the outputs of a code cell.

        Args:
            index: of the cell among the code cells.
        """
        return self._part(index, self._front_end.output)

    def link(self, index: int) -> Locator:
        """Return the link to MyID in a code cell's outputs.

        Args:
            index: of the cell among the code cells.
        """
        return self.output(index).get_by_role("link", name="Sign in to MyID")

    def saved(self, marker: str, *, times: int = 1) -> dict[str, Any]:
        """Save the notebook and return what is in its file.

        Args:
            marker: text in an output that the file must have before this is over.
            times: how many cells have that output.
        """
        self.page.keyboard.press("Escape")
        for _ in range(WAIT // 500):
            self.page.keyboard.press("Control+s")
            self.page.wait_for_timeout(500)
            content: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
            if sum(marker in json.dumps(cell) for cell in content["cells"]) >= times:
                return content
        raise AssertionError(f"the saved notebook never got {marker!r}")

    def _part(self, index: int, selector: str) -> Locator:
        return self.page.locator(self._front_end.cell).nth(index).locator(selector).first


def _is_connected(jupyter: JupyterProcess, name: str) -> bool:
    kernels = _kernels(jupyter, name)
    return any(k["connections"] and k["execution_state"] == "idle" for k in kernels)


def _kernels(jupyter: JupyterProcess, name: str) -> list[dict[str, Any]]:
    sessions = jupyter.ask("GET", "api/sessions").json()
    kernels = [session["kernel"] for session in sessions if session["path"] == name]
    return [kernel for kernel in kernels if kernel["execution_state"] != "dead"]


def write_notebook(file: Path, sources: Sequence[str]) -> None:
    """Write a notebook of code cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), file)


THEMES = "--LabApp.expose_app_in_browser=True"
"""The argument of JupyterLab with which ``NotebookPage.set_theme`` works."""


def configure_lab(jupyter: JupyterProcess, *, widgets: bool = True) -> None:
    """Write JupyterLab's settings, before it starts: no news, widget state saved.

    Args:
        jupyter: not yet started.
    """
    folder = jupyter.home / "config" / "labconfig"
    folder.mkdir(parents=True)
    overrides = {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        },
        "@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Light"},
        "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
    }
    _write(folder / "default_setting_overrides.json", overrides)
    if not widgets:
        disabled = {"@jupyter-widgets/jupyterlab-manager": True}
        _write(folder / "page_config.json", {"disabledExtensions": disabled})


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content), encoding="utf-8")


class NotebookOpener:
    """Opens notebooks of a server in a browser."""

    def __init__(
        self, context: BrowserContext, jupyter: JupyterProcess, front_end: FrontEnd = LAB
    ) -> None:
        self._context = context
        self._jupyter = jupyter
        self._front_end = front_end

    def open(self, name: str, *sources: str) -> NotebookPage:
        """Write a notebook and open it."""
        write_notebook(self._jupyter.root_dir / name, sources)
        return self._opened(name)

    def open_copy(self, original: Path) -> NotebookPage:
        """Open a copy of a notebook."""
        (self._jupyter.root_dir / original.name).write_bytes(original.read_bytes())
        return self._opened(original.name)

    def _opened(self, name: str) -> NotebookPage:
        with contextlib.suppress(KernelGone):
            return NotebookPage(self._context, self._jupyter, name, self._front_end)
        return NotebookPage(self._context, self._jupyter, name, self._front_end)
