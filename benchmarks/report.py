"""docs/performance.md and its pictures, made from the figures that are kept."""

from __future__ import annotations

import os
import platform
import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

mpl.use("agg")
from harness import ROOT, Table, described, number
from matplotlib import pyplot as plt
from matplotlib.ticker import NullFormatter
from peers import DISTRIBUTIONS, version

import myid_notebook

DOCUMENT = ROOT / "docs" / "performance.md"
IMAGES = ROOT / "docs" / "images"
OURS, THEIRS = "#3f51b5", "#757575"
OUR_NAMES = ("myid", "MyID", "Rows.to_pandas", "pending", "CA bundle", "store", "still in")
"""What the names of contenders of ours have in them."""

WIDTH = 120
LOGARITHMIC = 15
"""How many times the smallest figure the largest is at least on a logarithmic scale."""

INTRODUCTION = """\
# Performance

Written by `scripts/bench`, which installs the current releases of the peers in an environment of
its own and measures everything on one machine; see [the benchmarks](../benchmarks/README.md). In
each repetition every contender does the same work in turn, so that a busy moment hits each of them
alike.

- A figure is the median; half of the repetitions are between the two figures in brackets.
- A ratio is not the ratio of two medians. It is taken in each repetition, and what is shown is the
  median of those ratios, in the same way. Ratios hold from machine to machine, milliseconds do not.
- Below a table is what is aimed at, and whether this run reached it.
- A peer that cannot do the work has the reason in its row.
"""


def write_report(rows: dict[str, dict[str, Any]], titles: dict[str, str]) -> None:
    """Write the document and its pictures.

    Args:
        rows: name to what is kept of it, in the order of the document.
        titles: name to the title of its section.
    """
    parts = [INTRODUCTION, _surroundings(), _reached(rows, titles)]
    for name, title in titles.items():
        parts += [f"## {title}", described(name)]
        if name not in rows:
            parts.append("Not measured yet.")
            continue
        row = rows[name]
        if not row["is_of_this_source"]:
            parts.append("Measured before the latest change to the package.")
        if not row["digest"]:
            parts.append("Not complete: it was ended before it was done.")
        for index, table in enumerate(row["tables"]):
            picture = draw(f"performance-{name}-{index + 1}", table)
            parts += [*picture, "\n".join(_wrapped(table.lines()))]
    DOCUMENT.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")


def _reached(rows: dict[str, dict[str, Any]], titles: dict[str, str]) -> str:
    """Return how many targets were reached, and in which sections one was missed."""
    met = {
        name: [each.met for table in row["tables"] for each in table.reaches]
        for name, row in rows.items()
    }
    count, total = sum(map(sum, met.values())), sum(map(len, met.values()))
    missed = [f'"{titles[name]}"' for name in titles if not all(met.get(name, ()))]
    where = (
        f" Missed are some of {', '.join(missed)}; each says what the time is for."
        if missed
        else ""
    )
    return textwrap.fill(f"Of {total} targets, {count} are reached.{where}", WIDTH)


def _surroundings() -> str:
    names = ("requests", "urllib3", "ipykernel", "ipywidgets", "jupyter_server", *DISTRIBUTIONS)
    found = [(name, version(name)) for name in dict.fromkeys(names)]
    versions = ", ".join(f"{name} {each or '(not installed)'}" for name, each in found)
    text = (
        f"Machine: {os.cpu_count()} cores, {_processor()}, {platform.system()}, Python "
        f"{platform.python_version()}; {datetime.now(UTC):%d %B %Y}. "
        f"myid_notebook {myid_notebook.__version__}. Versions: {versions}."
    )
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return " ".join(found[1].split()) if found else platform.machine()


def _wrapped(lines: Any) -> list[str]:  # noqa: ANN401 - an iterator of text
    kept: list[str] = []
    for line in lines:
        wide = not line.startswith("|") and len(line) > WIDTH
        kept += textwrap.wrap(line, WIDTH, subsequent_indent="  ") if wide else [line]
    return kept


def draw(name: str, table: Table) -> list[str]:
    """Draw a table, and return the line that shows the picture; nothing for two rows, or zeros.

    Args:
        name: of the file.
        table: with its samples.
    """
    names = [*table.samples][::-1]
    if len(names) < 3 or not any(map(any, table.samples.values())):  # noqa: PLR2004 - two rows
        return []
    figure, axes = plt.subplots(figsize=(8, 0.7 + 0.34 * len(names)), layout="constrained")
    (_draw_stages if table.stages else _draw_dots)(axes, table, names)
    axes.set_yticks(range(len(names)), [each.replace("`", "") for each in names])
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlabel(table.unit)
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right", "left"]].set_visible(False)
    IMAGES.mkdir(exist_ok=True)
    figure.savefig(IMAGES / f"{name}.png", dpi=100, metadata={"Software": None})
    plt.close(figure)
    drawn = "one stage after the other" if table.stages else "each dot is a repetition"
    return [f"![{table.title.replace('`', '')}: {drawn}](images/{name}.png)"]


def _draw_dots(axes: Any, table: Table, names: list[str]) -> None:  # noqa: ANN401 - matplotlib's
    for place, each in enumerate(names):
        row = table.samples[each]
        colour, middle = _colour(each), median(row)
        axes.plot(row, [place] * len(row), "o", color=colour, alpha=0.3, markersize=4)
        axes.plot([middle], [place], "|", color=colour, markersize=16, markeredgewidth=2.5)
        _label(axes, place, middle)
    every = [value for row in table.samples.values() for value in row]
    if max(every) > LOGARITHMIC * min(every) > 0:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: number(value))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_xlim(left=min(0, *every))


def _draw_stages(axes: Any, table: Table, names: list[str]) -> None:  # noqa: ANN401 - the same
    begin = 0.0
    for each in table.samples:
        middle, place = median(table.samples[each]), names.index(each)
        is_stage = each in table.stages
        left = begin if is_stage else 0
        axes.barh(place, middle, left=left, height=0.55, color=OURS if is_stage else THEIRS)
        begin += middle if is_stage else 0
        _label(axes, place, middle)


def _label(axes: Any, place: int, value: float) -> None:  # noqa: ANN401 - the same
    at = (1.01, place)
    axes.annotate(number(value), at, xycoords=("axes fraction", "data"), va="center")


def _colour(name: str) -> str:
    return OURS if any(each in name for each in OUR_NAMES) else THEIRS
