"""What Authlib leaves to whoever uses it: clients, codes in memory, PKCE for every client."""

import sys
import threading
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, Response, jsonify, request
from support.servers.authlib_server import CLIENTS, ISSUER_PATH, SCOPE
from werkzeug.serving import make_server


class Client(ClientMixin):
    """A registered client.

    Args:
        client_id: a key of ``CLIENTS``.
        redirect_uri: the one it is registered with.
    """

    def __init__(self, client_id: str, redirect_uri: str) -> None:
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self.method, self.secret = CLIENTS[client_id]

    def get_client_id(self) -> str:
        """Return the client id."""
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """Return where a request without redirect URI leads."""
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        """Return the part of a scope that the client may have."""
        return " ".join({SCOPE} & set((scope or "").split()))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare whole strings."""
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare whole strings."""
        return client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Take the one method of this client."""
        return endpoint != "token" or method == self.method

    def check_response_type(self, response_type: str) -> bool:
        """Take the code flow only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Take the code flow only."""
        return grant_type == "authorization_code"


class Code(dict[str, Any]):
    """A code and what it was given for."""

    def get_redirect_uri(self) -> str:
        """Return where it was sent."""
        return self["redirect_uri"]

    def get_scope(self) -> str:
        """Return what it allows."""
        return self["scope"]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever was kept
        return self[name]


class CodeGrant(grants.AuthorizationCodeGrant):
    """The code flow, with codes that are spent when they are presented."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
    codes: dict[str, Code] = {}  # noqa: RUF012 - one memory for the whole process

    def save_authorization_code(self, code: str, request: Any) -> None:  # noqa: ANN401 - Authlib's
        """Keep a code."""
        data = request.payload.data
        self.codes[code] = Code(
            client_id=request.client.client_id,
            redirect_uri=request.payload.redirect_uri,
            scope=request.payload.scope,
            code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Take a code out, whatever becomes of it."""
        found = self.codes.pop(code, None)
        return found if found and found.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Do nothing: it is spent already."""

    def authenticate_user(self, authorization_code: Code) -> str:  # noqa: ARG002 - Authlib's signature
        """Return who signed in."""
        return "JANE"


class DemandedChallenge(CodeChallenge):
    """PKCE S256 of every client; ``required=True`` alone binds public ones only."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:  # noqa: ANN401 - Authlib's
        """Refuse a request without an S256 challenge."""
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with S256 is demanded of every client")
        super().validate_code_challenge(grant, redirect_uri)


class Application:
    """The endpoints.

    Args:
        iss: ``right``, ``wrong`` or ``none``.
    """

    def __init__(self, redirect_uri: str, iss: str) -> None:
        self._redirect_uri = redirect_uri
        self._iss = iss
        self._tokens: set[str] = set()
        self.flask = Flask(__name__)
        # Without the list, unknown scopes are granted silently.
        self.flask.config["OAUTH2_SCOPES_SUPPORTED"] = [SCOPE]
        self._server = AuthorizationServer(
            self.flask,
            query_client=self._client,
            save_token=lambda token, _request: self._tokens.add(token["access_token"]),
        )
        self._server.register_grant(CodeGrant, [DemandedChallenge(required=True)])
        self.flask.get(f"{ISSUER_PATH}/authorize")(self.authorize)
        self.flask.get(f"{ISSUER_PATH}/deny")(self.deny)
        self.flask.post(f"{ISSUER_PATH}/token")(self.token)
        self.flask.get("/api/people")(self.people)

    def _client(self, client_id: str) -> Client | None:
        return Client(client_id, self._redirect_uri) if client_id in CLIENTS else None

    def authorize(self) -> Response:
        """Sign Jane in at once."""
        return self._redirect("JANE")

    def deny(self) -> Response:
        """Answer as if Jane had cancelled."""
        return self._redirect(None)

    def token(self) -> Response:
        """Exchange a code."""
        return self._server.create_token_response()

    def people(self) -> tuple[Response, int]:
        """Answer like an API that wants a token."""
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        known = sent in self._tokens
        return jsonify(results=[{"name": "Jane Doe"}] if known else []), 200 if known else 401

    def _redirect(self, user: str | None) -> Response:
        try:
            grant = self._server.get_consent_grant(end_user="JANE")
        except OAuth2Error as error:
            return Response(f"Sorry, there was an error: {error.error}", 400)
        response = self._server.create_authorization_response(grant_user=user, grant=grant)
        names = {
            "right": request.host_url.rstrip("/") + ISSUER_PATH,
            "wrong": "https://evil.example",
        }
        if self._iss in names:
            response.headers["Location"] += f"&iss={names[self._iss]}"
        return response


def main() -> None:
    """Serve until the standard input ends."""
    application = Application(*sys.argv[1:3])
    server = make_server("127.0.0.1", 0, application.flask, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"ready at http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
