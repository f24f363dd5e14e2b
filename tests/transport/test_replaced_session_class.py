"""Others replace or patch ``requests.Session``: nothing of a sign-in passes through that."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import requests
from support.servers.http_server import HttpServer
from support.servers.requests_to_myid import SECRETS, SENDERS, answer_as_myid

SIGN_IN_SENDERS = [name for name in SENDERS if name != "session"]


@pytest.fixture
def myid() -> Iterator[HttpServer]:
    """A server that gives a token and a name."""
    with HttpServer(answer_as_myid) as server:
        yield server


def _fail(*_: object, **__: object) -> NoReturn:
    raise AssertionError("this was used")


@pytest.mark.parametrize("sender", SIGN_IN_SENDERS)
@pytest.mark.parametrize("name", ["request", "send", "get_adapter", "prepare_request"])
def test_patched_method(
    myid: HttpServer, monkeypatch: pytest.MonkeyPatch, sender: str, name: str
) -> None:
    """What is patched into the class itself sees no sign-in."""
    monkeypatch.setattr(requests.sessions.Session, name, _fail)

    assert SENDERS[sender](myid.url, None)


REPLACE = {
    "function": "requests.Session = requests.sessions.Session = lambda: None",
    "requests-cache": "import requests_cache; requests_cache.install_cache({path!r}, "
    "allowable_methods=('GET', 'POST'))",
}


@pytest.mark.parametrize("way", REPLACE)
def test_class_replaced_before_the_import(tmp_path: Path, way: str, myid: HttpServer) -> None:
    """A session stands on the original class, whatever a ``sitecustomize`` put in its place; no
    secret is stored, and nobody gets a stored response.
    """
    program = f"""
import sys; sys.path.append({str(Path(__file__).parents[1])!r})
import requests
Original = requests.Session
{REPLACE[way].format(path=str(tmp_path / "cache"))}
from support.servers.requests_to_myid import SENDERS
from myid_notebook.session.session import BearerSession
print([each.__name__ for each in BearerSession.__mro__], issubclass(BearerSession, Original))
for send in [*SENDERS.values()] * 2:
    assert send({myid.url!r}, None)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "" == done.stderr
    assert "['BearerSession', 'Session', 'SessionRedirectMixin', 'object'] True\n" == done.stdout
    assert 2 * len(SENDERS) == len(myid.seen)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [secret for secret in SECRETS if secret.encode() in stored]
