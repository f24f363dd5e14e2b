"""A browser without a Jupyter login: the answer is not passed on, not leaked, and not lost."""

from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from support.browserless import sign_in
from support.callback_page import open_page
from support.jupyter_process import JupyterProcess
from support.sandbox_process import SandboxProcess
from support.served_kernel import ServedKernel


def secrets_of(redirect: str) -> list[str]:
    """Return the values of code and state in a redirect."""
    query = dict(parse_qsl(urlsplit(redirect).query))
    return [query["code"], query["state"]]


def test_page_explains(
    jupyter: JupyterProcess, kernel: ServedKernel, sandbox: SandboxProcess
) -> None:
    """It gets a page, no redirect; signing in to Jupyter and reloading then finishes it."""
    cell = kernel.submit("%myid_login")
    redirect = sign_in(cell.link())

    page = open_page(redirect)

    assert (403, "Sign in to Jupyter in this browser first") == (page.status, page.title)
    assert "Location" not in page.headers
    assert 0 == sandbox.status()["token_requests"]
    assert not cell.done
    assert "Signed in to MyID" == open_page(redirect, cookies=jupyter.cookies()).title
    assert "Signed in as Jane Doe" in cell.finish().shown


def test_other_name_of_this_machine(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """A login at 127.0.0.1 is none at localhost; the page says which of them to open."""
    redirect = sign_in(kernel.submit("%myid_login").link())

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


def test_log_of_a_whole_sign_in(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """After refusals, a sign-in and a replay the server's debug log holds neither."""
    redirect = sign_in(kernel.submit("%myid_login").link())
    open_page(redirect)
    open_page(f"{redirect}&code=other", cookies=jupyter.cookies())
    open_page(redirect, cookies=jupyter.cookies())
    open_page(redirect, cookies=jupyter.cookies())

    assert [] == [secret for secret in secrets_of(redirect) if secret in jupyter.log]
