"""Run a notebook from start to end, with a person who signs in at every link that appears."""

import re
import shutil
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.server import clean_environ
from support.machine.ports import free_port
from support.servers.sandbox import SandboxProcess

from myid_notebook.sandbox.population.directory import Directory

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"

SHORTEST = 4
"""Letters of a surname that is looked for in a saved notebook."""


@dataclass(frozen=True)
class Run:
    """A notebook that was run.

    Attributes:
        notebook: with its outputs, as Jupyter saves it.
        folder: where it ran, with the files that it wrote.
        sign_ins: how often somebody signed in.
        calls: how often each path of the API succeeded.
    """

    notebook: NotebookNode = field(repr=False)
    folder: Path
    sign_ins: int
    calls: dict[str, int] = field(repr=False)

    def text(self, cell: str) -> str:
        """Return what a cell shows in a terminal."""
        (found,) = [each for each in self.notebook.cells if each.id == cell]
        plain = (each.get("data", {}).get("text/plain", "") for each in found.outputs)
        said = (each.get("text") or each.get("evalue", "") for each in found.outputs)
        # A busy kernel sends one line of output in two pieces.
        return "\n".join([*plain, "".join(said)])

    @property
    def saved(self) -> str:
        """Everything that the saved notebook has besides the source of its cells and pictures."""
        cells = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        texts = [text for cell in cells for output in cell.outputs for text in _texts(output)]
        return unescape("\n".join([str(self.notebook.metadata), *texts]))

    @property
    def surprises(self) -> list[str]:
        """Warnings, errors where none is expected, and cells that should show one and do not."""
        found = []
        for cell in self.notebook.cells:
            kinds = {each.get("name", each.output_type) for each in cell.get("outputs", [])}
            expected = "raises-exception" in cell.metadata.get("tags", [])
            if "stderr" in kinds or ("error" in kinds) != expected:
                found.append(f"{cell.id}: {self.text(cell.id)}")
        return found

    def people(self, organisation: Directory) -> list[str]:
        """Return who is named in the saved notebook: surname, full name or logon name.

        A surname counts as a whole word of four or more letters, unless the notebook's own text
        has that word.
        """
        # The sandbox's advice is in the state of the widget, which nbclient keeps.
        saved = self.saved.replace("user name “jane.doe”", "")
        text = unicodedata.normalize("NFC", saved)
        sources = "\n".join(cell.source for cell in self.notebook.cells)
        names = set()
        for person in organisation.people.values():
            names |= {person.logon_name, person.full_name}
            if len(person.last_name) >= SHORTEST and not _has(person.last_name, sources):
                names.add(person.last_name)
        return sorted(name for name in names if _has(unicodedata.normalize("NFC", name), text))


def _has(name: str, text: str) -> bool:
    return name in text and bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def _texts(output: NotebookNode) -> Iterator[str]:
    yield from (str(output[name]) for name in ("text", "evalue", "traceback") if name in output)
    for kind, data in output.get("data", {}).items():
        if not kind.startswith("image/"):
            yield str(data)


def run_notebook(
    folder: Path, name: str, sandbox: SandboxProcess, show_rows: int, more: str
) -> Run:
    """Run a notebook in a folder, which gets the HR list too."""
    (file,) = NOTEBOOKS.glob(f"{name}*.ipynb")
    notebook = nbformat.read(file, as_version=4)
    for cell in notebook.cells:
        # Nobody is there, says nbclient; so the cell has to be told to wait.
        cell.source = cell.source.replace("%myid_login --sandbox", "%myid_login --sandbox --wait")
    if more:
        notebook.cells.append(nbformat.v4.new_code_cell(more))
    work = folder / "work"
    work.mkdir()
    shutil.copy(NOTEBOOKS / "hr-list.csv", work)
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in clean_environ(folder).items():
            patch.setenv(variable, value)
        patch.setenv("MYID_SANDBOX_URL", sandbox.url)
        patch.setenv("MYID_SHOW_ROWS", str(show_rows))
        patch.setenv("MYID_REDIRECT_URI", f"http://localhost:{free_port()}/myid/callback")
        person = _executed(notebook, work)
    calls: dict[str, int] = sandbox.control("GET", "calls").json()
    return Run(notebook, work, len(person.visits), calls)


def _executed(notebook: NotebookNode, folder: Path) -> "Person":
    for is_last in (False, True):
        person = Person(notebook, kernel_name="python3", timeout=120)
        try:
            person.execute(cwd=str(folder))
        except RuntimeError:
            # Another program took a port of the kernel before that did; no cell has run.
            if is_last or person.code_cells_executed:
                raise
        else:
            break
        finally:
            for visit in person.visits.values():
                visit.join()
    return person


class Person(NotebookClient):
    """Executes a notebook, and signs in at each link in its outputs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - nbclient's own signature
        super().__init__(*args, **kwargs)
        self.visits: dict[str, threading.Thread] = {}

    def process_message(
        self, msg: dict[str, object], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take a message of the kernel; follow the link that is in it."""
        link = re.search(r"http://\S+/connect/authorize\?[^\s\"'\\]+", str(msg))
        if link and unescape(link[0]) not in self.visits:
            address = unescape(link[0])
            visit = threading.Thread(target=lambda: open_page(finish_sign_in(address)))
            self.visits[address] = visit
            visit.start()
        return super().process_message(msg, cell, cell_index)
