"""From the redirect that a browser sends to the end of the cell that waits for it, in a kernel.

The cell is ``%myid_login``, or what users of a peer write; the sandbox gives the token. The floor
is an empty cell, from the request to execute to its end. ``myid_notebook`` has looked up the name
of the person who signed in by then, and put the session into a variable. The peers send one request
less, so the table also has a bare listener that sends the same two requests without a check.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from urllib.parse import parse_qs, urlsplit

import requests
from harness import Bench, CannotDo, Table, run
from peers import READY, version
from support.browser.callback_page import open_page
from support.jupyter.kernel import LocalKernel
from support.machine.ports import free_port
from support.servers.sandbox import Registration, SandboxProcess, register

FLOOR, OURS, SAME = "an empty cell", "%myid_login", "the same two requests, without checks"
SAME_REQUESTS = """
import base64, hashlib, http.server, json, requests, secrets
from urllib.parse import parse_qs, urlencode, urlsplit

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.query = parse_qs(urlsplit(self.path).query)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass

verifier = secrets.token_urlsafe(32)
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode()
client = {"client_id": given["client_id"], "redirect_uri": given["redirect_uri"]}
with http.server.HTTPServer(("127.0.0.1", given["port"]), Handler) as server:
    print(given["authorize_url"] + "?" + urlencode({
        **client, "response_type": "code", "scope": given["scope"], "state": "s",
        "code_challenge": challenge.rstrip("="), "code_challenge_method": "S256",
    }))
    server.handle_request()
session = requests.Session()
token = session.post(given["token_url"], data={
    **client, "grant_type": "authorization_code", "code": server.query["code"][0],
    "client_secret": given["client_secret"], "code_verifier": verifier,
}).json()["access_token"]
session.headers["Authorization"] = "Bearer " + token
claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
print(session.get(given["people_url"] + claims["sub"]).json()["name"]["fullName"])
"""
PEERS = {
    "google-auth-oauthlib": """
from google_auth_oauthlib.flow import InstalledAppFlow
flow = InstalledAppFlow.from_client_config({"installed": {
    "client_id": given["client_id"], "client_secret": given["client_secret"],
    "auth_uri": given["authorize_url"], "token_uri": given["token_url"],
}}, [given["scope"]], autogenerate_code_verifier=True)
credentials = flow.run_local_server(port=given["port"], open_browser=False)
session = flow.authorized_session()
""",
    "databricks-sdk": """
import requests
from databricks.sdk.oauth import OAuthClient, OidcEndpoints
endpoints = OidcEndpoints(given["authorize_url"], given["token_url"])
client = OAuthClient(
    endpoints, given["redirect_uri"], given["client_id"], [given["scope"]], given["client_secret"]
)
consent = client.initiate_consent()
print(consent.authorization_url)
credentials = consent.launch_external_browser()
session = requests.Session()
session.headers["Authorization"] = "Bearer " + credentials.token().access_token
""",
}
NO_BROWSER = """
import os, webbrowser
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
webbrowser.open_new = lambda url: True
"""


class WaitingCells:
    """Cells that wait for a sign-in, in one kernel.

    Args:
        kernel: running.
        sandbox: where Jane Doe is signed in without a page.
    """

    def __init__(self, kernel: LocalKernel, sandbox: SandboxProcess) -> None:
        self._kernel = kernel
        kernel.execute(f"%load_ext myid_notebook{NO_BROWSER}")
        self._sandbox = sandbox

    def run(self, name: str, code: str) -> float:
        """Return the milliseconds from the redirect to the end of the cell."""
        # A port of its own each time: some do not take one that was just in use.
        client = register(self._sandbox, f"http://localhost:{free_port()}/")
        outputs = self._kernel.execute(told(client))
        assert not outputs.errors, outputs.traceback
        cell = self._kernel.submit(code)
        try:
            link = cell.link()
        except AssertionError:
            error = cell.finish().errors[0]
            missing = "not installed" if error[0] == "ModuleNotFoundError" else f"fails: {error}"
            raise CannotDo(missing) from None
        back = redirect_of(link)
        time.sleep(READY)
        browser = threading.Thread(target=open_page, args=(back,))
        started = time.perf_counter()
        browser.start()
        outputs = cell.finish()
        took = (time.perf_counter() - started) * 1000
        browser.join()
        assert not outputs.errors, (name, outputs.traceback)
        assert self._kernel.value("bool(session)") == "True"
        return took

    def empty(self) -> float:
        """Return the milliseconds of a cell that does nothing."""
        started = time.perf_counter()
        self._kernel.submit("pass").finish()
        return (time.perf_counter() - started) * 1000


def told(client: Registration) -> str:
    """Return what a kernel executes before it signs in."""
    given = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "redirect_uri": client.redirect_uri,
        "port": urlsplit(client.redirect_uri).port,
        "scope": "myid.rest.basic",
        "authorize_url": f"{client.server}/web.oauth2/connect/authorize",
        "token_url": f"{client.server}/web.oauth2/connect/token",
        "people_url": f"{client.server}/rest.core/api/people/",
    }
    settings = {**client.environ, "MYID_CHECKS": "on"}
    return f"given = {given!r}; import os; os.environ.update({settings!r})"


def redirect_of(link: str) -> str:
    """Open a link at the sandbox and return where it redirects to."""
    with requests.Session() as browser:
        browser.trust_env = False
        back = browser.get(link, allow_redirects=False, timeout=30).headers["Location"]
    assert "code" in parse_qs(urlsplit(back).query), back
    return back


def measure(bench: Bench) -> Iterator[Table]:
    """Sign in, in a kernel for each."""
    with SandboxProcess.start() as sandbox, ExitStack() as kernels:
        sandbox.faults(auto_sign_in="jane.doe")
        cells = {
            name: WaitingCells(kernels.enter_context(LocalKernel({})), sandbox)
            for name in (FLOOR, OURS, SAME, *filter(version, PEERS))
        }
        codes = {OURS: "%myid_login --force\nsession = myid", SAME: SAME_REQUESTS, **PEERS}
        contenders: dict[str, Callable[[], float]] = {
            FLOOR: cells[FLOOR].empty,
            **{
                name: partial(cells[name].run, name, code)
                for name, code in codes.items()
                if name in cells
            },
        }
        samples, absent = bench.interleaved(contenders, 25, peers=PEERS, warm_up=2)
    absent |= {name: "not installed" for name in PEERS if name not in cells}
    table = Table("redirect to the end of the cell", "ms", samples, FLOOR, OURS, absent)
    table.ahead(OURS, [SAME, *PEERS])
    yield table


if __name__ == "__main__":
    run(measure)
