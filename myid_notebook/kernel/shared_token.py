"""The token that this notebook left with its Jupyter server, for the next kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from myid_notebook.front_end import current_shell, is_kernel
from myid_notebook.token_store.client import StoreClient, store_path


def store_of_this_kernel() -> StoreClient | None:
    """Return the store of the Jupyter server that started this kernel.

    None for terminals and scripts, which inherit the server's environment too, and for kernels
    without the server extension.
    """
    shell, path = current_shell(), store_path()
    if path is None or not is_kernel(shell):
        return None
    notebook = _notebook(shell)
    return StoreClient(notebook, path) if notebook else None


def _notebook(shell: Any) -> str:  # noqa: ANN401 - IPython's shell of a kernel has no common type
    # The path of the notebook, as Jupyter tells its kernels; it outlives a restart, and so does
    # the kernel's id, which names its connection file.
    path = os.environ.get("JPY_SESSION_NAME", "")
    if path and not path.endswith(("/", "\\")):  # a folder, where the front end told no name
        return f"notebook {path}"
    file = getattr(getattr(shell.kernel, "parent", None), "connection_file", "")
    return f"kernel {Path(file).stem}" if file else ""
