"""Figures side by side, as every benchmark here prints them."""

from collections.abc import Mapping, Sequence
from statistics import median


def print_table(title: str, unit: str, samples: Mapping[str, Sequence[float]]) -> None:
    """Print minimum, median and the ratio of medians to the first row.

    Args:
        title: what was measured.
        unit: of the samples.
        samples: row name to what was measured in one run; the first is what others compare to.
    """
    width = max(map(len, samples))
    first = median(next(iter(samples.values())))
    print(f"\n{title}")
    print(f"{'':{width}}  {'min':>9}  {'median':>9}  {'ratio':>6}  ({unit}, n of each row)")
    for name, row in samples.items():
        figures = f"{min(row):9.2f}  {median(row):9.2f}  {median(row) / first:6.2f}"
        print(f"{name:{width}}  {figures}  n={len(row)}")


def print_target(what: str, value: float, limit: float, unit: str) -> None:
    """Print a target and whether this run met it.

    Args:
        what: the quantity.
        value: as measured.
        limit: the most it may be.
        unit: of both.
    """
    verdict = "met" if value <= limit else "MISSED"
    print(f"target: {what}: {value:.2f} {unit}, at most {limit:g} {unit}: {verdict}")
