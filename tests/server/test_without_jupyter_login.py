"""A browser without a Jupyter login: the answer is not passed on, not leaked, and not lost."""

import json
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from support.browser.callback_page import open_page
from support.browser.jupyter_requests import LoggedBrowser
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel, ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.http_server import RecordingServer
from support.servers.sandbox import SandboxProcess
from support.values.secrets import answer_secrets, exchange_secrets, found, rendezvous_file


def test_page_explains(
    jupyter: JupyterProcess, kernel: ServedKernel, sandbox: SandboxProcess
) -> None:
    """It gets a page, no redirect; signing in to Jupyter and reloading then finishes it."""
    cell = kernel.submit("%myid_login")
    redirect = finish_sign_in(cell.link())

    page = open_page(redirect)

    assert (403, "Sign in to Jupyter in this browser first") == (page.status, page.title)
    assert "Location" not in page.headers
    assert 0 == sandbox.status()["token_requests"]
    assert not cell.done
    assert "Signed in to MyID" == open_page(redirect, cookies=jupyter.cookies()).title
    assert "Signed in as Jane Doe" in cell.finish().shown


def test_other_name_of_this_machine(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """A login at 127.0.0.1 is none at localhost; the page says which of them to open."""
    redirect = finish_sign_in(kernel.submit("%myid_login").link())

    page = open_page(redirect, cookies=jupyter.cookies("127.0.0.1"))

    assert 403 == page.status
    assert f"open localhost:{jupyter.port} in another tab" in page.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
@pytest.mark.parametrize("login", [True, False])
def test_log_holds_no_secret(jupyter: JupyterProcess, method: str, *, login: bool) -> None:
    """Whatever asks for the callback, neither code nor state is in the server's debug log."""
    query = f"code=code-of-{method}-{login}&state=state-of-{method}-{login}"
    cookies = jupyter.cookies() if login else None
    url = f"{jupyter.url}myid/callback?{query}"

    requests.request(method, url, cookies=cookies, timeout=30, allow_redirects=False)

    assert "myid/callback" in jupyter.log
    assert f"code-of-{method}-{login}" not in jupyter.log
    assert f"state-of-{method}-{login}" not in jupyter.log


REFUSALS = [
    "Sign in to Jupyter in this browser first",
    "This is not a response from MyID",
    "This is not a response from MyID",
    "This response was rejected",
    "This sign-in link is no longer active",
    "The notebook is on another machine",
    "Paste the address",
    "Paste the address",
    "Paste the address",
    "Paste the address",
]
"""What comes of what ``refused_everywhere`` does."""


def refused_everywhere(browser: LoggedBrowser, redirect: str, file: Path) -> None:
    """Take an answer to the route in each way that is refused; the sign-in goes on waiting."""
    query = dict(parse_qsl(urlsplit(redirect).query))
    browser.open(redirect, login=False)
    browser.open(f"{redirect}&code=other")
    route = redirect.partition("?")[0]
    browser.open(f"{route}?code={query['code']}")
    browser.open(f"{route}?state={query['state']}")
    browser.open(redirect.replace("state=", "state=x"))
    elsewhere = json.loads(file.read_text(encoding="utf-8")) | {"machine": "elsewhere"}
    other = sha256(f"y{query['state']}".encode()).hexdigest()
    copy = file.with_name(f"{other}.json")
    copy.write_text(json.dumps(elsewhere), encoding="utf-8")
    copy.chmod(0o600)
    browser.open(redirect.replace("state=", "state=y"))
    copy.unlink()
    browser.paste(redirect.replace("state=", "no="))
    browser.paste(f"{redirect}&code=other")


def test_log_of_a_whole_sign_in(
    jupyter: JupyterProcess,
    recorded_kernel: LocalKernel,
    recorder: RecordingServer,
    sandbox: SandboxProcess,
) -> None:
    """After every refusal, a sign-in and a replay, a denial, and an answer for a kernel that is
    gone, the server's log holds nothing secret, with every logger of the process at DEBUG.
    """
    folder, browser = jupyter.runtime_dir, LoggedBrowser(jupyter)
    secrets: dict[str, str] = {}

    def begin(session: str) -> str:
        redirect = finish_sign_in(recorded_kernel.submit(f"%myid_login {session} --no-wait").link())
        of_this = answer_secrets(redirect, folder)
        secrets.update({f"{name} of {session}": of_this[name] for name in of_this})
        return redirect

    first = begin("first")
    refused_everywhere(browser, first, rendezvous_file(folder, first))
    browser.open(first)
    browser.open(first)
    sandbox.faults(denied=True)
    browser.open(begin("denied"))
    sandbox.faults(denied=False)
    lost = begin("lost")
    recorded_kernel.kill()
    browser.open(lost)

    replay, denied, gone = REFUSALS[4], "Not signed in", "The notebook is no longer waiting"
    assert [*REFUSALS, "Signed in to MyID", replay, denied, gone] == browser.seen
    secrets |= exchange_secrets(recorder.forms)
    assert 10 == len(secrets)
    assert [] == found(secrets, jupyter.log)
