"""The session that stands in the user's variable: requests, and what explores the API."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

import requests

from myid_notebook.errors import WithUsersLine, closest
from myid_notebook.explore.api_error import adopt
from myid_notebook.explore.fetch import check_path, fetch_many, wanted_paths
from myid_notebook.explore.filters import FilterCheck
from myid_notebook.explore.pages import Reading
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.search import read_whole, search
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session import words
from myid_notebook.session.renewal import Renewal
from myid_notebook.session.session import BearerSession
from myid_notebook.tracebacks import StrippedFrames

WARN_WITHIN = 300.0
"""Seconds before its end within which a session says that it ends soon."""

_SHORT_LIFE = 600.0
"""Seconds; of a token that is valid no longer, the line after the sign-in says enough."""


class NotOfSession(WithUsersLine, AttributeError):
    """The session has no such attribute."""


class Table(Protocol):
    """A table of pandas, Polars or Arrow."""

    @property
    def columns(self) -> Any: ...  # noqa: ANN401, D102 - names, or the columns themselves
    def __getitem__(self, name: Any, /) -> Any: ...  # noqa: ANN401 - a column


class MyIDSession(BearerSession):
    """A ``requests.Session`` signed in to MyID that also searches and makes many calls.

    ``get``, ``post`` and the others are those of ``requests``. ``search`` reads a collection page
    by page; ``fetch`` reads one path, or many at once. Both return ``Rows``, a list of dicts that
    shows itself as a table, and raise ``MyIDAPIError``, which says what MyID said.

    Args:
        api_url: the API base, ending in a slash.
        ca_bundle: path of a PEM file to trust instead of the system's store.
        command: the command that signs in again, for messages.
        show_rows: rows of a result that a cell shows; 0 shows nothing of any person.
        read_only: whether to refuse every request but GET, HEAD and OPTIONS.
        openapi: URL or path of the API description; None for the usual URL.

    Attributes:
        openapi: as given.
        filters: checks the parameters of searches.
        in_order: paths of which pages are read one after another, because order matters there.

    Examples:
        >>> people = myid.search("people", {"name.last": "Sm*"})
        >>> jane = myid.fetch("people/" + myid.operator.id)
        >>> devices = myid.fetch([row["href"] + "/devices" for row in people])
    """

    def __init__(
        self,
        api_url: str,
        *,
        ca_bundle: str | None = None,
        command: str = "%myid_login",
        show_rows: int = 10,
        read_only: bool = False,
        openapi: str | None = None,
    ) -> None:
        super().__init__(
            api_url,
            ca_bundle=ca_bundle,
            command=command,
            show_rows=show_rows,
            read_only=read_only,
        )
        self.openapi = openapi
        self.filters = FilterCheck()
        self.in_order: set[str] = set()
        self._to_warn_of: TokenResponse | None = None

    def sign_in(self, token: TokenResponse, renewal: Renewal | None = None) -> None:
        """Use a new token from now on.

        Args:
            renewal: renews it; None if nothing does.
        """
        super().sign_in(token, renewal)
        left = self.bearer.left_of(self.bearer.token)
        short = left is None or left <= _SHORT_LIFE
        self._to_warn_of = None if short else self.bearer.token
        self.filters.forget()

    def drop_token(self) -> None:
        """Forget the token in this session alone, and what could ask for another one."""
        super().drop_token()
        self.host = None

    @property
    def pending(self) -> str:
        """How a pending sign-in of this session stands; empty without one."""
        return "" if self.host is None else self.host.pending_line(self)

    def search(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        limit: int | None = 1000,
        check: bool = True,
    ) -> Rows:
        """Return the rows of a collection, page after page.

        MyID ignores a parameter it does not know, and then returns everybody. So when a search
        with a parameter first finds rows on a path, the session asks once with that parameter and
        a value that nobody can have.

        When the rows may not be all there are, a line says so; ``Rows.complete`` is then not True.

        When the session expires, the sign-in link appears below the progress line, and the search
        continues after the sign-in. Whatever else ends it, the error has the rows that were read,
        in ``rows``, and its ``resume()`` reads on. Where the links of pages can be predicted, up to
        three pages are asked for ahead; a page is used only if the page before names it.

        Args:
            path: of the collection, such as ``"people"``; may have a query.
            params: parameter name to value, or to a list of values. A mapping, because names have
                dots. Dates are sent as ISO text. ``*`` is a wildcard in most fields, not in ``q``.
            limit: the most rows to return; None for all.
            check: whether to check the parameters as described.

        Raises:
            FilterIgnored: MyID ignores a parameter.
            SearchStopped: the search ended after some of its pages; a ``MyIDAPIError``.
            SearchInterrupted: the user interrupted the kernel; a ``KeyboardInterrupt``.
            MyIDAPIError: MyID refused the search, or did not respond.
            NotSignedIn: there is no token.
            SessionExpired: the token has expired, and nobody signed in again.
            ValueError: the path leads out of the API or would lose a part, a parameter has no
                value, or ``limit`` is less than 1.
            TypeError: the path is no text, or the parameters are no mapping.

        Examples:
            >>> smiths = myid.search("people", {"name.last": "Smith"})
            >>> everybody = myid.search("people", limit=None)
        """
        with StrippedFrames(keep_users=True):
            return search(self, self.filters, self.in_order, path, params, limit=limit, check=check)

    @overload
    def fetch(  # type: ignore[overload-overlap] # a text is also an iterable of texts; this comes first
        self, paths: str | Mapping[str, Any], *, check: bool = True
    ) -> dict[str, Any] | Rows: ...

    @overload
    def fetch(
        self,
        paths: Iterable[str] | Iterable[Mapping[str, Any]] | Table,
        below: str | None = None,
        *,
        workers: int = 8,
        errors: Literal["raise", "keep"] = "raise",
        into: MutableMapping[str, Any] | None = None,
        carry: Sequence[str] = (),
        check: bool = True,
    ) -> Rows: ...

    def fetch(
        self,
        paths: object,
        below: str | None = None,
        *,
        workers: int = 8,
        errors: str = "raise",
        into: MutableMapping[str, Any] | None = None,
        carry: Sequence[str] = (),
        check: bool = True,
    ) -> dict[str, Any] | Rows:
        """Return what is at a path, or at many paths, asked for at once.

        One path gives its record as a dict, or the rows of a collection. Many paths give rows: a
        record is one row, a collection all of its rows. The column ``@path`` says which path a row
        belongs to. The rows have the order of the paths. Each path is asked for once, however often
        it is listed.

        While it runs, one line shows the progress. When the session expires, the sign-in link
        appears below that line, and the run continues after the sign-in. If another person signs
        in, the run ends, because two people may see different rows. When MyID stops answering, one
        call tries on while the others wait; a minute without an answer ends the run.

        When the rows may not be all there are, a line says so; ``Rows.complete`` is then not True.

        Args:
            paths: one path, or any iterable of paths. Rows, or a table of pandas, Polars or Arrow,
                are the paths in its column ``href``; a row is one path.
            below: the name of the collection below each row's path, such as ``"devices"``.
            workers: how many calls are sent at once, 1 to 64.
            errors: ``"raise"`` raises ``SomeFailed`` after the run if any call failed; ``"keep"``
                returns a row with ``@path`` and ``@error`` for it.
            into: a dict (or another mutable mapping) that takes each response, by path, as it
                comes. What is in it is not asked for again. So after an interrupt, or an error,
                running the same call again continues the run. Its key ``@run`` says who read,
                since when, and what is doubtful.
            carry: columns of the rows or of the table that each new row gets, as ``@logonName``.
            check: whether to check parameters in the paths, as ``search`` does.

        Raises:
            SomeFailed: calls failed, or the run could not be finished.
            MyIDAPIError: the one path failed.
            SearchStopped: the one path is a collection, and only a part of it could be read.
            FilterIgnored: MyID ignores a parameter in a path.
            FetchInterrupted: the user interrupted the kernel; a ``KeyboardInterrupt``.
            NotSignedIn: there is no token.
            ValueError: a path leads out of the API or would lose a part, a parameter has no value,
                or an argument is not one of those above.
            TypeError: a path is no text, or there is nothing to carry from.
            KeyError: there is no such column.

        Examples:
            >>> smiths = myid.search("people", {"name.last": "Smith"})
            >>> records = myid.fetch(smiths)
            >>> kept = {}
            >>> devices = myid.fetch(smiths, "devices", carry=["logonName"], into=kept)
        """
        with StrippedFrames(keep_users=True):
            keys: Any = getattr(paths, "keys", None)
            if callable(keys) and not hasattr(paths, "columns") and "href" in keys():
                paths = dict(paths)  # type: ignore[call-overload] # a row of a pandas table, too
            for_many = below is not None or carry or into is not None or errors != "raise"
            if isinstance(paths, Mapping) and not for_many and "href" in paths:
                paths = paths["href"]
            if not isinstance(paths, str):
                wanted = wanted_paths(paths, below, carry)
                return fetch_many(
                    self,
                    self.filters,
                    wanted,
                    workers=workers,
                    errors=errors,
                    into=into,
                    check=check,
                )
            if below is not None:
                form = f"{paths.rstrip('/')}/{below}"
                raise TypeError(f"For the collection below one path, use myid.fetch({form!r}).")
            if carry:
                raise TypeError("carry takes columns of rows or of a table, not of one path.")
            if for_many:
                raise TypeError(f"into and errors are for many paths: myid.fetch([{paths!r}], …).")
            check_path(self, self.filters, paths)
            reading = Reading(self, paths, paths)
            return read_whole(self, reading, {}, self.filters, self.in_order, check=check)

    def receive(self, response: requests.Response, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' hook signature
        """Let a response of the API raise errors with MyID's own words."""
        received = super().receive(response, **options)
        self._adopt(received, getattr(received.request, "url", None))
        return received

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - requests' own signature
        """Send a prepared request as ``BearerSession`` does.

        Raises:
            ReadOnlySession: the session is read-only, and the request may change something.
            NotSignedIn: there is no token.
            SessionExpired: the token has expired.
            requests.RequestException: as ``BearerSession`` raises it.
        """
        if self.bearer.covers(request.url):
            self._warn_before_the_end()
        response = super().send(request, **kwargs)
        self._adopt(response, request.url)  # a hook may have put another one in its place
        return response

    def _adopt(self, response: requests.Response, url: str | None) -> None:
        if self.bearer.covers(response.url or url):
            adopt(response, self)

    def _warn_before_the_end(self) -> None:
        """Say once for each token that it expires soon, unless it is renewed."""
        token = self._to_warn_of
        left = None if token is None else self.bearer.left_of(token)
        if left is None or left > WARN_WITHIN:
            return
        # Output of other threads appears below any cell; myid.fetch, which uses them, signs in
        # again by itself.
        if threading.current_thread() is not threading.main_thread():
            return
        if token is self.bearer.token and self.bearer.usable and not self.bearer.renews:
            self._to_warn_of = None
            self.tell(words.ends_line(self, left))

    if not TYPE_CHECKING:  # it would believe that there is any name

        def __getattr__(self, name: str) -> None:
            meant = None if name.startswith("_") else closest(name, dir(type(self)))
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise NotOfSession(f"The session has no {name!r}.{hint}")

    def __repr__(self) -> str:
        return words.representation(self, self.pending)

    def _repr_html_(self) -> str:
        return words.card(self, self.pending)
