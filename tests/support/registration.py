"""This project's client as it is registered with the sandbox, and its settings."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from support.client_entry import client_entry
from support.jupyter_process import free_port
from support.sandbox_process import SandboxProcess


@dataclass(frozen=True)
class Registration:
    """A client of the sandbox.

    Args:
        server: the sandbox's URL.
        redirect_uri: the one registered.
        client_id: the ClientId.
        client_secret: in clear.
    """

    server: str
    redirect_uri: str
    client_id: str = "myid.tests"
    client_secret: str = field(default="9f0c-hush-1b7a", repr=False)

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that make a kernel this client."""
        return {
            "MYID_SERVER": self.server,
            "MYID_CLIENT_ID": self.client_id,
            "MYID_CLIENT_SECRET": self.client_secret,
            "MYID_REDIRECT_URI": self.redirect_uri,
        }


def register(sandbox: SandboxProcess, redirect_uri: str = "") -> Registration:
    """Register a client with the sandbox and return it.

    Args:
        sandbox: running.
        redirect_uri: of the client; empty for one at a free port of this machine.
    """
    uri = redirect_uri or f"http://localhost:{free_port()}/myid/callback"
    client = Registration(sandbox.url, uri, f"myid.tests.{urlsplit(uri).port}")
    sandbox.register(client_entry(client.client_id, uri, client.client_secret, RequirePkce=True))
    return client
