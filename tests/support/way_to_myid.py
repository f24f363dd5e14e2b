"""A server under MyID's name, reached over plain HTTP, over TLS, or over TLS through a proxy."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import trustme
from support.certificates import bundle_of, server_context
from support.connect_proxy import ConnectProxy
from support.http_server import Answer, HttpServer, json_body

HOST = "myid.example.com"
"""No name of this machine, for what runs here is never reached through a proxy."""

CREDENTIALS = "jane:proxy-password-4711"
"""What the proxy wants."""

WAYS = ("http", "https", "proxy")


@dataclass(frozen=True)
class Way:
    """How a server is reached.

    Args:
        server: behind the way.
        url: the server's, as clients call it.
        bundle: path of its authority's certificate; None without TLS.
        proxy: in between, if any.
    """

    server: HttpServer
    url: str
    bundle: str | None = None
    proxy: ConnectProxy | None = None


@contextmanager
def way_to_myid(
    kind: str,
    folder: Path,
    answer: Answer = json_body,
    *,
    names: tuple[str, ...] = (HOST, "127.0.0.1"),
    days: tuple[int, int] = (-1, 30),
) -> Iterator[Way]:
    """Start a server, and the proxy before it, which the environment then names.

    Args:
        kind: one of ``WAYS``.
        folder: gets the authority's certificate.
        answer: to every request.
        names: those of the server's certificate.
        days: first and last of its certificate, from today.
    """
    ca = trustme.CA()
    tls = None if kind == "http" else server_context(ca, *names, days=days)
    with HttpServer(answer, tls=tls, keep_alive=True) as server:
        if tls is None:
            yield Way(server, server.url)
            return
        bundle = bundle_of(ca, folder / "authority.pem")
        if kind == "https":
            yield Way(server, server.url, bundle)
            return
        with ConnectProxy(server.port, CREDENTIALS) as proxy, through(proxy.url):
            yield Way(server, f"https://{HOST}", bundle, proxy)


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
