"""What is saved of a pending sign-in: no link, no widget, and a line that says so."""

import copy
import json
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess

from myid_notebook.callback.jupyter_servers import PENDING_OUTPUT
from myid_notebook.server.saving import remove_pending

LINE = "A MyID sign-in was pending when this notebook was saved. Run this cell again to sign in."


def saved(content: Any) -> Any:  # noqa: ANN401 - any content, broken too
    """Return what the hook makes of a notebook's content."""
    model = {"type": "notebook", "content": copy.deepcopy(content)}
    remove_pending(model=model, path="a.ipynb", contents_manager=None)
    return model["content"]


def output(metadata: dict[str, Any]) -> nbformat.NotebookNode:
    """Return an output with a link."""
    data = {"text/plain": "link", "text/html": "<a href='https://m/?state=s'>"}
    return new_output("display_data", data=data, metadata=metadata)


def test_only_outputs_of_pending_sign_ins_are_changed() -> None:
    """Everything else of the notebook is saved as it is."""
    stream, own = new_output("stream", text="a"), output({"isolated": True})
    link, widget = output({PENDING_OUTPUT: "link"}), output({PENDING_OUTPUT: "widget"})
    cells = [new_markdown_cell("# a"), new_code_cell("b", outputs=[stream, link, own, widget])]
    book = new_notebook(cells=cells)

    after = saved(book)

    line = after["cells"][1]["outputs"].pop(1)
    assert LINE == line["data"]["text/plain"]
    assert f"<div>{LINE}</div>" == line["data"]["text/html"]
    assert {} == line["metadata"]
    assert [stream, own] == after["cells"][1]["outputs"]
    after["cells"][1]["outputs"] = cells[1]["outputs"]
    assert book == after
    nbformat.validate(new_notebook(cells=[new_code_cell("b", outputs=[line])]))


@pytest.mark.parametrize(
    "content",
    [None, [], {}, {"cells": [{}]}, {"cells": [{"outputs": None}]}],
)
def test_other_content(content: object) -> None:
    """What is no notebook with outputs is saved as it is."""
    assert content == saved(content)


def test_saved_through_the_server(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """A front end that saves a pending sign-in's outputs as they came gets a file without them;
    at the end they are saved as they are.
    """
    cell = kernel.submit("%myid_login --no-wait")
    url = cell.link()
    cell.finish()
    cell.wait_for(lambda: len(cell.outputs.displays) == 2)
    contents = [m["content"] for m in cell.outputs.messages if "metadata" in m["content"]]
    outputs = [
        new_output("display_data", data=each["data"], metadata=each["metadata"])
        for each in contents
    ]
    book = new_notebook(cells=[new_code_cell("%myid_login", outputs=outputs)])
    assert url in json.dumps(book)

    model = {"type": "notebook", "format": "json", "content": book}
    jupyter.ask("PUT", "api/contents/pending.ipynb", model).raise_for_status()
    file = (jupyter.root_dir / "pending.ipynb").read_text(encoding="utf-8")

    assert LINE in file
    assert "connect/authorize" not in file
    assert "widget-view" not in file
    kernel.execute("%myid_logout")
    cell.wait_for(lambda: not cell.outputs.link)
    last = [m["content"] for m in cell.outputs.messages if "metadata" in m["content"]][-1]
    assert {} == last["metadata"]
