"""Save no link of a pending sign-in with a notebook."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from myid_notebook.callback.jupyter_servers import PENDING_OUTPUT


def pending_remover(status_page: str) -> Callable[..., None]:
    """Return a hook that replaces the outputs of pending sign-ins before a notebook is saved.

    The notebook in the browser keeps them. A saved link would look alive when the file is opened
    again, and hold the state; a saved widget would be an error message.

    Args:
        status_page: the path of this server's page of pending sign-ins.
    """

    def remove_pending(model: dict[str, Any], **_: object) -> None:
        content = model.get("content")
        if model.get("type") != "notebook" or not isinstance(content, dict):
            return
        for cell in content.get("cells", []):
            if outputs := cell.get("outputs"):
                cell["outputs"] = [
                    _without_link(output, status_page)
                    for output in outputs
                    if _kind(output) in {None, "link"}
                ]

    return remove_pending


def _kind(output: dict[str, Any]) -> str | None:
    kind = (output.get("metadata") or {}).get(PENDING_OUTPUT)
    return None if kind is None else str(kind)


def _without_link(output: dict[str, Any], status_page: str) -> dict[str, Any]:
    if _kind(output) is None:
        return output
    text = (
        "A MyID sign-in was pending when this notebook was saved. Run this cell again to sign in. "
        f"If it is still pending, the page {status_page} of this Jupyter server has its link."
    )
    html = f"<div>{escape(text)}</div>"
    return {**output, "data": {"text/plain": text, "text/html": html}, "metadata": {}}
