"""How long other requests to Jupyter take while a token endpoint takes 10 s over a sign-in.

An empty handler is asked over one connection: with nothing else to do, while redirects of three
sign-ins wait for their tokens, and while a handler requests a token in the server's own thread, as
a server extension does that does not take care.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from urllib.parse import parse_qs, urlencode, urlsplit

from harness import HERE, Bench, Table, run, tiny_server
from peers import CLIENT_ID, CLIENT_SECRET, RESPONSE, send_redirect
from support.jupyter.server import JupyterProcess

from myid_notebook.callback.route import choose_route
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import Settings, resolve
from myid_notebook.sign_in.sign_in import SignIn

QUIET, OURS, BLOCKING = "nothing else", "three sign-ins of myid_notebook", "a handler that blocks"
AT_ONCE = 3


def measure(bench: Bench) -> Iterator[Table]:
    """Ask an empty handler meanwhile."""
    seconds = 0.4 if bench.smoke else 10.0
    enabled = ["--ServerApp.jpserver_extensions=bench_extension=True"]
    with tiny_server(RESPONSE, seconds) as server, JupyterProcess(arguments=enabled) as jupyter:
        os.environ["JUPYTER_RUNTIME_DIR"] = str(jupyter.runtime_dir)
        environ = {
            "MYID_SERVER": server,
            "MYID_CLIENT_ID": CLIENT_ID,
            "MYID_CLIENT_SECRET": CLIENT_SECRET,
            "MYID_REDIRECT_URI": f"{jupyter.url}myid/callback",
        }
        settings = resolve({}, environ, {})
        longest: dict[str, list[float]] = {}

        def asked(name: str, beside: Callable[[], object]) -> float:
            with ThreadPoolExecutor(1) as executor:
                under_way = executor.submit(beside)
                took = latencies(jupyter, seconds - 0.3)
                under_way.result()
            longest.setdefault(name, []).append(max(took))
            return median(took)

        blocking = f"{jupyter.url}bench/blocking?{urlencode({'token_url': server})}"
        ways: dict[str, Callable[[], object]] = {
            QUIET: lambda: None,
            OURS: lambda: sign_in_together(settings, jupyter.token),
            BLOCKING: lambda: jupyter.ask("GET", blocking.removeprefix(jupyter.url)),
        }
        contenders = {name: partial(asked, name, way) for name, way in ways.items()}
        samples, _ = bench.interleaved(contenders, 3, warm_up=0, seconds=110)
    table = Table(f"a request while a token takes {seconds:.0f} s", "ms", samples, QUIET, OURS)
    table.reach("at most 1.05 times a quiet server", OURS, 1.05, QUIET)
    yield table
    longest = {name: longest[name][-len(row) :] for name, row in samples.items()}
    yield Table("the longest of those requests", "ms", longest, QUIET, OURS)


def latencies(jupyter: JupyterProcess, seconds: float) -> list[float]:
    """Return the milliseconds of requests to the empty handler, one after the other."""
    program = [sys.executable, str(HERE / "load.py"), str(seconds), "1"]
    address = [f"{jupyter.url}bench/empty", f"token {jupyter.token}"]
    done = subprocess.run([*program, *address], check=True, capture_output=True, timeout=60)
    return [each * 1000 for each in json.loads(done.stdout)]


def sign_in_together(settings: Settings, token: str) -> None:
    """Begin sign-ins, send their redirects at once, and wait for the tokens."""
    pending = []
    for _ in range(AT_ONCE):
        route = choose_route(settings.redirect_uri, {}, paste=False)
        sign_in = SignIn(settings, route, BearerSession(settings.api_url))
        sign_in.start()
        sign_in.prepare()
        assert sign_in.request is not None
        state = parse_qs(urlsplit(sign_in.request.url).query)["state"][0]
        send = partial(send_redirect, headers={"Authorization": f"token {token}"})
        browser = threading.Thread(target=send, args=(str(settings.redirect_uri), state))
        browser.start()
        pending.append((sign_in, browser))
    for sign_in, browser in pending:
        sign_in.wait()
        browser.join()
        assert sign_in.session.signed_in


if __name__ == "__main__":
    run(measure)
