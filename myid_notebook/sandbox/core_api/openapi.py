"""The OpenAPI file of the Core API, as MyID writes it with ShowPermissions on (CORE 2.2)."""

import re
from functools import cache
from http import HTTPStatus

from fastapi import APIRouter, HTTPException
from fastapi.routing import APIRoute

from myid_notebook.sandbox.core_api import catalogue, devices, people
from myid_notebook.sandbox.core_api.operator import permission_of
from myid_notebook.sandbox.core_api.pages import API
from myid_notebook.sandbox.core_api.records import Json
from myid_notebook.sandbox.installation import Installed
from myid_notebook.sandbox.population.model import ROLES

ROUTERS = (people.router, devices.request_router, devices.device_router, catalogue.router)
"""The routers of the Core API."""

router = APIRouter(tags=["OpenAPI file"])

_SPELLING = {"statusmappings": "statusMappings", "credprofiles": "credProfiles"}
"""Parts of paths that MyID does not write in lower case."""


@router.get("/rest.core/swagger/openapi/swagger.json", summary="The OpenAPI file of the Core API")
async def openapi_file(installation: Installed) -> Json:
    """Return the OpenAPI file; it needs no token (assumption)."""
    if not installation.faults.swagger:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _document()


@cache
def _document() -> Json:
    paths: dict[str, Json] = {}
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                methods = {method.lower(): _operation(route) for method in route.methods or ()}
                paths.setdefault(_path(route), {}).update(methods)
    return {
        "openapi": "3.0.3",
        "info": {"title": "MyID Core API", "version": "1"},
        "servers": [{"url": API}],
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "security": [{"bearer": []}],
    }


def _path(route: APIRoute) -> str:
    path = re.sub(r"\{\w+\}", "{id}", route.path)
    return "/".join(_SPELLING.get(part, part) for part in path.split("/"))


def _operation(route: APIRoute) -> Json:
    permission = permission_of(route)
    roles = sorted(role.name for role in ROLES if permission in role.permissions)
    operation: Json = {
        "tags": route.tags,
        "summary": route.summary,
        "description": route.description,
        "operationId": route.name,
        "parameters": _parameters(route),
        "responses": {"200": {"description": "Success"}, "default": {"description": "Error"}},
        "x-permissions": [{"permission": permission, "roles": roles}],
    }
    if route.body_field is not None:
        content = {"application/json": {"schema": {"type": "object"}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(route: APIRoute) -> list[Json]:
    own = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    query: list[Json] = (route.openapi_extra or {}).get("parameters", [])
    return [*([own] if "{" in route.path else []), *query]
