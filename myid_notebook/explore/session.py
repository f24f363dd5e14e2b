"""The session that stands in the user's variable: requests, and what explores the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Literal, overload

from myid_notebook.explore.api_session import APISession
from myid_notebook.explore.card import as_html
from myid_notebook.tracebacks import StrippedFrames

if TYPE_CHECKING:
    from myid_notebook.explore.rows import Rows


class MyIDSession(APISession):
    """A ``requests.Session`` signed in to MyID that also searches and makes many calls.

    ``get``, ``post`` and the others are those of ``requests``. ``search`` reads a collection page
    by page; ``fetch`` reads one path, or many at once. Both return ``Rows``, a list of dicts that
    shows itself as a table, and raise ``MyIDAPIError``, which says what MyID said.

    Examples:
        >>> people = myid.search("people", {"name.last": "Sm*"})
        >>> jane = myid.fetch("people/" + myid.operator.id)
        >>> devices = myid.fetch([row["href"] + "/devices" for row in people])

    Its arguments and attributes are those of ``APISession``.
    """

    def search(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        limit: int | None = 1000,
        check: bool = True,
    ) -> Rows:
        """Return the rows of a collection, page after page.

        MyID ignores a parameter it does not know, and then returns everybody. So the first time a
        session uses a parameter on a path, it asks once with that parameter and a value that
        nobody can have.

        When the rows are not all there are, a line says so; ``Rows.complete`` is then not True.

        Args:
            path: of the collection, such as ``"people"``; may have a query.
            params: parameter name to value. A mapping, because names have dots. Dates are sent as
                ISO text. ``*`` is a wildcard in most fields, not in ``q``.
            limit: the most rows to return; None for all.
            check: whether to check the parameters as described.

        Raises:
            FilterIgnored: MyID ignores a parameter.
            MyIDAPIError: MyID refused the search, or did not respond.
            NotSignedIn: there is no token.
            SessionExpired: the token has expired.
            ValueError: the path leads out of the API, or ``limit`` is less than 1.
            TypeError: the path is no text, or the parameters are no mapping.

        Examples:
            >>> smiths = myid.search("people", {"name.last": "Smith"})
            >>> everybody = myid.search("people", limit=None)
        """
        from myid_notebook.explore.search import search  # noqa: PLC0415 - would delay the sign-in link

        with StrippedFrames(keep_users=True):
            return search(self, path, params, limit=limit, check=check)

    @overload
    def fetch(self, paths: str) -> dict[str, Any] | Rows: ...  # type: ignore[overload-overlap] # a text is also an iterable of texts; this one comes first

    @overload
    def fetch(
        self,
        paths: Iterable[str],
        *,
        workers: int = 8,
        errors: Literal["raise", "keep"] = "raise",
        into: MutableMapping[str, Any] | None = None,
    ) -> Rows: ...

    def fetch(
        self,
        paths: str | Iterable[str],
        *,
        workers: int = 8,
        errors: Literal["raise", "keep"] = "raise",
        into: MutableMapping[str, Any] | None = None,
    ) -> dict[str, Any] | Rows:
        """Return what is at a path, or at many paths, asked for at once.

        One path gives its record as a dict, or the rows of a collection. Many paths give rows: a
        record is one row, a collection all of its rows. The column ``@path`` says which path a row
        belongs to. The rows have the order of the paths. Each path is asked for once, however often
        it is listed.

        While it runs, one line shows the progress. When the session expires, the sign-in link
        appears below that line, and the run continues after the sign-in. If another person signs
        in, the run ends, because two people may see different rows.

        Args:
            paths: one path, or any iterable of paths, such as a column of a table.
            workers: how many calls are sent at once, 1 to 64.
            errors: ``"raise"`` raises ``SomeFailed`` after the run if any call failed; ``"keep"``
                returns a row with ``@path`` and ``@error`` for it.
            into: a dict (or another mutable mapping) that takes each response, by path, as it
                comes. What is in it is not asked for again. So after an interrupt, or an error,
                running the same call again continues the run.

        Raises:
            SomeFailed: calls failed, or the run could not be finished.
            MyIDAPIError: the one path failed.
            FetchInterrupted: the user interrupted the kernel; a ``KeyboardInterrupt``.
            NotSignedIn: there is no token.
            ValueError: a path leads out of the API, or an argument is not one of those above.
            TypeError: a path is no text.

        Examples:
            >>> smiths = myid.search("people", {"name.last": "Smith"})
            >>> kept = {}
            >>> records = myid.fetch([row["href"] for row in smiths], into=kept)
        """
        from myid_notebook.explore.fetch import fetch_many, fetch_one  # noqa: PLC0415 - the same

        with StrippedFrames(keep_users=True):
            if isinstance(paths, str):
                return fetch_one(self, paths)
            return fetch_many(self, paths, workers=workers, errors=errors, into=into)

    def _repr_html_(self) -> str:
        return as_html(self)
