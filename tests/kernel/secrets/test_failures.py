"""What goes wrong shows nothing secret, though ``%xmode Verbose`` prints every variable."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from support.browserless import sign_in
from support.callback_page import open_page
from support.found_secrets import found
from support.local_kernel import LocalKernel
from support.registration import Registration
from support.sandbox_process import SandboxProcess


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
