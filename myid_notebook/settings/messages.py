"""Errors for settings: which one, what is wrong, and where it can be set."""

from __future__ import annotations

import re

from myid_notebook.errors import SettingError
from myid_notebook.settings.redirect_uri import check_redirect_uri
from myid_notebook.settings.table import SETTINGS

_USER_INFO = re.compile(r"^(\w+://)?.*@", re.DOTALL)
"""A user name and password in a URL, even where a / of the password or no scheme spoils it."""

_MAX_SHOWN = 500
_PASTED = re.compile(r"-----BEGIN|[\r\n]|[A-Za-z0-9+/=]{200,}")
"""A key or certificate in place of its path, with or without its first line."""


def missing(name: str) -> SettingError:
    """Return the error for a setting that nothing sets.

    Args:
        name: a key of ``SETTINGS``.
    """
    setting = SETTINGS[name]
    label = setting.label or name.replace("_", " ")
    example = " (for example https://myid.example.com)" if name == "server" else ""
    option = f" or use {setting.option}" if setting.option else ""
    return SettingError(
        name,
        f"No {label} is set. Set {setting.environment}{example}{option}. To set it for every "
        f"notebook, use c.MyIDMagics.{name} in ipython_config.py. To try everything without a "
        "MyID server, run %myid_login --sandbox.",
    )


def malformed(name: str, value: str, fault: str) -> SettingError:
    """Return the error for a value that cannot be right.

    Args:
        name: a key of ``SETTINGS``.
        value: what was given; never shown for a secret.
        fault: what is wrong, in words that complete "it …".
    """
    setting = SETTINGS[name]
    hidden = setting.secret or _PASTED.search(value)
    harmless = _cut(_USER_INFO.sub(r"\1…@", value))
    shown = "" if hidden else f" is {harmless!r}: it"
    joint = shown or " is not usable: it"
    return SettingError(name, f"The setting {name}{joint} {fault}. Change it in {setting.places}.")


def presentable(name: str, value: str) -> str:
    """Return a value on one line and cut; of what may be secret in it only the length.

    Args:
        name: a key of ``SETTINGS``.
        value: what was given, right or wrong.
    """
    setting = SETTINGS[name]
    if setting.secret or _PASTED.search(value):
        return f"{len(value)} characters, not shown"
    if (setting.url or "://" in value) and not (name == "redirect_uri" and _is_redirect_uri(value)):
        value = _USER_INFO.sub(r"\1…@", value)
    return _cut("".join(c if c.isprintable() else " " for c in value))


def _is_redirect_uri(value: str) -> bool:
    # Where people have a path of their own, as at jane@example.com, an @ hides nothing.
    try:
        check_redirect_uri(value)
    except ValueError:
        return False
    return True


def _cut(value: str) -> str:
    return value if len(value) <= _MAX_SHOWN else value[: _MAX_SHOWN - 1] + "…"
