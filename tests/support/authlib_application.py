"""The Authlib server as a program: prints ``ready at URL``, ends with its standard input."""

import sys
import threading

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from flask import Flask, Response, jsonify, request
from support.authlib_clients import CLIENTS, ISSUER_PATH, SCOPE
from support.authlib_grants import Client, CodeGrant, DemandedChallenge
from werkzeug.serving import make_server


class Application:
    """The endpoints.

    Args:
        redirect_uri: of every client.
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
