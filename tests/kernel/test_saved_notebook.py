"""What a notebook that was executed and saved right after a sign-in holds: nothing secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import LINK
from support.jupyter.server import clean_environ
from support.servers.http_server import RecordingServer
from support.servers.sandbox import Registration, SandboxProcess


class WatchedNotebook(NotebookClient):
    """Executes a notebook while somebody watches, who follows the link as soon as it shows."""

    redirect = ""
    link = ""

    def process_message(self, msg: dict, cell: dict, cell_index: int) -> object:
        """Take a message of the kernel; sign in where it shows the link."""
        output = super().process_message(msg, cell, cell_index)
        found = LINK.search(str(msg["content"].get("data", {}).get("text/plain", "")))
        if found and not self.link:
            self.link = found.group()
            self.redirect = finish_sign_in(self.link)
            open_page(self.redirect)
        return output


@pytest.fixture
def tokens(sandbox: SandboxProcess) -> Iterator[RecordingServer]:
    """The token endpoint, which remembers what it was asked."""
    with RecordingServer(sandbox.url) as server:
        yield server


@pytest.fixture
def environ(
    client: Registration,
    tokens: RecordingServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, str]:
    """The environment of the notebook's kernel."""
    clean = clean_environ(tmp_path)
    for name, value in clean.items():
        if name.startswith(("JUPYTER", "IPYTHON")):
            monkeypatch.setenv(name, value)  # nbclient finds the kernel through them
    return {**clean, **client.environ, "MYID_TOKEN_URL": f"{tokens.url}/web.oauth2/connect/token"}


def notebook(*cells: str) -> nbformat.NotebookNode:
    """Return a notebook of code cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


@pytest.mark.parametrize("line", ["%myid_login --wait", "%myid_login --timeout 60 --post"])
def test_saved_after_a_sign_in(
    environ: dict[str, str], tokens: RecordingServer, client: Registration, line: str
) -> None:
    """No code, state, challenge, verifier, secret or token is in it, widget state included."""
    runner = WatchedNotebook(
        notebook("%load_ext myid_notebook", line, "myid", "%myid_status", "vars(myid)"),
        store_widget_state=True,
        kernel_name="python3",
    )

    saved = json.dumps(runner.execute(env=environ))

    assert "Signed in as Jane Doe" in saved
    exchange = tokens.recorded[0]
    link = dict(parse_qsl(urlsplit(runner.link).query))
    redirect = dict(parse_qsl(urlsplit(runner.redirect).query))
    secrets = {
        "code": redirect["code"],
        "state": link["state"],
        "challenge": link["code_challenge"],
        "verifier": exchange.form["code_verifier"],
        "secret": client.client_secret,
        "token": json.loads(exchange.answer)["access_token"],
    }
    found = [name for name, secret in secrets.items() if secret in saved or quote(secret) in saved]
    assert [] == found
    assert "connect/authorize" not in saved


def test_saved_after_nobody_came(environ: dict[str, str]) -> None:
    """A sign-in that nobody finished leaves no link either."""
    book = notebook("%load_ext myid_notebook", "%myid_login --timeout 0.5")
    with pytest.raises(CellExecutionError, match="SignInTimeout"):
        NotebookClient(book, store_widget_state=True, kernel_name="python3").execute(env=environ)

    assert "connect/authorize" not in json.dumps(book)
