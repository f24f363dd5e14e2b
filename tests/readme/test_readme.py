"""The README tells the truth."""

import json
import re
import shlex
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from support.servers.sandbox import SandboxProcess
from support.texts import DOCUMENTS

from myid_notebook.settings.resolve import resolve

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_client_file(sandbox: SandboxProcess) -> None:
    """The client file is what MyID's stand-in takes."""
    entry = json.loads(_block("json"))
    entry["ClientSecrets"][0]["Value"] = b64encode(sha256(b"secret").digest()).decode()
    sandbox.control("PUT", f"clients/{entry['ClientId']}", entry)


def test_secret_command() -> None:
    """The command prints a secret and the hash of just that secret."""
    command = shlex.split(re.findall(r"^python -c .*$", README, re.MULTILINE)[0])
    done = subprocess.run([sys.executable, *command[1:]], check=True, capture_output=True)
    secret, value = done.stdout.decode().split()
    assert b64encode(sha256(secret.encode()).digest()).decode() == value


@pytest.mark.parametrize(
    ("file", "profile", "server", "show_rows"),
    [
        ("README.md", None, "https://myid-test.example.com/", 10),
        ("README.md", "production", "https://myid.example.com/", 0),
        ("docs/first-sign-in.md", None, "https://myid.example.com/", 10),
        ("docs/myid-administrator.md", None, "https://myid.example.com/", 10),
    ],
)
def test_profiles(
    config_dir: Path, file: str, profile: str | None, server: str, show_rows: int
) -> None:
    """The examples of ``myid.toml`` are valid, and choose what the text says."""
    text = (ROOT / file).read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    text = text.replace("/etc/ssl/certs/company-ca.pem", "myid-test.pem")  # a file of the test's
    (config_dir / "myid.toml").write_text(text, encoding="utf-8")
    (config_dir / "myid-test.pem").touch()

    found = resolve({"profile": profile}, {}, {})

    assert f"{server}rest.core/api/" == found.api_url
    assert show_rows == found.show_rows
    assert found.needs_client_secret
    path = str(config_dir / "myid-test.pem") if "ca_bundle" in text and profile is None else None
    assert path == found.ca_bundle


@pytest.mark.parametrize("file", DOCUMENTS)
def test_links(file: str) -> None:
    """Every file of the project that a text leads to is there."""
    text = (ROOT / file).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert [name for name in targets if not (ROOT / file).parent.joinpath(name).exists()] == []


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]
