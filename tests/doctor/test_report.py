"""What the doctor's report says of settings, redirect and client entry."""

import json
from pathlib import Path

import pytest
from support.servers.sandbox import Registration, SandboxProcess
from support.values.doctor_report import Examine, check

from myid_notebook.doctor.report import to_html, to_text


def test_settings_and_their_sources(examine_with: Examine, registration: Registration) -> None:
    """Every setting stands with its source; of the secret only the length is told."""
    report = examine_with(MYID_SCOPE="myid.rest.basic")

    assert f"{registration.client_id} (from MYID_CLIENT_ID)" == (
        check(report, "setting_client_id").detail
    )
    assert "client_secret_post (from default)" == (
        check(report, "setting_client_authentication").detail
    )
    length = len(registration.client_secret)
    assert f"{length} characters, not shown (from MYID_CLIENT_SECRET)" == (
        check(report, "setting_client_secret").detail
    )


def test_no_secret_in_the_report(examine_with: Examine, registration: Registration) -> None:
    """Neither table holds the client secret, nor a token."""
    token = "eyJ.made-up-token.sig"
    for report in (examine_with(), examine_with(MYID_ACCESS_TOKEN=token)):
        shown = to_text(report) + to_html(report) + repr(report)
        assert registration.client_secret not in shown
        assert token not in shown


def test_nothing_is_left_behind(examine_with: Examine, runtime_dir: Path) -> None:
    """The doctor leaves no file and holds no port: a sign-in can use the same address at once."""
    first, second = examine_with(), examine_with()

    assert check(first, "route").detail == check(second, "route").detail
    assert "MyID will send you back to this kernel" in check(second, "route").detail
    assert [] == list((runtime_dir / "myid-notebook").iterdir())


@pytest.mark.parametrize("scope", ["myid.rest.basic", "offline_access myid.rest.basic"])
def test_client_entry_is_what_myid_takes(
    examine_with: Examine, registration: Registration, sandbox: SandboxProcess, scope: str
) -> None:
    """The entry for the administrator, put into MyID as it is, makes the place healthy; refresh
    tokens are in it only if the scope asks for them.
    """
    environ = {
        "MYID_CLIENT_ID": f"myid.of.the.doctor.{len(scope)}",
        "MYID_CLIENT_SECRET": "0f6f3a7e-5b1c-4d0e-9a56-3c2d8f4b7e10",
        "MYID_SCOPE": scope,
    }
    before = examine_with(**environ)
    assert not before.healthy

    sandbox.register(json.loads(before.client_entry))

    assert examine_with(**environ).healthy
    entry = json.loads(before.client_entry)
    assert [registration.redirect_uri] == entry["RedirectUris"]
    assert ["myid.rest.basic"] == entry["AllowedScopes"]
    assert ("offline_access" in scope) == entry.get("AllowOfflineAccess", False)
    assert ("offline_access" in scope) == ("AbsoluteRefreshTokenLifetime" in entry)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        pytest.param("word", "<Base64 of the SHA-256 of the client secret>", id="guessable"),
        pytest.param(
            "0f6f3a7e-5b1c-4d0e-9a56-3c2d8f4b7e10",
            "uWtm6rkj84MCVWCj2bQP0Yer9JW2q+TMPz1JschT9O4=",
            id="GUID",
        ),
    ],
)
def test_hash_of_the_secret(examine_with: Examine, secret: str, shown: str) -> None:
    """The entry holds the hash of a secret only where guessing cannot undo it."""
    entry = json.loads(examine_with(MYID_CLIENT_SECRET=secret).client_entry)

    assert [{"Value": shown}] == entry["ClientSecrets"]


def test_public_client(examine_with: Examine) -> None:
    """The entry of a client without a secret says so."""
    report = examine_with(MYID_CLIENT_SECRET=None, MYID_CLIENT_AUTHENTICATION="none")

    entry = json.loads(report.client_entry)
    assert (False, False) == (entry["RequireClientSecret"], "ClientSecrets" in entry)
