"""Everything the Core API knows, in memory, and restorable."""

import random
from typing import TYPE_CHECKING

from myid_notebook.sandbox.population.device import (
    Certificate,
    CredentialProfile,
    Device,
    invented_certificates,
    invented_device,
    invented_profiles,
)
from myid_notebook.sandbox.population.fixed_people import fixed_people
from myid_notebook.sandbox.population.invented_people import invented_people
from myid_notebook.sandbox.population.organisation import Group, invented_organisation
from myid_notebook.sandbox.population.person import Person

if TYPE_CHECKING:
    from myid_notebook.sandbox.population.request import CredentialRequest

_SEED = 20_240_229
_DEVICES_OF_A_PERSON = (0, 1, 1, 2)


class Directory:
    """The people of the sandbox with what belongs to them, each by its GUID in capitals."""

    def __init__(self) -> None:
        seed = random.Random(_SEED)  # noqa: S311 - invented data, the same at every start
        groups = invented_organisation(seed)
        departments = [group for group in groups if group.parent_id]
        people = fixed_people(seed, departments[0]) + invented_people(seed, departments)
        self.groups: dict[str, Group] = {group.id: group for group in groups}
        self.profiles: dict[str, CredentialProfile] = {
            profile.id: profile for profile in invented_profiles(seed)
        }
        self._first_people = {person.id: person for person in people}
        self._first_devices: dict[str, Device] = {}
        self._first_certificates: dict[str, Certificate] = {}
        for person in people:
            how_many = 2 if person.logon_name == "jane.doe" else seed.choice(_DEVICES_OF_A_PERSON)
            for _ in range(how_many):
                self._issue(seed, person)
        self.restore()

    def _issue(self, seed: random.Random, owner: Person) -> None:
        device = invented_device(seed, owner, tuple(self.profiles.values()))
        self._first_devices[device.id] = device
        for certificate in invented_certificates(seed, device, owner):
            self._first_certificates[certificate.id] = certificate

    def restore(self) -> None:
        """Undo every change made since the start."""
        self.people: dict[str, Person] = dict(self._first_people)
        self.devices: dict[str, Device] = dict(self._first_devices)
        self.certificates: dict[str, Certificate] = dict(self._first_certificates)
        self.requests: dict[str, CredentialRequest] = {}
        self._ids_of_logon_names = {
            person.logon_name.casefold(): person.id for person in self.people.values()
        }

    def by_logon_name(self, logon_name: str) -> Person | None:
        """Return the person of that logon name, whatever its case, or nobody."""
        return self.people.get(self._ids_of_logon_names.get(logon_name.strip().casefold(), ""))

    def put(self, person: Person) -> None:
        """Add ``person``, or replace the person of the same GUID."""
        previous = self.people.get(person.id)
        if previous:
            del self._ids_of_logon_names[previous.logon_name.casefold()]
        self.people[person.id] = person
        self._ids_of_logon_names[person.logon_name.casefold()] = person.id

    def devices_of(self, person: Person) -> list[Device]:
        """Return the devices that ``person`` holds."""
        return [device for device in self.devices.values() if device.owner_id == person.id]

    def certificates_on(self, device: Device) -> list[Certificate]:
        """Return the certificates on ``device``."""
        return [item for item in self.certificates.values() if item.device_id == device.id]
