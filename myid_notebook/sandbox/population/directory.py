"""The directory: everything the Core API can return, kept in memory."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime

from myid_notebook.sandbox.population.credentials import generate_credentials
from myid_notebook.sandbox.population.fixed_people import fixed_people
from myid_notebook.sandbox.population.generator import (
    PEOPLE_COUNT,
    generate_groups,
    generate_people,
    generate_profiles,
)
from myid_notebook.sandbox.population.model import (
    ERASED,
    REVOKED,
    Certificate,
    CredentialProfile,
    CredentialRequest,
    Device,
    Group,
    Person,
)

_SEED = 20_240_229


class Directory:
    """The people of the sandbox and their data, each keyed by GUID in upper case.

    Attributes:
        today: the day from which the dates are counted.
        devices: those that people hold.
        cancelled: those that nobody holds any more.

    Args:
        people_count: how many people there are besides the fixed people.
        today: None means the day in UTC, as MyID stores its dates.
    """

    def __init__(self, people_count: int = PEOPLE_COUNT, today: date | None = None) -> None:
        self.today = today or datetime.now(UTC).date()
        source = random.Random(_SEED)  # noqa: S311 - test data, the same at every start
        groups = generate_groups(source)
        departments = [group for group in groups if group.parent_id]
        profiles = generate_profiles(source)
        fixed = fixed_people(source, departments[0])
        people = generate_people(source, departments, people_count)
        credentials = generate_credentials(source, fixed, people, profiles, self.today)
        self.groups: dict[str, Group] = {group.id: group for group in groups}
        self.profiles: dict[str, CredentialProfile] = {each.id: each for each in profiles}
        self._first_people = {person.id: person for person in fixed + people}
        self._first_devices = {each.id: each for each in credentials.devices if each.owner_id}
        self._first_cancelled = {each.id: each for each in credentials.devices if not each.owner_id}
        self._first_certificates = {each.id: each for each in credentials.certificates}
        self._first_requests = {request.id: request for request in credentials.requests}
        # Devices are cancelled, but neither added nor moved; certificates are only replaced.
        self._ids_by_owner: defaultdict[str, list[str]] = defaultdict(list)
        for device in self._first_devices.values():
            self._ids_by_owner[device.owner_id].append(device.id)
        self._ids_by_device: defaultdict[str, list[str]] = defaultdict(list)
        for certificate in credentials.certificates:
            self._ids_by_device[certificate.device_id].append(certificate.id)
        self.restore()

    def restore(self) -> None:
        """Undo every change made since the start."""
        self.people: dict[str, Person] = dict(self._first_people)
        self.devices: dict[str, Device] = dict(self._first_devices)
        self.cancelled: dict[str, Device] = dict(self._first_cancelled)
        self.certificates: dict[str, Certificate] = dict(self._first_certificates)
        self.requests: dict[str, CredentialRequest] = dict(self._first_requests)
        self._ids_by_logon_name = {
            person.logon_name.casefold(): person.id for person in self.people.values()
        }

    def by_logon_name(self, logon_name: str) -> Person | None:
        """Return the person with that logon name, ignoring case, or None."""
        return self.people.get(self._ids_by_logon_name.get(logon_name.strip().casefold(), ""))

    def put(self, person: Person) -> None:
        """Add ``person``, or replace the person with the same GUID."""
        previous = self.people.get(person.id)
        if previous:
            del self._ids_by_logon_name[previous.logon_name.casefold()]
        self.people[person.id] = person
        self._ids_by_logon_name[person.logon_name.casefold()] = person.id

    def device(self, device_id: str) -> Device | None:
        """Return the device with that GUID, cancelled or not, or None."""
        return self.devices.get(device_id) or self.cancelled.get(device_id)

    def owner_of(self, device: Device | None) -> Person | None:
        """Return the person who holds ``device``, or None."""
        return self.people.get(device.owner_id) if device else None

    def devices_of(self, person: Person) -> list[Device]:
        """Return the devices that ``person`` holds."""
        held = map(self.devices.get, self._ids_by_owner.get(person.id, ()))
        return [device for device in held if device]

    def cancel(self, device: Device) -> Device:
        """Take ``device`` from its person and revoke its certificates; return it as it is then."""
        cancelled = replace(self.devices.pop(device.id), owner_id="", process_status=ERASED)
        self.cancelled[device.id] = cancelled
        for certificate in self.certificates_on(device):
            self.certificates[certificate.id] = replace(certificate, status=REVOKED)
        return cancelled

    def certificates_on(self, device: Device) -> list[Certificate]:
        """Return the certificates on ``device``."""
        return [self.certificates[each] for each in self._ids_by_device.get(device.id, ())]
