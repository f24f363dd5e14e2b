"""The sandbox's organisation has, on any day, the data that analysts look for."""

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.model import (
    ISSUANCE_FAILED,
    ISSUED,
    LOST_STATUSES,
    PENDING_ISSUANCE,
    REVOKED,
    Certificate,
    CredentialRequest,
    Device,
    Permission,
    Person,
)

DAYS = (date(2026, 11, 25), date(2027, 6, 1))
"""The wave of the second covers August, and its week of failures would begin in December."""


@pytest.fixture(scope="module", params=DAYS, ids=str)
def directory(request: pytest.FixtureRequest) -> Directory:
    """The organisation on one of the days; not to be changed."""
    return Directory(today=request.param)


def people(directory: Directory, *, enabled: bool = True) -> list[Person]:
    """Return the people who are enabled, or those who are not."""
    return [each for each in directory.people.values() if each.enabled == enabled]


def devices(directory: Directory, *statuses: str) -> list[Device]:
    """Return the devices with one of the process statuses."""
    return [each for each in directory.devices.values() if each.process_status in statuses]


def certificates(directory: Directory, *statuses: int) -> list[Certificate]:
    """Return the certificates with one of the statuses."""
    return [each for each in directory.certificates.values() if each.status in statuses]


def without_card(directory: Directory) -> set[str]:
    """Return the people without any device."""
    return {*directory.people} - {each.owner_id for each in directory.devices.values()}


def ends(directory: Directory) -> list[datetime]:
    """Return when the devices in use end, without the one that never does."""
    moments = [datetime.fromisoformat(each.valid_until) for each in devices(directory, "Active")]
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
    issued = [datetime.fromisoformat(each.valid_from) for each in devices(directory, "Active")]
    quarter = [day.replace(year=day.year - 3) for day in wave]

    assert 35 <= percent(between(dates, *wave), len(dates)) <= 40
    assert percent(max(windows), len(dates)) < 10
    assert 35 <= percent(between(issued, quarter[0], quarter[1]), len(issued)) <= 40


def test_quiet_months(directory: Directory) -> None:
    """Each August and December has fewer than half of the ends of the months beside it."""
    dates = ends(directory)
    last = directory.today + timedelta(1_050)
    seen = 0
    for year in range(directory.today.year, last.year + 1):
        for month in (8, 12):
            first = date(year, month, 1)
            if not directory.today + timedelta(31) <= first <= last - timedelta(61):
                continue
            before, during, after = (
                between(dates, day, day + timedelta(30))
                for day in (first - timedelta(31), first, first + timedelta(31))
            )
            assert during < (before + after) / 4, (first, before, during, after)
            seen += 1

    assert seen >= 4


def test_expired_and_active(directory: Directory) -> None:
    """2 % of the cards in use have expired."""
    dates = ends(directory)

    assert percent(between(dates, date.min, directory.today - timedelta(1)), len(dates)) == (
        pytest.approx(2, abs=0.1)
    )


@pytest.mark.parametrize("days", [7, 28, 30, 31])
def test_exact_ends(directory: Directory, days: int) -> None:
    """Cards end on the first and on the last second of the days at which programs look."""
    day = directory.today + timedelta(days)
    times = {each.time().isoformat() for each in ends(directory) if each.date() == day}

    assert {"00:00:00", "12:30:00", "23:59:59"} <= times


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


def test_leavers(directory: Directory) -> None:
    """6 % are disabled, 18 % of them have an Active device, and one of these is an operator."""
    leavers = people(directory, enabled=False)
    owners = {each.owner_id for each in devices(directory, "Active")}
    holders = [each for each in leavers if each.id in owners]

    assert percent(len(leavers), len(directory.people)) == pytest.approx(6, abs=0.1)
    assert percent(len(holders), len(leavers)) == pytest.approx(18, abs=0.5)
    assert sum(each.has_permission(Permission.READ) for each in holders) == 1


def test_people_without_a_card(directory: Directory) -> None:
    """9 % have no device, and half of those an open request, 20 of them for over 30 days."""
    without = without_card(directory)
    waiting = [each for each in directory.requests.values() if each.status == "Awaiting Issue"]
    month_ago = (directory.today - timedelta(30)).isoformat()

    assert percent(len(without), len(directory.people)) == pytest.approx(9, abs=0.1)
    assert {each.target_id for each in waiting} < without
    assert len({each.target_id for each in waiting}) == len(waiting)
    assert percent(len(waiting), len(without)) == pytest.approx(50, abs=1)
    assert sum(each.initiated < month_ago for each in waiting) == 20
    assert all(each.initiated < f"{directory.today}T24" for each in waiting)


def test_closed_requests(directory: Directory) -> None:
    """Other requests have other statuses, most of them Completed, and targets with a card."""
    closed = [each for each in directory.requests.values() if each.status != "Awaiting Issue"]
    statuses = Counter(each.status for each in closed)

    assert statuses.most_common(1)[0][0] == "Completed"
    assert {"Completed With Errors", "Failed", "Cancelled", "AutoDisabled"} < {*statuses}
    assert {each.target_id for each in closed}.isdisjoint(without_card(directory))


def test_lost_cards(directory: Directory) -> None:
    """60 devices are lost; their certificates are revoked; each has an Active replacement."""
    lost = devices(directory, *LOST_STATUSES)

    assert len(lost) == 60
    assert {each.process_status for each in lost} == {*LOST_STATUSES}
    for device in lost:
        assert {each.status for each in directory.certificates_on(device)} == {REVOKED}
        (other,) = [
            each
            for each in directory.devices_of(directory.people[device.owner_id])
            if each.id != device.id
        ]
        assert (other.process_status, other.valid_until) == ("Active", device.valid_until)
        assert device.valid_from < other.valid_from < f"{directory.today}T24"


def test_cancelled_cards(directory: Directory) -> None:
    """5 cancelled devices have certificates that are still issued; the others have none."""
    kinds = Counter(
        tuple({each.status for each in directory.certificates_on(device)})
        for device in devices(directory, "Cancelled")
    )

    assert {*kinds} == {(ISSUED,), (REVOKED,)}
    assert kinds[(ISSUED,)] == 5
    assert kinds[(REVOKED,)] > 50


def test_the_bad_week(directory: Directory) -> None:
    """24 certificates of one policy failed, all within one week from Monday."""
    failed = certificates(directory, ISSUANCE_FAILED)
    days = [date.fromisoformat(each.issued[:10]) for each in failed]

    assert len(failed) == 24
    assert len({each.policy for each in failed}) == 1
    assert len({day - timedelta(day.weekday()) for day in days}) == 1
    assert max(days) < directory.today


def test_too_many_cards(directory: Directory) -> None:
    """4 % have two devices in use, 12 people three or more, and one of them 70."""
    cards = Counter(each.owner_id for each in devices(directory, "Active"))
    people_by_cards = Counter(cards.values())

    assert percent(people_by_cards[2], len(directory.people)) == pytest.approx(4, abs=0.1)
    assert sum(people for count, people in people_by_cards.items() if count >= 3) == 12
    assert (people_by_cards[70], max(people_by_cards)) == (1, 70)


def test_namesakes(directory: Directory) -> None:
    """12 pairs have the same full name; in two of them both have devices."""
    names = Counter(each.full_name for each in directory.people.values())
    without = without_card(directory)
    with_card = Counter(
        each.full_name
        for each in directory.people.values()
        if names[each.full_name] > 1 and each.id not in without
    )

    assert [count for count in names.values() if count > 1] == [2] * 12
    assert Counter(with_card.values()) == {2: 2, 1: 10}


def test_service_accounts(directory: Directory) -> None:
    """15 accounts are no people: no staff number, empty for some and missing for others."""
    services = [each for each in people(directory) if each.logon_name.startswith("svc-")]
    others = [each for each in directory.people.values() if each not in services]

    assert len(services) == 15
    assert {each.employee_id for each in services} == {"", None}
    assert all(each.employee_id and each.cost_centre for each in others if each.title)
    numbers = [each.employee_id for each in others]
    assert len({*numbers}) == len(numbers)
    assert sum(bool(re.fullmatch(r"0\d{5}", number or "")) for number in numbers) == 1_985


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


def test_cost_centres(directory: Directory) -> None:
    """Everybody but the service accounts and the fixed people has one, the same by department."""
    centres = {
        (each.department.name, each.cost_centre)
        for each in directory.people.values()
        if each.cost_centre
    }

    assert len(centres) == len({name for name, _ in centres}) == 25
    assert sum(bool(each.cost_centre) for each in directory.people.values()) == 1_985


def test_certificates(directory: Directory) -> None:
    """A device has one certificate for each policy, whose container begins with its PIV tag."""
    containers = {
        each.container.split()[0]: each.policy for each in directory.certificates.values()
    }

    assert {*containers} == {"5FC105", "5FC101", "5FC10A", "5FC10B"}
    for device in directory.devices.values():
        policies = [each.policy for each in directory.certificates_on(device)]
        assert 3 <= len(policies) == len({*policies}) <= 4
    for assigned in devices(directory, "Assigned"):
        assert {each.status for each in directory.certificates_on(assigned)} == {PENDING_ISSUANCE}


def test_process_statuses(directory: Directory) -> None:
    """Most devices are Active, and some are in each of the other statuses."""
    statuses = Counter(each.process_status for each in directory.devices.values())

    assert {*statuses} == {"Active", "Assigned", "Suspended", "Cancelled", *LOST_STATUSES}
    assert percent(statuses["Active"], statuses.total()) > 80
    assert min(statuses.values()) >= 20


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
    return [
        *(replace(each, valid_from="", valid_until="") for each in directory.devices.values()),
        *(replace(each, issued="", expires="") for each in directory.certificates.values()),
        *(replace(each, initiated="") for each in directory.requests.values()),
    ]


def test_the_same_day_is_the_same() -> None:
    """Another start on the same day has the same data, dates included; the day is in UTC."""
    first, second = Directory(today=DAYS[0]), Directory(today=DAYS[0])

    assert [*first.devices.values()] == [*second.devices.values()]
    assert [*first.certificates.values()] == [*second.certificates.values()]
    assert [*first.requests.values()] == [*second.requests.values()]


@pytest.mark.parametrize("count", [100, 777, 5_000, 20_000])
def test_other_sizes(count: int) -> None:
    """Smaller and larger organisations have all kinds of data too."""
    directory = Directory(count, date(2028, 2, 29))
    names = {each.logon_name.casefold() for each in directory.people.values()}

    assert len(directory.people) == len(names) == count + 9
    assert {each.process_status for each in directory.devices.values()} > {"Active", "Cancelled"}
    assert len({each.status for each in directory.certificates.values()}) == 4
    assert directory.by_logon_name("SVC-Kiosk")
    assert percent(len(without_card(directory)), count) == pytest.approx(9, abs=1.5)


def test_changes_are_seen_and_undone() -> None:
    """A device or certificate that was replaced is what its owner or device has, until restored."""
    directory = Directory(100)
    jane = directory.by_logon_name("jane.doe")
    assert jane
    device, other = directory.devices_of(jane)
    certificate, *_ = directory.certificates_on(device)
    directory.devices[device.id] = replace(device, process_status="Cancelled")
    directory.certificates[certificate.id] = replace(certificate, status=REVOKED)
    directory.requests.clear()

    assert [each.process_status for each in directory.devices_of(jane)] == ["Cancelled", "Active"]
    assert directory.certificates_on(device)[0].status == REVOKED
    directory.restore()
    assert directory.devices_of(jane) == [device, other]
    assert directory.certificates_on(device)[0] == certificate
    assert directory.requests
