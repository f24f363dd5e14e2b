"""What a cell shows of a sign-in: the link as HTML and text, and a widget below it."""

from __future__ import annotations

import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from myid_notebook.callback.jupyter_servers import PENDING_OUTPUT
from myid_notebook.explore.session import MyIDSession
from myid_notebook.front_end import current_shell, is_kernel, publish
from myid_notebook.kernel import markup
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.session import words
from myid_notebook.sign_in.messages import will_fail
from myid_notebook.sign_in.sign_in import SignIn

if TYPE_CHECKING:
    from myid_notebook.kernel.widget import SignInWidget


# Metadata for the server extension, which saves no link and no widget of a pending sign-in.
_LINK = {PENDING_OUTPUT: "link"}
_WIDGET = {PENDING_OUTPUT: "widget"}


class View:
    """The outputs of one sign-in: the link while pending, one line without it afterwards.

    The widget is an output of its own. A front end shows one type of an output, the richest that it
    knows, and shows no other if that one fails, as a widget does in many of them.

    Args:
        session: gets the token.
        still_valid: tells which earlier sign-in works on after a failure; empty if none does.
    """

    def __init__(
        self, options: LoginOptions, session: MyIDSession, still_valid: Callable[[], str]
    ) -> None:
        self._session = session
        self._still_valid = still_valid
        self._timeout = options.seconds
        self._post = options.post
        self._paste = options.command(option="paste")
        self._waits = options.waits
        # Threads, and so subshells (JEP 91), get no KeyboardInterrupt: they have a Cancel button.
        self._interruptible = threading.current_thread() is threading.main_thread()
        self._widget: SignInWidget | None = None
        self._display_id = uuid.uuid4().hex
        self._widget_display_id = uuid.uuid4().hex
        self._ends = datetime.now(UTC)
        self._advice = ""
        self._problem = ""
        self._shell = current_shell()
        self._shown = False

    def show(self, sign_in: SignIn, advice: str) -> None:
        """Show the link.

        Args:
            sign_in: started.
            advice: what to do on MyID's page; empty for a real MyID.
        """
        self._advice = advice
        self._ends = datetime.now(UTC) + timedelta(seconds=sign_in.deadline.seconds_left)
        link = self._link(sign_in)
        if link is None:  # it ended before it could be shown
            return
        self._shown = True
        publish(link, display_id=self._display_id, metadata=_LINK)
        if is_kernel(self._shell):
            self._widget = self._make_widget(sign_in)
        if self._widget is not None:
            publish(self._widget.mimebundle, display_id=self._widget_display_id, metadata=_WIDGET)
        if not sign_in.pending:  # it ended meanwhile; nothing else would remove the link
            self.end(sign_in)

    def update(self, sign_in: SignIn) -> None:
        """Show the time left and what the checks found; called in the sign-in's thread."""
        if self._widget is not None:
            self._widget.status(markup.waiting_line(sign_in))
        if self._shown and sign_in.problem != self._problem:
            self._show_problem(sign_in)

    @property
    def _problem_class(self) -> str:
        return f"myid-problem-{self._display_id}"

    def _link(self, sign_in: SignIn) -> dict[str, Any] | None:
        request, advice, problem = sign_in.request, self._advice, sign_in.problem
        if request is None:  # it has ended
            return None
        reason, self._problem = sign_in.route.reason, problem
        bundle = {"text/plain": markup.plain_text(request, reason, self._timeout, advice, problem)}
        if is_kernel(self._shell):
            bundle["text/html"] = (
                markup.html(request, self._timeout, self._ends, advice, post=self._post)
                + markup.problem_line(problem, self._problem_class)
                + markup.small_print(
                    reason,
                    paste_page=sign_in.route.paste_path,
                    paste=self._paste,
                    waits=self._waits,
                    interruptible=self._interruptible,
                )
            )
        return bundle

    def _show_problem(self, sign_in: SignIn) -> None:
        self._problem = sign_in.problem
        if not is_kernel(self._shell):  # a terminal cannot replace what it shows
            publish({"text/plain": will_fail(sign_in.problem)})
        elif (link := self._link(sign_in)) is not None:
            publish(link, display_id=self._display_id, update=True, metadata=_LINK)

    def end(self, sign_in: SignIn) -> None:
        """Show what became of the sign-in instead of the link."""
        if self._waits and not self._shown:  # the waiting cell shows the error
            return
        if self._widget is not None:
            self._widget.close()
            publish({"text/plain": ""}, display_id=self._widget_display_id, update=True)
        line = _line(self._final_line(sign_in), role=' role="status"')
        publish(line, display_id=self._display_id, update=True)

    def _final_line(self, sign_in: SignIn) -> str:
        if sign_in.error is None:
            return words.signed_in_line(self._session)
        # A cell that waits shows the error itself.
        error = "" if self._waits else f" {sign_in.error}"
        still = self._still_valid()
        return f"Not signed in.{error}{still and f' {still}'}"

    def _make_widget(self, sign_in: SignIn) -> SignInWidget | None:
        try:
            # The thread that sends the link would not get its turn while the widget is made.
            sys.stdout.flush()
            from myid_notebook.kernel.widget import SignInWidget  # noqa: PLC0415 - ipywidgets is heavy

            waits = self._waits and self._interruptible
            return SignInWidget(sign_in, waits=waits, hides=self._problem_class)
        except Exception:  # noqa: BLE001 - the link does not need it
            return None


def announce(session: MyIDSession, origin: str = "", later: Sequence[str] = ()) -> None:
    """Show who is signed in, for a call that needed no new link.

    Args:
        origin: where the sign-in comes from, if another kernel made it.
        later: the settings of the call that count at the next sign-in only.
    """
    line = words.signed_in_line(session, origin=origin)
    if later:
        line += f". {words.later_line(session, later)}"
    publish(_line(line))


def _line(text: str, role: str = "") -> dict[str, Any]:
    return {"text/plain": text, "text/html": f"<div{role}>{escape(text)}</div>"}
