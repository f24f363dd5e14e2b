"""Signing in from a terminal: IPython, ``jupyter console`` and plain Python."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pexpect
import pytest
import requests
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.server import clean_environ
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess, register

BIN = Path(sys.executable).parent
LINK = r"(http://\S+/connect/authorize\?\S+)"
SHELLS = {
    "IPython": ([BIN / "ipython", "--simple-prompt", "--colors=NoColor"], r"In \[\d+\]: "),
    "jupyter console": ([BIN / "jupyter", "console", "--simple-prompt"], r"In \[\d+\]: "),
    "Python": ([sys.executable, "-q"], ">>> "),
}
MAGICS = ["%load_ext myid_notebook", "%myid_login"]
CALLS = ["import myid_notebook", "myid = myid_notebook.login()"]


@contextmanager
def _shell(name: str, home: Path, environ: dict[str, str]) -> Iterator["pexpect.spawn[str]"]:
    (command, *arguments), _ = SHELLS[name]
    home.mkdir(exist_ok=True)
    shell = pexpect.spawn(
        str(command),
        arguments,
        env={**clean_environ(home), "TERM": "dumb", "BROWSER": "true %s", **environ},
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 1000),
        cwd=str(home),
        # Whoever runs the tests in the background ignores Ctrl-C, and what is started inherits it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield shell
    finally:
        shell.close(force=True)


@pytest.mark.parametrize("name", SHELLS)
def test_shell_signs_in(name: str, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The shell prints the link, takes the answer itself, and goes on with a working session."""
    prompt = SHELLS[name][1]
    with _shell(name, tmp_path / "home", register(sandbox).environ) as shell:
        for line in CALLS if name == "Python" else MAGICS:
            shell.expect(prompt)
            shell.sendline(line)
        shell.expect(LINK)
        # The listener is there before the link is, so the answer may come at once.
        assert "Signed in to MyID" == open_page(finish_sign_in(shell.match.group(1))).title
        shell.expect(prompt)
        shell.sendline("print('status', myid.get('people').status_code)")
        shell.expect("status 200")


@pytest.mark.parametrize("name", ["IPython", "Python"])
def test_nothing_is_pasted(name: str, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The hidden prompt ends with the time of the sign-in, and the terminal works as before."""
    prompt = SHELLS[name][1]
    login = "myid_notebook.login(paste=True, timeout=2)"
    with _shell(name, tmp_path / "home", register(sandbox).environ) as shell:
        for line in ["import myid_notebook", login]:
            shell.expect(prompt)
            shell.sendline(line)
        shell.expect("press Enter: ")
        shell.expect("SignInTimeout", timeout=15)
        shell.expect(prompt)
        shell.sendline("print(6 * 7)")
        shell.expect(r"print\(6 \* 7\)")  # echoed again
        shell.expect("42")


def test_terminal_opens_the_browser(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """In a terminal of the user's own machine the link is opened in their browser, by way of an
    address that is good once: anybody on the machine can read the browser's command line.
    """
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    environ = {**register(sandbox).environ, "BROWSER": f"{browser} %s"}
    with _shell("Python", tmp_path / "home", environ) as shell:
        for line in CALLS:
            shell.expect(">>> ")
            shell.sendline(line)
        shell.expect(LINK)
        link = shell.match.group(1)
        wait_until(opened.exists)
        start = opened.read_text().strip()
        assert start.startswith("http://127.0.0.1:")
        answers = [requests.get(start, allow_redirects=False, timeout=30) for _ in range(2)]
        open_page(finish_sign_in(link))
        shell.expect(">>> ")

    assert link == answers[0].headers["Location"]
    assert HTTPStatus.NOT_FOUND == answers[1].status_code


def test_remote_terminal_opens_no_browser(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Over SSH a browser would open on the wrong machine, so only the link is printed."""
    opened = tmp_path / "opened"
    environ = {
        **register(sandbox).environ,
        "BROWSER": f"touch {opened} %s",
        "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22",
    }
    with _shell("Python", tmp_path / "home", environ) as shell:
        for line in CALLS:
            shell.expect(">>> ")
            shell.sendline(line)
        shell.expect(LINK)
        open_page(finish_sign_in(shell.match.group(1)))
        shell.expect(">>> ")

    assert not opened.exists()


def test_browser_on_another_computer(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Beside the link, and again when nobody came, stands which port to forward, or to paste."""
    prompt = SHELLS["Python"][1]
    client = register(sandbox)
    port = urlsplit(client.redirect_uri).port
    environ = {**client.environ, "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
    with _shell("Python", tmp_path / "home", environ) as shell:
        for line in [CALLS[0], "myid_notebook.login(timeout=3)"]:
            shell.expect(prompt)
            shell.sendline(line)
        shell.expect(LINK)
        shell.expect_exact(f"ssh -L {port}:localhost:{port} 192.0.2.2")
        shell.expect("Nobody signed in within 3 seconds")
        shell.expect_exact(f"ssh -L {port}:localhost:{port} 192.0.2.2")
        shell.expect(prompt)


def test_interrupt_in_a_terminal(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Ctrl-C ends the wait, with one line in IPython, and the shell goes on."""
    with _shell("IPython", tmp_path / "home", register(sandbox).environ) as shell:
        for line in MAGICS:
            shell.expect(SHELLS["IPython"][1])
            shell.sendline(line)
        shell.expect(LINK)
        shell.sendintr()
        shell.expect("SignInInterrupted: You interrupted the sign-in")
        shell.expect(SHELLS["IPython"][1])
        shell.sendline("print(6 * 7)")
        shell.expect("42")
