"""The settings of a sign-in: where each may come from, and what each must look like.

``%load_ext`` only needs the table of their names, so the rest is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from myid_notebook.settings.source import SECRET_SETTINGS as SECRET_SETTINGS
from myid_notebook.settings.source import SETTINGS as SETTINGS
from myid_notebook.settings.source import SettingSource as SettingSource

if TYPE_CHECKING:
    from myid_notebook.settings.resolution import resolve as resolve
    from myid_notebook.settings.settings import Settings as Settings

__all__ = ["SECRET_SETTINGS", "SETTINGS", "SettingSource", "Settings", "resolve"]


def __getattr__(name: str) -> object:
    if name == "Settings":
        from myid_notebook.settings.settings import Settings  # noqa: PLC0415 - when first used

        return Settings
    if name == "resolve":
        from myid_notebook.settings.resolution import resolve  # noqa: PLC0415 - the same

        return resolve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
