"""The doctor says which profile counted, and what is wrong with the files."""

from pathlib import Path

import pytest
from support.servers.sandbox import Registration
from support.values.doctor_report import Examine, check

from myid_notebook.doctor.check import Finding
from myid_notebook.doctor.report import to_html, to_text

WITHOUT = dict.fromkeys(["MYID_SERVER", "MYID_CLIENT_ID", "MYID_CLIENT_SECRET"])
"""What a profile sets instead."""


def _profiles(client: Registration) -> str:
    return f"""
[profiles.test]
server = "{client.server}"
client_id = "{client.client_id}"
client_secret = "{client.client_secret}"

[profiles.production]
server = "https://myid.example.com"
"""


def _write(config_dir: Path, text: str) -> Path:
    file = config_dir / "myid.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def test_profile_that_counts(
    examine_with: Examine, registration: Registration, config_dir: Path
) -> None:
    """Its name, its file, what chose it, and the others; each setting says where it is from."""
    file = _write(config_dir, _profiles(registration))

    report = examine_with(**WITHOUT, MYID_PROFILE="test")

    row = check(report, "profile")
    assert Finding.OK == row.finding
    assert f"test, from {file} (chosen by MYID_PROFILE); other profiles: production" == row.detail
    expected = f"{registration.server} (from profile test in {file})"
    assert expected == check(report, "setting_server").detail
    assert report.healthy
    shown = f"{to_text(report)} {to_html(report)} {report!r}"
    assert registration.client_secret not in shown


def test_overridden_settings(
    examine_with: Examine, registration: Registration, config_dir: Path
) -> None:
    """What environment variables set instead of the profile is named."""
    _write(config_dir, 'default = "production"\n' + _profiles(registration))

    row = check(examine_with(), "profile")

    assert Finding.NOTE == row.finding
    assert row.detail.endswith("other profiles: test; overridden: server (by MYID_SERVER)")


def test_nothing_is_chosen(
    examine_with: Examine, registration: Registration, config_dir: Path
) -> None:
    """The profiles, and how to choose one; without any file, where it would be."""
    row = check(examine_with(), "profile")
    assert Finding.OK == row.finding
    assert str(config_dir / "myid.toml") in row.detail

    _write(config_dir, _profiles(registration))

    row = check(examine_with(), "profile")
    assert (Finding.NOTE, "none is chosen of: test, production") == (row.finding, row.detail)
    assert "--profile" in row.remedy


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("x = ", "TOML mistake at line 8, column 5"),
        ("scop = 'a'", "unknown key 'scop'. Did you mean scope?"),
        ("access_token = 'a-token-of-0815'", "must not be stored in a file"),
        ("scope = []", "not a list"),
    ],
)
def test_fault(
    examine_with: Examine, registration: Registration, config_dir: Path, added: str, said: str
) -> None:
    """A fault is reported once, beside the settings of the other places."""
    text = _profiles(registration).strip() + f"\n{added}\n"
    _write(config_dir, text)

    report = examine_with(MYID_PROFILE="production")

    assert said in check(report, "settings").remedy
    assert 1 == to_text(report).replace("\n", " ").count("Settings file")
    assert registration.server in check(report, "setting_server").detail
    assert "0815" not in f"{to_text(report)} {report!r}"


def test_fault_of_another_profile(
    examine_with: Examine, registration: Registration, config_dir: Path
) -> None:
    """It keeps no sign-in with this profile from working, and is told all the same."""
    _write(config_dir, _profiles(registration) + "scop = 'a'\n")

    report = examine_with(**WITHOUT, MYID_PROFILE="test")

    assert report.healthy
    assert "'production' has an unknown key 'scop'" in check(report, "other_profiles").detail
