"""One TLS context for all requests to one server that trust the same files."""

import os
from pathlib import Path

import pytest
import trustme
from support.servers.tls import bundle_of

from myid_notebook.errors import SettingError
from myid_notebook.transport.tls import shared_tls_context, tls_context

URL = "https://myid.example.com/web.oauth2/connect/token"


def test_same_files_same_context(tmp_path: Path) -> None:
    """What was read once is not read again."""
    bundle = bundle_of(trustme.CA(), tmp_path / "ca.pem")

    assert shared_tls_context(bundle, URL) is shared_tls_context(bundle, URL)
    assert shared_tls_context(bundle, URL) is not shared_tls_context(None, URL)
    assert shared_tls_context(bundle, URL) is shared_tls_context(
        bundle, "https://myid.example.com/rest.core/"
    )
    assert shared_tls_context(bundle, URL) is not shared_tls_context(
        bundle, "https://other.example.com/"
    )
    assert shared_tls_context(bundle, URL) is not tls_context(bundle)


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    """A bundle that an administrator replaced counts for the next sign-in."""
    bundle = bundle_of(trustme.CA(), tmp_path / "ca.pem")
    before = shared_tls_context(bundle, URL)
    (tmp_path / "ca.pem").unlink()
    bundle_of(trustme.CA(), tmp_path / "ca.pem")
    os.utime(bundle, ns=(1, 1))

    assert shared_tls_context(bundle, URL) is not before


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_changed_environment_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The company's bundle counts as soon as it is named, and no longer."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    before = shared_tls_context(None, URL)

    monkeypatch.setenv(variable, bundle_of(trustme.CA(), tmp_path / "ca.pem"))
    assert shared_tls_context(None, URL) is not before
    monkeypatch.delenv(variable)
    assert shared_tls_context(None, URL) is before


def test_fault_is_not_remembered(tmp_path: Path) -> None:
    """A bundle that was put right works at the next attempt."""
    path = tmp_path / "ca.pem"
    path.write_text("not a certificate")
    for _ in range(2):
        with pytest.raises(SettingError):
            shared_tls_context(str(path), URL)
    path.unlink()

    shared_tls_context(bundle_of(trustme.CA(), path), URL)
