"""Of each setting the doctor shows what helps, and nothing that could be secret."""

import subprocess
from pathlib import Path

import pytest
from support.values.doctor_report import Examine, check

from myid_notebook.doctor.doctor import Report
from myid_notebook.doctor.report import to_html, to_text

PASSWORD = "hunter2pw"
KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"


def _shown(report: Report) -> str:
    return f"{to_text(report)} {to_html(report)} {report!r}"


@pytest.mark.parametrize(
    "variable",
    [
        *("MYID_SERVER", "MYID_AUTHORIZE_URL", "MYID_TOKEN_URL", "MYID_API_URL", "MYID_ISSUER"),
        *("MYID_REDIRECT_URI", "MYID_CA_BUNDLE"),
    ],
)
@pytest.mark.parametrize("token", [None, "eyJ.made-up-token.sig"])
@pytest.mark.parametrize(
    "url",
    [
        f"https://admin:{PASSWORD}@127.0.0.1:9",
        f"https://admin:{PASSWORD}/1@127.0.0.1:9",
        f"https://admin:1/{PASSWORD}?@127.0.0.1:9",
        f"HTTPS://{PASSWORD}@127.0.0.1:9/",
    ],
)
def test_password_in_a_url(
    examine_with: Examine, variable: str, url: str, token: str | None
) -> None:
    """A password that should not be there is masked, in whatever setting, and if it is not used."""
    assert PASSWORD not in _shown(examine_with(**{variable: url, "MYID_ACCESS_TOKEN": token}))


def test_password_without_a_scheme(examine_with: Examine) -> None:
    """Also where the scheme was forgotten."""
    assert PASSWORD not in _shown(examine_with(MYID_SERVER=f"admin:{PASSWORD}@127.0.0.1:9"))


def test_what_only_looks_like_it(examine_with: Examine) -> None:
    """People's own paths and folders are shown as they are."""
    uri = "https://jupyter.example.com:8443/user/jane@example.com/myid/callback"
    report = examine_with(MYID_REDIRECT_URI=uri, MYID_CA_BUNDLE="/home/jane@example.com/ca.pem")

    assert f"{uri} (from MYID_REDIRECT_URI)" == check(report, "setting_redirect_uri").detail
    assert "/home/jane@example.com/ca.pem (" in check(report, "setting_ca_bundle").detail


@pytest.mark.parametrize("variable", ["MYID_CA_BUNDLE", "MYID_SERVER", "MYID_CLIENT_ID"])
@pytest.mark.parametrize(
    "pasted",
    [
        f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY----- {KEY} -----END PRIVATE KEY-----",
        f"{KEY}\n{KEY}\n{KEY}",
        KEY * 8,
    ],
)
def test_pasted_key(examine_with: Examine, variable: str, pasted: str) -> None:
    """A key pasted in place of a path, with or without its first line, is nowhere shown."""
    report = examine_with(**{variable: pasted})

    assert KEY[:20] not in _shown(report)
    name = variable.removeprefix("MYID_").lower()
    assert f"{len(pasted)} characters, not shown" in check(report, f"setting_{name}").detail


@pytest.mark.parametrize("variable", ["MYID_ISSUER", "MYID_SCOPE", "MYID_REDIRECT_URI"])
def test_long_value(examine_with: Examine, variable: str) -> None:
    """Every value is cut, and stands on one line."""
    long = "a word-\x1b[31m\x85" * 999
    name = variable.removeprefix("MYID_").lower()

    detail = check(examine_with(**{variable: long}), f"setting_{name}").detail

    assert len(detail) < 600
    assert detail.isprintable()


@pytest.mark.parametrize(
    ("settings", "kept", "said"),
    [
        ({}, None, "not set"),
        ({}, "of-the-keyring", "found in the keyring, sent as client_secret_post"),
        ({"MYID_CLIENT_SECRET": "s"}, "of-the-keyring", "set, sent as client_secret_post"),
        ({"MYID_CLIENT_SECRET": ""}, "of-the-keyring", "not needed: this is a public client"),
        ({"MYID_CLIENT_AUTHENTICATION": "none"}, None, "not needed: this is a public client"),
    ],
)
def test_where_the_secret_is(
    examine_with: Examine,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    kept: str | None,
    said: str,
) -> None:
    """What sets the client secret comes before the keyring, and a public client needs none."""
    monkeypatch.setattr("myid_notebook.doctor.settings_checks.keyring_secret", lambda _: kept)

    report = examine_with(**{"MYID_CLIENT_SECRET": None, **settings})

    assert said == check(report, "client_secret").detail


def test_keyring_that_hangs(
    examine_with: Examine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A keyring that waits for somebody to unlock it is waited for only so long."""
    fifo = tmp_path / "locked"
    subprocess.run(["mkfifo", str(fifo)], check=True)
    monkeypatch.setattr(
        "myid_notebook.doctor.settings_checks.keyring_secret", lambda _: fifo.read_text()
    )
    monkeypatch.setattr("myid_notebook.doctor.doctor.TIMEOUT", 0.3)

    report = examine_with(MYID_CLIENT_SECRET=None)

    assert "not set" == check(report, "client_secret").detail
    fifo.write_text("")  # lets the thread go
