"""The token goes to a server with MyID's certificate, for its name and for today, or nowhere."""

from pathlib import Path

import pytest
import requests
from support.servers.tls import MyIDServer, myid_server
from support.values.oauth import TOKEN, signed_in_session

from myid_notebook.session.session import BearerSession


def _session(myid: MyIDServer, trusted_by: str, patch: pytest.MonkeyPatch) -> BearerSession:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        patch.delenv(name, raising=False)
    if trusted_by == "environment":
        patch.setenv("REQUESTS_CA_BUNDLE", str(myid.bundle))
    session = signed_in_session(f"{myid.url}/")
    if trusted_by == "bundle":
        session.set_ca_bundle(myid.bundle)
    return session


@pytest.mark.parametrize("trusted_by", ["bundle", "environment"])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"names": ("other.example.com", "10.0.0.1")}, "IP address mismatch"),
        ({"names": ("127.0.0.1.example.com",)}, "IP address mismatch"),
        ({"days": (-30, -1)}, "expired"),
        ({"days": (1, 30)}, "not yet valid"),
    ],
)
@pytest.mark.parametrize("verify", [None, False])
def test_certificate_of_the_api(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted_by: str,
    wrong: dict[str, tuple[object, ...]],
    said: str,
    verify: bool | None,  # noqa: FBT001 - as requests takes it
) -> None:
    """For another name, or out of its time: refused, though its authority is trusted."""
    with (
        myid_server("https", tmp_path, **wrong) as myid,
        _session(myid, trusted_by, monkeypatch) as session,
        pytest.raises(requests.exceptions.SSLError, match=said),
    ):
        session.get("people", verify=verify)

    assert [] == myid.server.seen


@pytest.mark.parametrize("trusted_by", ["bundle", "environment"])
def test_certificate_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted_by: str
) -> None:
    """The same with the right name and time is accepted."""
    with (
        myid_server("https", tmp_path) as myid,
        _session(myid, trusted_by, monkeypatch) as session,
    ):
        session.get("people")

    assert [f"Bearer {TOKEN}"] == [seen.authorization for seen in myid.server.seen]


def test_name_in_another_spelling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the name that counts: that of this machine is not its address."""
    with (
        myid_server("https", tmp_path) as myid,
        _session(myid, "bundle", monkeypatch) as session,
        pytest.raises(requests.exceptions.SSLError, match="Hostname mismatch"),
    ):
        session.get(f"{myid.url.replace('127.0.0.1', 'localhost')}/people")

    assert [] == myid.server.seen
