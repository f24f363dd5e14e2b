"""From the redirect that a browser sends to a session that works.

A server that costs next to nothing gives the token, so that the rows differ by what the client
does. The floor is a bare listener of ``http.server``, a token request with ``requests`` and a
session with the header, without a single check. requests-oauthlib and Authlib have no listener and
use that one; msal wants the redirect as a POST. Through Jupyter, a real Jupyter server with the
extension passes the redirect on to this process.

The token request alone, sent by ``requests``, takes more than half of the floor's time. Beyond the
floor, ``myid_notebook`` checks the redirect, serves it from an event loop that no slow or hostile
client can block, and sends the token request from a thread, so that other redirects need not wait.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import parse_qs, urlsplit

import requests
from harness import Bench, Table, run, tiny_server
from peers import (
    CLIENT_ID,
    CLIENT_SECRET,
    READY,
    RESPONSE,
    SIGN_INS,
    Browser,
    bare,
    send_redirect,
    timed_sign_in,
    unused_port,
)
from support.jupyter.server import JupyterProcess

from myid_notebook.callback.route import RouteKind, choose_route
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.sign_in import SignIn

FLOOR, OWN, THROUGH = "a bare listener", "myid_notebook, own port", "myid_notebook, through Jupyter"
ALONE = "the token request alone, by requests"


def of_ours(server: str, uri: str, kind: RouteKind, headers: dict[str, str]) -> Callable[[], float]:
    """Return what measures a sign-in through one route.

    Args:
        server: gives the token.
        uri: where redirects go.
        kind: the route that must be chosen for it.
        headers: what the browser sends along.
    """
    environ = {
        "MYID_SERVER": server,
        "MYID_CLIENT_ID": CLIENT_ID,
        "MYID_CLIENT_SECRET": CLIENT_SECRET,
    }
    settings = resolve({}, {**environ, "MYID_REDIRECT_URI": uri}, {})

    def once() -> float:
        delivered: list[float] = []
        route = choose_route(uri, {}, paste=False)
        assert route.kind is kind, route.reason
        sign_in = SignIn(
            settings,
            route,
            BearerSession(settings.api_url),
            on_token=lambda: delivered.append(time.perf_counter()),
        )
        sign_in.start()
        sign_in.prepare()
        assert sign_in.request is not None
        state = parse_qs(urlsplit(sign_in.request.url).query)["state"][0]
        time.sleep(READY)
        started = time.perf_counter()
        page = send_redirect(uri, state, headers=headers)
        sign_in.wait()
        assert b"Signed in to MyID" in page, page
        return (delivered[0] - started) * 1000

    return once


def token_request(base: str) -> float:
    """Return the milliseconds of what every contender asks the server."""
    started = time.perf_counter()
    form = {"grant_type": "authorization_code", "client_id": CLIENT_ID, "code": "c"}
    requests.post(f"{base}/connect/token", data=form, timeout=30).json()
    return (time.perf_counter() - started) * 1000


def measure(bench: Bench) -> Iterator[Table]:
    """Sign in with each."""
    with tiny_server(RESPONSE) as base, tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        browser = Browser()
        with JupyterProcess() as jupyter:
            os.environ["JUPYTER_RUNTIME_DIR"] = str(jupyter.runtime_dir)
            login = {"Authorization": f"token {jupyter.token}"}
            uri, through = f"http://localhost:{unused_port()}/cb", f"{jupyter.url}myid/callback"
            contenders = {
                FLOOR: timed_sign_in(bare, base, browser),
                OWN: of_ours(base, uri, RouteKind.OWN_PORT, {}),
                THROUGH: of_ours(base, through, RouteKind.JUPYTER, login),
                ALONE: partial(token_request, base),
                **{name: timed_sign_in(each, base, browser) for name, each in SIGN_INS.items()},
            }
            samples, absent = bench.interleaved(contenders, 40, peers=SIGN_INS, seconds=120)
    table = Table("redirect to session", "ms", samples, FLOOR, OWN, absent)
    table.reach("own port: at most 1.0 times the floor", OWN, 1, FLOOR)
    table.reach("through Jupyter: at most 1.5 times the floor", THROUGH, 1.5, FLOOR)
    table.ahead(OWN, SIGN_INS)
    yield table


if __name__ == "__main__":
    run(measure)
