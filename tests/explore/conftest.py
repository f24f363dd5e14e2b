"""Rows of an invented search, and a session that is signed in at a sandbox."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import HandmadeClient, jwt_parts

from myid_notebook.explore.rows import Rows
from myid_notebook.explore.session import MyIDSession
from myid_notebook.explore.view import Origin
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.session.state import Operator


@pytest.fixture
def people() -> Rows:
    """Fifty people called Small, of more."""
    return Rows(
        (
            {
                "id": f"{number:04X}",
                "href": f"people/{number:04X}",
                "logonName": f"small{number}",
                "name": {"first": "Sam", "last": "Small"},
                "cards": number,
                "links": [],
            }
            for number in range(50)
        ),
        Origin(
            path="people",
            params={"name.last": "Sm*"},
            complete=False,
            operator="Jane Doe",
            read_until=datetime(2026, 11, 24, 14, 2, 33, tzinfo=UTC),
        ),
    )


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    """A sandbox for these tests alone: others replace its default clients."""
    with SandboxProcess.start() as process:
        yield process


@pytest.fixture(scope="session")
def access_token(sandbox_process: SandboxProcess) -> str:
    """Jane's token; it outlives every reset."""
    return HandmadeClient(sandbox_process).access_token()


def signed_in(sandbox: SandboxProcess, access_token: str, name: str) -> MyIDSession:
    """Return a session with a token."""
    session = MyIDSession(f"{sandbox.url}/rest.core/api/")
    subject = jwt_parts(access_token)[1]["sub"]
    token = Secret(access_token)
    expires_at = time.time() + 3600
    session.sign_in(TokenResponse(access_token=token, expires_at=expires_at, subject=subject))
    session.operator = Operator(id=subject, name=name)
    return session


@pytest.fixture
def myid(sandbox: SandboxProcess, access_token: str) -> Iterator[MyIDSession]:
    """Jane's session."""
    with signed_in(sandbox, access_token, "Jane Doe") as session:
        yield session


@pytest.fixture
def other(sandbox: SandboxProcess) -> Iterator[MyIDSession]:
    """Dora's session; she sees fewer people."""
    with signed_in(
        sandbox, HandmadeClient(sandbox).access_token("dora.department"), "Dora Department"
    ) as session:
        yield session
