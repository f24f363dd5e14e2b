"""The authenticated ``requests`` session."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.sessions import SessionRedirectMixin
from urllib3.exceptions import LocationParseError

from myid_notebook.errors import ReadOnlySession
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.session.bearer import BearerAuth
from myid_notebook.session.renewal import Renewal, revoked
from myid_notebook.session.state import Operator, clock_time, local_time
from myid_notebook.settings.messages import with_commas
from myid_notebook.settings.resolve import Settings
from myid_notebook.tracebacks import strip_frames
from myid_notebook.transport.adapter import CONNECT_TIMEOUT, TLSAdapter, environment_proxies
from myid_notebook.transport.failure import chain_of
from myid_notebook.transport.tls import TrustedFiles, tls_context, trusted_files
from myid_notebook.untrusted_text import outside_text, reveals

READ_TIMEOUT = 60.0
"""Seconds to wait for the next bytes of a response."""

if TYPE_CHECKING:
    from requests.sessions import Session
else:
    # The original: requests-cache puts a class with a cache on disk in its place, and others a
    # function. It keeps its base, whatever requests.Session is by now.
    Session = next(
        (
            each
            for each in SessionRedirectMixin.__subclasses__()
            if (each.__module__, each.__name__) == ("requests.sessions", "Session")
        ),
        requests.Session,
    )


_READING = {"GET", "HEAD", "OPTIONS"}
"""The methods that change nothing (RFC 9110 section 9.2.1), as far as MyID's API has them."""


class SessionHost(Protocol):
    """The program that keeps a session, such as a kernel: what the session asks of it."""

    def sign_in_again(self) -> object:
        """Ask a person to sign in again, and return when it is done.

        Raises:
            MyIDError: nobody signed in.
        """

    def pending_line(self, session: BearerSession) -> str:
        """Return how a pending sign-in of a session stands; empty without one."""


class BearerSession(Session):
    """A ``requests.Session`` signed in to MyID.

    Relative paths are resolved against the API base: ``myid.get("people", params={"q": "jo"})``.
    The token is sent only to the origin of the API. Every request has a timeout. When the token
    has expired, the next request raises ``SessionExpired`` and is not sent. Signing in again
    renews this object.

    A plain ``HTTPAdapter`` that you mount is replaced by one that trusts the same certificates as
    the session, so a request can be repeated when MyID is busy:
    ``myid.mount("https://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503])))``.

    A request contains the token only while it is being sent. Prepared requests, and the requests
    of responses and exceptions, contain a placeholder instead.

    Threads may share a session, also while it is being renewed. Processes made by ``fork`` may
    share it too; each opens its own connections. A session cannot be pickled.

    Args:
        api_url: the API base, ending in a slash.
        ca_bundle: path of a PEM file to trust instead of the system's store.
        command: the command that signs in again, for messages.
        show_rows: rows of a result that a cell shows; 0 shows nothing of any person.
        read_only: whether to refuse every request but GET, HEAD and OPTIONS.

    Attributes:
        api_url: the API base.
        bearer: adds the token to requests; does not show it.
        operator: the person who signed in; None when nobody is signed in.
        timeout: default timeout: seconds to connect, and seconds between bytes.
        read_only: as given; may be changed.
        host: asks a person to sign in again; None where nobody can be asked.
        description: the operations of this MyID once ``%myid_api`` has read them; None before, and
            where MyID does not publish them.
    """

    def __init__(
        self,
        api_url: str,
        *,
        ca_bundle: str | None = None,
        command: str = "%myid_login",
        show_rows: int = 10,
        read_only: bool = False,
    ) -> None:
        super().__init__()
        self.api_url = api_url
        self.operator: Operator | None = None
        self.timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT)
        self.show_rows = show_rows
        self.read_only = read_only
        self.host: SessionHost | None = None
        self.description: list[dict[str, str]] | None = None
        self._process = os.getpid()
        self.bearer = BearerAuth(api_url, command)
        self.auth = self.bearer
        self.headers["Accept"] = "application/json"
        self._trusted: TrustedFiles | None = None
        self.set_ca_bundle(ca_bundle)

    @property
    def show_rows(self) -> int:
        """Rows of a result that a cell shows; 0 shows nothing of any person."""
        return self._show_rows

    @show_rows.setter
    def show_rows(self, number: int) -> None:
        if not isinstance(number, int) or number < 0:
            raise ValueError(f"show_rows is {number!r}; it must be a whole number from 0.")
        self._show_rows = number

    @property
    def signed_in(self) -> bool:
        """Whether the session has a token that should still work."""
        return self.bearer.usable

    @property
    def expires_at(self) -> datetime | None:
        """When the token expires, in local time; None if unknown."""
        token = self.bearer.token
        return None if token is None else local_time(token.expires_at)

    @property
    def expires_in(self) -> float | None:
        """Seconds until the token expires, at least 0; None if unknown."""
        return self.bearer.left_of(self.bearer.token)

    def sign_in(self, token: TokenResponse, renewal: Renewal | None = None) -> None:
        """Use a new token from now on.

        Args:
            renewal: renews it; None if nothing does.
        """
        self.bearer.token = replace(token, refresh_token=None)
        self.bearer.renewal = renewal
        self.operator = Operator(id=token.subject)

    def sign_out(self) -> None:
        """Sign out: forget the token, here and in the token store of the Jupyter server.

        The access token itself stays valid until it expires: MyID documents no way to revoke it. A
        refresh token is revoked where MyID's discovery document names a revocation endpoint.
        """
        self.tell(self.end_sign_in())

    def end_sign_in(self) -> str:
        """Sign out, and return what is left of the sign-in elsewhere.

        Returns:
            In sentences: which notebooks use it until its token ends, and whether MyID
            still keeps a refresh token. Empty if nothing is left.
        """
        renewal, stored = self.bearer.renewal, self.bearer.stored
        settings, refresh_tokens = (None, []) if renewal is None else renewal.end("You signed out.")
        self.drop_token()
        notebooks: list[str] = []
        if stored is not None:
            _, notebooks, more = stored.forget()
            refresh_tokens += more
        return revoke_what_is_left(settings, notebooks, refresh_tokens)

    def tell(self, line: str) -> None:
        """Say something about this session, unless it is empty.

        On standard error: a notebook shows it below the cell that sends the request, and the
        output of a script stays as it is. Not with ``warnings``: where warnings are errors, a
        request that works would fail.
        """
        if line and sys.stderr is not None:  # None under pythonw, where print would use stdout
            with contextlib.suppress(OSError, ValueError):  # closed; the request works all the same
                print(line, file=sys.stderr, flush=True)  # noqa: T201 - as the docstring says

    def tell_news(self) -> None:
        """Say once that nothing renews the token any more.

        Only in the main thread: output of other threads appears below any cell.
        """
        renewal, token = self.bearer.renewal, self.bearer.token
        is_main = threading.current_thread() is threading.main_thread()
        if renewal is None or token is None or not renewal.news or not is_main:
            return
        reason, renewal.news = renewal.news, ""
        until = local_time(token.expires_at)
        end = "its token ends" if until is None else clock_time(until)
        self.tell(
            f"This MyID session will not be renewed. {reason} It works until {end}; then run "
            f"{self.bearer.command}."
        )

    def drop_token(self) -> None:
        """Forget the token in this session alone."""
        self.bearer.token = None
        self.operator = None
        self.cookies.clear()

    def set_ca_bundle(self, ca_bundle: str | None) -> None:
        """Choose which TLS certificates to trust, from the next request on.

        Nothing changes if the files have not changed. Requests in other threads continue.

        Args:
            ca_bundle: path of a PEM file to trust instead of the system's store.

        Raises:
            SettingError: the file cannot be read, or holds no certificate.
        """
        files = trusted_files(ca_bundle)
        if files != self._trusted:
            # Of its own: a client certificate may be loaded into it.
            self._context = tls_context(ca_bundle)
            self._trusted = files

    def mount(self, prefix: str, adapter: BaseAdapter) -> None:
        """Use an adapter for the URLs that begin with a prefix.

        In place of a plain ``HTTPAdapter``, one with the same retries and pool sizes is mounted
        that also trusts what the session trusts; change them later through ``get_adapter``.
        Subclasses keep their own TLS settings.
        """
        if type(adapter) is HTTPAdapter:
            adapter = TLSAdapter.like(adapter, lambda: self._context)
        super().mount(prefix, adapter)

    def receive(self, response: requests.Response, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' hook signature
        """Take note of a response, whichever adapter it comes from, before anything else does.

        Returns:
            The response; that to the same request with a renewed token, if MyID refused the token
            and the request can be repeated.
        """
        if not self.bearer.renew_after(response):
            if not self.bearer.renews:  # else MyID could not be asked for another token yet
                self.bearer.note_refusal(response)
            return response
        request = response.request
        if request.method not in _READING or request.body is not None:
            return response
        response.close()
        self.bearer(request)
        begun = time.monotonic()
        repeated = self.get_adapter(str(request.url)).send(request, **options)
        repeated.elapsed = timedelta(seconds=time.monotonic() - begun)
        self.bearer.note_repeated(repeated)
        return repeated

    def without_token(self, error: BaseException) -> BaseException:
        """Return an exception without the token in its words, which a server may have repeated.

        In the address of a redirect, for example, or as the length of a part of the body.
        """
        hidden = self.bearer.hidden
        texts = (text for link in chain_of(error) for text in (str(link), repr(link)))
        if isinstance(error, requests.RequestException) and any(reveals(t, hidden) for t in texts):
            error.args = (self.outside_text(str(error)),)
            error.__cause__ = error.__context__ = None
        return error

    def outside_text(self, text: str, **options: Any) -> str:  # noqa: ANN401 - passed on as they are
        """Make text from a server fit for a message: one line, cut, without this session's token.

        Args:
            options: those of ``untrusted_text.outside_text``.
        """
        return outside_text(text, self.bearer.hidden, **options)

    def merge_environment_settings(
        self,
        url: str,
        proxies: Any,  # noqa: ANN401 - requests' own signature
        stream: bool | None,  # noqa: FBT001 - the same
        verify: Any,  # noqa: ANN401 - the same
        cert: Any,  # noqa: ANN401 - the same
    ) -> dict[str, Any]:
        """Merge as ``requests`` does, without looking through the whole environment each time."""
        merged = {**self.proxies, **(proxies or {})}
        if self.trust_env:
            no_proxy = None if proxies is None else proxies.get("no_proxy")
            merged = {**self.proxies, **environment_proxies(url, no_proxy), **(proxies or {})}
            if verify is True or verify is None:  # for adapters of the user's own
                verify = (
                    os.environ.get("REQUESTS_CA_BUNDLE")
                    or os.environ.get("CURL_CA_BUNDLE")
                    or verify
                )
        return {
            "proxies": {name: proxy for name, proxy in merged.items() if proxy is not None},
            "stream": self.stream if stream is None else stream,
            "verify": self.verify if verify is None else verify,
            "cert": self.cert if cert is None else cert,
        }

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Resolve a relative path against the API base, then prepare as ``requests`` does.

        Raises:
            NotSignedIn: there is no token.
            SessionExpired: the token has expired.
        """
        request.url = self.absolute(str(request.url))
        prepared = super().prepare_request(request)
        self.bearer.mask(prepared)
        return prepared

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - requests' own signature
        """Send a prepared request, with a timeout; ``timeout=None`` means the default one.

        Raises:
            ReadOnlySession: the session is read-only, and the request may change something.
            NotSignedIn: there is no token.
            SessionExpired: the token has expired.
            requests.RequestException: as ``requests`` raises it, without its inner frames,
                because ``%xmode Verbose`` would show the token in them. Frames of your own
                functions, such as a response hook, stay.
        """
        if self.read_only and str(request.method).upper() not in _READING:
            raise ReadOnlySession(
                f"This session is read-only, so {request.method} was not sent. If you mean to "
                "change something in MyID, set the attribute read_only of the session to False, "
                "such as myid.read_only = False."
            )
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout
        if self._process != os.getpid():
            self._leave_connections_to_parent()
        wire = self.bearer.unmasked_copy(request)
        self.tell_news()
        wire.hooks = {**wire.hooks, "response": [self.receive, *_hooks(wire)]}
        outer = sys.exception()  # the user's own, who may ask while handling it
        try:
            return super().send(wire, **kwargs)
        except (LocationParseError, requests.exceptions.InvalidURL):
            # They repeat the URL of a proxy, with its password.
            failure: BaseException = requests.exceptions.InvalidURL(
                "A URL is invalid: the URL of the proxy (HTTPS_PROXY), or a URL that MyID sent.",
                request=wire,
            )
        except BaseException as error:  # noqa: BLE001 - an interrupt too; it goes on below
            failure = self.without_token(error)
        finally:
            self._leave(wire)  # it stays with the answer, or with the exception
        raise strip_frames(failure, outer, keep_users=True)

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Keep the token on a redirect within the API's origin, drop it on any other."""
        self._leave(prepared_request)
        if not self.bearer.covers(prepared_request.url):
            super().rebuild_auth(prepared_request, response)
            prepared_request.headers.pop("Authorization", None)

    def _leave(self, request: requests.PreparedRequest) -> None:
        # With nothing of the session on it, a request can be stored with its response.
        self.bearer.mask(request)
        hooks = [hook for hook in _hooks(request) if hook != self.receive]
        request.hooks = {**request.hooks, "response": hooks}

    def _leave_connections_to_parent(self) -> None:
        # Two processes that read from one connection would get each other's responses, and a TLS
        # context may be locked by a thread that is not here.
        self._context = tls_context(self._trusted[0] if self._trusted else None)
        for adapter in {*self.adapters.values()}:
            if isinstance(adapter, HTTPAdapter):
                adapter.__setstate__(adapter.__getstate__())
        self.bearer.forget_threads()
        self._process = os.getpid()

    def absolute(self, url: str) -> str:
        """Return a URL: a relative path is resolved against the API base."""
        if urlsplit(url).scheme in {"http", "https"}:
            return url
        path = urlsplit(self.api_url).path
        within = url.lower().startswith(path.lower())
        base = self.api_url.removesuffix(path) + "/" if within else self.api_url
        # "/people" and "people" mean the same; hrefs in answers come without the slash.
        return base + url.lstrip("/")

    def __reduce__(self) -> NoReturn:
        self.bearer.__reduce__()

    __getstate__ = __reduce__


def _hooks(request: requests.PreparedRequest) -> list[Any]:
    found = request.hooks.get("response", [])
    return [found] if callable(found) else [*found]  # as requests takes them


def revoke_what_is_left(
    settings: Settings | None, notebooks: list[str], refresh_tokens: list[Secret]
) -> str:
    """Revoke refresh tokens, and return what is left of sign-ins that were ended, in sentences.

    Args:
        settings: with the client secret; None if this process does not have it.
        notebooks: names of those that use the sign-ins until their tokens end.
    """
    left = ""
    if notebooks:
        verb = "uses" if len(notebooks) == 1 else "use"
        left = (
            f"{with_commas(notebooks)} also {verb} this sign-in until its token ends: run "
            "%myid_logout there."
        )
    if refresh_tokens and not revoked(settings, refresh_tokens):
        left += (
            " MyID may keep the refresh token of this sign-in until it expires there; nothing here "
            "has it."
        )
    return left.lstrip()
