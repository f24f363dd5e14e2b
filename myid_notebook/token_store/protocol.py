"""What a kernel and the token store of its Jupyter server say to each other: one line of JSON."""

from __future__ import annotations

from hashlib import sha256

from myid_notebook.settings.table import IDENTITY

MATCH_MEMBERS = ("name", *IDENTITY)
"""What must be the same for a token to be shared, besides the notebook."""

MAX_LINE = 65_536
"""Bytes of a line; tokens of MyID have some 1,500."""


def digest(access_token: str) -> str:
    """Return what stands for a token where the token itself need not be told."""
    return sha256(access_token.encode()).hexdigest()
