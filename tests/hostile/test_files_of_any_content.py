"""Whatever lies in the runtime folder, and whatever another program says at a port."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.servers.http_server import FixedAnswerServer, json_answer

from myid_notebook.callback import rendezvous
from myid_notebook.callback.jupyter_servers import jupyter_servers
from myid_notebook.callback.outcome import Outcome
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.callback.route import choose_route
from myid_notebook.machine import private_files
from myid_notebook.machine.private_files import machine, pid_namespace
from myid_notebook.server.relay import relay

STATE = "the-state-of-a-sign-in"
FILE = f"{sha256(STATE.encode()).hexdigest()}.json"
OWN = {
    "port": 54321,
    "key": "the-key",
    "pid": os.getpid(),
    "machine": machine(),
    "pid_namespace": pid_namespace(),
    "valid_until": time.time() + 60,
}
ELSEWHERE = json.dumps({**OWN, "key": "elsewhere"}).encode()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)
odd_values = json_values | st.sampled_from(
    [True, False, 1, 80, 2**16, 2**31, 2**64, 10**30, 1.5, "a\r\nb", "ä", "", "\ud800", "a" * 5000]
)


def with_odd_members(own: dict[str, object]) -> st.SearchStrategy[bytes]:
    """Return any JSON, most of it much like the right one."""
    odd = st.fixed_dictionaries({}, optional=dict.fromkeys([*own, "more"], odd_values))
    return st.binary() | (json_values | odd.map(lambda members: own | members)).map(
        lambda value: json.dumps(value).encode()
    )


names = st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), max_size=40)
file_names = st.just(FILE) | names.map("{}.json".format)
kinds = st.sampled_from(
    ["file", "file", "file", "link", "chain", "loop", "folder", "pipe", "socket"]
)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file beside the folder that looks like a pending sign-in's."""
    path = tmp_path_factory.mktemp("outside") / "elsewhere.json"
    path.write_bytes(ELSEWHERE)
    return path


@contextlib.contextmanager
def only(folder: Path, name: str, kind: str, content: bytes, outside: Path) -> Iterator[None]:
    """Put one thing into an empty folder, and take it away again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / name
    make: dict[str, Callable[[], object]] = {
        "file": lambda: path.write_bytes(content),
        "link": lambda: path.symlink_to(outside),
        "chain": lambda: path.symlink_to("../myid-notebook/nowhere"),
        "loop": lambda: path.symlink_to(path.name),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "socket": lambda: _bind(path),
    }
    make[kind]()
    yield
    shutil.rmtree(folder)


def _bind(path: Path) -> None:
    # The name of a socket may be no longer than about a hundred bytes.
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"{short}/s")
        Path(short, "s").rename(path)


def expect_usable(found: Rendezvous) -> None:
    """Expect what a relay could work with."""
    assert {int} == {type(found.port), type(found.pid)}
    assert 0 < found.port < 65536
    assert found.pid > 0
    assert type(found.valid_until) in {int, float}
    assert 0 < found.valid_until < 10**11
    assert found.key.isascii()
    assert found.key.isprintable()
    assert isinstance(found.machine, str)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
@given(kinds, file_names, with_odd_members(OWN))
@example("file", FILE, json.dumps({**OWN, "port": True}).encode())
@example("file", FILE, json.dumps({**OWN, "key": "a\r\nb"}).encode())
@example("link", FILE, b"")
@example("pipe", FILE, b"")
@settings(max_examples=400)
@pytest.mark.timeout(60)
def test_rendezvous_folder(outside: Path, kind: str, name: str, content: bytes) -> None:
    """Nothing in the folder raises, keeps anybody waiting, or leads to a file outside of it."""
    if len(name.encode()) > 200:
        return
    with only(private_files.folder(), name, kind, content, outside):
        found = [rendezvous.find_by_state(STATE), *rendezvous.pending()]
        rendezvous.remove_expired()

    assert ELSEWHERE == outside.read_bytes()
    for each in found:
        if each is not None:
            expect_usable(each)
            assert "elsewhere" != each.key
            assert "file" == kind


url_pieces = st.lists(
    st.sampled_from(
        [
            *(
                "http://localhost:{port}",
                "https://localhost:{port}",
                "http://jane:pw@127.0.0.1:{port}",
            ),
            *(
                "/",
                "/lab/",
                "//",
                "?a=b",
                "#",
                "@",
                "\\",
                "%",
                "%2F",
                "[",
                "\r\n",
                "\ud800",
                "ä",
                " ",
            ),
            *("ftp://", "javascript:", "evil.example", "http://evil.example:{port}/", "<script>"),
        ]
    ),
    max_size=4,
).map("".join)


@pytest.fixture(scope="module")
def taken() -> Iterator[FixedAnswerServer]:
    """A program at a port that says it is Jupyter with the extension."""
    with FixedAnswerServer(json_answer(b'{"myid_notebook": "0.1.0"}')) as server:
        yield server


@given(st.data())
@settings(max_examples=40)
def test_file_of_a_jupyter_server(
    taken: FixedAnswerServer, runtime_dir: Path, data: st.DataObject
) -> None:
    """Any content leads to a route, described on one line without a password."""
    url = data.draw(url_pieces).replace("{port}", str(taken.port))
    content = data.draw(
        with_odd_members({"url": url, "pid": 1})
        | st.just(json.dumps({"url": url, "pid": 1}).encode())
    )
    (runtime_dir / "jpserver-1.json").write_bytes(content)

    route = choose_route(f"http://localhost:{taken.port}/myid/callback", {}, paste=False)
    route.close()

    assert route.reason.isprintable()
    assert "jane" not in route.reason
    for server in jupyter_servers():
        assert server.url.startswith(("http://", "https://"))
        assert server.url.isascii()
        assert server.url.isprintable()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["link", "loop", "folder", "pipe", "socket"])
@pytest.mark.timeout(30)
def test_no_file_of_a_jupyter_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What is no file is left alone, and not waited for."""
    outside = tmp_path / "outside.json"
    outside.write_text('{"url": "http://localhost:8888/", "pid": 1}')
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "myid-notebook"))
    with only(tmp_path / "myid-notebook", "jpserver-1.json", kind, b"", outside):
        assert [] == list(jupyter_servers())


VERDICT = {"outcome": "signed_in", "detail": ""}
verdicts = with_odd_members(VERDICT)  # type: ignore[arg-type] # of text alone


@given(verdicts)
@example(json.dumps(VERDICT).encode())
@example(b'{"outcome": "signed_in", "detail": {"a": 1}}')
@settings(max_examples=150)
def test_port_that_answers_with_any_content(body: bytes) -> None:
    """What stands at the port of a sign-in, and says anything but a verdict, is no listener: the
    page says that nobody waits. A verdict is taken as it is; nothing tells it from a listener's.
    """
    try:
        said = json.loads(body)
        expected = (Outcome(said["outcome"]), str(said["detail"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        expected = (Outcome.KERNEL_GONE, "")

    with FixedAnswerServer(json_answer(body)) as server:
        file = Rendezvous(**OWN | {"port": server.port}).write(STATE)  # type: ignore[arg-type] # of these very types
        verdict = asyncio.run(relay(f"code=c&state={STATE}"))
        file.unlink()

    assert expected == (verdict.outcome, verdict.detail)
    assert [True] == [f"x-myid-relay-key: {OWN['key']}".encode() in a for a in server.asked]
