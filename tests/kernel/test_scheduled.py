"""Magics that need no person: client credentials and the doctor, in a real kernel."""

from collections.abc import Iterator

import pytest
from support.jupyter.kernel import LocalKernel
from support.servers.sandbox import Registration, SandboxProcess, client_entry, register


@pytest.fixture(scope="module")
def registration(sandbox_process: SandboxProcess) -> Registration:
    """A client for people."""
    return register(sandbox_process)


@pytest.fixture(scope="module")
def kernel(registration: Registration) -> Iterator[LocalKernel]:
    """A kernel with that client's settings."""
    with LocalKernel(registration.environ) as kernel:
        kernel.execute("%load_ext myid_notebook")
        yield kernel


def test_client_credentials(
    kernel: LocalKernel, registration: Registration, sandbox: SandboxProcess
) -> None:
    """A scheduled notebook signs in as the client itself, with nobody there."""
    sandbox.register(
        client_entry(
            "myid.nightly",
            registration.redirect_uri,
            registration.client_secret,
            AllowedGrantTypes=["client_credentials"],
            Properties={"MyIDLogonName": "jane.doe"},
        )
    )
    command = "%myid_login nightly --client-credentials --client-id myid.nightly"
    outputs = kernel.execute(command, allow_stdin=False)

    assert [] == outputs.errors
    assert "Signed in as" in outputs.shown
    assert "200" == kernel.value("nightly.get('people').status_code")
    assert 0 == sandbox.status()["authorize_requests"]


def test_doctor(kernel: LocalKernel, registration: Registration, sandbox: SandboxProcess) -> None:
    """%myid_doctor shows its table and the client entry, signs nobody in and shows no secret."""
    outputs = kernel.execute("%myid_doctor")

    (bundle,) = outputs.displays.values()
    assert [] == outputs.errors
    assert "No problems found." in bundle["text/plain"]
    assert f'"{registration.redirect_uri}"' in bundle["text/plain"]
    assert "<table" in bundle["text/html"]
    assert registration.client_secret not in str(outputs.messages)
    assert {} == sandbox.status()["tokens_issued"]


def test_silence_is_explained(kernel: LocalKernel) -> None:
    """After half a minute without an answer the waiting line names the causes and the doctor."""
    kernel.execute("from myid_notebook.kernel import markup; markup.HINT_AFTER = 1")
    cell = kernel.submit("%myid_login late --no-wait")
    cell.finish()

    def hinted() -> bool:
        return "%myid_doctor" in kernel.execute("%myid_status").shown

    assert "%myid_doctor" not in cell.outputs.shown
    cell.wait_for(hinted, timeout=20)
    kernel.execute("%myid_logout late")
