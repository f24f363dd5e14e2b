"""What goes wrong shows nothing secret, though ``%xmode Verbose`` prints every variable."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import LINK
from support.jupyter.kernel import LocalKernel
from support.servers.sandbox import Registration, SandboxProcess
from support.values.secrets import found

ANSI = re.compile(r"\x1b\[[0-9;]*m")
"""What colours a traceback, in the middle of a path too."""


@pytest.mark.parametrize(
    "cell",
    [
        "myid.get('http://127.0.0.1:9/closed')",
        "myid.get('people', params={'q': 'jo'}, timeout=0.000001)",
        "myid.post('people', json={'a': object()})",
        "myid.get('people', hooks={'response': lambda *_, **__: 1 / 0})",
    ],
)
def test_tracebacks(
    secret_kernel: LocalKernel, secrets: dict[str, str], sandbox: SandboxProcess, cell: str
) -> None:
    """A failing request shows no secret, though %xmode Verbose prints the variables of frames."""
    sandbox.faults(api_delay=0.2)  # the shortest timeout there is lasts a millisecond
    outputs = secret_kernel.execute(
        f"def fail(known):\n    return {cell}\nfail('value ' + 'of a variable')"
    )

    assert 1 == len(outputs.errors)
    shown = ANSI.sub("", outputs.traceback)
    assert "value of a variable" in shown
    assert [] == [room for room in ("urllib3", "adapters.py", "http/client") if room in shown]
    assert [] == found(secrets, shown)


@pytest.mark.parametrize(
    "cell",
    [
        "myid.get('no/such/thing').raise_for_status()",
        "myid.search('no/such/thing')",
        "myid.fetch('no/such/thing')",
        "myid.fetch(['no/such/thing', 'people/x'])",
        "myid.search('people', {'no.such.name': 1})",
    ],
)
def test_errors_of_the_api(secret_kernel: LocalKernel, secrets: dict[str, str], cell: str) -> None:
    """They are one line below the user's own, and show no secret."""
    outputs = secret_kernel.execute(f"known = 1\n{cell}")

    assert 1 == len(outputs.errors)
    shown = ANSI.sub("", outputs.traceback)
    assert f"----> 2 {cell}" == shown.splitlines()[0]
    assert 2 == len(shown.splitlines())
    assert [] == found(secrets, shown)


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
        "    myid.get('people', params={'q': 'jo'})\n"
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


NOTE_THE_VERIFIER = """
from myid_notebook.sign_in import sign_in as _module
_make_request = getattr(_module, "_kept", _module._new_request)
def _noted(*args):
    request = _make_request(*args)
    with open("verifier", "w") as file:
        file.write(request.code_verifier)
    return request
_module._kept, _module._new_request = _make_request, _noted
"""
"""Tells the tests, in a file, what no object may show."""


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"token_drop": True}, "closed the connection"),
        ({"token_status": 400, "token_error": "invalid_grant"}, "MyID refused the token request"),
        ({"token_body": "invalid"}, "probably not MyID's token endpoint"),
        ({"iss": "https://another.example"}, "The response came from"),
        ({"denied": True}, "cancelled or refused at MyID"),
    ],
)
def test_failed_sign_in(
    secret_kernel: LocalKernel,
    sandbox: SandboxProcess,
    client: Registration,
    log: Path,
    faults: dict[str, object],
    message: str,
) -> None:
    """An error of the sign-in itself shows nothing of it, chain and variables included, in whatever
    way it is shown or logged.
    """
    sandbox.faults(**faults)
    secret_kernel.execute("%myid_logout audit\nimport logging\nimport traceback")
    secret_kernel.execute(NOTE_THE_VERIFIER)
    cell = secret_kernel.submit(
        "from myid_notebook import login\n"
        "try:\n"
        "    login('audit')\n"
        "except Exception as error:\n"
        "    failed = error\n"
        "    get_ipython().showtraceback()\n"
        "    print(*traceback.TracebackException.from_exception(\n"
        "        error, capture_locals=True).format())\n"
        "    print(vars(error), error.__context__, error.__cause__)\n"
        "    logging.exception('It failed')"
    )
    redirect = finish_sign_in(cell.link())
    open_page(redirect)
    outputs = cell.finish()
    file = secret_kernel.home / "verifier"
    verifier = file.read_text()
    file.unlink()
    logged = log.read_text()
    said = f"{outputs.messages} {logged}"
    for cell_of_user in ("%xmode Context", "%tb", "raise failed", "%xmode Verbose", "%tb"):
        said += str(secret_kernel.execute(cell_of_user).messages)

    query = dict(parse_qsl(urlsplit(redirect).query))
    answer = {name: query[name] for name in ("code", "state") if name in query}
    assert message in outputs.text
    assert "It failed" in logged
    hidden = {**answer, "secret": client.client_secret, "verifier": verifier}
    assert [] == found(hidden, LINK.sub("", said))
