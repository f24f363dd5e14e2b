"""What differs where a JupyterHub runs the Jupyter server for one of its users."""

from __future__ import annotations

import os
from urllib.parse import unquote

from jupyter_server.auth.identity import User


def is_hub_server(base_url: str) -> bool:
    """Return whether a server is one that the hub started, and not a user's own beside it.

    Args:
        base_url: of the server.
    """
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    return bool(prefix) and unquote(str(prefix)) == unquote(base_url)


def owner() -> str:
    """Return the name of the user whose server this is."""
    return os.environ.get("JUPYTERHUB_USER", "")


def is_owner(user: User) -> bool:
    """Return whether someone is the user whose server this is.

    Args:
        user: whom the hub let in; with sharing, or as an administrator, that may be anybody.
    """
    return user.username == owner()
