"""Servers behind TLS, with certificates of an authority of the test's own."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from unittest import mock

import trustme
from support.servers.http_server import Answer, HttpServer, json_body
from support.servers.proxies import ConnectProxy
from support.servers.sandbox import SandboxProcess


def server_context(ca: trustme.CA, *names: str, days: tuple[int, int] = (-1, 30)) -> ssl.SSLContext:
    """Return the TLS context of a server.

    Args:
        names: host names and addresses; none for those of this machine.
        days: first and last of its certificate, from today.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    first, last = (datetime.now(UTC) + timedelta(days=day) for day in days)
    ca.issue_cert(
        *(names or ("localhost", "127.0.0.1", "::1")), not_before=first, not_after=last
    ).configure_cert(context)
    return context


def bundle_of(ca: trustme.CA, path: Path) -> str:
    """Write an authority's certificate to a file and return its path."""
    ca.cert_pem.write_to_path(str(path))
    return str(path)


@dataclass(frozen=True)
class CompanyCA:
    """A CA that no machine trusts by itself.

    Args:
        bundle: its certificate, PEM.
        server: certificate and key of a server at 127.0.0.1, PEM.
    """

    bundle: Path
    server: Path

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a CA and a server's certificate."""
        authority = trustme.CA()
        created = cls(bundle=folder / "ca.pem", server=folder / "server.pem")
        authority.cert_pem.write_to_path(created.bundle)
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            created.server
        )
        return created

    def sandbox(self) -> SandboxProcess:
        """Return a sandbox with the server's certificate, not yet started."""
        return SandboxProcess(["--certfile", str(self.server)], verify=str(self.bundle))


HOST = "myid.example.com"
"""No name of this machine, for what runs here is never reached through a proxy."""

CREDENTIALS = "jane:proxy-password-4711"
"""What the proxy wants."""

CONNECTIONS = ("http", "https", "proxy")


@dataclass(frozen=True)
class MyIDServer:
    """A server that plays MyID, and how it is reached.

    Args:
        url: the server's, as clients call it.
        bundle: path of its authority's certificate; None without TLS.
        proxy: in between, if any.
    """

    server: HttpServer
    url: str
    bundle: str | None = None
    proxy: ConnectProxy | None = None


@contextmanager
def myid_server(
    kind: str,
    folder: Path,
    answer: Answer = json_body,
    *,
    names: tuple[str, ...] = (HOST, "127.0.0.1"),
    days: tuple[int, int] = (-1, 30),
) -> Iterator[MyIDServer]:
    """Start a server, and the proxy before it, which the environment then names.

    Args:
        kind: one of ``CONNECTIONS``.
        days: first and last of its certificate, from today.
    """
    ca = trustme.CA()
    tls = None if kind == "http" else server_context(ca, *names, days=days)
    with HttpServer(answer, tls=tls, keep_alive=True) as server:
        if tls is None:
            yield MyIDServer(server, server.url)
            return
        bundle = bundle_of(ca, folder / "authority.pem")
        if kind == "https":
            yield MyIDServer(server, server.url, bundle)
            return
        with ConnectProxy(server.port, CREDENTIALS) as proxy, through(proxy.url):
            yield MyIDServer(server, f"https://{HOST}", bundle, proxy)


@contextmanager
def through(proxy_url: str) -> Iterator[None]:
    """Name a proxy in the environment.

    Args:
        proxy_url: with its credentials.
    """
    with mock.patch.dict(os.environ, {"HTTPS_PROXY": proxy_url, "https_proxy": proxy_url}):
        for name in ("NO_PROXY", "no_proxy"):
            os.environ.pop(name, None)
        yield
