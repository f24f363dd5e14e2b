"""Writing, reading and removing rendezvous files."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myid_notebook.callback import rendezvous
from myid_notebook.callback.rendezvous import (
    CLOCK_SKEW,
    MAX_FILE_SIZE,
    UNREADABLE_FILE_TIMEOUT,
    Rendezvous,
)
from myid_notebook.machine.processes import machine_name, pid_namespace

STATE = "the-state-of-a-sign-in"
as_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give away"
)
posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")


def entry(**changes: object) -> Rendezvous:
    """Return a rendezvous that has a minute left."""
    members = {
        "port": 54321,
        "relay_key": "the-key",
        "pid": os.getpid(),
        "host": machine_name(),
        "pid_namespace": pid_namespace(),
        "lifetime": 60,
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
    assert {"port", "relay_key", "pid", "pid_namespace", "host", "lifetime"} == set(
        json.loads(path.read_bytes())
    )


@posix_only
def test_file_is_the_users_alone() -> None:
    """0600 in a folder of 0700, whatever the umask and however the folder was."""
    before = os.umask(0)
    try:
        rendezvous.folder().mkdir(parents=True, mode=0o777)
        path = entry().write(STATE)
    finally:
        os.umask(before)

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)


@posix_only
def test_folder_is_made_private(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its first moment on, not only after somebody could have looked into it."""
    made = []
    monkeypatch.setattr(Path, "mkdir", lambda _, **how: made.append(how))
    with pytest.raises(FileNotFoundError):
        entry().write(STATE)

    assert [{"mode": 0o700, "parents": True, "exist_ok": True}] == made


@as_root
def test_folder_of_another_user_is_not_used() -> None:
    """Who owns the folder could read what stands in it, or put something else there."""
    rendezvous.folder().mkdir(parents=True)
    os.chown(rendezvous.folder(), 65534, 65534)

    with pytest.raises(PermissionError, match="Belongs to another user"):
        entry().write(STATE)


@posix_only
def test_folder_that_is_a_link(tmp_path: Path) -> None:
    """Whoever put it there decides where it leads: nothing is written or changed there."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    rendezvous.folder().parent.mkdir()
    rendezvous.folder().symlink_to(elsewhere)

    with pytest.raises(NotADirectoryError):
        entry().write(STATE)
    assert 0o755 == stat.S_IMODE(elsewhere.stat().st_mode)
    assert [] == list(elsewhere.iterdir())


@as_root
def test_file_of_another_user_is_none() -> None:
    """Whoever can leave a file in the folder cannot send answers elsewhere."""
    path = entry().write(STATE)
    os.chown(path, 65534, 65534)

    assert rendezvous.find_by_state(STATE) is None
    assert [] == list(rendezvous.pending())


@posix_only
def test_full_disk() -> None:
    """An ``OSError`` says so, and half a file does not stay."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            entry().write(STATE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [] == list(rendezvous.folder().iterdir())


def test_folder_that_is_a_file(runtime_dir: Path) -> None:
    """An ``OSError`` says so; looking for sign-ins finds none."""
    runtime_dir.mkdir()
    rendezvous.folder().touch()

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


def test_no_folder_no_sign_ins() -> None:
    """Before the first sign-in there is nothing to find or to sweep."""
    rendezvous.remove_expired()

    assert [] == list(rendezvous.pending())
    assert rendezvous.find_by_state(STATE) is None


def test_sweep_removes_what_is_over_and_nothing_else() -> None:
    """Sign-ins of others go on; files that are no rendezvous stay until they are old."""
    entry(pid=ended_process()).write("killed")
    over = entry().write("over")
    kept = entry().write("pending")
    elsewhere = entry(pid=ended_process(), host="another-machine").write("elsewhere")
    contained = entry(pid=ended_process(), pid_namespace="pid:[1]").write("contained")
    slept = entry(lifetime=60).write("slept")
    strange = rendezvous.folder() / "strange.json"
    strange.write_text("{}")
    other = rendezvous.folder() / "notes.txt"
    other.touch()
    forgotten = rendezvous.folder() / "forgotten.json"
    forgotten.write_text("half a fi")
    long_ago = time.time() - UNREADABLE_FILE_TIMEOUT - 1
    os.utime(forgotten, (long_ago, long_ago))
    os.utime(other, (long_ago, long_ago))
    os.utime(over, (long_ago, long_ago))
    folder = rendezvous.folder() / "folder.json"
    folder.mkdir()
    os.utime(folder, (long_ago, long_ago))
    os.utime(slept, (time.time() - CLOCK_SKEW, time.time() - CLOCK_SKEW))

    rendezvous.remove_expired()

    assert {kept, elsewhere, contained, slept, strange, other, folder} == set(
        rendezvous.folder().iterdir()
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


CORRUPT = {
    "empty": b"",
    "half": b'{"port": 5432',
    "list": b"[]",
    "deep": b"[" * 4000,
    "not UTF-8": b'{"port": "\xff"}',
    "other members": b'{"port": 1, "more": 2}',
}


@pytest.mark.parametrize("kind", CORRUPT)
def test_corrupt_file_is_none(kind: str) -> None:
    """Whatever stands in the file, the redirect only meets an unknown sign-in."""
    path = entry().write(STATE)
    path.write_bytes(CORRUPT[kind])

    assert rendezvous.find_by_state(STATE) is None
    assert [] == list(rendezvous.pending())


@pytest.mark.parametrize(
    "changes",
    [
        *({"port": port} for port in ("80", 0, -1, 65536, 1.5, None)),
        *({"relay_key": key} for key in (None, 5, ["k"])),
        *({"host": host} for host in (None, 5)),
        *({"lifetime": span} for span in (None, "a while", 0, -1, float("nan"), float("inf"))),
        *({"pid": pid} for pid in (None, "1", 0, -1, 1.5)),
        {"lifetime": 10**300},
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


@given(st.text() | st.sampled_from(["../../etc/passwd", "\ud800", "\x00", "x" * 9999]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_state_of_any_content_stays_in_the_folder(state: str) -> None:
    """A state from outside is only ever hashed: it leads to no other file."""
    assert rendezvous.find_by_state(state) is None


def test_representation_shows_no_key() -> None:
    """The relay key is for whoever can read the file."""
    assert "the-key" not in repr(entry())
