"""Groups, roles, credential profiles and LDAP directories, all read-only."""

from fastapi import APIRouter

from myid_notebook.sandbox.core_api.operator import Reader
from myid_notebook.sandbox.core_api.records import Criterion, Json, results
from myid_notebook.sandbox.population.model import ROLES

router = APIRouter(tags=["catalogue"])


@router.get("/groups", summary="Search groups")
async def search_groups(operator: Reader, q: str = "*") -> Json:
    """Return the divisions and departments that match."""
    criterion = Criterion(q)
    groups = operator.directory.groups
    return results(
        {
            "id": group.id,
            "href": f"groups/{group.id}",
            "name": group.name,
            "parentName": groups[group.parent_id].name if group.parent_id else "",
        }
        for group in groups.values()
        if criterion.matches_any((group.name,))
    )


@router.get("/roles", summary="All roles", description="MyID does not filter them by name.")
async def all_roles(_operator: Reader) -> Json:
    """Return all roles; the name of a role is its id."""
    return results({"id": role.name, "name": role.name} for role in ROLES)


@router.get("/credprofiles", summary="Search credential profiles")
async def search_credential_profiles(operator: Reader, q: str = "*") -> Json:
    """Return the credential profiles that match."""
    criterion = Criterion(q)
    profiles = operator.directory.profiles.values()
    return results(
        {"id": profile.id, "name": profile.name}
        for profile in profiles
        if criterion.matches_any((profile.name,))
    )


@router.get("/dirs", summary="All directories")
async def all_directories(_operator: Reader) -> Json:
    """Return the LDAP directories: one, which is empty."""
    return results(iter([{"id": "1", "name": "myid.example"}]))
