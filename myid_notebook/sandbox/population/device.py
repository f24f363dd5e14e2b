"""Devices that people hold, and the certificates on them."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from myid_notebook.sandbox.population.organisation import invented_guid
from myid_notebook.sandbox.population.person import Person

ISSUED, REVOKED = 1, 8
"""Certificate status numbers of MyID."""

_DEVICE_TYPES = ("Smart Card", "USB Token", "Mobile Identity", "Virtual Smart Card")
_PROCESS_STATUSES = ("Active", "Active", "Active", "Assigned", "Suspended")
_CERTIFICATE_POLICIES = ("Authentication", "Signing", "Encryption")
_ISSUE_EPOCH = datetime(2023, 1, 2, 9, 0)  # noqa: DTZ001 - MyID's dates show no offset
_LIFETIME = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialProfile:
    """What can be issued: a named profile."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate on a device; the dates are ISO text without an offset."""

    id: str
    device_id: str
    serial_number: str
    policy: str
    issued: str
    expires: str
    user_dn: str
    status: int = ISSUED


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device held by a person; the dates are ISO text without an offset."""

    id: str
    owner_id: str
    serial_number: str
    device_type: str
    process_status: str
    profile: CredentialProfile
    valid_from: str
    valid_until: str


def invented_profiles(seed: random.Random) -> tuple[CredentialProfile, ...]:
    """Return a credential profile for each type of device.

    Args:
        seed: the source of the GUIDs.
    """
    return tuple(
        CredentialProfile(id=invented_guid(seed), name=f"{device_type} Standard")
        for device_type in _DEVICE_TYPES
    )


def invented_device(
    seed: random.Random, owner: Person, profiles: tuple[CredentialProfile, ...]
) -> Device:
    """Return a device for ``owner``.

    Args:
        seed: the source of every choice.
        owner: the person who holds it.
        profiles: the profiles to choose from, one for each type of device.
    """
    kind = seed.randrange(len(_DEVICE_TYPES))
    valid_from = _ISSUE_EPOCH + timedelta(minutes=seed.randrange(3 * 365 * 24 * 60))
    return Device(
        id=invented_guid(seed),
        owner_id=owner.id,
        serial_number=f"{seed.getrandbits(48):012X}",
        device_type=_DEVICE_TYPES[kind],
        process_status=seed.choice(_PROCESS_STATUSES),
        profile=profiles[kind],
        valid_from=valid_from.isoformat(),
        valid_until=(valid_from + _LIFETIME).isoformat(),
    )


def invented_certificates(seed: random.Random, device: Device, owner: Person) -> list[Certificate]:
    """Return the certificates on ``device``, one for each policy.

    Args:
        seed: the source of GUIDs and serial numbers.
        device: the device that holds them.
        owner: the person named in them.
    """
    return [
        Certificate(
            id=invented_guid(seed),
            device_id=device.id,
            serial_number=f"{seed.getrandbits(64):016X}",
            policy=policy,
            issued=device.valid_from,
            expires=device.valid_until,
            user_dn=f"CN={owner.full_name},OU={owner.department.name},DC=myid,DC=example",
        )
        for policy in _CERTIFICATE_POLICIES
    ]
