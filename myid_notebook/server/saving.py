"""Save no link of a pending sign-in with a notebook."""

from __future__ import annotations

from typing import Any

from myid_notebook.callback.jupyter_servers import PENDING_OUTPUT

_TEXT = "A MyID sign-in was pending when this notebook was saved. Run this cell again to sign in."


def remove_pending(model: dict[str, Any], **_: object) -> None:
    """Replace the outputs of pending sign-ins before a notebook is saved.

    The notebook in the browser keeps them. A saved link would look alive when the file is opened
    again, and hold the state; a saved widget would be an error message.
    """
    content = model.get("content")
    if model.get("type") != "notebook" or not isinstance(content, dict):
        return
    for cell in content.get("cells", []):
        if outputs := cell.get("outputs"):
            cell["outputs"] = [
                _without_link(output) for output in outputs if _kind(output) in {None, "link"}
            ]


def _kind(output: dict[str, Any]) -> str | None:
    kind = (output.get("metadata") or {}).get(PENDING_OUTPUT)
    return None if kind is None else str(kind)


def _without_link(output: dict[str, Any]) -> dict[str, Any]:
    if _kind(output) is None:
        return output
    data = {"text/plain": _TEXT, "text/html": f"<div>{_TEXT}</div>"}
    return {**output, "data": data, "metadata": {}}
