"""Nothing a user can look at in a kernel shows a secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.browserless import sign_in
from support.callback_page import open_page
from support.local_kernel import LocalKernel
from support.recording_server import RecordingServer
from support.registration import Registration
from support.sandbox_process import SandboxProcess

LOGGING = """
import logging
logging.basicConfig(filename={log!r}, level=logging.DEBUG, force=True)
"""


@pytest.fixture(scope="module")
def passing_on(sandbox_process: SandboxProcess) -> Iterator[RecordingServer]:
    """The sandbox behind a server that remembers what was sent."""
    with RecordingServer(sandbox_process.url) as server:
        yield server


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the kernel logs everything."""
    return tmp_path_factory.mktemp("log") / "debug.log"


@pytest.fixture(scope="module")
def secret_kernel(
    client: Registration, passing_on: RecordingServer, log: Path
) -> Iterator[LocalKernel]:
    """A kernel that logs everything, and shows all it can of an exception."""
    environ = {
        **client.environ,
        "MYID_TOKEN_URL": f"{passing_on.url}/web.oauth2/connect/token",
        "MYID_API_URL": f"{passing_on.url}/rest.core/api/",
    }
    with LocalKernel(environ) as kernel:
        kernel.execute(LOGGING.format(log=str(log)))
        kernel.execute("%load_ext myid_notebook\n%xmode Verbose")
        yield kernel


@pytest.fixture(scope="module")
def secrets(
    secret_kernel: LocalKernel,
    passing_on: RecordingServer,
    client: Registration,
    sandbox_process: SandboxProcess,
) -> dict[str, str]:
    """Sign in, and return everything secret about it by name."""
    sandbox_process.reset()
    cell = secret_kernel.submit("%myid_login")
    redirect = sign_in(cell.link())
    link = cell.link()
    assert "Signed in to MyID" == open_page(redirect).title
    assert [] == cell.finish().errors
    exchange = next(each for each in passing_on.recorded if each.form.get("code_verifier"))
    return {
        "code": dict(parse_qsl(urlsplit(redirect).query))["code"],
        "state": dict(parse_qsl(urlsplit(link).query))["state"],
        "verifier": exchange.form["code_verifier"],
        "client secret": client.client_secret,
        "token": json.loads(exchange.answer)["access_token"],
    }


def found(secrets: dict[str, str], text: str) -> list[str]:
    """Return the names of the secrets that stand in a text."""
    assert text
    return [name for name, secret in secrets.items() if secret in text]


@pytest.mark.parametrize(
    "expression",
    [
        "myid",
        "vars(myid)",
        "myid.auth, vars(myid.auth), myid.auth.token",
        "myid.headers, myid.cookies",
        "myid.get('people', params={'q': 'jo*'}).request.headers",
        "vars(myid.get('people', params={'q': 'jo*'}).request)",
        "__import__('myid_notebook.kernel.login_call').kernel.login_call.desk.__dict__",
        "[vars(login) for login in desk.pending.values()]",
        "[vars(login._exchange) for login in desk.pending.values()]",
        "[login._exchange._authentication for login in desk.pending.values()]",
        "get_ipython().magics_manager.registry['MyIDMagics'].configuration()",
        "[str(error) for error in gc.get_objects() if isinstance(error, Exception)]",
    ],
)
def test_representations(
    secret_kernel: LocalKernel, secrets: dict[str, str], expression: str
) -> None:
    """What a cell shows of a session, its parts and what is left of the sign-in holds none."""
    secret_kernel.execute("import gc\nfrom myid_notebook.kernel.login_call import desk")

    outputs = secret_kernel.execute(expression)

    assert [] == outputs.errors
    assert [] == found(secrets, json.dumps([m["content"] for m in outputs.messages]))


@pytest.mark.parametrize(
    "cell",
    [
        "myid.get('http://127.0.0.1:9/closed')",
        "myid.get('people', params={'q': 'jo*'}, timeout=0.000001)",
        "myid.post('people', json={'a': object()})",
        "myid.get('no/such/thing').raise_for_status()",
        "myid.get('people', hooks={'response': lambda *_, **__: 1 / 0})",
    ],
)
def test_tracebacks(secret_kernel: LocalKernel, secrets: dict[str, str], cell: str) -> None:
    """A failing request shows no secret, though %xmode Verbose prints the variables of frames."""
    outputs = secret_kernel.execute(cell)

    assert 1 == len(outputs.errors)
    assert len(outputs.traceback) > 200
    assert [] == found(secrets, outputs.traceback)


def test_traceback_of_a_refused_connection(
    secret_kernel: LocalKernel, secrets: dict[str, str]
) -> None:
    """The same where the API itself is gone: the request that failed carried the token."""
    secret_kernel.execute("kept = myid.api_url, myid.adapters['http://'].send")
    outputs = secret_kernel.execute(
        "def cut(request, **options):\n"
        "    import socket\n"
        "    request.url = request.url.replace(request.url.split('/')[2], '127.0.0.1:9')\n"
        "    return kept[1](request, **options)\n"
        "myid.adapters['http://'].send = cut\n"
        "try:\n"
        "    myid.get('people', params={'q': 'jo*'})\n"
        "finally:\n"
        "    del myid.adapters['http://'].send"
    )

    assert ["ConnectionError"] == [name for name, _ in outputs.errors]
    assert [] == found(secrets, outputs.traceback)


@pytest.mark.parametrize(
    "cell",
    [
        "import pickle\npickle.dumps(myid)",
        "import copy\ncopy.deepcopy(myid)",
        "import pickle\npickle.dumps(myid.auth)",
        "import json\njson.dumps(vars(myid))",
    ],
)
def test_copies_are_refused(secret_kernel: LocalKernel, secrets: dict[str, str], cell: str) -> None:
    """A session is not pickled or copied, and the refusal shows no secret either."""
    outputs = secret_kernel.execute(cell)

    assert ["TypeError"] == [name for name, _ in outputs.errors]
    assert [] == found(secrets, outputs.traceback)


def test_configuration(secret_kernel: LocalKernel) -> None:
    """%config and help show that a client secret is set, and not which."""
    secret_kernel.execute("%config MyIDMagics.client_secret = 'open-sesame'")

    for cell in ("%config MyIDMagics", "%config MyIDMagics.client_secret", "%myid_login?"):
        outputs = secret_kernel.execute(cell)
        text = json.dumps([m["content"] for m in outputs.messages]) + outputs.pages
        assert text
        assert "open-sesame" not in text
    secret_kernel.execute("%config MyIDMagics.client_secret = None")


def test_debug_log(secret_kernel: LocalKernel, secrets: dict[str, str], log: Path) -> None:
    """With the root logger at DEBUG, nothing secret is logged, ours or anybody's."""
    secret_kernel.execute("myid.get('people', params={'q': 'jo*'})")
    secret_kernel.execute("logging.shutdown()")

    text = log.read_text()
    assert "/rest.core/api/people" in text
    assert [] == found(secrets, text)


def test_history(secret_kernel: LocalKernel, secrets: dict[str, str]) -> None:
    """IPython's history, inputs and outputs hold nothing secret."""
    outputs = secret_kernel.execute("print(In, Out)\n%history -g -o")

    assert [] == found(secrets, outputs.text)


def test_failed_sign_in(
    secret_kernel: LocalKernel, sandbox: SandboxProcess, client: Registration
) -> None:
    """An error of the sign-in itself shows neither code nor client secret, chain included."""
    sandbox.faults(token_drop=True)
    secret_kernel.execute("desk.sessions.pop('audit', None)\nimport traceback")
    cell = secret_kernel.submit(
        "from myid_notebook import login\n"
        "try:\n"
        "    login('audit')\n"
        "except Exception as error:\n"
        "    failed = error\n"
        "    get_ipython().showtraceback()\n"
        "    print(*traceback.TracebackException.from_exception(\n"
        "        error, capture_locals=True).format())\n"
        "    print(vars(error), error.__context__, error.__cause__)"
    )
    redirect = sign_in(cell.link())
    code = dict(parse_qsl(urlsplit(redirect).query))["code"]
    open_page(redirect)

    outputs = cell.finish()

    assert "broke off the connection" in outputs.text
    assert [] == found({"code": code, "secret": client.client_secret}, str(outputs.messages))
