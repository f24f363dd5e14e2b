"""The directory: everything the Core API can return, kept in memory."""

import random

from myid_notebook.sandbox.population.fixed_people import fixed_people
from myid_notebook.sandbox.population.generator import (
    generate_certificates,
    generate_device,
    generate_groups,
    generate_people,
    generate_profiles,
)
from myid_notebook.sandbox.population.model import (
    Certificate,
    CredentialProfile,
    CredentialRequest,
    Device,
    Group,
    Person,
)

_SEED = 20_240_229
_DEVICES_PER_PERSON = (0, 1, 1, 2)


class Directory:
    """The people of the sandbox and their data, each keyed by GUID in upper case."""

    def __init__(self) -> None:
        source = random.Random(_SEED)  # noqa: S311 - test data, the same at every start
        groups = generate_groups(source)
        departments = [group for group in groups if group.parent_id]
        people = fixed_people(source, departments[0]) + generate_people(source, departments)
        self.groups: dict[str, Group] = {group.id: group for group in groups}
        self.profiles: dict[str, CredentialProfile] = {
            profile.id: profile for profile in generate_profiles(source)
        }
        self._first_people = {person.id: person for person in people}
        self._first_devices: dict[str, Device] = {}
        self._first_certificates: dict[str, Certificate] = {}
        for person in people:
            # The documentation and the tests rely on Jane's two devices.
            count = 2 if person.logon_name == "jane.doe" else source.choice(_DEVICES_PER_PERSON)
            for _ in range(count):
                self._issue(source, person)
        self.restore()

    def _issue(self, source: random.Random, owner: Person) -> None:
        device = generate_device(source, owner, tuple(self.profiles.values()))
        self._first_devices[device.id] = device
        for certificate in generate_certificates(source, device, owner):
            self._first_certificates[certificate.id] = certificate

    def restore(self) -> None:
        """Undo every change made since the start."""
        self.people: dict[str, Person] = dict(self._first_people)
        self.devices: dict[str, Device] = dict(self._first_devices)
        self.certificates: dict[str, Certificate] = dict(self._first_certificates)
        self.requests: dict[str, CredentialRequest] = {}
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

    def devices_of(self, person: Person) -> list[Device]:
        """Return the devices that ``person`` holds."""
        return [device for device in self.devices.values() if device.owner_id == person.id]

    def certificates_on(self, device: Device) -> list[Certificate]:
        """Return the certificates on ``device``."""
        return [item for item in self.certificates.values() if item.device_id == device.id]
