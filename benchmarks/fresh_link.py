"""From a process that has imported nothing of a package to the link that a person follows.

Each in fresh processes, with what its users write: once where everything is loaded that a kernel
has that uses requests and ipywidgets, as most notebooks do, and once in a bare interpreter.
``myid_notebook`` listens for the redirect and has printed the link by then; openeo has asked for
the discovery document, without which it has no link; the others have their link as a text.

Most of that time are the imports of ``myid_notebook``, so the table has them as a row of their own:
it loads settings, listener, session and tables before the link. msal and requests-oauthlib, which
are faster, only make the text.
"""

import os
import tempfile
from collections.abc import Iterator
from functools import partial

from harness import Bench, Table, in_process, run, tiny_server
from peers import CLIENT_ID, CLIENT_SECRET, RESPONSE, SCOPE, version
from support.machine.ports import free_port

FLOOR, OURS, IMPORTS = "standard library", "myid_notebook", "myid_notebook, its imports alone"
KERNEL = "import ipykernel.ipkernel, ipywidgets, requests\n"
BEGIN = """
import time
started = time.perf_counter()
import os, sys
given = dict(os.environ)
"""
END = """
elapsed = time.perf_counter() - started
assert "code_challenge=" in link, link
print(elapsed * 1000, flush=True)
os._exit(0)
"""
PROGRAMS = {
    FLOOR: """
import base64, hashlib, secrets
from urllib.parse import urlencode
digest = hashlib.sha256(secrets.token_urlsafe(32).encode()).digest()
link = given["AUTHORIZE"] + "?" + urlencode({
    "response_type": "code", "client_id": given["MYID_CLIENT_ID"], "scope": given["MYID_SCOPE"],
    "redirect_uri": given["MYID_REDIRECT_URI"], "state": secrets.token_urlsafe(32),
    "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
    "code_challenge_method": "S256",
})
""",
    OURS: """
class Screen:
    def write(self, text):
        global link
        if "connect/authorize" in text:
            link = text
            sys.stdout = sys.__stdout__
            end()
    def flush(self):
        pass
sys.stdout = Screen()
import myid_notebook
myid_notebook.login(wait=True)
""",
    IMPORTS: """
import myid_notebook.kernel.commands
link = "no link, so no code_challenge="
""",
    "msal": """
from msal.oauth2cli.oauth2 import Client
endpoints = {"authorization_endpoint": given["AUTHORIZE"], "token_endpoint": given["TOKEN"]}
client = Client(endpoints, given["MYID_CLIENT_ID"], client_secret=given["MYID_CLIENT_SECRET"])
flow = client.initiate_auth_code_flow([given["MYID_SCOPE"]], given["MYID_REDIRECT_URI"])
link = flow["auth_uri"]
""",
    "requests-oauthlib": """
from requests_oauthlib import OAuth2Session
session = OAuth2Session(
    given["MYID_CLIENT_ID"], redirect_uri=given["MYID_REDIRECT_URI"], scope=given["MYID_SCOPE"],
    pkce="S256",
)
link, _ = session.authorization_url(given["AUTHORIZE"])
""",
    "google-auth-oauthlib": """
from google_auth_oauthlib.flow import InstalledAppFlow
flow = InstalledAppFlow.from_client_config({"installed": {
    "client_id": given["MYID_CLIENT_ID"], "client_secret": given["MYID_CLIENT_SECRET"],
    "auth_uri": given["AUTHORIZE"], "token_uri": given["TOKEN"],
}}, [given["MYID_SCOPE"]])
flow.redirect_uri = given["MYID_REDIRECT_URI"]
link, _ = flow.authorization_url()
""",
    "Authlib": """
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
session = OAuth2Session(
    given["MYID_CLIENT_ID"], given["MYID_CLIENT_SECRET"], redirect_uri=given["MYID_REDIRECT_URI"],
    scope=given["MYID_SCOPE"], code_challenge_method="S256",
)
link, _ = session.create_authorization_url(given["AUTHORIZE"], code_verifier=generate_token(48))
""",
    "globus-sdk": """
from globus_sdk import NativeAppAuthClient
client = NativeAppAuthClient(given["MYID_CLIENT_ID"])
client.oauth2_start_flow([given["MYID_SCOPE"]], redirect_uri=given["MYID_REDIRECT_URI"])
link = client.oauth2_get_authorize_url()
""",
    "openeo": """
from openeo.rest.auth.oidc import (
    OidcAuthCodePkceAuthenticator, OidcClientInfo, OidcProviderInfo
)
def follow(url):
    global link
    link = url
    end()
provider = OidcProviderInfo(issuer=given["ISSUER"], scopes=[given["MYID_SCOPE"]])
client = OidcClientInfo(given["MYID_CLIENT_ID"], provider, given["MYID_CLIENT_SECRET"])
OidcAuthCodePkceAuthenticator(client, webbrowser_open=follow).get_tokens()
""",
    "databricks-sdk": """
from databricks.sdk.oauth import OAuthClient, OidcEndpoints
client = OAuthClient(
    OidcEndpoints(given["AUTHORIZE"], given["TOKEN"]), given["MYID_REDIRECT_URI"],
    given["MYID_CLIENT_ID"], [given["MYID_SCOPE"]], given["MYID_CLIENT_SECRET"],
)
link = client.initiate_consent().authorization_url
""",
}


def program(lines: str, loaded: str) -> str:
    """Return what is run: those who have their link within a call end there."""
    end = "".join(f"    {line}\n" for line in END.strip().splitlines())
    return f"{loaded}{BEGIN}def end():\n    global elapsed\n{end}\n{lines}\nend()\n"


def measure(bench: Bench) -> Iterator[Table]:
    """Make the link in fresh processes."""
    with tiny_server(RESPONSE) as server, tempfile.TemporaryDirectory() as home:
        environ = {
            **os.environ,
            "MYID_SERVER": server,
            "MYID_CLIENT_ID": CLIENT_ID,
            "MYID_CLIENT_SECRET": CLIENT_SECRET,
            "MYID_SCOPE": SCOPE,
            "MYID_REDIRECT_URI": f"http://localhost:{free_port()}/myid/callback",
            "AUTHORIZE": f"{server}/connect/authorize",
            "TOKEN": f"{server}/connect/token",
            "ISSUER": server,
            "HOME": home,
            "JUPYTER_RUNTIME_DIR": home,
        }
        for title, loaded in (("in what a kernel has loaded", KERNEL), ("in a bare process", "")):
            peers = PROGRAMS.keys() - {FLOOR, OURS, IMPORTS}
            missing = {
                each: "not installed" for each in PROGRAMS if each in peers and not version(each)
            }
            contenders = {
                name: partial(in_process, program(lines, loaded), environ=environ, cwd=home)
                for name, lines in PROGRAMS.items()
                if name not in missing
            }
            samples, absent = bench.interleaved(contenders, 15, peers=peers, seconds=60)
            absent |= missing
            table = Table(f"nothing to link, {title}", "ms", samples, FLOOR, OURS, absent)
            if loaded:
                table.reach("at most 20 ms", OURS, 20)
                table.ahead(OURS, peers)
            yield table


if __name__ == "__main__":
    run(measure)
