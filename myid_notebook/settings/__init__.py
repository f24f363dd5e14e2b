"""The settings of a sign-in: where each may come from, and what each must look like."""

from myid_notebook.settings.resolve import resolve as resolve
from myid_notebook.settings.settings import Settings as Settings
from myid_notebook.settings.source import SETTINGS as SETTINGS
from myid_notebook.settings.source import SettingSource as SettingSource

__all__ = ["SETTINGS", "SettingSource", "Settings", "resolve"]
