"""The pid namespace of this process, and files that programs of one user leave for each other."""

import errno
import os
import sys
from pathlib import Path

import pytest

from myid_notebook.machine.processes import pid_namespace, read_own_file


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
def test_namespace_of_process_ids() -> None:
    """It is the one in which this process counts."""
    assert os.readlink(f"/proc/{os.getpid()}/ns/pid") == pid_namespace()  # noqa: PTH115 - another way


def test_system_without_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """There all processes count together."""
    monkeypatch.setattr(Path, "readlink", lambda _: (_ for _ in ()).throw(FileNotFoundError()))

    assert "" == pid_namespace()


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
