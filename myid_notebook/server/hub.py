"""What differs when a JupyterHub runs the Jupyter server for one of its users."""

from __future__ import annotations

import os
from urllib.parse import unquote

from jupyter_server.auth.identity import User


def is_hub_server(base_url: str) -> bool:
    """Return whether the hub started this server, rather than the user within their own one."""
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    return bool(prefix) and unquote(str(prefix)) == unquote(base_url)


def owner() -> str:
    """Return the name of the hub user who owns this server."""
    return os.environ.get("JUPYTERHUB_USER", "")


def is_owner(user: User) -> bool:
    """Return whether a user whom the hub let in owns this server.

    The hub also lets in its administrators and everybody a server is shared with.
    """
    return user.username == owner()
