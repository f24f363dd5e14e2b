"""Where the proxy is that a JupyterHub puts in front of itself."""

import os
import shutil
import sys
from pathlib import Path

PROXY = "configurable-http-proxy"


def find_proxy() -> str:
    """Return the path of the proxy's program.

    Raises:
        FileNotFoundError: it is neither in this environment nor on the PATH.
    """
    folder = Path(sys.prefix, "node_modules", ".bin")
    found = shutil.which(PROXY, path=f"{folder}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise FileNotFoundError(
            f"The tests of JupyterHub need {PROXY}: run “npm install --prefix {sys.prefix} "
            f"{PROXY}”, or leave these tests out with -m 'not hub'."
        )
    return found
