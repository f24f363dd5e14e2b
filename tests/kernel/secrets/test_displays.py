"""What a cell, the configuration, the history or a log shows holds nothing secret."""

import json
from pathlib import Path

import pytest
from support.found_secrets import found
from support.local_kernel import LocalKernel


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
