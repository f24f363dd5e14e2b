"""The errors of settings: which one, what is wrong, and every place to set it."""

from __future__ import annotations

import re

from myid_notebook.errors import SettingError
from myid_notebook.settings.source import SETTINGS

_USER_INFO = re.compile(r"^(\w+://)?.*@", re.DOTALL)
"""A user name and password in a URL, even where a / of the password or no scheme spoils it."""

_MAX_SHOWN = 500


def missing(name: str) -> SettingError:
    """Return the error for a setting that nothing sets.

    Args:
        name: a key of ``SETTINGS``.
    """
    source = SETTINGS[name]
    return SettingError(
        name,
        f"The setting {name} is missing: {source.meaning}. Set it with {source.places}. To try "
        "everything without a MyID, run %myid_login --sandbox.",
    )


def malformed(name: str, value: str, fault: str) -> SettingError:
    """Return the error for a value that cannot be right.

    Args:
        name: a key of ``SETTINGS``.
        value: what was given; never shown for a secret.
        fault: what is wrong, in words that complete "it …".
    """
    source = SETTINGS[name]
    harmless = _USER_INFO.sub(r"\1…@", value)[:_MAX_SHOWN]
    shown = "" if name in {"client_secret", "access_token"} else f" is {harmless!r}: it"
    joint = shown or " is not usable: it"
    return SettingError(name, f"The setting {name}{joint} {fault}. Change it in {source.places}.")
