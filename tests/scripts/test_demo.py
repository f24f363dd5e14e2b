"""``scripts/demo``, but for what it installs: the environment is that of the tests."""

import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from support.machine.ports import free_port
from support.machine.threads import wait_until

ROOT = Path(__file__).parents[2]
SOURCES = ("scripts", "notebooks", "myid_notebook", "jupyter-config")
END_SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stands in for bin/python")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the project, where the demo has installed everything before."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    python = tmp_path / ".demo" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    digest = runpy.run_path(str(tmp_path / "scripts" / "demo"))["source_digest"]()
    (tmp_path / ".demo" / "installed").write_text(digest, encoding="utf-8")
    return tmp_path


class Demo:
    """A running demo."""

    def __init__(self, clone: Path, port: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, clone / "scripts" / "demo", "--no-browser", "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def read_to(self, text: str) -> None:
        """Read until it has said something."""
        assert self.process.stdout is not None
        while text not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        self.said += rest
        return self.process.returncode


@pytest.fixture
def terminal() -> Iterator[None]:
    """A terminal's signals for what is started, also where the tests run under nohup."""
    heard = signal.default_int_handler  # in what is started: the default
    before = {number: signal.signal(number, heard) for number in END_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def demo(clone: Path) -> Iterator[Demo]:
    """The demo, running, ended at the latest with the test."""
    running = Demo(clone, free_port())
    try:
        running.read_to("Ctrl-C")
        yield running
    finally:
        if running.process.poll() is None:
            running.end()


@pytest.mark.usefixtures("terminal")
def test_addresses(demo: Demo) -> None:
    """It prints an address that opens the first notebook without a log-in, and what to type at the
    sandbox, whose address it prints too; Ctrl-C stops everything.
    """
    lab = re.search(r"http://localhost:\d+/lab/tree/01-sign-in.ipynb\?token=\w+", demo.said)
    sandbox = re.search(r"Sandbox +(\S+)", demo.said)
    assert lab
    assert sandbox
    with requests.Session() as http:
        http.trust_env = False
        page = http.get(lab[0], timeout=30)
        user = http.get(f"{sandbox[1]}/sandbox/status", timeout=30).json()["users"][0]
    assert page.ok
    assert "/login" not in page.url
    assert user["username"] in demo.said
    assert " and ".join(user["answers"]) in demo.said
    assert_ends(demo, signal.SIGINT)


@pytest.mark.usefixtures("terminal")
def test_end_of_the_terminal(demo: Demo) -> None:
    """The end of the terminal stops everything."""
    assert_ends(demo, signal.SIGHUP)


def assert_ends(demo: Demo, number: int) -> None:
    """Everything stops at the signal, without a complaint."""
    started = psutil.Process(demo.process.pid).children(recursive=True)
    assert len(started) >= 2
    assert demo.end(number) == 0
    assert demo.said.endswith("Ctrl-C stops both.\n\nStopped.\n")
    wait_until(lambda: not any(process.is_running() for process in started))


def test_nohup(clone: Path) -> None:
    """What was started with ``nohup`` outlives its terminal, until a plain kill."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        demo = Demo(clone, free_port())
    finally:
        signal.signal(signal.SIGHUP, before)
    demo.read_to("Ctrl-C")
    demo.process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        demo.process.wait(2)
    assert_ends(demo, signal.SIGTERM)


def test_port_taken(clone: Path) -> None:
    """A port that is taken is said in one line, before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ended = Demo(clone, port)
        said, _ = ended.process.communicate(timeout=60)
    assert (1, f"scripts/demo: port {port} is taken; choose another with --port\n") == (
        ended.process.returncode,
        said,
    )


def test_extras() -> None:
    """It installs what the notebooks need; the extras are those of the project."""
    extras = runpy.run_path(str(ROOT / "scripts" / "demo"))["EXTRAS"].split(",")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {*extras} == {"sandbox", "demo"}
    assert {*extras} < {*project["optional-dependencies"]}


def test_every_notebook_is_there(clone: Path) -> None:
    """All notebooks are copied, and the list that the audit reads."""
    runpy.run_path(str(clone / "scripts" / "demo"))["lay_out_notebooks"]()
    names = {path.name for path in (clone / ".demo" / "notebooks").iterdir()}
    assert names == {path.name for path in (ROOT / "notebooks").iterdir() if path.is_file()}
    assert {"hr-list.csv", "01-sign-in.ipynb", "06-audit.ipynb"} < names


@pytest.mark.parametrize("name", ["01-sign-in.ipynb", "hr-list.csv"])
def test_own_notebook_is_kept(clone: Path, name: str) -> None:
    """What the user changed in a notebook is there the next time, whatever has come since."""
    lay_out = runpy.run_path(str(clone / "scripts" / "demo"))["lay_out_notebooks"]
    lay_out()
    copy = clone / ".demo" / "notebooks" / name
    copy.write_text("mine", encoding="utf-8")
    lay_out()
    assert copy.read_text(encoding="utf-8") == "mine"
    original = clone / "notebooks" / name
    later = copy.stat().st_mtime + 1
    os.utime(original, (later, later))
    lay_out()
    assert copy.read_bytes() == original.read_bytes()
    assert copy.with_suffix(f".old{copy.suffix}").read_text(encoding="utf-8") == "mine"
