"""The request handlers of the extension: callback, paste page, health."""

from __future__ import annotations

import logging
import os
from types import TracebackType
from urllib.parse import unquote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError, authenticated

import myid_notebook
from myid_notebook.callback import pages, rendezvous
from myid_notebook.callback.jupyter_servers import CALLBACK_PATH, HEALTH_PATH, PASTE_PATH
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.errors import RedirectRefused
from myid_notebook.oauth.query import query_from_pasted_url
from myid_notebook.server.relay import relay

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

    async def pass_on(self, query: str) -> Verdict:
        """Pass the query of a redirect on to its kernel and return the verdict.

        On a JupyterHub only for the owner of this server: the hub also lets in its administrators
        and everybody a server is shared with, and their sign-in would become the owner's session.
        """
        if _is_hub_server(self.base_url) and self.current_user.username != _owner():
            return _not_owner(self.current_user.username)
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


class CallbackHandler(PageHandler):
    """``GET {base_url}myid/callback``: the redirect at the end of a sign-in."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Pass the redirect on to its kernel and show the outcome.

        Requires a Jupyter login, so that following the link of somebody else's sign-in does not
        give them a token. Not by ``authenticated``, which would redirect to the login page with
        the code in ``next=``, and so in the logs.
        """
        if not self.request.query:  # the page after sign-in, reloaded: it has removed the query
            self.show(Verdict(outcome=Outcome.NOTHING_TO_DO))
        elif self.current_user is not None:
            self.show(await self.pass_on(self.request.query))
        elif _is_hub_server(self.base_url):
            # The hub's log has the code already, and its login usually asks nothing. A page instead
            # would end every sign-in in a named server, after a restart or in a fresh browser.
            self._log_in_at_hub()
        else:
            detail = _other_name_advice(self.request.host)
            self.show(Verdict(outcome=Outcome.NO_JUPYTER_LOGIN, detail=detail))

    def _log_in_at_hub(self) -> None:
        try:
            # JupyterHub gives this handler a login URL that leads back here.
            self.redirect(self.get_login_url())
        except HTTPError:  # this user of the hub has no access to this server
            self.show(_not_owner("someone else"))


class PasteHandler(PageHandler):
    """``{base_url}myid/paste``: a form for the address of a redirect that did not arrive.

    While a cell waits for the sign-in, its kernel handles neither prompts nor button clicks.
    """

    @authenticated
    def get(self) -> None:
        """Show the form."""
        self._show_form()

    @authenticated
    async def post(self) -> None:
        """Pass the pasted redirect on to its kernel and show the outcome, or the form again."""
        try:
            query = query_from_pasted_url(self.get_body_argument("address", ""))
        except RedirectRefused as refused:
            self._show_form(str(refused))
            return
        verdict = await self.pass_on(query)
        error = _PASTE_AGAIN.get(verdict.outcome)
        if error is None:
            self.show(verdict)
        else:
            self._show_form(f"{verdict.detail} {error}".strip())

    def _show_form(self, error: str = "") -> None:
        form = pages.render_paste_form(self.xsrf_form_html(), error)
        self.answer(pages.PASTE_HEADERS, form)


# The pages of these outcomes tell the user to copy their address, which here is the form's own.
_PASTE_AGAIN = {
    Outcome.UNKNOWN: (
        "This address belongs to a sign-in that is finished or has expired. Run %myid_login in "
        "your notebook, use its new link, and paste the address of the page that you then land on."
    ),
    Outcome.NO_STATE: (
        "This address has no state, or repeats a parameter. Copy the whole address from the "
        "address bar of the page after sign-in."
    ),
    Outcome.REFUSED: (
        "Nothing was changed, and the sign-in in your notebook is still waiting. Copy the whole "
        "address from the address bar of the page after sign-in."
    ),
    Outcome.KERNEL_GONE: (
        "The kernel of this sign-in was stopped or restarted. Run %myid_login again, use its new "
        "link, and paste the address of the page that you then land on."
    ),
    Outcome.OTHER_MACHINE: (
        "This Jupyter server cannot reach the notebook's kernel, which runs on another machine. "
        "Paste the address in the notebook instead (run %myid_login --paste)."
    ),
}


class HealthHandler(JupyterHandler):
    """``GET {base_url}myid/health``: whether the extension is installed, and its version.

    With the ``challenge`` of a kernel of the same user it also proves that it can read this user's
    rendezvous files, which another user's server cannot.
    """

    @allow_unauthenticated
    def get(self) -> None:
        """Answer ``{"myid_notebook": VERSION}``, without a login, because kernels have none."""
        self.set_header("Cache-Control", "no-store")
        found = {"myid_notebook": myid_notebook.__version__}
        proof = rendezvous.proof_for(self.get_query_argument("challenge", ""))
        self.finish({**found, "proof": proof} if proof else found)


def _other_name_advice(host: str) -> str:
    name, _, port = host.partition(":")
    other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}.get(name)
    tail = f":{port}" if port else ""
    if other is None:
        return f"Open Jupyter at {host} in another tab, sign in there, then use the link below."
    return (
        f"Browsers treat {name} and {other} as two different sites. If your notebook is open at "
        f"{other}{tail}, open {name}{tail} in another tab, sign in to Jupyter there (the token is "
        "in the output of the Jupyter server), then use the link below."
    )


def _not_owner(visitor: str) -> Verdict:
    detail = f"This server belongs to {_owner()}, and you are signed in as {visitor}."
    return Verdict(outcome=Outcome.NOT_SERVER_OWNER, detail=detail)


def _owner() -> str:
    return os.environ.get("JUPYTERHUB_USER", "")


def _is_hub_server(base_url: str) -> bool:
    # Not a server that the user started within their own one, which inherits the environment.
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    return bool(prefix) and unquote(prefix) == unquote(base_url)


handlers: list[tuple[str, type[JupyterHandler]]] = [
    (CALLBACK_PATH, CallbackHandler),
    (PASTE_PATH, PasteHandler),
    (HEALTH_PATH, HealthHandler),
]
