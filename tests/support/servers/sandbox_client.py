"""A client of the sandbox written by hand, so that no library of ours is in between."""

import base64
import json
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import requests
from support.browser.login_pages import finish_sign_in, open_sign_in
from support.servers.sandbox import SandboxProcess

CLIENT_ID = "myid.notebook"
SECRET = "82564d6e-c4a6-4f64-a6d4-cac43781c67c"
REDIRECT_URI = "http://127.0.0.1:8888/myid/callback"
VERIFIER = "TiGVEDHIRkdTpif4zLw8v6tcdG2VJXvP4r0fuLhsXIj"
CHALLENGE = "lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg"
"""The pair that CORE 4.2.1 publishes."""


class HandmadeClient:
    """Sends requests with every parameter open to change; None leaves a parameter out."""

    def __init__(
        self,
        sandbox: SandboxProcess,
        client_id: str = CLIENT_ID,
        redirect_uri: str = REDIRECT_URI,
    ) -> None:
        self.sandbox = sandbox
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self.authorize_endpoint = f"{sandbox.url}/web.oauth2/connect/authorize"
        self.token_endpoint = f"{sandbox.url}/web.oauth2/connect/token"
        self.api = f"{sandbox.url}/rest.core/api"

    def authorize_parameters(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of an authorization request."""
        parameters: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "myid.rest.basic",
            "state": "the-state",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def authorize_url(self, **changes: str | None) -> str:
        """Return the link that a browser would open."""
        query = urlencode(self.authorize_parameters(**changes), quote_via=quote)
        return f"{self.authorize_endpoint}?{query}"

    def authorize(self, **changes: str | None) -> requests.Response:
        """Open the link, following redirects within the sandbox only."""
        with requests.Session() as browser:
            browser.trust_env = False
            return open_sign_in(browser, "GET", self.authorize_url(**changes))

    def code(
        self,
        username: str = "jane.doe",
        answers: tuple[str, ...] = ("blue", "rover"),
        **changes: str,
    ) -> str:
        """Sign in on the pages and return the code."""
        location = finish_sign_in(self.authorize_url(**changes), username, answers)
        return parse_qs(urlsplit(location).query)["code"][0]

    def token_fields(self, code: str, /, **changes: str | None) -> dict[str, str]:
        """Return the form of a token request."""
        fields: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "client_secret": SECRET,
            "code": code,
            "redirect_uri": self.redirect_uri,
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def exchange(self, code: str, /, **changes: str | None) -> requests.Response:
        """Send a token request for ``code``."""
        return self.send("POST", self.token_endpoint, data=self.token_fields(code, **changes))

    def access_token(
        self, username: str = "jane.doe", answers: tuple[str, ...] = ("blue", "rover")
    ) -> str:
        """Sign in and return an access token."""
        return cast("str", self.exchange(self.code(username, answers)).json()["access_token"])

    def call(
        self,
        token: str,
        path: str,
        method: str = "GET",
        **options: Any,  # noqa: ANN401 - those of requests
    ) -> requests.Response:
        """Call the Core API with ``token``."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.send(method, f"{self.api}/{path}", headers=headers, **options)

    def rows(self, token: str, path: str, **criteria: str) -> list[dict[str, Any]]:
        """Return the rows of a collection, page after page."""
        response = self.call(token, path, params=criteria).json()
        rows: list[dict[str, Any]] = response["results"]
        while response["links"]:
            response = self.call(token, response["links"][0]["href"]).json()
            rows += response["results"]
        return rows

    @staticmethod
    def send(method: str, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - those of requests
        """Send any request with neither the environment's proxies nor redirects followed."""
        with requests.Session() as http:
            http.trust_env = False
            return http.request(method, url, **{"allow_redirects": False, "timeout": 30} | options)


def query_of(url: str) -> dict[str, str]:
    """Return the parameters of ``url``, each of which must be there once."""
    pairs = parse_qsl(urlsplit(url).query, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def jwt_parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a JWT without looking at its signature."""
    header, claims, _ = token.split(".")
    return _decoded(header), _decoded(claims)


def _decoded(part: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(base64.urlsafe_b64decode(part + "==")))
