"""Messages name what the caller wrote, a magic or a function, or words that fit both."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.jupyter.kernel import LocalKernel, signed_in
from support.jupyter.server import clean_environ
from support.servers.sandbox import SandboxProcess, register
from support.texts import PACKAGE, ROOT, module_texts

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


def test_session_of_a_function(kernel: LocalKernel) -> None:
    """A session names the call that made it."""
    kernel.execute(IMPORT)
    signed_in(kernel, "audit = login('audit')")
    assert "login(&#x27;audit&#x27;, force=True)" in kernel.value("audit._repr_html_()")

    ((_, message),) = kernel.execute("audit.sign_out(); audit.get('people')").errors
    assert "Run login('audit') first" in message


def test_plain_python(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Without IPython there is no magic: the doctor is a command of the terminal."""
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

    assert "Nobody signed in within 1 seconds. Sign in again" in run.stderr
    assert "(in a terminal: myid-notebook doctor)" in run.stderr
    assert "%myid_login" not in run.stderr + run.stdout


def test_magics_are_named_where_they_were_used() -> None:
    """What the magics share with ``login()`` names neither: "Sign in again" fits both. Where an
    option helps, its keyword stands beside it.
    """
    package = ROOT / PACKAGE
    parts = [package / name for name in ("oauth", "settings", "sign_in", "transport")]
    files = [package / "threads.py", *(file for part in parts for file in part.glob("*.py"))]
    found = [text for file in files for text in module_texts(file) if "myid_login" in text.text]

    assert [] == found
    with_option = [each for each in SETTINGS.values() if each.option]
    assert [] == [each for each in with_option if f"{each.name}=…" not in each.places]
    assert "(in Python server=… and client_id=…)" in str(missing("server", "client_id"))
