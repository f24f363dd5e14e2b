"""What a cell, the configuration, the history or a log shows holds nothing secret."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.jupyter.cell import LINK
from support.jupyter.kernel import LocalKernel
from support.values.secrets import SecretSignIn, found

PENDING_AND_FAILED = """
import gc
from myid_notebook import login
from myid_notebook.kernel.commands import registry
try:
    login("other", server="ftp://x")
except Exception as error:
    failure = error
%myid_login other --no-wait
"""
"""Leaves an error and a pending sign-in to look at."""


@pytest.mark.parametrize(
    "expression",
    [
        "myid",
        "vars(myid)",
        "myid.auth, vars(myid.auth), myid.auth.token",
        "myid.headers, myid.cookies",
        "myid.get('people', params={'q': 'jo'}).request.headers",
        "vars(myid.get('people', params={'q': 'jo'}).request)",
        # Private names too: whoever looks for a fault looks into everything.
        "registry.__dict__, registry.records",
        "[vars(each.pending.sign_in) for each in registry.records.values() if each.pending]",
        "[vars(each) for each in gc.get_objects() if type(each).__name__ == 'TokenEndpoint']",
        "get_ipython().magics_manager.registry['MyIDMagics'].configuration()",
        "[str(error) for error in gc.get_objects() if isinstance(error, Exception)]",
        "registry._typed_secrets, vars(registry.sandbox)",
        "__import__('dataclasses').asdict(myid.auth.token)",
        "str(myid), f'{myid}', dir(myid), str(myid.auth), f'{myid.auth}', dir(myid.auth)",
        "str(myid.auth.token), f'{myid.auth.token}', dir(myid.auth.token)",
    ],
)
def test_representations(
    secret_kernel: LocalKernel, secrets: dict[str, str], expression: str
) -> None:
    """What a cell shows of a session, its parts and what is left of the sign-in holds none."""
    secret_kernel.execute(PENDING_AND_FAILED)

    outputs = secret_kernel.execute(expression)

    secret_kernel.execute("%myid_logout other\n%reset -f out")  # Out would hold what it showed
    assert [] == outputs.errors
    assert outputs.shown.strip() not in {"", "[]"}
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
    secret_kernel.execute("myid.get('people', params={'q': 'jo'})")
    secret_kernel.execute("logging.shutdown()")

    text = log.read_text()
    assert "/rest.core/api/people" in text
    assert [] == found(secrets, text)


def test_history(secret_kernel: LocalKernel, secrets: dict[str, str]) -> None:
    """IPython's history, inputs and outputs hold nothing secret."""
    outputs = secret_kernel.execute("print(In, Out)\n%history -g -o")

    assert [] == found(secrets, outputs.text)


def test_debug_output(secret_kernel: LocalKernel, secret_sign_in: SecretSignIn) -> None:
    """With ``http.client`` told to print what it sends, neither the cell of a sign-in nor the
    kernel's own output holds anything secret.
    """
    assert "1" == secret_kernel.value("http.client.HTTPConnection.debuglevel")
    shown = LINK.sub("", f"{[m['content'] for m in secret_sign_in.outputs.messages]}")

    text = f"{shown} {secret_kernel.log.read_text()}"
    assert "Signed in as Jane Doe" in text
    assert [] == found(secret_sign_in.secrets, text)


def test_configuration_of_a_file(start_kernel: Callable[..., LocalKernel], tmp_path: Path) -> None:
    """What ``ipython_config.py`` or %config set is not shown by any configuration object."""
    (tmp_path / "profile_default").mkdir()
    file = tmp_path / "profile_default" / "ipython_config.py"
    lines = ("client_secret = 'secret-of-the-file'", "access_token = 'token-of-the-file'")
    file.write_text("".join(f"c.MyIDMagics.{line}\n" for line in lines))
    kernel = start_kernel({"IPYTHONDIR": str(tmp_path)})
    words = {"secret": "secret-of-the-file", "token": "token-of-the-file", "set": "open-sesame"}
    owners = "shell, shell.kernel, shell.kernel.parent, *shell.configurables"
    configurations = f"shell = get_ipython()\n[owner.config for owner in ({owners})]"

    before = kernel.execute(configurations).shown
    kernel.execute("%config MyIDMagics.client_secret = 'open-sesame'")
    after = kernel.execute(configurations).shown

    assert "client_secret" in before
    assert "client_secret" in after
    assert [] == found(words, before + after)
    assert "True" == kernel.value(
        "shell.magics_manager.registry['MyIDMagics'].configuration()['client_secret']"
        " == 'open-sesame'"
    )
