"""The extension's page of pending sign-ins."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import requests
from support.browser.callback_page import Visit, elements, open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.machine.ports import free_port
from support.servers.http_server import FixedAnswerServer, json_answer
from support.servers.sandbox import SandboxProcess
from support.values.secrets import answer_secrets, files_below, found, rendezvous_file

import myid_notebook
from myid_notebook.callback import rendezvous
from myid_notebook.callback.pages import HEADERS
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.machine.processes import machine_name

NOTHING = "None of your notebooks is waiting for a sign-in."
SILENT = "does not respond"


def status_page(jupyter: JupyterProcess) -> requests.Response:
    """Open the page as the signed-in user."""
    url = f"{jupyter.url}myid/"
    return requests.get(url, cookies=jupyter.cookies(), timeout=30, allow_redirects=False)


def links(page: requests.Response) -> list[str]:
    """Return where the links of a page lead."""
    return [unescape(link) for link in re.findall(r'href="([^"]*)"', page.text)]


@pytest.fixture
def written(jupyter: JupyterProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Rendezvous files for the server, which are removed at the end."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(jupyter.runtime_dir))
    files: list[Path] = []
    yield files
    for file in files:
        file.unlink(missing_ok=True)


def leave(written: list[Path], port: int, **changes: object) -> None:
    """Write the rendezvous file of a kernel at a port."""
    members = {
        "port": port,
        "relay_key": "k",
        "pid": os.getpid(),
        "host": machine_name(),
        "lifetime": 60,
        **changes,
    }
    written.append(Rendezvous(**members).write(f"state {len(written)}"))  # type: ignore[arg-type] # of these very types


def test_pending_sign_ins(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """Each pending sign-in with its notebook, link, MyID and time left, and no longer than it is
    pending; the link signs in.
    """
    kernel.execute("import os; os.environ['JPY_SESSION_NAME'] = '/home/jane/<b>R&D.ipynb'")
    cell = kernel.submit("%myid_login")
    other = kernel.submit("%myid_login other --no-wait --timeout 90")
    url = cell.link()
    shown = status_page(jupyter)

    assert 200 == shown.status_code
    assert HEADERS == {name: shown.headers.get(name) for name in HEADERS}
    assert url in links(shown)
    assert "&lt;b&gt;R&amp;D.ipynb" in shown.text
    assert "/home/jane" not in shown.text
    assert re.search(r"[45]:\d\d left", shown.text)
    assert f"version {myid_notebook.__version__}" in shown.text
    assert f"{jupyter.url}myid/callback" in shown.text
    assert "script" not in {tag for tag, _ in elements(shown.text)}

    (again,) = [link for link in links(shown) if link == url]
    open_page(finish_sign_in(again), cookies=jupyter.cookies())
    cell.finish()
    assert url not in links(status_page(jupyter))
    other.finish()
    kernel.execute("%myid_logout other")
    assert (NOTHING in status_page(jupyter).text, []) == (True, links(status_page(jupyter)))


def test_page_without_the_slash(jupyter: JupyterProcess) -> None:
    """Whoever types the address finds the page with or without its last slash."""
    url = f"{jupyter.url}myid"
    answer = requests.get(url, cookies=jupyter.cookies(), timeout=30)

    assert NOTHING in answer.text


def test_kernels_that_are_silent(
    jupyter: JupyterProcess, kernel: ServedKernel, written: list[Path]
) -> None:
    """A kernel that is stopped, gone, elsewhere or another program by now is listed as such within
    seconds, and without a link; the others' links are there.
    """
    with ServedKernel(jupyter) as stopped:
        stopped.execute("%load_ext myid_notebook")
        pid = int(stopped.value("__import__('os').getpid()"))
        silent_url = stopped.submit("%myid_login").link()
        url = kernel.submit("%myid_login").link()
        leave(written, free_port())
        leave(written, free_port(), host="another <machine>")
        evil = {"link": "javascript:alert(1)", "seconds_left": 9, "notebook": "", "server": ""}
        with FixedAnswerServer(json_answer(json.dumps(evil).encode())) as program:
            leave(written, program.port)
            os.kill(pid, signal.SIGSTOP)
            try:
                started = time.monotonic()
                shown = status_page(jupyter)
                took = time.monotonic() - started
            finally:
                os.kill(pid, signal.SIGCONT)

    assert (4, [url]) == (shown.text.count(SILENT), links(shown))
    assert "another &lt;machine&gt;" in shown.text
    assert silent_url not in unescape(shown.text)
    assert "javascript:" not in shown.text
    assert took < 15, "the time-out, and a busy machine"


def test_redirect_that_has_arrived(
    jupyter: JupyterProcess, kernel: ServedKernel, sandbox: SandboxProcess
) -> None:
    """Once the browser is back the link is of no use, and not shown."""
    sandbox.faults(token_delay=5)
    cell = kernel.submit("%myid_login")
    visit = Visit(finish_sign_in(cell.link()), cookies=jupyter.cookies())
    cell.wait_for(lambda: "getting its access token" in status_page(jupyter).text)

    assert [] == links(status_page(jupyter))
    assert "Signed in to MyID" == visit.page.title


def test_without_a_jupyter_login(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """The page is for the signed-in Jupyter user only, and Jupyter leads back to it."""
    url = kernel.submit("%myid_login").link()
    answer = requests.get(f"{jupyter.url}myid/", timeout=30, allow_redirects=False)

    assert (302, True) == (answer.status_code, "/login" in answer.headers["Location"])
    assert url not in answer.text


def test_nothing_is_kept_or_logged(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """The state is in no file and no log of the server; the relay key is in its own file only."""
    redirect = finish_sign_in(kernel.submit("%myid_login").link())
    assert "Sign in to MyID" in status_page(jupyter).text
    secrets = answer_secrets(redirect, jupyter.runtime_dir)
    relay_key = {"relay key": secrets.pop("relay key")}
    own = rendezvous_file(jupyter.runtime_dir, redirect)

    assert "GET /a%40b/myid/" in jupyter.log
    for path, content in files_below(jupyter.home).items():
        hidden = secrets if path == own else {**secrets, **relay_key}
        assert [] == found(hidden, f"{path} {content.decode('latin-1')}"), path
    assert own.exists()


def test_folder_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is a file, or that nobody may write, is named as such."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))

    assert "" == rendezvous.folder_fault(), "it is made with the first sign-in"
    rendezvous.folder().mkdir()
    assert "" == rendezvous.folder_fault()
    rendezvous.folder().rmdir()
    rendezvous.folder().write_text("")
    assert "No folder of its own" == rendezvous.folder_fault()
