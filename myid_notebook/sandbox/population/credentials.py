"""Generate what people hold: devices, the certificates on them, and requests.

All dates are counted from ``today``, and no draw depends on it: on another day the organisation
has the same people, devices and GUIDs, and other dates.
"""

import random
import re
from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple

from myid_notebook.sandbox.population.generator import DEVICE_TYPES, random_guid, scaled
from myid_notebook.sandbox.population.model import (
    ACTIVE,
    ERASED,
    ISSUANCE_FAILED,
    ISSUED,
    LOSSES,
    PENDING_ISSUANCE,
    PENDING_REVOCATION,
    REVOKED,
    Certificate,
    CredentialProfile,
    CredentialRequest,
    Device,
    Permission,
    Person,
)
from myid_notebook.sandbox.population.word_lists import KIOSK, SERVICES

_NO_CARD_SHARE = 0.09
_TWO_CARDS_SHARE = 0.04
_SWITCHED_OFF_SHARE = 0.02
_BEING_ISSUED_SHARE = 0.03
_DISABLED_HOLDER_SHARE = 0.18
_MANY_CARDS_PEOPLE = 12
_KIOSK_CARDS = 70
_LOST_CARDS = 60
_NOT_YET_REVOKED_CARDS = 5
_OLD_REQUESTS = 20
_OWN_REQUESTS = 3

_FRACTION_SHARE = 0.05

_LIFETIME = 3
"""Years from the issue of a card to its expiry."""
_LAST_END = 1_090
"""Days from today to the last expiry."""
_WAVE_SHARE = 0.35
_WAVE = range(60, 122)
"""When the cards of one busy quarter expire, in days from today."""
_WAVE_MIDDLE = 90
_EXPIRED_SHARE = 0.02
_FAILED_CARDS = 24
_END_DAYS = (7, 28, 30, 31)
"""The days from today at which programs look for cards that expire soon."""
_END_TIMES = (time(0), time(12, 30), time(23, 59, 59))
_CLOCK_CHANGE_TIMES = (time(1, 30), time(2, 30))
"""Times that do not exist, or exist twice, in London and Paris when the clocks change."""
_QUIET_MONTHS = (8, 12)
"""The months in which few cards are issued, so that few expire in them."""
_QUIET_SHARE = 0.75

_POLICIES = (
    ("PIV Authentication", "5FC105"),
    ("PIV Signing", "5FC10A"),
    ("PIV Encryption", "5FC10B"),
    ("PIV Card Authentication", "5FC101"),
)
"""Certificate policies with the PIV tags of their containers; the last only on ``_CARDS``."""
_FAILED_POLICY = "PIV Signing"
_CARDS = ("Smart Card", "USB Token")
_CLOSED_REQUESTS = (
    *("Completed",) * 12,
    *("Completed With Errors", "Failed", "Cancelled", "AutoDisabled"),
)
"""Statuses of the requests of people who have a card (ADMIN 14.2.11)."""


class Credentials(NamedTuple):
    """What :func:`generate_credentials` returns."""

    devices: list[Device]
    certificates: list[Certificate]
    requests: list[CredentialRequest]


class _Card(NamedTuple):
    owner: Person
    start: datetime
    end: datetime
    certificates: int = ISSUED
    failed: bool = False
    enabled: bool = True
    cancelled: bool = False


class _Wanted(NamedTuple):
    owner: Person
    initiated: datetime
    status: str
    reason: str = ""


class _Holders(NamedTuple):
    kiosk: Person
    active: list[Person]  # once for each card; those who lost a card are the last
    being_issued: list[Person]
    switched_off: list[Person]
    cancelled: list[Person]
    nothing: list[Person]  # the service accounts are the last


def generate_credentials(
    source: random.Random,
    fixed: list[Person],
    people: list[Person],
    profiles: tuple[CredentialProfile, ...],
    today: date,
) -> Credentials:
    """Return what people hold on ``today``, in no order.

    Args:
        fixed: the fixed people: the first gets two devices, each other who is enabled one.
        profiles: one for each of ``DEVICE_TYPES``, in that order.
        today: the day from which all dates are counted.
    """
    holders = _holders(source, people)
    cards = _active_cards(source, holders.active, len(people), today)
    lost = scaled(_LOST_CARDS, len(people))
    replacements = cards[len(holders.active) - lost : len(holders.active)]
    others: tuple[tuple[dict[str, Any], list[Person]], ...] = (
        ({}, [fixed[0], *(person for person in fixed if person.enabled)]),
        ({"certificates": PENDING_ISSUANCE}, holders.being_issued),
        ({"enabled": False}, holders.switched_off),
        ({"certificates": REVOKED, "cancelled": True}, holders.cancelled),
    )
    for members, owners in others:
        for owner in owners:
            end = _ordinary_end(source, today)
            cards.append(_Card(owner, _start(end, today), end, **members))
    for number in range(1, 1 + scaled(_NOT_YET_REVOKED_CARDS, len(people))):
        cards[-number] = cards[-number]._replace(certificates=PENDING_REVOCATION)
    source.shuffle(cards)
    devices = [_device(source, card, profiles) for card in cards]
    return Credentials(
        devices,
        [
            certificate
            for card, device in zip(cards, devices, strict=True)
            for certificate in _certificates(source, card, device)
        ],
        _requests(
            source,
            _wanted(source, holders, replacements, today),
            profiles,
            kiosk=holders.kiosk,
            approver=fixed[0],
        ),
    )


def _holders(source: random.Random, people: list[Person]) -> _Holders:
    count = len(people)
    names = Counter(person.full_name for person in people)
    services = [person for person in people if person.logon_name in SERVICES]
    (kiosk,) = [person for person in services if person.logon_name == KIOSK]
    same_name = sorted(
        (person for person in people if names[person.full_name] > 1),
        key=lambda person: (person.full_name, person.logon_name),
    )
    # The operator holds a card.
    disabled = sorted(
        (person for person in people if not person.enabled),
        key=lambda person: not person.has_permission(Permission.READ),
    )
    disabled_holders = round(len(disabled) * _DISABLED_HOLDER_SHARE)
    taken = {person.id for person in (*services, *same_name, *disabled)}
    others = [person for person in people if person.id not in taken]
    source.shuffle(others)
    rest = iter(others)

    def take(number: float) -> list[Person]:
        return list(islice(rest, round(number)))

    # Each pair of people with the same name has a card, two of the pairs have two.
    nothing = [*same_name[5::2], *(person for person in services if person is not kiosk)]
    nothing = take(count * _NO_CARD_SHARE - len(nothing)) + nothing
    two = take(count * _TWO_CARDS_SHARE)
    many = take(scaled(_MANY_CARDS_PEOPLE, count) - 1)
    lost = take(scaled(_LOST_CARDS, count))
    being_issued = take(count * _BEING_ISSUED_SHARE)
    switched_off = take(count * _SWITCHED_OFF_SHARE)
    active = [
        *rest,
        *same_name[::2],
        *same_name[1:4:2],
        *disabled[:disabled_holders],
        *two * 2,
        *(person for person in many for _ in range(source.randint(3, 5))),
        *[kiosk] * scaled(_KIOSK_CARDS, count),
        *lost,
    ]
    cancelled = disabled[disabled_holders:]
    return _Holders(kiosk, active, being_issued, switched_off, cancelled, nothing)


def _active_cards(
    source: random.Random, owners: list[Person], people_count: int, today: date
) -> list[_Card]:
    """Return a card for each of ``owners``, and those that the last of them lost before."""
    failed = scaled(_FAILED_CARDS, people_count)
    ends = _ends(source, len(owners), failed, today)
    cards = [_Card(owner, _start(end, today), end) for owner, end in zip(owners, ends, strict=True)]
    cards[:failed] = [card._replace(failed=True) for card in cards[:failed]]
    lost = []
    for number in range(1, 1 + scaled(_LOST_CARDS, people_count)):
        card = cards[-number]
        lost.append(card._replace(certificates=REVOKED, cancelled=True))
        used = min(card.end, datetime.combine(today, time())) - card.start
        minutes = int(used.total_seconds() / 60 * source.random())
        cards[-number] = card._replace(start=card.start + timedelta(minutes=minutes))
    return cards + lost


def _ends(source: random.Random, count: int, failed: int, today: date) -> list[datetime]:
    """Return when ``count`` cards expire; the first ``failed`` of them were issued in one week."""
    # The week is from Monday to Sunday, half a year ago, and not in a quiet month.
    monday = today - timedelta(days=182 + today.weekday())
    if {monday.month, (monday + timedelta(days=6)).month} & {*_QUIET_MONTHS}:
        monday -= timedelta(days=42)
    week = [monday + timedelta(days=source.randrange(7)) for _ in range(failed)]
    exact = [
        *(datetime.combine(today + timedelta(days), at) for days in _END_DAYS for at in _END_TIMES),
        *(datetime.combine(day, at) for day in _clock_changes(today) for at in _CLOCK_CHANGE_TIMES),
        datetime.combine(date.max, time()),
    ]
    wave = [
        _outside_quiet_months(today, round(source.triangular(_WAVE[0], _WAVE[-1])))
        for _ in range(round(count * _WAVE_SHARE))
    ]
    expired = [
        today - timedelta(days=source.randint(1, 120)) for _ in range(round(count * _EXPIRED_SHARE))
    ]
    ends = [_at_work(source, day) for day in wave + expired]
    ends += [_ordinary_end(source, today) for _ in range(count - failed - len(exact) - len(ends))]
    source.shuffle(ends)
    return [*(_years_after(_at_work(source, day), _LIFETIME) for day in week), *exact, *ends]


def _ordinary_end(source: random.Random, today: date) -> datetime:
    days = source.randint(1, _LAST_END)
    quiet = source.random() < _QUIET_SHARE
    day = _outside_quiet_months(today, days) if quiet else today + timedelta(days)
    return _at_work(source, day)


def _start(end: datetime, today: date) -> datetime:
    """Return when a card that expires at ``end`` was issued, which is before ``today``."""
    return _years_after(
        min(end, datetime.combine(today + timedelta(_LAST_END), time())), -_LIFETIME
    )


def _outside_quiet_months(today: date, days: int) -> date:
    """Return the day that is ``days`` after ``today``, or 31 days from it in another month.

    A day in the wave stays in it.
    """
    day = today + timedelta(days=days)
    if day.month not in _QUIET_MONTHS:
        return day
    later = days <= _WAVE_MIDDLE or (days % 2 and _WAVE[-1] < days <= _LAST_END - 31)
    return day + timedelta(days=31 if later else -31)


def _at_work(source: random.Random, day: date) -> datetime:
    """Return a time on ``day`` at which people work; one in 20 has fractions of a second."""
    milliseconds = source.randrange(1_000) * (source.random() < _FRACTION_SHARE)
    seconds = source.randrange(8 * 3_600, 17 * 3_600)
    return datetime.combine(day, time()) + timedelta(seconds=seconds, milliseconds=milliseconds)


def _clock_changes(today: date) -> list[date]:
    """Return the next two days after ``today`` on which the clocks change in Europe."""
    days = [date(today.year + later, month, 31) for later in (0, 1) for month in (3, 10)]
    sundays = [day - timedelta(days=day.isoweekday() % 7) for day in days]
    return [sunday for sunday in sundays if sunday > today][:2]


def _years_after(moment: datetime, years: int) -> datetime:
    """Return the same time ``years`` later, on 28 February instead of 29."""
    if (moment.month, moment.day) == (2, 29):
        moment -= timedelta(days=1)
    return moment.replace(year=moment.year + years)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def _device(source: random.Random, card: _Card, profiles: tuple[CredentialProfile, ...]) -> Device:
    kind = source.randrange(len(DEVICE_TYPES))
    return Device(
        id=random_guid(source),
        owner_id="" if card.cancelled else card.owner.id,
        serial_number=f"{source.getrandbits(48):012X}",
        device_type=DEVICE_TYPES[kind],
        process_status=ERASED if card.cancelled else ACTIVE,
        profile=profiles[kind],
        valid_from=_text(card.start),
        valid_until=_text(card.end),
        enabled=card.enabled,
    )


def _certificates(source: random.Random, card: _Card, device: Device) -> list[Certificate]:
    name = re.sub(r'([,+"\\<>;=])', r"\\\1", card.owner.full_name)  # RFC 4514 2.4
    return [
        Certificate(
            id=random_guid(source),
            device_id=device.id,
            serial_number=f"{source.getrandbits(64):016X}",
            policy=policy,
            container=f"{tag} {policy}",
            issued=device.valid_from,
            expires=device.valid_until,
            user_dn=f"CN={name},OU={card.owner.department.name},DC=myid,DC=example",
            status=ISSUANCE_FAILED
            if card.failed and policy == _FAILED_POLICY
            else card.certificates,
        )
        for policy, tag in _POLICIES[: 4 if device.device_type in _CARDS else 3]
    ]


def _wanted(
    source: random.Random, holders: _Holders, replacements: list[_Card], today: date
) -> list[_Wanted]:
    """Return open requests for half of the people without a card, and closed ones for others.

    The last are for ``replacements``, because the card before was lost, stolen or damaged.
    """

    def wanted(owner: Person, days: int, status: str) -> _Wanted:
        return _Wanted(owner, _at_work(source, today - timedelta(days)), status)

    waiting = holders.nothing[: round(len(holders.nothing) / 2)]
    old = min(_OLD_REQUESTS, round(len(waiting) / 4))
    every = [
        *(wanted(owner, source.randint(31, 200), "Awaiting Issue") for owner in waiting[:old]),
        *(wanted(owner, source.randint(1, 29), "Awaiting Issue") for owner in waiting[old:]),
        *(
            wanted(owner, source.randint(200, 1_000), source.choice(_CLOSED_REQUESTS))
            for owner in holders.active[::6]
        ),
    ]
    source.shuffle(every)
    every += [
        _Wanted(card.owner, card.start, "Completed", LOSSES[number % len(LOSSES)])
        for number, card in enumerate(replacements)
    ]
    return every


def _requests(
    source: random.Random,
    every: list[_Wanted],
    profiles: tuple[CredentialProfile, ...],
    kiosk: Person,
    approver: Person,
) -> list[CredentialRequest]:
    """Return the requests, made at the kiosk, but for some that people made themselves."""
    return [
        CredentialRequest(
            id=random_guid(source),
            target_id=each.owner.id,
            maker_id=each.owner.id if number < _OWN_REQUESTS else kiosk.id,
            approver_id=approver.id,
            profile=source.choice(profiles),
            initiated=_text(each.initiated),
            status=each.status,
            reason=each.reason,
        )
        for number, each in enumerate(every)
    ]
