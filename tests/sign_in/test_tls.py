"""Trust in MyID's certificate: the system's store, or the CA bundle that was given."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.browser.pending_sign_in import Begin, expect_failure, expect_next, link
from support.servers.http_server import HttpServer
from support.servers.sandbox import Registration, SandboxProcess, register
from support.servers.tls import CompanyCA, server_context

from myid_notebook.errors import CertificateNotTrusted


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> CompanyCA:
    """A CA of a company's own."""
    return CompanyCA.create(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def tls_sandbox(company: CompanyCA) -> Iterator[SandboxProcess]:
    """A sandbox with that CA's certificate."""
    with company.sandbox() as process:
        yield process


@pytest.fixture
def registration(tls_sandbox: SandboxProcess) -> Registration:
    """A client of that sandbox."""
    return register(tls_sandbox)


def test_unknown_ca_is_explained(begin: Begin, company: CompanyCA) -> None:
    """A certificate of an unknown CA ends the sign-in; the error says how to give the CA."""
    login = begin()
    page = open_page(finish_sign_in(link(login), verify=str(company.bundle)))

    error = expect_failure(login, page, "the setting ca_bundle (MYID_CA_BUNDLE)")
    assert isinstance(error, CertificateNotTrusted)
    bundle = str(company.bundle)
    expect_next(begin, verify=bundle, environ={"MYID_CA_BUNDLE": bundle})


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_file_of_the_environment_that_is_gone(
    begin: Begin, company: CompanyCA, monkeypatch: pytest.MonkeyPatch, variable: str, tmp_path: Path
) -> None:
    """The variable and its file are named, where a certificate is not trusted."""
    gone = str(tmp_path / "gone.pem")
    monkeypatch.setenv(variable, gone)
    login = begin()
    page = open_page(finish_sign_in(link(login), verify=str(company.bundle)))

    expect_failure(
        login, page, f"The environment variable {variable} names {gone!r}, which does not exist."
    )


@pytest.mark.parametrize(
    ("names", "days", "advice"),
    [
        (["other.example.com"], (-1, 30), "It was issued for another host name. MYID_SERVER"),
        ([], (-30, -1), "Your MyID administrator must renew it"),
        ([], (1, 30), "The clock of this machine is probably slow"),
    ],
    ids=["other name", "expired", "not yet valid"],
)
def test_certificate_that_does_not_fit(
    begin: Begin,
    company: CompanyCA,
    tmp_path: Path,
    names: list[str],
    days: tuple[int, int],
    advice: str,
) -> None:
    """A certificate for another name, or out of its time, ends the sign-in with the advice that
    helps; nothing is sent to that server, and once it is put right the next sign-in works.
    """
    ca = trustme.CA()
    bundle = tmp_path / "both.pem"
    bundle.write_bytes(ca.cert_pem.bytes() + company.bundle.read_bytes())
    trusting = {"MYID_CA_BUNDLE": str(bundle)}
    with HttpServer(tls=server_context(ca, *names, days=days)) as server:
        login = begin(environ={**trusting, "MYID_TOKEN_URL": f"{server.url}/connect/token"})
        page = open_page(finish_sign_in(link(login), verify=str(company.bundle)))

        assert isinstance(expect_failure(login, page, advice), CertificateNotTrusted)
        assert [] == server.seen
    expect_next(begin, login, verify=str(company.bundle), environ=trusting)


@pytest.mark.skipif(sys.platform != "linux", reason="OpenSSL's way to another system store")
def test_store_of_the_system(
    begin: Begin, company: CompanyCA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CA that stands in the operating system's store needs no setting, from the moment on that
    the administrator puts it there.
    """
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    early = begin()
    open_page(finish_sign_in(link(early), verify=str(company.bundle)))
    early.wait(10)
    assert isinstance(early.error, CertificateNotTrusted)

    monkeypatch.setenv("SSL_CERT_FILE", str(company.bundle))
    login = begin()
    page = open_page(finish_sign_in(link(login), verify=str(company.bundle)))

    assert "Signed in to MyID" == page.title
    assert login.result().get("people", params={"q": "jo"}).ok


def test_ca_bundle_beats_the_environment(
    begin: Begin, company: CompanyCA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CA bundle that was given is used, for token and API, whatever REQUESTS_CA_BUNDLE names."""
    other = CompanyCA.create(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other.bundle))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(other.bundle))
    login = begin(environ={"MYID_CA_BUNDLE": str(company.bundle)})

    page = open_page(finish_sign_in(link(login), verify=str(company.bundle)))

    assert "Signed in to MyID" == page.title
    assert login.wait(10)
    assert "Jane Doe" == str(login.session.operator)
    assert 200 == login.session.get("people", params={"q": "jo"}).status_code


def test_given_bundle_is_the_only_one(
    begin: Begin, company: CompanyCA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a bundle was given, nothing that the environment names is trusted beside it."""
    other = CompanyCA.create(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(company.bundle))
    login = begin(environ={"MYID_CA_BUNDLE": str(other.bundle)})
    open_page(finish_sign_in(link(login), verify=str(company.bundle)))
    login.wait(10)

    with pytest.raises(CertificateNotTrusted):
        login.result()
