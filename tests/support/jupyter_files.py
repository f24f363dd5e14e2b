"""The files that Jupyter servers leave in the runtime folder."""

import json
import os
from pathlib import Path


def leave_server_file(runtime_dir: Path, url: str, pid: int | None = None) -> Path:
    """Write the file of a Jupyter server, as jupyter_server writes it, and return its path.

    Args:
        runtime_dir: Jupyter's.
        url: of the server, base URL included.
        pid: of the server; None for this process.
    """
    runtime_dir.mkdir(parents=True, exist_ok=True)
    pid = pid or os.getpid()
    members = {
        "base_url": "/",
        "hostname": "localhost",
        "password": False,
        "pid": pid,
        "port": 8888,
        "root_dir": "/home/jane",
        "secure": url.startswith("https"),
        "sock": "",
        "token": "secret of the server",
        "url": url,
        "version": "2.21.1",
    }
    path = runtime_dir / f"jpserver-{pid}.json"
    path.write_text(json.dumps(members))
    return path
