"""The redirect that takes the browser back to the client (RFC 6749 section 4.1.2)."""

from urllib.parse import quote, urlencode

from fastapi.responses import RedirectResponse

from myid_notebook.sandbox.authorization.authorization_request import AuthorizationRequest
from myid_notebook.sandbox.faults import Faults


def success_url(request: AuthorizationRequest, code: str, faults: Faults, issuer: str) -> str:
    """Return the address that hands ``code`` to the client.

    Args:
        request: the request that is answered.
        code: the authorization code.
        faults: the switches that alter a redirect.
        issuer: this server's own issuer.
    """
    return _url(request, [("code", code), ("scope", request.scope)], faults, issuer)


def error_url(request: AuthorizationRequest, error: str, faults: Faults, issuer: str) -> str:
    """Return the address that tells the client of ``error``.

    Args:
        request: the request that is answered.
        error: the error code.
        faults: the switches that alter a redirect.
        issuer: this server's own issuer.
    """
    parameters = [("error", error)]
    description = faults.error_description
    if description is None and error == faults.server_error_redirect:
        description = "The sandbox was told to fail."
    if description is not None:
        parameters.append(("error_description", description))
    return _url(request, parameters, faults, issuer)


def _url(
    request: AuthorizationRequest, parameters: list[tuple[str, str]], faults: Faults, issuer: str
) -> str:
    if request.state is not None:
        parameters.append(("state", request.state))
    if faults.iss is not None:
        parameters.append(("iss", issuer if faults.iss == "own" else faults.iss))
    parameters.extend(faults.extra_parameters.items())
    parameters.extend([pair for pair in parameters if pair[0] == faults.repeat])
    separator = "&" if "?" in request.redirect_uri else "?"
    return f"{request.redirect_uri}{separator}{urlencode(parameters, quote_via=quote)}"


def redirect_to(url: str) -> RedirectResponse:
    """Return the 302 to ``url`` that no cache keeps and no Referer tells of."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url, status_code=302, headers=headers)
