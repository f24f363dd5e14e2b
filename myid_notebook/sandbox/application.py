"""The web application: MyID's two services and the sandbox's own control endpoints."""

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError

from myid_notebook.sandbox.assumptions import ASSUMPTIONS
from myid_notebook.sandbox.authorization import authorize_endpoint, discovery, token_endpoint
from myid_notebook.sandbox.control import endpoints as control
from myid_notebook.sandbox.core_api import catalogue, devices, people, people_changes, requests
from myid_notebook.sandbox.core_api.api_faults import suffer_api_faults
from myid_notebook.sandbox.core_api.caseless_paths import CaselessPaths
from myid_notebook.sandbox.core_api.problem import (
    ProblemError,
    UnauthorizedError,
    answer_problem,
    answer_unauthorized,
    problem_response,
)
from myid_notebook.sandbox.installation import Installation

API = "/rest.core/api"
"""The base of the Core API."""

_DESCRIPTION = (
    "A stand-in for Intercede MyID with invented people. Paths marked *assumed path* are not "
    "documented by MyID. Assumed:\n\n" + "\n".join(f"- {each}" for each in ASSUMPTIONS)
)
_API_ROUTERS = (
    people.router,
    people_changes.router,
    requests.router,
    devices.router,
    catalogue.router,
)


def create_application(installation: Installation) -> FastAPI:
    """Return the web application over ``installation``."""
    # No documentation pages: FastAPI's load their scripts from elsewhere.
    application = FastAPI(
        title="MyID sandbox", description=_DESCRIPTION, docs_url=None, redoc_url=None
    )
    application.state.installation = installation
    for router in (authorize_endpoint.router, token_endpoint.router, discovery.router):
        application.include_router(router)
    for router in _API_ROUTERS:
        application.include_router(router, prefix=API, dependencies=[Depends(suffer_api_faults)])
    application.include_router(control.router)
    application.include_router(control.guarded)
    application.add_exception_handler(ProblemError, answer_problem)
    application.add_exception_handler(UnauthorizedError, answer_unauthorized)
    application.add_exception_handler(RequestValidationError, _answer_invalid)
    application.add_middleware(CaselessPaths)
    return application


async def _answer_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if not request.url.path.startswith(API):
        return await request_validation_exception_handler(request, error)
    fault = error.errors()[0]
    member = ".".join(str(part) for part in fault["loc"][1:])
    return problem_response(400, f"Validation problem, the value for '{member}': {fault['msg']}")
