"""Another user of the same machine cannot read, finish, block or observe a sign-in."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, redirect
from support.machine.crowd import FEW, FILES_OF_ITS_OWN, room_for_files
from support.machine.other_user import as_other_user, needs_other_user, other_user
from support.machine.ports import free_port

from myid_notebook.callback import http_server, rendezvous
from myid_notebook.callback.outcome import Outcome
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.callback.route import RouteKind
from myid_notebook.machine import private_files
from myid_notebook.server.relay import relay
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

pytestmark = needs_other_user

LIST = """
for folder in (sys.argv[1], sys.argv[2]):
    try:
        print(os.listdir(folder))
    except PermissionError:
        print("refused")
try:
    print(open(sys.argv[3], "rb").read())
except PermissionError:
    print("refused")
"""
ASK = """
uri = sys.argv[1]
host, port = uri.split("/")[2].split(":")
with socket.create_connection((host, int(port))) as sock:
    path = uri.split("/", 3)[3]
    sock.sendall(f"GET /{path} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
    print(b"".join(iter(lambda: sock.recv(9999), b"")).decode("latin-1"))
"""
CROWD = f"""
{FILES_OF_ITS_OWN}
kept = []
for port in map(int, sys.argv[1:]):
    for _ in range(250):
        if len(kept) >= {FEW}:
            kept[len(kept) - {FEW}].recv(9)
        kept.append(socket.create_connection(("127.0.0.1", port)))
        kept[-1].sendall(b"GET /myid/callback?state=")
print(len(kept), flush=True)
sys.stdin.read()
"""
TALK = """
port, request = int(sys.argv[1]), sys.argv[2].encode()
kept = []
for round in itertools.count():
    if round == 40:
        print("talking", flush=True)
    for _ in range(100):
        kept.append(socket.socket())
        kept[-1].setblocking(False)
        kept[-1].connect_ex(("127.0.0.1", port))
    time.sleep(0.02)
    for sock in kept[-100:]:
        try:
            sock.sendall(request)
        except OSError:
            pass
    while len(kept) > 400:
        kept.pop(0).close()
"""
HOLD = """
kept = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def runtime_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder that everybody may enter, as some systems have it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", folder)
        yield Path(folder)


def port_of(sign_in: SignIn) -> int:
    """Return the port of a sign-in's redirect URI."""
    return urlsplit(sign_in.route.redirect_uri).port or 80


def test_rendezvous_file(begin: Begin, runtime_dir: Path) -> None:
    """The runtime folder is open to all; the folder of the rendezvous files, and they, are not."""
    begin()
    (file,) = private_files.folder().iterdir()

    seen = as_other_user(LIST, str(runtime_dir), str(private_files.folder()), str(file))

    assert ["['myid-notebook']", "refused", "refused"] == seen.splitlines()


def test_finish(begin: Begin) -> None:
    """Whoever gets hold of an answer, or signs in with a link that is not theirs, is refused; the
    sign-in goes on waiting for its own user.
    """
    sign_in = begin()
    answer = redirect(sign_in)

    assert "This response came from another user" in as_other_user(ASK, answer)

    assert sign_in.pending
    assert "Signed in to MyID" == open_page(answer).title


@pytest.mark.alone
def test_block_by_connections(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of connections that never say what they want keep nobody waiting, though this
    process may not even open so many files.
    """
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 60)
    sign_in = begin()
    (file,) = rendezvous.pending()

    with room_for_files(), other_user(CROWD, str(port_of(sign_in)), str(file.port)) as connections:
        assert "500" == connections
        assert "Signed in to MyID" == open_page(redirect(sign_in), timeout=20).title


@pytest.mark.alone
def test_block_by_talking(begin: Begin) -> None:
    """Thousands of requests of the right form, one after the other, keep nobody waiting either."""
    sign_in = begin()
    answer = redirect(sign_in)
    parts = urlsplit(answer)
    stray = f"GET {parts.path}?state=x HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"

    with other_user(TALK, str(port_of(sign_in)), stray) as talking:
        assert "talking" == talking
        assert "Signed in to MyID" == open_page(answer, timeout=4).title


def test_block_by_the_port(begin: Begin) -> None:
    """Whoever holds the port of the redirect URI gets an answer of no use to them: the user is told
    beforehand, and pastes it.
    """
    first = begin()
    port = port_of(first)
    first.cancel(cancelled())

    with other_user(HOLD, str(port)) as held:
        assert "held" == held
        sign_in = begin()
        assert RouteKind.PASTE is sign_in.route.kind
        assert f"Port {port} is in use by" in sign_in.route.reason
        sign_in.paste(redirect(sign_in))

    assert sign_in.result().signed_in


ANSWER = """
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens", flush=True)
connection, _ = server.accept()
print(connection.recv(9999), flush=True)
body = '{"outcome": "signed_in", "detail": ""}'
connection.sendall(f"HTTP/1.1 200 OK\\r\\nX: y\\r\\n\\r\\n{body}".encode())
"""


def test_take_the_place_of_a_killed_kernel(runtime_dir: Path) -> None:
    """Whoever listens where a kernel did is sent no answer, and says nothing to the browser."""
    assert runtime_dir
    port = free_port()
    Rendezvous(port=port, key="k", pid=1, valid_until=4e9).write("s")

    with other_user(ANSWER, str(port)) as said:
        assert "listens" == said
        verdict = asyncio.run(relay("code=c&state=s"))

    assert Outcome.KERNEL_GONE is verdict.outcome
