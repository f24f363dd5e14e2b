"""Requests for a credential."""

from dataclasses import dataclass

from myid_notebook.sandbox.population.device import CredentialProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRequest:
    """A request that a person be issued a credential; the date is ISO text without an offset."""

    id: str
    target_id: str
    profile: CredentialProfile
    initiated: str
    status: str = "Awaiting Issue"
