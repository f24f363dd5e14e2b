"""docs/sandbox.md and --help say what there is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import HandmadeClient

from myid_notebook.sandbox import command_line
from myid_notebook.sandbox.faults import Faults, switch_table

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shown_help() -> str:
    """What --help prints."""
    command = [sys.executable, "-m", "myid_notebook.sandbox", "--help"]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=True).stdout


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without the first two rows."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_page_has_every_switch() -> None:
    """With its values and meaning, word for word, in the order of the code."""
    assert [[f"`{name}`", *others] for name, *others in switch_table()] == rows("Switches")
    assert [name for name, _, _ in switch_table()] == list(Faults.model_fields)


def test_the_help_has_every_switch(shown_help: str) -> None:
    """The same."""
    text = " ".join(shown_help.split())

    missing = [
        name
        for name, values, meaning in switch_table()
        if f" {name} {meaning} ({values})" not in text
    ]
    assert [] == missing


def test_the_page_has_every_option(shown_help: str) -> None:
    """Those that --help has, and no others."""
    options = set(re.findall(r"^  (--[a-z-]+)", shown_help, re.MULTILINE))

    assert options == set(
        re.findall(r"`(--[a-z-]+)`", " ".join(row[0] for row in rows("Start it")))
    )


def test_the_page_has_every_control_endpoint(client: HandmadeClient) -> None:
    """Those of the OpenAPI document, and no others."""
    paths = client.send("GET", f"{client.sandbox.url}/openapi.json").json()["paths"]
    endpoints = {
        f"`{method.upper()} {path}`"
        for path, methods in paths.items()
        if path.startswith("/sandbox/")
        for method in methods
    }

    assert endpoints == {row[0] for row in rows("Control it")}


def test_the_example_sets_switches(sandbox: SandboxProcess) -> None:
    """As it is printed, at another address."""
    code = PAGE.partition("```python\n")[2].partition("```")[0]
    exec(code.replace("http://127.0.0.1:7000", sandbox.url), {})  # noqa: S102 - our own page

    expected = {"token_delay": 5, "api_status": 503, "api_times": 2}
    assert sandbox.control("PUT", "faults", {}).json() == expected


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("dialcet=duende", "dialcet"),
        ("dialect=other", "dialect"),
        ("page_size=0", "page_size"),
        ("denied=1", "denied"),
        ("denied", "denied"),
    ],
)
def test_a_wrong_switch_is_one_line(
    capsys: pytest.CaptureFixture[str], switch: str, expected: str
) -> None:
    """The sandbox does not start, and names the switch."""
    assert command_line.main(["--port", "0", "--switch", switch]) == 2
    said = capsys.readouterr()

    assert (said.out, said.err.count("\n")) == ("", 1)
    assert f"--switch {expected}: " in said.err
