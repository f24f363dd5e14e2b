"""Sign-in in marimo, whose notebooks are Python files without magics or an IPython shell."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import BrowserContext, expect
from support.browser.chromium import picture, sign_in_at_myid
from support.machine.ports import free_port
from support.machine.threads import wait_until
from support.servers.sandbox import Registration

NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def _():
    from myid_notebook import MyIDError, login

    try:
        found = len(login().search("people", {"q": "Doe"}))
    except MyIDError as error:
        found = f"{type(error).__name__}: {error}"
    f"Result: {found}"
    return


if __name__ == "__main__":
    app.run()
"""

WAIT = 60_000
"""Milliseconds for what a busy machine shows late."""


@contextmanager
def marimo(mode: str, folder: Path, client: Registration) -> Iterator[str]:
    """Run ``marimo edit`` or ``marimo run`` with the notebook; yield its URL."""
    (folder / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.marimo.runtime]\nauto_instantiate = true\n")
    url = f"http://127.0.0.1:{(port := free_port())}/"
    foreign = ("JUPYTER", "JPY_", "MYID_", "IPYTHON")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    quiet = ["--headless", "--no-token"]
    command = [sys.executable, "-m", "marimo", mode, "notebook.py", f"--port={port}", *quiet]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command,
            cwd=folder,
            env={**environ, "HOME": str(folder), **client.environ},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            wait_until(lambda: serves(url), timeout=60)
            yield url
        finally:
            process.terminate()


def serves(url: str) -> bool:
    """Return whether there is a server by now."""
    try:
        return requests.get(f"{url}health", timeout=10).ok
    except requests.ConnectionError:
        return False


def test_edit(context: BrowserContext, tmp_path: Path, registration: Registration) -> None:
    """``marimo edit`` shows the link, and the session searches."""
    with marimo("edit", tmp_path, registration) as url:
        page = context.new_page()
        page.goto(url)
        link = page.locator("a[href*=authorize]")
        expect(link).to_be_visible(timeout=WAIT)
        picture(page, "marimo-link")
        with context.expect_page() as opened:
            link.click()
        sign_in_at_myid(opened.value)
        expect(opened.value.get_by_role("heading")).to_have_text("Signed in to MyID", timeout=WAIT)
        expect(page.get_by_text(re.compile(r"^'?Result: [0-9]+"))).to_be_visible(timeout=WAIT)
        picture(page, "marimo-end")


def test_run(context: BrowserContext, tmp_path: Path, registration: Registration) -> None:
    """``marimo run`` serves everybody from one process: nobody is signed in there."""
    with marimo("run", tmp_path, registration) as url:
        page = context.new_page()
        page.goto(url)
        expect(page.get_by_text("because this notebook runs as an app (marimo run)")).to_be_visible(
            timeout=WAIT
        )
        picture(page, "marimo-run")
