"""The web application: MyID's two services and the sandbox's control endpoints."""

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from myid_notebook.sandbox import control
from myid_notebook.sandbox.assumptions import ASSUMPTIONS
from myid_notebook.sandbox.authorization import (
    authorize_endpoint,
    discovery,
    revocation_endpoint,
    token_endpoint,
)
from myid_notebook.sandbox.authorization.pages import query_too_long_page
from myid_notebook.sandbox.core_api import openapi
from myid_notebook.sandbox.core_api.calls import ApiCallMiddleware
from myid_notebook.sandbox.core_api.errors import (
    ProblemError,
    UnauthorizedError,
    problem_handler,
    problem_response,
    unauthorized_handler,
)
from myid_notebook.sandbox.core_api.pages import API
from myid_notebook.sandbox.installation import Installation

_MYIDS_PATHS = ("/rest.core/", "/web.oauth2/")

MAX_QUERY = 2_048
"""The longest query that IIS accepts by default, in characters."""

_DESCRIPTION = (
    "A simulated Intercede MyID with fictitious people. Paths marked *assumed path* are not "
    "documented by MyID. Assumptions:\n\n" + "\n".join(f"- {each}" for each in ASSUMPTIONS)
)


def create_application(installation: Installation) -> FastAPI:
    """Return the ASGI application that serves ``installation``."""
    # FastAPI's documentation pages would load scripts from other sites.
    application = FastAPI(
        title="MyID sandbox", description=_DESCRIPTION, docs_url=None, redoc_url=None
    )
    application.state.installation = installation
    for endpoint in (authorize_endpoint, token_endpoint, revocation_endpoint, discovery):
        application.include_router(endpoint.router)
    for router in openapi.ROUTERS:
        application.include_router(router, prefix=API)
    application.include_router(openapi.router)
    application.include_router(control.router)
    application.include_router(control.guarded_router)
    application.add_exception_handler(ProblemError, problem_handler)
    application.add_exception_handler(UnauthorizedError, unauthorized_handler)
    application.add_exception_handler(RequestValidationError, _validation_handler)
    application.add_exception_handler(HTTPException, _routing_handler)
    application.add_middleware(ApiCallMiddleware, installation=installation)
    # Added last, so that the other middleware too sees paths in lower case.
    application.add_middleware(WebServerMiddleware)
    return application


async def _validation_handler(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if not request.url.path.startswith(API):
        return await request_validation_exception_handler(request, error)
    fault = error.errors()[0]
    member = ".".join(str(part) for part in fault["loc"][1:])
    message = f"Validation problem, the value for '{member}': {fault['msg']}"
    problem = ProblemError(HTTPStatus.BAD_REQUEST, message, member)
    return problem_response(problem, request.app.state.installation.faults)


async def _routing_handler(request: Request, error: Exception) -> Response:
    """Respond to an unknown route as ASP.NET does, without a body."""
    if not isinstance(error, HTTPException):
        raise error
    if request.url.path.startswith(_MYIDS_PATHS):
        return Response(status_code=error.status_code, headers=error.headers)
    return await http_exception_handler(request, error)


class WebServerMiddleware:
    """Imitate MyID's web server, IIS: paths in any case, and no query of more than 2,048."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle an ASGI request."""
        app, path = self._app, scope.get("path", "").lower()
        if path.startswith(_MYIDS_PATHS):
            scope = {**scope, "path": path}
            if len(scope["query_string"]) > MAX_QUERY:
                app = query_too_long_page()
        await app(scope, receive, send)
