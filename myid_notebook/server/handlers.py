"""The two addresses of the extension."""

from __future__ import annotations

import logging
from types import TracebackType

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

import myid_notebook
from myid_notebook.redirects import page
from myid_notebook.redirects.jupyter_servers import CALLBACK_PATH, HEALTH_PATH
from myid_notebook.redirects.relay import relay
from myid_notebook.redirects.verdict import Outcome, Verdict
from myid_notebook.server.hub import is_hub_server, is_owner, owner

_log = logging.getLogger(__name__)


class CallbackHandler(JupyterHandler):
    """``GET {base_url}myid/callback``: the redirect at the end of a sign-in."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Pass the redirect on to its kernel and show what became of it.

        A browser without a Jupyter login gets a page that says so. It is not sent to the login
        page: the code would stand in that redirect, and in the logs. On a JupyterHub it is sent to
        the hub, which has just seen the code anyway and lets its users in without a question.
        """
        if self.current_user is None and is_hub_server(self.base_url):
            self._log_in_at_hub()
        else:
            self._show(await self._verdict())

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,  # noqa: ARG002 - tornado's own signature
    ) -> None:
        """Log that a request failed, without its address: tornado's line holds code and state."""
        kind = getattr(value, "status_code", None) or getattr(typ, "__name__", "")
        _log.warning("%s %s failed (%s)", self.request.method, self.request.path, kind)

    def _log_in_at_hub(self) -> None:
        try:
            # JupyterHub gives this handler a login URL that leads back here.
            self.redirect(self.get_login_url())
        except HTTPError:  # its way to say that this user of the hub may not enter
            self._show(Verdict(outcome=Outcome.OTHER_USER, detail=_whose("someone else")))

    async def _verdict(self) -> Verdict:
        user = self.current_user
        if user is None:
            return Verdict(outcome=Outcome.NO_JUPYTER_LOGIN, detail=_other_name(self.request.host))
        if is_hub_server(self.base_url) and not is_owner(user):
            return Verdict(outcome=Outcome.OTHER_USER, detail=_whose(user.username))
        try:
            return await relay(self.request.query)
        except Exception as error:  # noqa: BLE001 - tornado would log the address, code and all
            _log.error("A MyID redirect could not be passed on (%s)", type(error).__name__)
            return Verdict(outcome=Outcome.KERNEL_GONE)

    def _show(self, verdict: Verdict) -> None:
        self.set_status(page.status(verdict))
        for name, value in page.HEADERS.items():
            self.set_header(name, value)
        self.finish(page.render(verdict))


class HealthHandler(JupyterHandler):
    """``GET {base_url}myid/health``: the extension is here, in this version."""

    @allow_unauthenticated
    def get(self) -> None:
        """Answer ``{"myid_notebook": VERSION}``, to anybody: a kernel has no login."""
        self.set_header("Cache-Control", "no-store")
        self.finish({"myid_notebook": myid_notebook.__version__})


def _whose(visitor: str) -> str:
    return f"This server is {owner()}'s, and you are here as {visitor}."


def _other_name(host: str) -> str:
    name, _, port = host.partition(":")
    other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}.get(name)
    tail = f":{port}" if port else ""
    if other is None:
        return f"Open Jupyter at {host} in another tab, sign in there, then reload this page."
    return (
        f"For a browser, {name} and {other} are two different sites. If your notebook is open at "
        f"{other}{tail}, open {name}{tail} in another tab, sign in to Jupyter there (the token is "
        "in the server's own output), then reload this page."
    )


handlers: list[tuple[str, type[JupyterHandler]]] = [
    (CALLBACK_PATH, CallbackHandler),
    (HEALTH_PATH, HealthHandler),
]
