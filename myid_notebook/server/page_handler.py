"""What the pages of the extension have in common."""

from __future__ import annotations

import logging
from types import TracebackType

from jupyter_server.base.handlers import JupyterHandler

from myid_notebook.callback import pages
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.relay import relay
from myid_notebook.server.hub import is_hub_server, is_owner, owner

_log = logging.getLogger(__name__)


class PageHandler(JupyterHandler):
    """Passes redirects on and shows what became of them; never logs an address."""

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,  # noqa: ARG002 - tornado's own signature
    ) -> None:
        """Log that a request failed, without its address: tornado's line holds code and state."""
        kind = getattr(value, "status_code", None) or getattr(typ, "__name__", "")
        _log.warning("%s %s failed (%s)", self.request.method, self.request.path, kind)

    async def pass_on(self, query: str) -> Verdict:
        """Pass a redirect on to its kernel, if the visitor is who this server belongs to.

        Args:
            query: the query string of the redirect.
        """
        if is_hub_server(self.base_url) and not is_owner(self.current_user):
            return Verdict(
                outcome=Outcome.NOT_SERVER_OWNER, detail=whose(self.current_user.username)
            )
        try:
            return await relay(query)
        except Exception as error:  # noqa: BLE001 - tornado would log the address, code and all
            _log.error("A MyID redirect could not be passed on (%s)", type(error).__name__)
            return Verdict(outcome=Outcome.KERNEL_GONE)

    def show(self, verdict: Verdict) -> None:
        """Answer with the page of a verdict.

        Args:
            verdict: what became of the redirect.
        """
        self.set_status(verdict.outcome.status)
        self.answer(pages.HEADERS, pages.render_verdict(verdict))

    def answer(self, headers: dict[str, str], body: bytes) -> None:
        """Answer with a page.

        Args:
            headers: of the page.
            body: of the page.
        """
        for name, value in headers.items():
            self.set_header(name, value)
        self.finish(body)


def whose(visitor: str) -> str:
    """Return whose server this is, for a visitor who is somebody else.

    Args:
        visitor: in words.
    """
    return f"This server belongs to {owner()}, and you are signed in as {visitor}."
