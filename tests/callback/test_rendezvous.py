"""Writing, reading and removing rendezvous files."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myid_notebook.callback import rendezvous
from myid_notebook.callback.rendezvous import (
    MAX_FILE_SIZE,
    UNREADABLE_FILE_TIMEOUT,
    Rendezvous,
)
from myid_notebook.machine import private_files
from myid_notebook.machine.private_files import CLOCK_SKEW, machine, pid_namespace

STATE = "the-state-of-a-sign-in"
as_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give away"
)
posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")


def entry(**changes: object) -> Rendezvous:
    """Return a rendezvous that has a minute left."""
    members = {
        "port": 54321,
        "key": "the-key",
        "pid": os.getpid(),
        "machine": machine(),
        "pid_namespace": pid_namespace(),
        "valid_until": time.time() + 60,
        **changes,
    }
    return Rendezvous(**members)  # type: ignore[arg-type] # tests try other types, too


def ended_process() -> int:
    """Return the id of a process that has ended."""
    return int(
        subprocess.run(
            [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
        ).stdout
    )


def test_what_is_written_is_found() -> None:
    """By its state, and by no other."""
    written = entry()
    written.write(STATE)

    assert written == rendezvous.find_by_state(STATE)
    assert rendezvous.find_by_state(STATE + "x") is None
    assert [written] == list(rendezvous.pending())


def test_file_holds_no_state(runtime_dir: Path) -> None:
    """Name and content hold a hash at most: nothing that OAuth keeps secret goes to the disk."""
    path = entry().write(STATE)

    assert runtime_dir / "myid-notebook" == path.parent
    assert 64 + len(".json") == len(path.name)
    assert STATE not in f"{path} {path.read_text()}"
    assert {"port", "key", "pid", "pid_namespace", "machine", "valid_until"} == set(
        json.loads(path.read_bytes())
    )


def test_folder_that_is_a_file(runtime_dir: Path) -> None:
    """An ``OSError`` says so; looking for sign-ins finds none."""
    runtime_dir.mkdir()
    private_files.folder().touch()

    with pytest.raises(OSError, match="exists"):
        entry().write(STATE)
    assert [] == list(rendezvous.pending())
    assert rendezvous.find_by_state(STATE) is None
    rendezvous.remove_expired()


def test_file_of_the_same_state_is_not_overwritten() -> None:
    """A state is used once; a file of its name was not left by a sign-in of ours."""
    first = entry()
    first.write(STATE)

    with pytest.raises(FileExistsError):
        entry().write(STATE)
    assert first == rendezvous.find_by_state(STATE)


def test_sweep_removes_what_is_over_and_nothing_else() -> None:
    """Sign-ins of others go on; files that are no rendezvous stay until they are old."""
    entry(pid=ended_process()).write("killed")
    entry(valid_until=time.time() - CLOCK_SKEW - 1).write("over")
    kept = entry().write("pending")
    elsewhere = entry(pid=ended_process(), machine="another").write("elsewhere")
    contained = entry(pid=ended_process(), pid_namespace="pid:[1]").write("contained")
    slept = entry(valid_until=time.time() - CLOCK_SKEW + 60).write("slept")
    strange = private_files.folder() / "strange.json"
    strange.write_text("{}")
    other = private_files.folder() / "notes.txt"
    other.touch()
    forgotten = private_files.folder() / "forgotten.json"
    forgotten.write_text("half a fi")
    long_ago = time.time() - UNREADABLE_FILE_TIMEOUT - 1
    os.utime(forgotten, (long_ago, long_ago))
    os.utime(other, (long_ago, long_ago))
    folder = private_files.folder() / "folder.json"
    folder.mkdir()
    os.utime(folder, (long_ago, long_ago))

    rendezvous.remove_expired()

    assert {kept, elsewhere, contained, slept, strange, other, folder} == set(
        private_files.folder().iterdir()
    )


def test_pending_leaves_out_what_is_over() -> None:
    """A kernel that was killed leaves its file, which does not count."""
    entry(pid=ended_process()).write("over")

    assert [] == list(rendezvous.pending())


def test_process_that_cannot_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a process that certainly has ended ends its sign-in; asking is no signal."""
    asked = []

    def kill(*of: int) -> None:
        asked.append(of)
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    entry(pid=4711).write(STATE)

    assert 1 == len(list(rendezvous.pending()))
    assert [(4711, 0)] == asked


@pytest.mark.parametrize(
    "changes",
    [
        *({"port": port} for port in ("80", 0, 65536)),
        *({"valid_until": end} for end in ("soon", 0, float("nan"), float("inf"), 10**400)),
        *({"pid": pid} for pid in ("1", 0)),
        {"key": None},
        {"machine": 5},
        {"pid_namespace": 5},
    ],
)
def test_member_of_another_type_is_none(changes: dict[str, object]) -> None:
    """A file that nobody can use is as good as none, and cannot live for ever."""
    entry(**changes).write(STATE)

    assert rendezvous.find_by_state(STATE) is None


def test_oversized_file_is_none() -> None:
    """No more than a small file is ever read."""
    path = entry().write(STATE)
    path.write_bytes(path.read_bytes() + b" " * MAX_FILE_SIZE)
    assert rendezvous.find_by_state(STATE) is not None  # blanks behind it do not matter

    path.write_bytes(b" " * MAX_FILE_SIZE + path.read_bytes())
    assert rendezvous.find_by_state(STATE) is None


def test_proof_that_is_none() -> None:
    """A challenge that this user did not make, or whose file holds no proof, has an empty one."""
    with rendezvous.challenge() as (asked, _):
        (file,) = private_files.folder().iterdir()
        file.write_text('{"proof": 1}')
        assert "" == rendezvous.proof_for(asked)

    assert "" == rendezvous.proof_for(asked)


@given(st.text() | st.sampled_from(["../../etc/passwd", "\ud800", "\x00", "x" * 9999]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_state_of_any_content_stays_in_the_folder(state: str) -> None:
    """A state from outside is only ever hashed: it leads to no other file."""
    assert rendezvous.find_by_state(state) is None


def test_representation_shows_no_key() -> None:
    """The relay key is for whoever can read the file."""
    assert "the-key" not in repr(entry())
