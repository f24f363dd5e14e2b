"""The sandbox's organisation has, on any day, the data that analysts look for.

Who holds what is tested where it is looked for: tests/notebooks, tests/readme/test_cookbook.py.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.fixed_people import USERNAMES
from myid_notebook.sandbox.population.model import (
    PENDING_REVOCATION,
    REVOKED,
    Certificate,
    CredentialRequest,
    Device,
    Person,
)

DAYS = (date(2026, 11, 25), date(2027, 6, 1))
"""The wave of the second covers August, and its week of failures would begin in December."""


@pytest.fixture(scope="module", params=DAYS, ids=str)
def directory(request: pytest.FixtureRequest) -> Directory:
    """The organisation on one of the days; not to be changed."""
    return Directory(today=request.param)


def people(directory: Directory) -> list[Person]:
    """Return the people who are enabled."""
    return [each for each in directory.people.values() if each.enabled]


def ends(directory: Directory) -> list[datetime]:
    """Return when the devices that people hold end, without the one that never does."""
    moments = [datetime.fromisoformat(each.valid_until) for each in directory.devices.values()]
    return [each for each in moments if each.year < 9999]


def percent(part: int, whole: int) -> float:
    """Return a share."""
    return 100 * part / whole


def between(dates: list[datetime], first: date, last: date) -> int:
    """Return how many of the dates are on one of the days, both included."""
    return sum(first <= each.date() <= last for each in dates)


def test_expiry_wave(directory: Directory) -> None:
    """Over 35 % of the cards in use end in 2 to 4 months; no other two months have a quarter of it.

    They were issued in one quarter, three years before, except the replacements among them.
    """
    dates = ends(directory)
    windows = [
        between(dates, first, first + timedelta(61))
        for first in (directory.today + timedelta(days) for days in range(122, 1_000))
    ]
    wave = (directory.today + timedelta(60), directory.today + timedelta(121))
    issued = [datetime.fromisoformat(each.valid_from) for each in directory.devices.values()]
    quarter = [day.replace(year=day.year - 3) for day in wave]

    assert 35 <= percent(between(dates, *wave), len(dates)) <= 40
    assert percent(max(windows), len(dates)) < 10
    assert 35 <= percent(between(issued, quarter[0], quarter[1]), len(issued)) <= 40


def test_expired_and_active(directory: Directory) -> None:
    """Nearly 2 % of the cards in use have expired."""
    dates = ends(directory)

    expired = between(dates, date.min, directory.today - timedelta(1))

    assert 1.8 < percent(expired, len(dates)) < 2


def test_device_states(directory: Directory) -> None:
    """A device that is held is Active, a cancelled one Erased and nobody's; 2 % are disabled."""
    held, cancelled = directory.devices.values(), directory.cancelled.values()

    assert {each.process_status for each in held} == {"Active"}
    assert {(each.process_status, each.owner_id) for each in cancelled} == {("Erased", "")}
    assert sum(not each.enabled for each in held) == 40
    assert Counter(each.reason for each in directory.requests.values() if each.reason) == {
        "Lost": 20,
        "Stolen": 20,
        "Damaged": 20,
    }
    assert {
        each.status
        for each in directory.certificates.values()
        if each.device_id in directory.cancelled
    } == {REVOKED, PENDING_REVOCATION}


def test_ends_when_the_clocks_change(directory: Directory) -> None:
    """Cards end at a time that does not exist in London, and at one that exists there twice."""
    zone = ZoneInfo("Europe/London")
    missing, twice = [], []
    for moment in {each for each in ends(directory) if each.date() > directory.today}:
        first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            there = first.astimezone(ZoneInfo("UTC")).astimezone(zone)
            (twice if there.replace(tzinfo=None) == moment else missing).append(moment)

    assert missing
    assert twice


@pytest.mark.parametrize(
    "pattern",
    [
        *("É", "Ø", "ß", "ñ", "İ", "[\u0300-\u036f]", "['\u2019]", r"\w-\w", r"\bde la\b"),
        *("[\u4e00-\u9fff]", "[\u0400-\u04ff]", "[\u0370-\u03ff]", "[\u0600-\u06ff]"),
        *("[\uac00-\ud7a3]", "^.{120}$", r'^=HYPERLINK\("http://evil\.example","x"\)', "^<b>O</b>"),
    ],
)
def test_names(directory: Directory, pattern: str) -> None:
    """Names have what programs get wrong; the longest has 120 characters."""
    assert [each for each in people(directory) if re.search(pattern, each.full_name)]


def test_names_are_what_they_seem(directory: Directory) -> None:
    """Some are decomposed, some people have one name only, and 260 have the same surname."""
    names = [(each.first_name, each.last_name) for each in people(directory)]
    every = [(each.first_name, each.last_name) for each in directory.people.values()]

    assert any(unicodedata.normalize("NFC", name) != name for pair in names for name in pair)
    assert any(first and not last for first, last in names)
    assert any(last and not first for first, last in names if not last.startswith("Service"))
    assert sum(last == "Smith" for _, last in every) == 260


@pytest.mark.parametrize(
    "pattern", [r"svc-\w+", r"[A-Z]+\\[\w.]+", r"[\w.]+@partner\.example", ".*[^\x00-\x7f].*"]
)
def test_logon_names(directory: Directory, pattern: str) -> None:
    """Logon names have each of the forms, and none is there twice."""
    names = [each.logon_name for each in directory.people.values()]

    assert [name for name in names if re.fullmatch(pattern, name)]
    assert len({name.casefold() for name in names}) == len(names)


def test_values_of_devices(directory: Directory) -> None:
    """One device never ends; some dates have fractions of a second; none begins in the future."""
    dates = [
        date for each in directory.devices.values() for date in (each.valid_from, each.valid_until)
    ]

    assert dates.count("9999-12-31T00:00:00") == 1
    assert 20 < sum(bool(re.fullmatch(r"[\dT:-]{19}\.\d{3}", each)) for each in dates) < 500
    assert all(re.fullmatch(r"[\dT:-]{19}(\.\d{3})?", each) for each in dates)
    assert all(each.valid_from < f"{directory.today}T24" for each in directory.devices.values())
    assert all(each.valid_from < each.valid_until for each in directory.devices.values())


def test_only_dates_follow_the_day() -> None:
    """On another day everything is the same but the dates of devices, certificates and requests."""
    first, second = (Directory(today=day) for day in DAYS)

    assert first.people == second.people
    assert [*first.people] == [*second.people]
    assert first.groups == second.groups
    assert first.profiles == second.profiles
    assert undated(first) == undated(second)


def undated(directory: Directory) -> list[Device | Certificate | CredentialRequest]:
    """Return everything that has dates, in its order, without them."""
    devices = *directory.devices.values(), *directory.cancelled.values()
    return [
        *(replace(each, valid_from="", valid_until="") for each in devices),
        *(replace(each, issued="", expires="") for each in directory.certificates.values()),
        *(replace(each, initiated="") for each in directory.requests.values()),
    ]


def test_many_people() -> None:
    """More people than there are plain names have logon names and numbers of their own."""
    every = Directory(30_000).people.values()

    assert len({each.logon_name.casefold() for each in every}) == 30_000 + len(USERNAMES)
    numbers = [each.employee_id for each in every if each.employee_id]
    assert len({*numbers}) == len(numbers)
    assert {len(each) for each in numbers} == {5, 6}
