"""What the token store saves and costs: after a restart, over a day, and with fifty that ask.

Real kernels of a real Jupyter server; the sandbox signs Jane in without a page and counts tokens.
A rival is measured if the kernels can import it: ``pip install requests-oauthlib Authlib``. msal
cannot sign in here: it insists on https, and requests the scopes openid and profile, which clients
of the sandbox do not have.
"""

import importlib.util
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel, signed_in
from support.jupyter.served_notebook import Notebook
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import Registration, SandboxProcess, register
from table import print_table, print_target

from myid_notebook.settings.resolve import resolve
from myid_notebook.token_store.client import StoreClient

ROUNDS = 15
LIMIT = 50.0
"""Milliseconds that a sign-in through the store may take beyond one that the kernel still has."""

CELLS, NOTEBOOKS, RESTARTS = 100, 3, 5
KERNELS, QUESTIONS = 50, 20

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
RIVALS = {
    "requests-oauthlib": (
        "requests_oauthlib",
        """
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
    ),
    "Authlib": (
        "authlib",
        """
if "client" not in globals():
    import requests
    from authlib.common.security import generate_token
    from authlib.integrations.requests_client import OAuth2Session
    client = OAuth2Session(
        given["client_id"], given["client_secret"], redirect_uri=given["redirect_uri"],
        scope=given["scope"], code_challenge_method="S256",
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
    ),
}


@contextmanager
def opened(jupyter: JupyterProcess, *paths: str) -> Iterator[list[ServedKernel]]:
    """Open notebooks, and end their kernels at the end."""
    with ExitStack() as kernels:
        yield [kernels.enter_context(ServedKernel(Notebook(jupyter, path))) for path in paths]


def compare_logins(jupyter: JupyterProcess) -> None:
    """Measure ``%myid_login`` in kernels that were restarted, with and without its imports.

    No kernel that has just started has a session, so the row to compare the imports with is a sum.
    """
    rows = [
        "session still in the kernel",
        "through the store",
        "session still in the kernel + the imports",
        "through the store, which imports",
    ]
    samples: dict[str, list[float]] = {name: [] for name in rows}
    still, store, still_importing, store_importing = samples.values()
    with opened(jupyter, "speed.ipynb") as (kernel,):
        kernel.execute("%load_ext myid_notebook")
        signed_in(kernel)
        for _ in range(ROUNDS):
            restarted(kernel)
            imports = float(kernel.value("timed(load)"))
            store.append(login_time(kernel, BEFORE_RESTART))
            still.append(login_time(kernel))
            still_importing.append(still[-1] + imports)
            restarted(kernel)
            store_importing.append(login_time(kernel, BEFORE_RESTART))
    print_table("%myid_login in a kernel that was restarted", "ms", samples)
    for what, ours, base in (
        ("imports loaded", store, still),
        ("imports in both", store_importing, still_importing),
    ):
        beyond = median(ours) - median(base)
        print_target(f"beyond the kernel's own session, {what}, medians", beyond, LIMIT, "ms")


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


def compare_days(sandbox: SandboxProcess, client: Registration) -> None:
    """Count the tokens of a day, for each setting and each rival."""
    print(f"\nTokens of {CELLS} cells in {NOTEBOOKS} notebooks with {RESTARTS} restarts")
    counts = {}
    for share in ("server", "notebook", "off"):
        cell = f"%myid_login --share {share}\nassert myid.get('people').ok"
        counts[share] = day(sandbox, client, "%load_ext myid_notebook", cell)
        print(f"{f'share={share}':20} {counts[share]}")
    for name, (module, cell) in RIVALS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name:20} not installed")
        else:
            count = day(sandbox, client, f"given = {plain_settings(client)!r}", cell)
            print(f"{name:20} {count}")
    print_target("tokens with share=server", counts["server"], 1, "token")


def day(sandbox: SandboxProcess, client: Registration, start: str, cell: str) -> int:
    """Execute the cells of a day, and return how many tokens the sandbox gave for them.

    Args:
        start: what a kernel executes first.
        cell: what each cell does.
    """
    before = tokens_given(sandbox)
    restarts = {CELLS * number // (RESTARTS + 1) for number in range(1, RESTARTS + 1)}
    paths = [f"{number}.ipynb" for number in range(NOTEBOOKS)]
    # A server of its own, whose store is empty.
    with JupyterProcess(environ=client.environ) as jupyter, opened(jupyter, *paths) as kernels:
        for kernel in kernels:
            kernel.execute(start)
        for number in range(CELLS):
            kernel = kernels[number % NOTEBOOKS]
            if number in restarts:
                kernel.restart()
                kernel.execute(start)
            run(kernel, cell)
    return tokens_given(sandbox) - before


def run(kernel: ServedKernel, code: str) -> None:
    """Execute a cell, and sign in if it shows a link."""
    cell = kernel.submit(code)
    cell.wait_for(lambda: cell.outputs.link or cell.done)
    if cell.outputs.link and not cell.done:
        open_page(finish_sign_in(cell.outputs.link))
    outputs = cell.finish()
    assert outputs.errors == [], outputs.traceback


def tokens_given(sandbox: SandboxProcess) -> int:
    """Return how many tokens the sandbox has given."""
    return sum(sandbox.status()["tokens_issued"].values())


def plain_settings(client: Registration) -> dict[str, str]:
    """Return what a rival must be told."""
    settings = resolve({}, client.environ, {})
    names = ("client_id", "redirect_uri", "scope", "authorize_url", "token_url", "api_url")
    given = {name: str(getattr(settings, name)) for name in names}
    return {**given, "client_secret": client.client_secret}


def compare_crowds(jupyter: JupyterProcess, client: Registration) -> None:
    """Let processes ask the store at the same moment, as often as each of them has questions."""
    with opened(jupyter, "crowd.ipynb") as (kernel,):
        kernel.execute("%load_ext myid_notebook")
        signed_in(kernel)
        told = "os.environ['JUPYTER_RUNTIME_DIR'], os.environ['MYID_NOTEBOOK_TOKEN_STORE']"
        kernel.execute("import json, os")
        runtime_dir, path = json.loads(kernel.value(f"json.dumps([{told}])"))
        os.environ["JUPYTER_RUNTIME_DIR"] = runtime_dir
        samples = {
            "one process": crowd(1, client.environ, path),
            f"{KERNELS} processes at once": crowd(KERNELS, client.environ, path),
        }
    print_table("find() of the store, for a token that it has", "ms", samples)
    for name, row in samples.items():
        print(f"{name}: maximum {max(row):.2f} ms")


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
    store, settings = StoreClient("notebook crowd.ipynb", Path(path)), resolve({}, environ, {})
    row = []
    for _ in range(QUESTIONS + 1):
        barrier.wait(60)
        started = time.perf_counter()
        found = store.find("myid", settings, anywhere=True)
        row.append((time.perf_counter() - started) * 1000)
        assert found is not None
    results.put(row[1:])  # the first imports and caches


def main() -> None:
    """Measure the three."""
    with SandboxProcess.start() as sandbox:
        sandbox.faults(auto_sign_in="jane.doe")
        client = register(sandbox)
        with JupyterProcess(environ=client.environ) as jupyter:
            compare_logins(jupyter)
            compare_crowds(jupyter, client)
        compare_days(sandbox, client)


if __name__ == "__main__":
    main()
