"""Base class of the handlers that show pages."""

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
    """Pass redirects on to kernels and show the outcome; never log an address."""

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,  # noqa: ARG002 - tornado's own signature
    ) -> None:
        """Log that a request failed, without its query: tornado would log code and state."""
        kind = getattr(value, "status_code", None) or getattr(typ, "__name__", "")
        _log.warning("%s %s failed (%s)", self.request.method, self.request.path, kind)

    def refused_visitor(self) -> Verdict | None:
        """Return the verdict for a visitor whom the hub let in, unless they own this server.

        Their sign-in would become the owner's session.
        """
        if is_hub_server(self.base_url) and not is_owner(self.current_user):
            detail = not_owner_detail(self.current_user.username)
            return Verdict(outcome=Outcome.NOT_SERVER_OWNER, detail=detail)
        return None

    async def pass_on(self, query: str) -> Verdict:
        """Pass the query of a redirect on to its kernel and return the verdict.

        On a JupyterHub only for the owner of this server.
        """
        refused = self.refused_visitor()
        if refused is not None:
            return refused
        try:
            return await relay(query)
        except Exception as error:  # noqa: BLE001 - tornado would log the address with the code
            _log.error("A MyID redirect could not be passed on (%s)", type(error).__name__)
            return Verdict(outcome=Outcome.KERNEL_GONE)

    def show(self, verdict: Verdict) -> None:
        """Answer with the page of a verdict."""
        self.set_status(verdict.outcome.status)
        self.answer(pages.HEADERS, pages.render_verdict(verdict))

    def answer(self, headers: dict[str, str], body: bytes) -> None:
        """Answer with these headers and this body."""
        for name, value in headers.items():
            self.set_header(name, value)
        self.finish(body)


def not_owner_detail(visitor: str) -> str:
    """Return the detail of a verdict for a visitor who does not own this server."""
    return f"This server belongs to {owner()}, and you are signed in as {visitor}."
