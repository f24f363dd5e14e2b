"""The widget of a pending sign-in, of stock ipywidgets controls."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from myid_notebook.callback.jupyter_servers import paste_path
from myid_notebook.kernel import markup
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn


class SignInWidget:
    """Link, time left, how the redirect arrives, and how to cancel.

    While a cell waits, the message of a button reaches the kernel with some front ends only. So
    there is a Cancel button only if no cell waits; otherwise the text says to interrupt the kernel.

    Args:
        sign_in: started.
        advice: what to do on MyID's page; may be empty.
        post: send the authorization request as a form.
        waits: whether a cell waits for the end.
    """

    def __init__(self, sign_in: SignIn[Any], advice: str, *, post: bool, waits: bool) -> None:
        request = sign_in.request
        link = markup.button(request, post=post) if request is not None else ""
        self._sign_in = sign_in
        self._waits = waits
        self._link = ipywidgets.HTML(link)
        self._status = ipywidgets.HTML(markup.waiting_line(sign_in))
        self._route = ipywidgets.HTML(self._small_print())
        self._children = [
            *([ipywidgets.HTML(markup.advice_line(advice))] if advice else []),
            self._link,
            self._status,
            self._route,
            *([] if waits else [self._cancel_button()]),
        ]
        self._box = ipywidgets.VBox(self._children)

    @property
    def mimebundle(self) -> dict[str, Any]:
        """The widget's view, without its ``text/plain``, which would keep the link forever."""
        return {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self._box.model_id,
            }
        }

    def status(self, line: str) -> None:
        """Show another status line, and the route as it is now; the link stays."""
        self._status.value = escape(line)
        self._route.value = self._small_print()  # another program may have taken the port

    def close(self) -> None:
        """Remove the widget, so that its state is not saved with the notebook."""
        # nbclient and nbconvert save the last state of closed widgets too.
        self._link.value = ""
        for widget in (*self._children, self._box):
            layout, style = getattr(widget, "layout", None), getattr(widget, "style", None)
            for part in (widget, layout, style):
                if isinstance(part, ipywidgets.Widget):
                    part.close()

    def _small_print(self) -> str:
        return markup.small_print(self._sign_in.route.reason, paste_path(), waits=self._waits)

    def _cancel_button(self) -> ipywidgets.Button:
        button = ipywidgets.Button(description="Cancel", tooltip="End this sign-in")
        button.on_click(self._on_cancel)
        return button

    def _on_cancel(self, _: ipywidgets.Button) -> None:
        self._sign_in.cancel(cancelled())
