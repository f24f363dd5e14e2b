"""Paths without regard to case, as MyID's web server takes them."""

from starlette.types import ASGIApp, Receive, Scope, Send

_CASELESS = ("/rest.core/", "/web.oauth2/")


class CaselessPaths:
    """ASGI middleware that turns MyID's paths into small letters before they are matched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its path in small letters if it is one of MyID's."""
        path = scope.get("path", "").lower()
        if path.startswith(_CASELESS):
            scope = {**scope, "path": path}
        await self._app(scope, receive, send)
