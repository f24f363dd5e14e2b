"""Others replace or patch ``requests.Session``: nothing of a sign-in passes through that."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import requests
import requests_cache
from support.servers.http_server import HttpServer
from support.servers.requests_to_myid import SECRETS, SENDERS, answer_as_myid

NEW = b'"the-new-token-of-the-tests"'
"""What the server gives to everybody, and so to the one request that is stored."""
SIGN_IN_SENDERS = [name for name in SENDERS if name != "session"]


@pytest.fixture
def myid() -> Iterator[HttpServer]:
    """A server that gives a token and a name."""
    with HttpServer(answer_as_myid) as server:
        yield server


@pytest.mark.parametrize("sender", SENDERS)
def test_cache_on_disk(myid: HttpServer, tmp_path: Path, sender: str) -> None:
    """requests-cache stores no secret, and gives no stored response to anybody."""
    with requests_cache.enabled(
        str(tmp_path / "cache"), allowable_methods=("GET", "POST"), backend="sqlite"
    ):
        for _ in range(2):
            assert SENDERS[sender](myid.url, None)
        requests.get(f"{myid.url}/other", timeout=10)

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("cache*"))
    assert b"/other" in stored
    assert not [secret for secret in SECRETS if secret.encode() in stored.replace(NEW, b"")]
    assert 3 == len(myid.seen)


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
    "requests-cache": "import requests_cache; requests_cache.install_cache({path!r})",
}


@pytest.mark.parametrize("way", REPLACE)
def test_class_replaced_before_the_import(tmp_path: Path, way: str, myid: HttpServer) -> None:
    """A session stands on the original class, whatever a ``sitecustomize`` put in its place."""
    program = f"""
import requests
Original = requests.Session
{REPLACE[way].format(path=str(tmp_path / "cache"))}
from support.servers.requests_to_myid import SENDERS
from myid_notebook.session.session import MyIDSession
print([each.__name__ for each in MyIDSession.__mro__], issubclass(MyIDSession, Original))
for send in SENDERS.values():
    assert send({myid.url!r}, None)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[1],
    )

    assert "" == done.stderr
    assert "['MyIDSession', 'Session', 'SessionRedirectMixin', 'object'] True\n" == done.stdout
    assert len(SENDERS) == len(myid.seen)
