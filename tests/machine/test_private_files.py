"""Files that programs of one user leave for each other."""

import errno
import os
import socket
import stat
import sys
import uuid
from pathlib import Path

import pytest

from myid_notebook.machine.private_files import (
    Address,
    folder,
    machine,
    pid_namespace,
    read_own_file,
)

as_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give away"
)
posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime folder of the test's own, which is not there yet."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))


def write() -> Path:
    """Write an address of this process, and return its path."""
    path = folder() / "address.json"
    Address(port=54321, key="the-key", valid_until=4e9).write_to(path)
    return path


@posix_only
def test_file_is_the_users_alone() -> None:
    """0600 in a folder of 0700, whatever the umask and however the folder was."""
    before = os.umask(0)
    try:
        folder().mkdir(parents=True, mode=0o777)
        path = write()
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
        write()

    assert [{"mode": 0o700, "parents": True, "exist_ok": True}] == made


@as_root
def test_folder_of_another_user_is_not_used() -> None:
    """Who owns the folder could read what stands in it, or put something else there."""
    folder().mkdir(parents=True)
    os.chown(folder(), 65534, 65534)

    with pytest.raises(PermissionError, match="Belongs to another user"):
        write()


@posix_only
def test_folder_that_is_a_link(tmp_path: Path) -> None:
    """Whoever put it there decides where it leads: nothing is written or changed there."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    folder().parent.mkdir()
    folder().symlink_to(elsewhere)

    with pytest.raises(NotADirectoryError):
        write()
    assert 0o755 == stat.S_IMODE(elsewhere.stat().st_mode)
    assert [] == list(elsewhere.iterdir())


@as_root
def test_file_of_another_user_is_none() -> None:
    """Whoever can leave a file in the folder cannot send answers elsewhere."""
    path = write()
    os.chown(path, 65534, 65534)

    assert Address.read_from(path) is None


@posix_only
def test_full_disk() -> None:
    """An ``OSError`` says so, and half a file does not stay."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [] == list(folder().iterdir())


def test_own_file_is_read_in_part(tmp_path: Path) -> None:
    """No more than the bytes asked for, whatever they are."""
    file = tmp_path / "file"
    file.write_bytes(b"\xff\r\nmore")

    assert b"\xff\r\nm" == read_own_file(file, 4)


@pytest.mark.skipif(os.name == "nt", reason="POSIX only")
def test_link_is_not_followed(tmp_path: Path) -> None:
    """Another program could let a link point anywhere."""
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "file")

    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        read_own_file(tmp_path / "link", 100)


@pytest.mark.skipif(os.name == "nt", reason="POSIX only")
def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe without a writer would keep its reader waiting; so would one that is silent."""
    os.mkfifo(tmp_path / "pipe")

    assert b"" == read_own_file(tmp_path / "pipe", 100)
    silent = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        assert b"" == read_own_file(tmp_path / "pipe", 100)
    finally:
        os.close(silent)


@pytest.mark.skipif(os.name == "nt", reason="POSIX only")
def test_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused as the system refuses what is forbidden, by its path."""
    file = tmp_path / "file"
    file.write_bytes(b"content")
    somebody_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody_else)

    with pytest.raises(PermissionError) as caught:
        read_own_file(file, 100)

    assert (errno.EPERM, str(file)) == (caught.value.errno, caught.value.filename)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
def test_pid_namespace() -> None:
    """It is the one in which this process counts."""
    assert os.readlink(f"/proc/{os.getpid()}/ns/pid") == pid_namespace()  # noqa: PTH115 - another way


def test_machine_whose_name_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop in another network is the same machine."""
    here = machine()
    monkeypatch.setattr(socket, "gethostname", lambda: "another-name")

    assert here == machine()


@pytest.mark.parametrize(
    ("node", "expected"), [(0x2AB, "0000000002ab"), (1 << 40, socket.gethostname())]
)
def test_machine_that_does_not_tell(
    monkeypatch: pytest.MonkeyPatch, node: int, expected: str
) -> None:
    """Where the system names no boot: its network card; without one, which is random, its name."""
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: (_ for _ in ()).throw(OSError()))
    monkeypatch.setattr(uuid, "getnode", lambda: node)

    assert expected == machine()


def test_system_without_pid_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """There all processes count together."""
    monkeypatch.setattr(Path, "readlink", lambda _: (_ for _ in ()).throw(FileNotFoundError()))

    assert "" == pid_namespace()
