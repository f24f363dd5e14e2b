"""What the benchmarks share: contenders in turn, medians with quartiles, ratios pair by pair."""

from __future__ import annotations

import argparse
import ast
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import certifi
from support.servers.tls import CompanyCA

HERE = Path(__file__).parent
ROOT = HERE.parent

TIMES = "times"
"""The unit of a ratio."""

Contenders = Mapping[str, Callable[[], float]]
"""Name to what does the work once and returns what it took."""


class CannotDo(Exception):
    """A peer cannot do this work; the message says why, in a few words."""


@dataclass
class Reach:
    """A target, and what this run measured.

    Args:
        text: the target.
        values: one for each repetition.
        limit: the most that their median may be.
        unit: of both.
    """

    text: str
    values: list[float]
    limit: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the median is within the limit, to the two digits that are printed."""
        return round(median(self.values), 2) <= self.limit

    def __str__(self) -> str:
        """Return target, figures and verdict on one line."""
        measured = f"{spread(self.values)} {self.unit}".rstrip()
        return f"{self.text}: {measured}, {'reached' if self.met else 'missed'}"


@dataclass
class Table:
    """What contenders took for the same work, measured in turn.

    Args:
        title: what was measured.
        unit: of the samples.
        samples: contender to its figures, one for each repetition; the same number for all.
        base: the contender that the others are divided by.
        ours: the one that peers are divided by; empty where that says nothing.
        absent: contender to why it cannot do this work.
        reaches: targets.
        stages: contenders that follow one another, for a timeline.
    """

    title: str
    unit: str
    samples: dict[str, list[float]]
    base: str
    ours: str = ""
    absent: dict[str, str] = field(default_factory=dict)
    reaches: list[Reach] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)

    def ratios(self, name: str, to: str) -> list[float]:
        """Return a contender divided by another, repetition by repetition."""
        pairs = zip(self.samples[name], self.samples[to], strict=True)
        return [one / other if other else float("nan") for one, other in pairs]

    def reach(self, text: str, name: str, limit: float, to: str = "") -> None:
        """Add the target that a contender takes at most ``limit``, or that part of another.

        Args:
            text: the target.
            name: the contender.
            limit: the most it may be.
            to: the other contender; empty to judge the figures themselves.
        """
        values, unit = (self.ratios(name, to), TIMES) if to else (self.samples[name], self.unit)
        self.reaches.append(Reach(text, values, limit, unit))

    def ahead(self, name: str, peers: Iterable[str]) -> None:
        """Add the target that a contender takes less than each of its peers."""
        for peer in peers:
            if peer in self.samples:
                self.reach(f"{name} beside {peer}: less than 1", name, 1, peer)

    def lines(self) -> Iterator[str]:
        """Yield the table as Markdown, then its targets."""
        beside = [name for name in dict.fromkeys((self.base, self.ours)) if name]
        yield _cells([self.title, self.unit, *(f"÷ {name}" for name in beside)])
        yield _cells(["---"] * (2 + len(beside)))
        for name, row in self.samples.items():
            ratios = ["1" if to == name else spread(self.ratios(name, to)) for to in beside]
            yield _cells([name, spread(row), *ratios])
        for name, why in self.absent.items():
            yield _cells([name, why, *("" for _ in beside)])
        if self.reaches:
            yield ""
            yield from (f"- {reach}" for reach in self.reaches)


def _cells(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def spread(row: Sequence[float]) -> str:
    """Return the median, with the quartiles between which half of the figures are."""
    if len(row) == 1:
        return number(row[0])
    lower, middle, upper = quantiles(row, n=4, method="inclusive")
    return f"{number(middle)} ({number(lower)} to {number(upper)})"


def number(value: float) -> str:
    """Return a figure with three digits that count."""
    if abs(value) >= 100:  # noqa: PLR2004 - three digits
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004 - the same


@dataclass
class Bench:
    """One run of a benchmark.

    Args:
        smoke: whether it is only to be seen that everything works.
    """

    smoke: bool = False

    def count(self, usual: int, smoke: int = 1) -> int:
        """Return how often something is done; less where it is only to be seen that it works."""
        return smoke if self.smoke else usual

    def interleaved(
        self,
        contenders: Contenders,
        repetitions: int,
        *,
        peers: Collection[str] = (),
        seconds: float = 60,
        warm_up: int = 1,
    ) -> tuple[dict[str, list[float]], dict[str, str]]:
        """Let every contender do its work in each repetition; return samples, and who cannot.

        The order is another one in each repetition, the same in each run: a busy moment hits each
        of them alike, and none always follows the one that leaves most behind.

        Args:
            contenders: take turns.
            repetitions: how many are wanted.
            peers: those of them that may be unable to do it.
            seconds: after which no further repetition begins, but after the third.
            warm_up: runs of each before, which are not counted.
        """
        samples: dict[str, list[float]] = {name: [] for name in contenders}
        absent: dict[str, str] = {}

        def take_turns(turn: int) -> Iterator[tuple[str, float]]:
            names = [name for name in contenders if name not in absent]
            for name in random.Random(turn).sample(names, len(names)):  # noqa: S311 - no secret
                try:
                    yield name, contenders[name]()
                except CannotDo as reason:
                    if name not in peers:
                        raise
                    absent[name] = str(reason)

        for turn in range(0 if self.smoke else warm_up):
            list(take_turns(turn))
        end = time.monotonic() + seconds
        for turn in range(self.count(repetitions)):
            if turn >= 3 and time.monotonic() > end:  # noqa: PLR2004 - a median of three is one
                break
            for name, took in take_turns(turn):
                samples[name].append(took)
        return {name: samples[name] for name in contenders if name not in absent}, absent


def run(measure: Callable[[Bench], Iterable[Table]]) -> None:
    """Run a benchmark as a program, print its tables, and keep them if it is told where.

    Args:
        measure: yields one table after the other.
    """
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--smoke", action="store_true", help="do everything once, to see it work")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    tables: list[Table] = []
    for table in measure(Bench(options.smoke)):
        print("", *table.lines(), sep="\n", flush=True)
        tables.append(table)
        if options.json is not None:  # after each, because a time limit may end this
            kept = json.dumps([asdict(each) for each in tables])
            options.json.write_text(kept, encoding="utf-8")


def read_tables(found: list[dict[str, Any]]) -> list[Table]:
    """Return the tables that a benchmark has kept.

    Args:
        found: as in its file.
    """
    return [
        Table(**{**each, "reaches": [Reach(**reach) for reach in each["reaches"]]})
        for each in found
    ]


def described(name: str) -> str:
    """Return the docstring of a row's program as Markdown."""
    source = (HERE / f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").replace("``", "`")


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long something takes once."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def in_process(
    program: str, *arguments: str, environ: Mapping[str, str], cwd: str | Path | None = None
) -> float:
    """Return the number that a program prints last, in a process of its own.

    Raises:
        CannotDo: what it needs is not installed, or it failed.
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        env={**environ},
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CannotDo("not installed" if last.startswith("ModuleNotFound") else f"fails: {last}")
    return float(done.stdout.split()[-1])


def company_bundle(folder: Path) -> tuple[str, str]:
    """Make a CA; return a bundle as companies have it, and the file of a server's certificate.

    Args:
        folder: where to.
    """
    company = CompanyCA.create(folder)
    bundle = folder / "bundle.pem"
    bundle.write_text(certifi.contents() + company.bundle.read_text(), encoding="utf-8")
    return str(bundle), str(company.server)


@contextmanager
def tiny_server(body: str = '{"results": []}', delay: float = 0) -> Iterator[str]:
    """Run a server that costs next to nothing; yield its address, without a slash at the end.

    Args:
        body: of every response; ``{server}`` in it stands for the address.
        delay: seconds before each response.
    """
    program = [sys.executable, str(HERE / "tiny_server.py"), str(delay), body]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
