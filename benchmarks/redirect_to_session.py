"""From the redirect reaching a route to a session that works, beside the bare token exchange.

Through Jupyter: a real Jupyter server with the extension passes the redirect on to this process.
Own port: its own listener takes it. The sandbox signs Jane in without a page, and gives tokens.
"""

import http.client
import os
import time
from statistics import median
from urllib.parse import parse_qs, urlsplit

import requests
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import Registration, SandboxProcess, register
from table import print_table, print_target

from myid_notebook.callback.route import RouteKind, choose_route
from myid_notebook.session.session import MyIDSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.sign_in import SignIn

ROUNDS = 40


class Measured:
    """Sign-ins through one route.

    Args:
        client: registered with that route's redirect URI.
        kind: the route that must be chosen for it.
        headers: what the browser sends along.
    """

    def __init__(self, client: Registration, kind: RouteKind, headers: dict[str, str]) -> None:
        self._settings = resolve({}, client.environ, {})
        self._uri = client.redirect_uri
        self._kind = kind
        self._headers = headers
        self._session = MyIDSession(self._settings.api_url)

    def sign_in(self) -> float:
        """Return the milliseconds from the redirect to the session that works."""
        delivered: list[float] = []
        route = choose_route(self._uri, {}, paste=False)
        assert route.kind is self._kind, route.reason
        login = SignIn(
            self._settings,
            route,
            self._session,
            deliver=lambda _: delivered.append(time.perf_counter()),
        )
        login.start()
        assert login.request is not None
        target = urlsplit(redirect_of(login.request.url))
        browser = http.client.HTTPConnection(str(target.hostname), target.port, timeout=30)
        started = time.perf_counter()
        browser.request("GET", f"{target.path}?{target.query}", headers=self._headers)
        page = browser.getresponse().read()
        browser.close()
        login.wait()
        assert b"Signed in to MyID" in page, page
        return (delivered[0] - started) * 1000


def redirect_of(url: str) -> str:
    """Open a link at the sandbox and return where it redirects to."""
    with requests.Session() as browser:
        browser.trust_env = False
        return browser.get(url, allow_redirects=False, timeout=30).headers["Location"]


def bare_exchange(client: Registration) -> float:
    """Return the milliseconds of a token request alone, with a code of its own."""
    settings = resolve({}, client.environ, {})
    route = choose_route(client.redirect_uri, {}, paste=True)
    login = SignIn(settings, route, MyIDSession(settings.api_url))
    request = login.request
    assert request is not None
    code = parse_qs(urlsplit(redirect_of(request.url)).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": request.code_verifier,
    }
    started = time.perf_counter()
    answer = requests.post(settings.token_url, data=form, timeout=30)
    elapsed = (time.perf_counter() - started) * 1000
    assert answer.ok, answer.text
    return elapsed


def main() -> None:
    """Measure in turn, so that a busy moment of the machine hits each alike."""
    with SandboxProcess.start() as sandbox, JupyterProcess() as jupyter:
        os.environ["JUPYTER_RUNTIME_DIR"] = str(jupyter.runtime_dir)
        sandbox.faults(auto_sign_in="jane.doe")
        listener = register(sandbox)
        login = {"Authorization": f"token {jupyter.token}"}
        through_jupyter = register(sandbox, f"{jupyter.url}myid/callback")
        rows = {
            "token exchange alone": lambda: bare_exchange(listener),
            "own port": Measured(listener, RouteKind.OWN_PORT, {}).sign_in,
            "through Jupyter": Measured(through_jupyter, RouteKind.JUPYTER, login).sign_in,
        }
        samples: dict[str, list[float]] = {name: [] for name in rows}
        for measure in rows.values():
            measure()  # imports and caches, once
        for _ in range(ROUNDS):
            for name, measure in rows.items():
                samples[name].append(measure())
    print_table("Redirect to session", "ms", samples)
    alone, own_port, jupyter_route = (median(row) for row in samples.values())
    print_target("own port beyond the exchange, medians", own_port - alone, 10, "ms")
    print_target("through Jupyter beyond the exchange, medians", jupyter_route - alone, 20, "ms")


if __name__ == "__main__":
    main()
