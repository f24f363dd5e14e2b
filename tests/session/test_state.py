"""How durations and moments are told."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest

from myid_notebook.session.state import clock_time, in_minutes, local_time


@pytest.mark.parametrize(
    ("seconds", "words", "more"),
    [
        (0, "less than a minute", "less than one more minute"),
        (59.9, "less than a minute", "less than one more minute"),
        (60, "1 minute", "1 more minute"),
        (3599.4, "60 minutes", "60 more minutes"),
        (7200, "120 minutes", "120 more minutes"),
        (7260, "2 h 1 min", "2 h 1 min more"),
        (34200, "9 h 30 min", "9 h 30 min more"),
        (36000, "10 h", "10 h more"),
    ],
)
def test_duration(seconds: float, words: str, more: str) -> None:
    """In minutes, from two hours on in hours."""
    assert words == in_minutes(seconds)
    assert more == in_minutes(seconds, more=True)


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this process to another time zone."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC0", "UTC"),
        ("EST5", "EST"),
        ("<-03>3", "UTC-03:00"),
        ("<+0545>-5:45", "UTC+05:45"),
    ],
)
def test_zone(in_zone: Callable[[str], None], zone: str, shown: str) -> None:
    """Its abbreviation, or its offset if it has none."""
    in_zone(zone)
    now = local_time(time.time())

    assert now is not None
    assert f"{now:%H:%M} {shown}" == clock_time(now)


@pytest.mark.parametrize("name", ["Eastern Standard Time", "Ostküstenzeit", "", "\x1b[31m"])
def test_long_zone(name: str) -> None:
    """Windows has names of several words; the offset is shorter."""
    zone = timezone(timedelta(hours=-5), name)

    assert clock_time(datetime.now(zone)).endswith(" UTC-05:00")


def test_another_day() -> None:
    """With its date."""
    tomorrow = local_time(time.time() + 86_400)

    assert tomorrow is not None
    assert clock_time(tomorrow).startswith(f"{tomorrow:%Y-%m-%d %H:%M} ")
