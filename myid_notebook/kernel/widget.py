"""The widget of a pending sign-in, of stock ipywidgets controls."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from myid_notebook.kernel import markup
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn


class SignInWidget:
    """The time left, and how to cancel; the link is an output of its own.

    While a cell waits, the message of a button reaches the kernel with some front ends only. So
    there is a Cancel button only if no cell of the main thread waits; otherwise the text beside the
    link says to interrupt the kernel.

    Args:
        sign_in: started.
        waits: whether the main thread waits for the end.
        hides: the class of elements that say the same for front ends without widgets.

    Attributes:
        mimebundle: the widget's view; nothing in front ends that do not know widgets.
    """

    def __init__(self, sign_in: SignIn, *, waits: bool, hides: str) -> None:
        self._sign_in = sign_in
        self._status = ipywidgets.HTML(markup.waiting_line(sign_in))
        self._style = f"<style>.{hides}{{display:none}}</style>"
        self._announcement = ipywidgets.HTML(
            markup.announcement(sign_in), layout=ipywidgets.Layout(height="0", margin="0")
        )
        self._children = [
            self._announcement,
            self._status,
            *([] if waits else [self._cancel_button()]),
        ]
        self._box = ipywidgets.VBox(self._children)
        # Made at once: if the sign-in ends before it is shown, the box has no id any more.
        self.mimebundle: dict[str, Any] = {
            "text/plain": "",
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self._box.model_id,
            },
        }

    def status(self, line: str) -> None:
        """Show another status line."""
        self._status.value = escape(line) + self._style
        self._announcement.value = markup.announcement(self._sign_in)  # sent if it has changed

    def close(self) -> None:
        """Remove the widget, so that its state is not saved with the notebook."""
        for widget in (*self._children, self._box):
            layout, style = getattr(widget, "layout", None), getattr(widget, "style", None)
            for part in (widget, layout, style):
                if isinstance(part, ipywidgets.Widget):
                    part.close()

    def _cancel_button(self) -> ipywidgets.Button:
        button = ipywidgets.Button(description="Cancel", tooltip="End this sign-in")
        button.on_click(self._on_cancel)
        return button

    def _on_cancel(self, _: ipywidgets.Button) -> None:
        self._sign_in.cancel(cancelled())
