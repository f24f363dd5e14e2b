"""What a sign-in could leave behind in a process, as text that also runs inside a kernel."""

import threading
from pathlib import Path

import psutil

IN_KERNEL = """
import threading as _threading
from pathlib import Path as _Path
import psutil as _psutil
from jupyter_core.paths import jupyter_runtime_dir as _runtime_dir
def leftovers():
    for thread in _threading.enumerate():
        if thread.name == "myid-http":  # just doing what nobody waits for
            thread.join(5)
    process = _psutil.Process()
    ports = getattr(process, "net_connections", None) or process.connections
    return sorted([
        *(t.name for t in _threading.enumerate() if t.name.startswith("myid-")),
        *(f"port {c.laddr.port}" for c in ports("tcp") if c.status == "LISTEN"),
        *(path.name for path in _Path(_runtime_dir(), "myid-notebook").glob("*")),
    ])
"""
"""A cell that defines ``leftovers()``; a kernel listens on ports of its own, so compare."""


def leftovers(runtime_dir: Path) -> list[str]:
    """Return this process's sign-in threads and listening ports, and the rendezvous files."""
    threads = [t.name for t in threading.enumerate() if t.name.startswith("myid-")]
    listening = [
        f"port {connection.laddr.port}"
        for connection in psutil.Process().net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    return [
        *threads,
        *listening,
        *(path.name for path in (runtime_dir / "myid-notebook").glob("*")),
    ]
