"""Clients of the sandbox, written by hand."""

import pytest
from support.handmade_client import HandmadeClient
from support.sandbox_process import SandboxProcess


@pytest.fixture
def client(sandbox: SandboxProcess) -> HandmadeClient:
    """The default client of a clean sandbox."""
    return HandmadeClient(sandbox)


@pytest.fixture
def secret_client(sandbox: SandboxProcess) -> HandmadeClient:
    """A client of its own, to be changed and removed again."""
    return HandmadeClient(sandbox, "test.client", "http://127.0.0.1:5500/back")
