"""Read many paths at once, through interrupts, failures and the end of a session."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlsplit

from myid_notebook.errors import MyIDError, WithUsersLine
from myid_notebook.explore.api_error import counted, kind_of
from myid_notebook.explore.calls import Calls
from myid_notebook.explore.filters import FilterCheck, is_missing, split_path, whole_number
from myid_notebook.explore.get import Answer, url_within_api
from myid_notebook.explore.pages import Reading
from myid_notebook.explore.progress import Progress, in_words
from myid_notebook.explore.rows import Rows, rows_of
from myid_notebook.explore.search import tell_doubt
from myid_notebook.front_end import runs_in_cell
from myid_notebook.session.session import BearerSession
from myid_notebook.session.words import with_force

MAX_WORKERS = 64
"""Calls at once."""

SAME_FAILURES = 20
"""When the first calls fail alike, and none succeeds, so many end the run."""

RUN = "@run"
"""The key of ``into`` that says who filled it, when, and what is doubtful of it."""

_WITH_INTO = "With into=kept, a dict made in another cell, the same call continues where it ended."

Body = dict[str, Any] | list[dict[str, Any]]
"""What is kept of a path: a record, or all rows of a collection."""

Carried = Mapping[str, Any]


class SomeFailed(WithUsersLine, MyIDError):
    """Some calls of ``myid.fetch`` failed, or the run ended before all were made.

    Attributes:
        rows: what was fetched, a ``Rows``.
        failed: path to the exception of each call that failed.
    """

    def __init__(self, message: str, *, rows: Rows, failed: Mapping[str, Exception]) -> None:
        super().__init__(message)
        self.rows = rows
        self.failed = dict(failed)


class FetchInterrupted(WithUsersLine, KeyboardInterrupt):
    """The user interrupted ``myid.fetch``; a ``KeyboardInterrupt``, like every interrupt.

    Attributes:
        rows: what was fetched, a ``Rows``.
    """

    def __init__(self, message: str, *, rows: Rows) -> None:
        super().__init__(message)
        self.rows = rows


def fetch_many(
    session: BearerSession,
    filters: FilterCheck,
    wanted: Sequence[tuple[str, Carried]],
    *,
    workers: int,
    errors: str,
    into: MutableMapping[str, Any] | None,
    check: bool,
) -> Rows:
    """Return the rows of many paths; see ``MyIDSession.fetch``.

    Args:
        wanted: each path, with the columns that its rows are to have besides.
    """
    for path in dict.fromkeys(path for path, _ in wanted):
        check_path(session, filters, path)
    number = whole_number(workers)
    if number is None or not 1 <= number <= MAX_WORKERS:
        raise ValueError(f"workers is {workers!r}; it must be from 1 to {MAX_WORKERS}.")
    if errors not in {"raise", "keep"}:
        raise ValueError(f"errors is {errors!r}; it must be 'raise' or 'keep'.")
    if into is not None and not isinstance(into, MutableMapping):
        raise TypeError(
            f"into must be a dict or another mutable mapping, not {type(into).__name__}."
        )
    run = _Run(session, wanted, into)
    reason = run.finish(number, partial(filters.look, session, on=check))
    keep = errors == "keep"
    rows = run.rows(with_errors=keep and not reason)
    if reason or (run.failed and not keep):
        raise SomeFailed(run.what_failed(reason), rows=rows, failed=run.failed)
    tell_doubt(rows)
    return rows


def check_path(session: BearerSession, filters: FilterCheck, path: str) -> None:
    """Refuse a path that leads out of the API, or that would ask for something else.

    Raises:
        ValueError: it does.
    """
    url_within_api(session, path)
    if path not in filters.given:
        parts = [unquote(p) for p in urlsplit(split_path(path, whole=True)[0]).path.split("/")]
        above = parts[1:] if parts[0] == "" else parts
        # people/1/ is a record, but people/ would be everybody.
        if any(map(is_missing, above[:-1] if above[2:] else above)):
            raise ValueError(
                f"{path!r} has an empty part. If an id belongs there, it has no value; if not, "
                "leave out the '/'."
            )


def wanted_paths(
    source: object, below: str | None, carry: Sequence[str]
) -> list[tuple[str, Carried]]:
    """Return the paths that a user gave, each with what its rows carry along.

    Args:
        source: texts, rows with ``href``, or a table with such a column.
        below: the collection below each path; None for the path itself.
        carry: columns whose values the rows get, as ``@name``.

    Raises:
        TypeError: something is no path, or has no columns to carry.
        ValueError: a row has no ``href``, or the name of a column is taken.
        KeyError: there is no such column.
    """
    if isinstance(carry, str) or not all(isinstance(name, str) for name in carry):
        raise TypeError("carry must be a list of names of columns, such as ['logonName'].")
    names = [name if name.startswith("@") else f"@{name}" for name in carry]
    if taken := {"@path", "@error"} & {*names}:
        raise ValueError(f"carry cannot take {', '.join(taken)}: fetch has columns of that name.")
    is_table = hasattr(source, "columns") or hasattr(source, "column_names")
    if isinstance(source, Iterable) and not is_table and not isinstance(source, Mapping | list):
        source = [*source]
    columns = _columns(source, ["href", *carry])
    if columns is None:
        if carry:
            raise TypeError("carry takes columns of rows or of a table, not of plain paths.")
        paths: Iterable[object] = source  # type: ignore[assignment] # not iterable: TypeError
    else:
        paths = columns["href"]
    carried = [columns[name] for name in carry] if columns else []
    wanted: list[tuple[str, Carried]] = []
    for number, path in enumerate(paths):
        if not isinstance(path, str) or is_missing(path):
            what = "is missing" if is_missing(path) else f"must be text, not {type(path).__name__}"
            raise TypeError(f"Path {number} {what}.")
        values = {name: column[number] for name, column in zip(names, carried, strict=True)}
        wanted.append((str(path) if below is None else _below(path, below), values))
    return wanted


def _below(path: str, below: str) -> str:
    if "?" in path or "#" in path:
        raise ValueError(f"{path!r} has parameters, so nothing is below it.")
    return f"{path.rstrip('/')}/{below.strip('/')}"


def _columns(source: object, names: Iterable[str]) -> dict[str, list[Any]] | None:
    """Return columns of rows or of a table; None if the source is neither."""
    if isinstance(source, Mapping):
        source = [source]
    if isinstance(source, list) and any(isinstance(each, Mapping) for each in source):
        source = Rows(source)
    if isinstance(source, Rows):
        return {name: source[name] for name in names}
    known: Any = getattr(source, "column_names", getattr(source, "columns", None))
    if known is None:
        return None
    for name in names:
        if (count := [*known].count(name)) != 1:
            many = f"{count} columns" if count else "no column"
            raise KeyError(f"The table has {many} {name!r}; it has {', '.join(map(str, known))}.")
    table: Any = source
    return {name: [_plain(value) for value in _listed(table[name])] for name in names}


def _listed(column: Any) -> list[Any]:  # noqa: ANN401 - of pandas, Polars or Arrow
    return [*(column.to_pylist() if hasattr(column, "to_pylist") else column)]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a value of any table
    if isinstance(value, str):
        return value
    if is_missing(value):
        return None
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if hasattr(value, "dtype") and hasattr(value, "item") else value


class _Run:
    """The state of one run: what was kept, what failed, what is left."""

    def __init__(
        self,
        session: BearerSession,
        wanted: Sequence[tuple[str, Carried]],
        into: MutableMapping[str, Any] | None,
    ) -> None:
        self._session = session
        self._wanted = wanted
        self._into = into
        self._kept: MutableMapping[str, Any] = {} if into is None else into
        self._distinct = dict.fromkeys(path for path, _ in wanted)
        self._todo = [path for path in self._distinct if path not in self._kept]
        self._before = len(self._distinct) - len(self._todo)
        self._fetched = 0
        self._progress = Progress()
        self._calls: Calls | None = None
        self._begun = datetime.now(UTC)
        self._record = self._record_of(self._kept.get(RUN))
        self.failed: dict[str, Exception] = {}

    def _record_of(self, known: Any) -> dict[str, Any] | None:  # noqa: ANN401 - of the user's mapping
        """Return who reads, since when, and what is doubtful; None if nobody knows of all."""
        if len(self._kept) > (RUN in self._kept):
            return {**known, "doubt": {**known["doubt"]}} if _is_record(known) else None
        operator = self._session.operator
        return {
            "api": self._session.api_url,
            "id": None if operator is None else operator.id,
            "name": None if operator is None else str(operator),
            "from": self._begun.isoformat(timespec="seconds"),
            "doubt": {},
        }

    def finish(self, workers: int, check: Callable[[Reading, Answer], None]) -> str:
        """Make every call; return why the run ended before, or nothing.

        Raises:
            FetchInterrupted: the user interrupted the kernel, in a cell.
            SomeFailed: the user interrupted it, not in a cell.
            NotSignedIn: there is no token.
            FilterIgnored: MyID ignores a parameter of a path.
        """
        reason = self._why_not_theirs() or self._keep_record()
        if reason or not self._todo:
            return reason
        calls = self._calls = Calls(
            self._session,
            (Reading(self._session, path, path) for path in self._todo),
            take=self._take,
            line=self._line,
            progress=self._progress,
            operator=self._session.operator,
            check=check,
        )
        end = calls.run(min(workers, len(self._todo)))
        self._keep_record()
        if end.interrupted:
            self._progress.end(f"{self._done:,} of {len(self._distinct):,}, interrupted")
            how, rows = self._how_to_continue(), self.rows(with_errors=False)
            if not runs_in_cell():  # a KeyboardInterrupt in a callback would end the kernel
                raise SomeFailed(how, rows=rows, failed=self.failed)
            raise FetchInterrupted(how, rows=rows)
        self._progress.end(self._last_line(end.reason))
        if end.error is not None and not end.reason:
            raise end.error
        return " ".join(filter(None, [end.reason, str(end.error or "")]))

    def _why_not_theirs(self) -> str:
        record, operator = self._record, self._session.operator
        if record is None:
            return ""
        if record["api"] != self._session.api_url:
            return f"What into holds was read from {record['api']}. Use another mapping."
        if operator is not None and record["id"] not in {operator.id, None}:
            before = record["name"]
            return (
                f"{operator} is signed in, but {before} read what into holds, and the two may see "
                f"different rows. Use another mapping, or let {before} sign in "
                f"({with_force(self._session.bearer.command)})."
            )
        return ""

    def rows(self, *, with_errors: bool) -> Rows:
        """Return what was fetched, in the order of the paths.

        Args:
            with_errors: whether a path that failed is a row, too.
        """
        rows: list[dict[str, Any]] = []
        forgotten: dict[str, None] = {}
        for path, carried in self._wanted:
            if (found := self._found(path)) is not None:
                rows += [{**row, **carried, "@path": path} for row in found]
            elif path in self.failed:
                if with_errors:
                    rows.append({**carried, "@path": path, "@error": str(self.failed[path])})
            elif self._done == len(self._distinct):
                forgotten[path] = None
        complete, reason = self._doubt(forgotten)
        count = len(self._distinct)
        carried_names = dict.fromkeys(chain(*(carried for _, carried in self._wanted)))
        # In any case, so that a table has them on a day on which nothing is found or fails, too.
        columns = (*carried_names, "@path", *(["@error"] if with_errors else []))
        record = self._record
        before = "1 path" if self._before == 1 else f"{self._before:,} paths"
        kept = self._before and (
            f"{before} kept from {_in_words(record['from'])}"
            if record
            else f"{before} read by somebody, some time"
        )
        return rows_of(
            self._session,
            rows,
            next(iter(self._distinct), "") if count == 1 else f"{count:,} paths",
            {},
            operator=record["name"] if record else None,
            complete=complete,
            reason=reason,
            kept=kept or "",
            read_from=datetime.fromisoformat(record["from"]) if record else self._begun,
            columns=columns,
        )

    def _found(self, path: str) -> list[dict[str, Any]] | None:
        """Return the rows of a path; None if into has none, or something else in their place."""
        body: Any = self._kept.get(path)
        found = body if isinstance(body, list) else [body]
        return found if all(isinstance(row, dict) for row in found) else None

    def _doubt(self, forgotten: Collection[str]) -> tuple[bool | None, str]:
        if forgotten:
            return False, f"into has forgotten {len(forgotten):,} of {len(self._distinct):,} paths"
        if self._done < len(self._distinct):
            return False, f"{self._done:,} of {len(self._distinct):,} paths were read"
        if self._record is None:
            return None, "nobody knows how the kept ones were read"
        known = self._record["doubt"]
        doubts = {p: known[p] for p in self._distinct if p in known and known[p][0] is not True}
        if not doubts:
            return True, ""
        complete = False if any(each is False for each, _ in doubts.values()) else None
        path, (_, reason) = next(iter(doubts.items()))
        of = "" if len(self._distinct) == 1 else f"{len(doubts):,} of them, the first {path}: "
        return complete, f"{of}{reason}"

    def what_failed(self, reason: str) -> str:
        """Return the message of ``SomeFailed``, the cause first."""
        total, failed = len(self._distinct), len(self.failed)
        left = total - self._done - failed
        first = next((str(self.failed[path]) for path in self._distinct if path in self.failed), "")
        rest = f" ({left:,} of {total:,} are left)." if left else ""
        parts = [(reason or first).removesuffix("." if rest else "") + rest]
        if failed:
            parts.append(f"{failed:,} of {total:,} failed: {counted(self.failed.values())}.")
        if failed and reason:
            parts.append(f"The first: {first}")
        parts.append("The error has .rows (what was fetched) and .failed (by path).")
        if self._into is None and self._fetched:
            parts.append(_WITH_INTO)
        return " ".join(parts)

    @property
    def _done(self) -> int:
        return self._before + self._fetched

    def _take(self, reading: Reading) -> str:
        path = reading.path
        if reading.error is not None:
            self.failed[path] = reading.error
            return self._fails_alike()
        reasons, doubts = [], {} if self._record is None else self._record["doubt"]
        if reading.complete is not True or path in doubts:
            doubts[path] = [reading.complete, reading.reason]
            reasons.append(self._keep_record())
        body = reading.rows if reading.record is None else reading.record
        reasons.append(self._keep(path, body))
        self._fetched += 1
        return next(filter(None, reasons), "")

    def _keep_record(self) -> str:
        """Write who reads and what is doubtful, with the doubts of a run beside this one."""
        if self._record is None:
            return ""
        other: Any = self._kept.get(RUN)
        if _is_record(other):
            self._record["doubt"] = {**other["doubt"], **self._record["doubt"]}
        return self._keep(RUN, self._record)

    def _keep(self, key: str, value: Body) -> str:
        """Write into the user's mapping; return why the run must end, if that fails."""
        try:
            self._kept[key] = value
        except Exception as error:  # noqa: BLE001 - the user's mapping, such as a full shelf
            self._kept = ChainMap({key: value}, self._kept)
            return f"into does not take a response ({type(error).__name__}: {error})."
        return ""

    def _fails_alike(self) -> str:
        if self._fetched or len(self.failed) < SAME_FAILURES or len(self.failed) == len(self._todo):
            return ""
        if len({kind_of(error) for error in self.failed.values()}) > 1:
            return ""
        return f"The first {len(self.failed)} calls failed in the same way."

    def _line(self) -> str:
        done, called = self._done + len(self.failed), self._fetched + len(self.failed)
        line = f"{done:,} of {len(self._distinct):,}"
        waited = self._calls.waited if self._calls else 0.0
        left = len(self._todo) - called
        seconds = (self._progress.seconds - waited) / max(called, 1) * left
        if called and seconds >= 1:
            line += f", about {in_words(seconds)} left"
        return line + (f", {len(self.failed):,} failed" if self.failed else "")

    def _last_line(self, reason: str) -> str:
        if reason:
            return f"{self._done:,} of {len(self._distinct):,}, not finished"
        failed = f", {len(self.failed):,} failed" if self.failed else ""
        return f"{len(self._distinct):,} in {self._progress.elapsed}{failed}"

    def _how_to_continue(self) -> str:
        line = f"{self._done:,} of {len(self._distinct):,} are fetched; the error has .rows."
        if self._into is not None:
            return f"{line} The same call continues where it ended."
        return f"{line} {_WITH_INTO}"


def _is_record(known: Any) -> bool:  # noqa: ANN401 - of the user's mapping
    """Return whether a value of ``@run`` is as ``fetch`` writes it; JSON makes lists of tuples."""
    kinds = {"api": str, "id": str | None, "name": str | None, "from": str, "doubt": dict}
    if not isinstance(known, dict) or not all(
        isinstance(known.get(name, 0), kind) for name, kind in kinds.items()
    ):
        return False
    try:
        has_zone = datetime.fromisoformat(known["from"]).tzinfo is not None
        alike = all(isinstance(reason, str) for _, reason in known["doubt"].values())
    except (TypeError, ValueError):
        return False
    return has_zone and alike


def _in_words(moment: str) -> str:
    read = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{read.day} {read:%b %Y %H:%M} UTC"
