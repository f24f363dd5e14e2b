"""Groups, roles, credential profiles and LDAP directories, all read-only."""

from collections.abc import Iterable

from fastapi import APIRouter

from myid_notebook.sandbox.core_api.errors import not_found
from myid_notebook.sandbox.core_api.operator import Reader
from myid_notebook.sandbox.core_api.pages import Queried, page
from myid_notebook.sandbox.core_api.parameters import (
    GROUPS,
    PROFILES,
    described_collection,
    matching,
)
from myid_notebook.sandbox.core_api.records import Json, group_row
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.model import ROLES, Group

router = APIRouter(tags=["catalogue"])


@router.get("/groups", summary="Search groups", openapi_extra=described_collection(*GROUPS))
async def search_groups(operator: Reader, query: Queried) -> Json:
    """Return the divisions and departments that match all the given values."""
    groups = operator.directory.groups
    found = matching(groups.values(), GROUPS, query.values, operator.directory)
    return page(query, found, lambda group: group_row(group, groups.get(group.parent_id)))


@router.get(
    "/groups/browse",
    summary="The tree of groups",
    description="Assumed response: the divisions, each with its departments as children.",
    openapi_extra=described_collection(),
)
async def browse_groups(operator: Reader, query: Queried) -> Json:
    """Return the groups that have no parent, each with the groups below it as ``children``."""
    directory = operator.directory
    return page(query, _children("", directory), lambda group: _branch(group, directory))


def _children(parent_id: str, directory: Directory) -> Iterable[Group]:
    return (each for each in directory.groups.values() if each.parent_id == parent_id)


def _branch(group: Group, directory: Directory) -> Json:
    children = [_branch(each, directory) for each in _children(group.id, directory)]
    parent = directory.groups.get(group.parent_id)
    return group_row(group, parent) | {"children": children}


@router.get("/groups/{group_id}", summary="One group", description="Assumed path.")
async def one_group(group_id: str, operator: Reader) -> Json:
    """Return a group, which has the same members as a row and as a record."""
    groups = operator.directory.groups
    group = groups.get(group_id.upper())
    if group is None:
        raise not_found("Group")
    return group_row(group, groups.get(group.parent_id))


@router.get(
    "/roles",
    summary="All roles",
    description="MyID does not filter them by name.",
    openapi_extra=described_collection(),
)
async def all_roles(_operator: Reader, query: Queried) -> Json:
    """Return all roles; the name of a role is its id."""
    return page(query, ROLES, lambda role: {"id": role.name, "name": role.name})


@router.get(
    "/credprofiles",
    summary="Search credential profiles",
    openapi_extra=described_collection(*PROFILES),
)
async def search_credential_profiles(operator: Reader, query: Queried) -> Json:
    """Return the credential profiles that match all the given values."""
    profiles = operator.directory.profiles.values()
    found = matching(profiles, PROFILES, query.values, operator.directory)
    return page(query, found, lambda profile: {"id": profile.id, "name": profile.name})


@router.get("/dirs", summary="All directories", openapi_extra=described_collection())
async def all_directories(_operator: Reader, query: Queried) -> Json:
    """Return the LDAP directories: one, which is empty."""
    return page(query, ("myid.example",), lambda name: {"id": "1", "name": name})
