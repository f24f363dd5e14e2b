"""A session that is signed in at a real server."""

from collections.abc import Iterator

import pytest
from support.servers.http_server import HttpServer
from support.values.oauth import signed_in_session

from myid_notebook.session.session import BearerSession


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A server that answers everything with an empty JSON object."""
    with HttpServer() as running:
        yield running


@pytest.fixture
def session(server: HttpServer) -> Iterator[BearerSession]:
    """A session signed in there for an hour."""
    with signed_in_session(f"{server.url}/rest.core/api/") as signed_in:
        yield signed_in
