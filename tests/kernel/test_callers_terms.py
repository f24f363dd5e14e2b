"""Messages name the options of the magic, or the keywords of the function that was called."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.jupyter.kernel import LocalKernel, signed_in
from support.jupyter.server import clean_environ
from support.servers.sandbox import SandboxProcess, register

from myid_notebook.kernel.options import LoginOptions
from myid_notebook.settings.messages import missing
from myid_notebook.settings.table import SETTINGS

IMPORT = "import myid_notebook\nfrom myid_notebook import login, login_async\n"
NOBODY = {
    "%myid_login --force": ("%myid_login --client-credentials", "%myid_login --wait"),
    "login(force=True)": ("login(client_credentials=True)", "login(wait=True)"),
    "await login_async(force=True)": (
        "await login_async(client_credentials=True)",
        "await login_async(wait=True)",
    ),
}


@pytest.mark.parametrize("code", NOBODY)
def test_nobody_to_sign_in(kernel: LocalKernel, code: str) -> None:
    """Every way out is named as the caller writes it."""
    outputs = kernel.execute(f"{IMPORT}{code}", allow_stdin=False)
    (error,) = outputs.errors

    assert "NobodyToSignIn" == error[0]
    assert [] == [words for words in (*NOBODY[code], "MYID_ACCESS_TOKEN") if words not in error[1]]
    assert ("%myid_login" in error[1]) == code.startswith("%")


PASTING = """
asyncio.get_running_loop().call_soon(tried, lambda: login('other', paste=True))
await asyncio.sleep(1)
raise errors[0]
"""
FAILING = {
    "timeout": ("login('other', timeout=1)", ["Run login() to try again (timeout=SECONDS gives"]),
    "too short a timeout": ("login('other', timeout=0)", ["Change it in login(timeout=SECONDS)."]),
    "a wrong setting": (
        "login('other', server='x')",
        ["login(server=…), the environment"],
    ),
    "pasting outside a cell": (PASTING, ["Run login(paste=True) in a cell."]),
}
TRIED = """
import asyncio
errors = []
def tried(call):
    try:
        call()
    except Exception as error:
        errors.append(error)
"""


@pytest.mark.parametrize("case", FAILING)
def test_errors_of_a_function(kernel: LocalKernel, case: str) -> None:
    """No option of the magic, and no magic that signs in."""
    code, words = FAILING[case]
    outputs = kernel.execute(f"{IMPORT}{TRIED}{code}")
    ((_, message),) = outputs.errors

    assert [] == [each for each in words if each not in message]
    assert "%myid_login" not in message
    assert "%myid_login" not in outputs.ever_shown


def test_outputs_of_a_function(kernel: LocalKernel) -> None:
    """What an output says without a waiting cell is said in the same terms."""
    outputs = kernel.execute(f"{IMPORT}login('late', wait=False, timeout=1)")

    assert "Not signed in. Nobody" in outputs.shown
    assert "Run login() to try again" in outputs.shown
    assert "%myid_login" not in outputs.ever_shown


def test_session_of_a_function(kernel: LocalKernel) -> None:
    """A session names the call that made it."""
    kernel.execute(IMPORT)
    signed_in(kernel, "audit = login('audit')")
    assert "login(&#x27;audit&#x27;, force=True)" in kernel.value("audit._repr_html_()")

    ((_, message),) = kernel.execute("audit.sign_out(); audit.get('people')").errors
    assert "Run login('audit') first" in message


def test_plain_python(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Without IPython there is no magic to run, not even the doctor's."""
    environ = {**clean_environ(tmp_path), **register(sandbox).environ}
    run = subprocess.run(
        [sys.executable, "-c", "import myid_notebook; myid_notebook.login(timeout=1)"],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "Run login() to try again" in run.stderr
    assert "Run “myid-notebook doctor” in a terminal." in run.stderr
    assert "%myid" not in run.stderr + run.stdout


@pytest.mark.parametrize("name", SETTINGS)
def test_places_of_a_setting(name: str) -> None:
    """The keyword is named instead of the option."""
    places = LoginOptions(function="login").in_callers_terms(SETTINGS[name].places)

    assert "--" not in places
    assert (f"login({name}=…)" in places) == (SETTINGS[name].option is not None)


def test_options_without_the_magic() -> None:
    """Several settings may be missing at once; their options are named in a row."""
    options = {name: each.option for name, each in SETTINGS.items() if each.option}
    text = f"use {', '.join(options.values())} or --timeout"
    expected = ", ".join(f"{name}=…" for name in options)

    assert f"use {expected} or timeout=…" == LoginOptions(function="login").in_callers_terms(text)
    assert "--" not in LoginOptions(function="login").in_callers_terms(
        str(missing("server", "client_id", "client_secret"))
    )
