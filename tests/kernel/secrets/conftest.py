"""A kernel that logs everything and shows all it can of an exception, and what is secret in it."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.servers.http_server import RecordingServer
from support.servers.sandbox import Registration, SandboxProcess
from support.values.secrets import SecretSignIn

LOGGING = """
import http.client
import logging
logging.basicConfig(filename={log!r}, level=logging.DEBUG, force=True)
http.client.HTTPConnection.debuglevel = 1
"""


RENEW = """
bearer = myid.bearer
bearer.renewal.renew(bearer, bearer.token, wait_for_others=True)
bearer.renewal.end("The chain has ended.")
del bearer
"""


@pytest.fixture(scope="package")
def passing_on(sandbox_process: SandboxProcess) -> Iterator[RecordingServer]:
    """The sandbox behind a server that remembers what was sent."""
    with RecordingServer(sandbox_process.url) as server:
        yield server


@pytest.fixture(scope="package")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the kernel logs everything."""
    return tmp_path_factory.mktemp("log") / "debug.log"


@pytest.fixture(scope="package")
def secret_kernel(
    client: Registration, passing_on: RecordingServer, log: Path
) -> Iterator[LocalKernel]:
    """A kernel that logs everything, and shows all it can of an exception."""
    environ = {
        **client.environ,
        "MYID_TOKEN_URL": f"{passing_on.url}/web.oauth2/connect/token",
        "MYID_API_URL": f"{passing_on.url}/rest.core/api/",
        "MYID_SCOPE": "myid.rest.basic offline_access",
    }
    with LocalKernel(environ) as kernel:
        kernel.execute(LOGGING.format(log=str(log)))
        kernel.execute("%load_ext myid_notebook\n%xmode Verbose")
        yield kernel


@pytest.fixture(scope="package")
def secret_sign_in(
    secret_kernel: LocalKernel,
    passing_on: RecordingServer,
    client: Registration,
    sandbox_process: SandboxProcess,
) -> SecretSignIn:
    """Sign in, renew, and return everything secret about it, and what was shown."""
    sandbox_process.reset()
    cell = secret_kernel.submit("%myid_login")
    redirect = finish_sign_in(cell.link())
    link = cell.link()
    assert "Signed in to MyID" == open_page(redirect).title
    outputs = cell.finish()
    assert [] == outputs.errors
    secret_kernel.execute(RENEW)
    exchange = next(each for each in passing_on.recorded if each.form.get("code_verifier"))
    renewal = next(each for each in passing_on.recorded if each.form.get("refresh_token"))
    secrets = {
        "code": dict(parse_qsl(urlsplit(redirect).query))["code"],
        "state": dict(parse_qsl(urlsplit(link).query))["state"],
        "verifier": exchange.form["code_verifier"],
        "client secret": client.client_secret,
        "earlier token": json.loads(exchange.answer)["access_token"],
        "used refresh token": renewal.form["refresh_token"],
        "token": json.loads(renewal.answer)["access_token"],
        "refresh token": json.loads(renewal.answer)["refresh_token"],
    }
    return SecretSignIn(secrets, outputs)


@pytest.fixture(scope="package")
def secrets(secret_sign_in: SecretSignIn) -> dict[str, str]:
    """Sign in, and return everything secret about it by name."""
    return secret_sign_in.secrets
