"""What the token store saves and costs: after a restart, over a day, and with fifty that ask.

Real kernels of a real Jupyter server; the sandbox signs Jane in without a page. A day of 10 hours
takes a minute, and every life is 600 times as short: 6 seconds for an access token, 12 for a
refresh token. It is 100 cells, each of which sends a request, in 3 notebooks with 5 restarts and a
lunch of an hour. All ask for refresh tokens. A peer does what it does by itself: databricks-sdk
keeps its token in a file, others in the kernel. Users of a peer sign in again where a cell fails.
"""

import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from textwrap import indent
from typing import Any

from harness import Bench, Reach, Table, run
from peers import version
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel, signed_in
from support.jupyter.served_notebook import Notebook
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import Registration, SandboxProcess, register

from myid_notebook.settings.resolve import resolve
from myid_notebook.token_store.client import StoreClient

LIMIT = 50.0
"""Milliseconds that a sign-in through the store may take beyond one that the kernel still has."""

CELLS, NOTEBOOKS, RESTARTS = 100, 3, 5
SCOPE = "myid.rest.basic offline_access"
DAY, LIFE, LUNCH = 60, 6, 0.1
"""Seconds of a day and of an access token; the part of the day that is lunch."""

SMOKE_DAY = 4, 1, 1
KERNELS, QUESTIONS = 50, 20
STILL, STORE = "session still in the kernel", "through the store"
WITH_IMPORTS = " + imports"

BEFORE_RESTART = "(from before the restart)"
TIMED = """
import time
def timed(call):
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000
def log_in():
    get_ipython().run_line_magic("myid_login", "")
def load():
    import myid_notebook.kernel.commands
"""

# What their users write: one client for the kernel, and a sign-in if it has no token.
PEERS = {
    "requests-oauthlib": """
if "client" not in globals():
    import os, requests
    from requests_oauthlib import OAuth2Session
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    client = OAuth2Session(
        given["client_id"], redirect_uri=given["redirect_uri"], scope=given["scope"], pkce="S256"
    )
if not client.authorized:
    link, _ = client.authorization_url(given["authorize_url"])
    back = requests.get(link, allow_redirects=False).headers["Location"]
    client.fetch_token(
        given["token_url"], authorization_response=back, client_secret=given["client_secret"]
    )
assert client.get(given["api_url"] + "people").ok
""",
    "Authlib": """
if "client" not in globals():
    import requests
    from authlib.common.security import generate_token
    from authlib.integrations.requests_client import OAuth2Session
    client = OAuth2Session(
        given["client_id"], given["client_secret"], redirect_uri=given["redirect_uri"],
        scope=given["scope"], code_challenge_method="S256", leeway=60 / 600,
    )
if not client.token:
    verifier = generate_token(48)
    link, _ = client.create_authorization_url(given["authorize_url"], code_verifier=verifier)
    back = requests.get(link, allow_redirects=False).headers["Location"]
    client.fetch_token(
        given["token_url"], authorization_response=back, code_verifier=verifier
    )
assert client.get(given["api_url"] + "people").ok
""",
    "google-auth-oauthlib": """
if "session" not in globals():
    import os, requests
    from google_auth_oauthlib.flow import Flow
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    flow = Flow.from_client_config({"installed": {
        "client_id": given["client_id"], "client_secret": given["client_secret"],
        "auth_uri": given["authorize_url"], "token_uri": given["token_url"],
    }}, given["scope"].split(), redirect_uri=given["redirect_uri"], autogenerate_code_verifier=True)
    link, _ = flow.authorization_url()
    back = requests.get(link, allow_redirects=False).headers["Location"]
    flow.fetch_token(authorization_response=back)
    session = flow.authorized_session()
assert session.get(given["api_url"] + "people").ok
""",
    "databricks-sdk": """
if "cache" not in globals():
    import requests
    from urllib.parse import parse_qsl, urlsplit
    from databricks.sdk.oauth import OAuthClient, OidcEndpoints, TokenCache
    endpoints = OidcEndpoints(given["authorize_url"], given["token_url"])
    scopes, secret = given["scope"].split(), given["client_secret"]
    cache = TokenCache(
        given["api_url"], endpoints, given["client_id"], given["redirect_uri"], secret, scopes
    )
    credentials = cache.load()
if credentials is None:
    consent = OAuthClient(
        endpoints, given["redirect_uri"], given["client_id"], scopes, secret
    ).initiate_consent()
    back = requests.get(consent.authorization_url, allow_redirects=False).headers["Location"]
    credentials = consent.exchange_callback_parameters(dict(parse_qsl(urlsplit(back).query)))
    cache.save(credentials)
header = {"Authorization": "Bearer " + credentials.token().access_token}
assert requests.get(given["api_url"] + "people", headers=header).ok
""",
}
SCALED = """
from myid_notebook.session import bearer, renewal
bearer.EXPIRY_MARGIN = renewal.EXPIRY_MARGIN = 5 / 600
"""
"""Shortens the seconds that a token must outlive a request, as the lives."""

AGAIN = """
import os, shutil
try:
{cell}
except Exception:
    for name in ("client", "session", "cache"):
        globals().pop(name, None)
    shutil.rmtree(os.path.expanduser("~/.config/databricks-sdk-py"), ignore_errors=True)
{cell}
"""
"""A peer's cell, whose user signs in again where it fails."""

CANNOT = {
    "msal": "insists on https, and on scopes that MyID's clients do not have",
    "globus-sdk": "signs in at Globus only (and keeps its tokens in a file)",
    "openeo": "signs in through an openEO server only",
}


@contextmanager
def opened(jupyter: JupyterProcess, *paths: str) -> Iterator[list[ServedKernel]]:
    """Open notebooks, and end their kernels at the end."""
    with ExitStack() as kernels:
        yield [kernels.enter_context(ServedKernel(Notebook(jupyter, path))) for path in paths]


def compare_logins(bench: Bench, jupyter: JupyterProcess) -> Table:
    """Measure ``%myid_login`` in kernels that were restarted, with and without its imports.

    No kernel that has just started has a session, so the row to compare the imports with is a sum.
    """
    with opened(jupyter, "speed.ipynb") as (kernel,):
        kernel.execute("%load_ext myid_notebook")
        signed_in(kernel)
        restarted(kernel)
        imports = float(kernel.value("timed(load)"))

        def through_store(*, importing: bool) -> float:
            nonlocal imports
            restarted(kernel)
            if not importing:
                imports = float(kernel.value("timed(load)"))
            return login_time(kernel, BEFORE_RESTART)

        def still(*, importing: bool) -> float:
            if kernel.value("'myid' in globals()") != "True":
                login_time(kernel)
            return login_time(kernel) + importing * imports

        contenders: dict[str, Callable[[], float]] = {
            STORE: partial(through_store, importing=False),
            STILL: partial(still, importing=False),
            STORE + WITH_IMPORTS: partial(through_store, importing=True),
            STILL + WITH_IMPORTS: partial(still, importing=True),
        }
        samples, _ = bench.interleaved(contenders, 12, seconds=100)
    table = Table("`%myid_login` in a kernel that was restarted", "ms", samples, STILL)
    for suffix in ("", WITH_IMPORTS):
        pairs = zip(samples[STORE + suffix], samples[STILL + suffix], strict=True)
        beyond = [ours - base for ours, base in pairs]
        text = f"beyond the kernel's own session{suffix}: at most {LIMIT:.0f} ms"
        table.reaches.append(Reach(text, beyond, LIMIT, "ms"))
    return table


def restarted(kernel: ServedKernel) -> None:
    """Restart a kernel and prepare it for a measurement."""
    kernel.restart()
    kernel.execute(f"%load_ext myid_notebook{TIMED}")


def login_time(kernel: ServedKernel, origin: str = "") -> float:
    """Return the milliseconds of a sign-in that asks nobody, after which the session works."""
    outputs = kernel.execute("took = timed(log_in)")
    assert "Signed in as Jane Doe" in outputs.shown, outputs.shown
    assert origin in outputs.shown, outputs.shown
    assert kernel.value("myid.signed_in") == "True"
    return float(kernel.value("took"))


def compare_days(bench: Bench) -> Table:
    """Count the sign-ins of a day, for each setting and each peer.

    Two of them have their day at once, for most of it is waiting.
    """
    cells, notebooks, often = size = SMOKE_DAY if bench.smoke else (CELLS, NOTEBOOKS, RESTARTS)
    contenders: dict[str, str] = {}
    for share in ("server",) if bench.smoke else ("server", "notebook", "off"):
        cell = f"%myid_login --share {share}\nassert myid.get('people').ok"
        contenders[f"myid_notebook, share={share}"] = cell
    absent = dict(CANNOT)
    for name, cell in PEERS.items() if not bench.smoke else ():
        if version(name):
            contenders[name] = AGAIN.format(cell=indent(cell, "    "))
        else:
            absent[name] = "not installed"
    with ThreadPoolExecutor(2) as days:
        counts = days.map(partial(day, size, bench.count(DAY, 0)), contenders.values())
        samples = {name: [count] for name, count in zip(contenders, counts, strict=True)}
    ours = "myid_notebook, share=server"
    title = f"10 hours, {cells} cells, {notebooks} notebooks, {often} restarts"
    table = Table(title, "sign-ins", samples, "", "", absent)
    table.reach("one sign-in, as it comes", ours, 1)
    return table


def day(size: tuple[int, int, int], seconds: float, cell: str) -> float:
    """Execute the cells of a day, and return how many sign-ins there were.

    Args:
        size: how many cells, notebooks and restarts.
        seconds: how long the day lasts.
        cell: what each cell does.
    """
    cells, notebooks, often = size
    restarts = {cells * number // (often + 1) for number in range(1, often + 1)}
    paths = [f"{number}.ipynb" for number in range(notebooks)]
    # A server of its own, whose store is empty, and a home where no peer has left a file.
    with ExitStack() as running:
        home = running.enter_context(tempfile.TemporaryDirectory())
        sandbox = running.enter_context(SandboxProcess.start())
        lives = {"token_lifetime": LIFE, "refresh_lifetime": 2 * LIFE}
        sandbox.faults(auto_sign_in="jane.doe", **lives)
        environ = {**register(sandbox).environ, "MYID_SCOPE": SCOPE, "HOME": home}
        jupyter = running.enter_context(JupyterProcess(environ=environ))
        kernels = running.enter_context(opened(jupyter, *paths))
        start = f"%load_ext myid_notebook\n{SCALED}given = {plain_settings(environ)!r}"
        for kernel in kernels:
            kernel.execute(start)
        for number in range(cells):
            is_lunch = number == cells // 2
            time.sleep(seconds * LUNCH if is_lunch else seconds * (1 - LUNCH) / cells)
            kernel = kernels[number % notebooks]
            if number in restarts:
                kernel.restart()
                kernel.execute(start)
            execute(kernel, cell)
        return float(sandbox.status()["tokens_by_grant"]["authorization_code"])


def execute(kernel: ServedKernel, code: str) -> None:
    """Execute a cell, and sign in if it shows a link."""
    cell = kernel.submit(code)
    cell.wait_for(lambda: cell.outputs.link or cell.done)
    if cell.outputs.link and not cell.done:
        open_page(finish_sign_in(cell.outputs.link))
    outputs = cell.finish()
    assert outputs.errors == [], outputs.traceback


def plain_settings(environ: dict[str, str]) -> dict[str, str]:
    """Return what a rival must be told."""
    settings = resolve({}, environ, {})
    names = ("client_id", "redirect_uri", "scope", "authorize_url", "token_url", "api_url")
    given = {name: str(getattr(settings, name)) for name in names}
    return {**given, "client_secret": str(settings.client_secret)}


def compare_crowds(bench: Bench, jupyter: JupyterProcess, client: Registration) -> Table:
    """Let processes ask the store at the same moment, as often as each of them has questions."""
    size = bench.count(KERNELS, 2)
    with opened(jupyter, "crowd.ipynb") as (kernel,):
        kernel.execute("%load_ext myid_notebook")
        signed_in(kernel, "%myid_login --share server")
        told = "os.environ['JUPYTER_RUNTIME_DIR'], os.environ['MYID_NOTEBOOK_TOKEN_STORE']"
        kernel.execute("import json, os")
        runtime_dir, path = json.loads(kernel.value(f"json.dumps([{told}])"))
        os.environ["JUPYTER_RUNTIME_DIR"] = runtime_dir
        samples = {
            "one process": crowd(1, client.environ, path),
            f"{size} processes at once": crowd(size, client.environ, path),
        }
    return Table("asking the store for a token that it has", "ms", samples, "")


def crowd(size: int, environ: dict[str, str], path: str) -> list[float]:
    """Return the milliseconds of each question of processes that ask together."""
    context = multiprocessing.get_context("spawn")  # a fork would inherit the sockets of Jupyter
    barrier, results = context.Barrier(size), context.Queue()
    asking = [
        context.Process(target=ask, args=(barrier, results, environ, path)) for _ in range(size)
    ]
    for process in asking:
        process.start()
    rows = [results.get(timeout=120) for _ in asking]
    for process in asking:
        process.join()
    return [took for row in rows for took in row]


def ask(barrier: Any, results: Any, environ: dict[str, str], path: str) -> None:  # noqa: ANN401 - multiprocessing names no types
    """Ask the store again and again, together with the others."""
    store, settings = StoreClient("crowd", Path(path)), resolve({}, environ, {})
    row = []
    for _ in range(QUESTIONS + 1):
        barrier.wait(60)
        started = time.perf_counter()
        found = store.find("myid", settings)
        row.append((time.perf_counter() - started) * 1000)
        assert found is not None
    results.put(row[1:])  # the first imports and caches


def measure(bench: Bench) -> Iterator[Table]:
    """Count the sign-ins of a day, restart kernels, and let fifty ask at once."""
    with SandboxProcess.start() as sandbox:
        sandbox.faults(auto_sign_in="jane.doe")
        client = register(sandbox)
        yield compare_days(bench)
        with JupyterProcess(environ=client.environ) as jupyter:
            yield compare_logins(bench, jupyter)
            yield compare_crowds(bench, jupyter, client)


if __name__ == "__main__":
    run(measure)
