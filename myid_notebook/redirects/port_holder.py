"""Which program holds a TCP port."""

from __future__ import annotations

import contextlib


def holder_pid(port: int) -> int | None:
    """Return the process that listens on a port; None where the system does not tell.

    Args:
        port: TCP port on this machine.
    """
    with contextlib.suppress(ImportError):
        import psutil  # noqa: PLC0415 - comes with ipykernel; a plain Python may not have it

        with contextlib.suppress(psutil.Error, OSError):
            for connection in psutil.net_connections("tcp"):
                listens = connection.status == psutil.CONN_LISTEN
                if listens and connection.laddr.port == port and connection.pid:
                    return int(connection.pid)
    return None


def port_holder(port: int) -> str:
    """Return the program that listens on a port, in words; as much as the system tells.

    Args:
        port: TCP port on this machine.
    """
    pid = holder_pid(port)
    if pid is not None:
        import psutil  # noqa: PLC0415 - it is there: it told the process

        with contextlib.suppress(psutil.Error, OSError):
            return f"{psutil.Process(pid).name()} (process {pid})"
    return "another program"
