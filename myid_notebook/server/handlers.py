"""The addresses of the extension."""

from __future__ import annotations

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError, authenticated

import myid_notebook
from myid_notebook.callback import pages
from myid_notebook.callback.jupyter_servers import CALLBACK_PATH, HEALTH_PATH, PASTE_PATH
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.errors import RedirectRefused
from myid_notebook.oauth.query import query_from_pasted_url
from myid_notebook.server.hub import is_hub_server
from myid_notebook.server.page_handler import PageHandler, whose


class CallbackHandler(PageHandler):
    """``GET {base_url}myid/callback``: the redirect at the end of a sign-in."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Pass the redirect on to its kernel and show what became of it.

        A browser without a Jupyter login gets a page that says so. It is not sent to the login
        page: the code would stand in that redirect, and in the logs. On a JupyterHub it is sent to
        the hub, which has just seen the code anyway and lets its users in without a question.
        """
        if self.current_user is not None:
            self.show(await self.pass_on(self.request.query))
        elif is_hub_server(self.base_url):
            self._log_in_at_hub()
        else:
            detail = _other_name(self.request.host)
            self.show(Verdict(outcome=Outcome.NO_JUPYTER_LOGIN, detail=detail))

    def _log_in_at_hub(self) -> None:
        try:
            # JupyterHub gives this handler a login URL that leads back here.
            self.redirect(self.get_login_url())
        except HTTPError:  # its way to say that this user of the hub may not enter
            self.show(Verdict(outcome=Outcome.NOT_SERVER_OWNER, detail=whose("someone else")))


class PasteHandler(PageHandler):
    """``{base_url}myid/paste``: the redirect's address, where the redirect itself did not arrive.

    For a notebook whose cell waits: neither a button of its widget nor a prompt could reach it.
    """

    @authenticated
    def get(self) -> None:
        """Show the form."""
        self._ask()

    @authenticated
    async def post(self) -> None:
        """Pass the pasted address on as if the browser had arrived with it."""
        try:
            query = query_from_pasted_url(self.get_body_argument("address", ""))
        except RedirectRefused as refused:
            self._ask(str(refused))
        else:
            self.show(await self.pass_on(query))

    def _ask(self, fault: str = "") -> None:
        self.answer(pages.PASTE_HEADERS, pages.render_paste_form(self.xsrf_form_html(), fault))


class HealthHandler(JupyterHandler):
    """``GET {base_url}myid/health``: the extension is here, in this version."""

    @allow_unauthenticated
    def get(self) -> None:
        """Answer ``{"myid_notebook": VERSION}``, to anybody: a kernel has no login."""
        self.set_header("Cache-Control", "no-store")
        self.finish({"myid_notebook": myid_notebook.__version__})


def _other_name(host: str) -> str:
    name, _, port = host.partition(":")
    other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}.get(name)
    tail = f":{port}" if port else ""
    if other is None:
        return f"Open Jupyter at {host} in another tab, sign in there, then reload this page."
    return (
        f"Browsers treat {name} and {other} as two different sites. If your notebook is open at "
        f"{other}{tail}, open {name}{tail} in another tab, sign in to Jupyter there (the token is "
        "in the output of the Jupyter server), then reload this page."
    )


handlers: list[tuple[str, type[JupyterHandler]]] = [
    (CALLBACK_PATH, CallbackHandler),
    (PASTE_PATH, PasteHandler),
    (HEALTH_PATH, HealthHandler),
]
