"""A crowd of connections from a process of its own, at a process that may open few files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

FILES_OF_ITS_OWN = """
try:
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
except ImportError:
    pass
"""
"""Program text: a process begins with the limits of the one that starts it."""

FEW = 200
"""Connections that a listener may keep. As they come one after the other, it must have given up
the one so many before."""

_PROGRAM = f"""
{FILES_OF_ITS_OWN}
import socket, sys
said, *ports = sys.argv[1:]
def gone(connection):
    try:
        connection.recv(9)
    except ConnectionError:
        pass
kept = []
try:
    for number, port in enumerate(map(int, ports * 250)):
        if number >= {FEW}:
            gone(kept[number - {FEW}])
        kept.append(socket.create_connection(("127.0.0.1", port), timeout=20))
        kept[-1].sendall(said.encode())
except OSError:
    pass  # too few came in, which the count tells
print(len(kept), flush=True)
sys.stdin.read()
"""


@contextmanager
def crowd(said: str, *ports: int) -> Iterator[int]:
    """Let 250 connections for each port stand open until the end; yield how many came about.

    Args:
        ports: on loopback; one may stand there twice.
    """
    command = [sys.executable, "-c", _PROGRAM, said, *map(str, ports)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.stdin.close()


@contextmanager
def room_for_files(count: int = 300) -> Iterator[None]:
    """Let this process open about so many more files; POSIX only, elsewhere there is no limit.

    Args:
        count: fewer than a crowd has.
    """
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        yield
        return
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    first = os.open(os.devnull, os.O_RDONLY)
    os.close(first)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first + count, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
