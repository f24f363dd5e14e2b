"""Errors for settings: which setting, what is wrong, and where it can be set."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from myid_notebook.errors import SettingError
from myid_notebook.settings.table import SETTINGS
from myid_notebook.settings.urls import check_redirect_uri

T = TypeVar("T")

_USER_INFO = re.compile(r"^(\w+://)?.*@", re.DOTALL)
"""A user name and password in a URL, even where a / of the password or no scheme spoils it."""

_PASTED = re.compile(r"-----BEGIN|[\r\n]|[A-Za-z0-9+/=]{200,}")
"""A key or certificate in place of its path, with or without its first line."""

_MAX_SHOWN = 500
"""Characters of a value in a message."""


def missing(*names: str) -> SettingError:
    """Return the error for settings that nothing sets."""
    settings = [SETTINGS[name] for name in names]
    labels = " and no ".join(each.words for each in settings)
    variables = [f"{setting.environment}{_EXAMPLES.get(setting.name, '')}" for setting in settings]
    options = [setting.option for setting in settings if setting.option]
    configured = [f"c.MyIDMagics.{name}" for name in names]
    them, verb = ("it", "is") if len(names) == 1 else ("them", "are")
    text = (
        f"No {labels} {verb} set. Set {in_a_row(variables)}"
        f"{f' or use {in_a_row(options)}' if options else ''}. To set {them} for every notebook, "
        "use a profile in myid.toml (chosen by its default or by --profile), or "
        f"{in_a_row(configured)} in ipython_config.py. To try everything without a MyID server, "
        "run %myid_login --sandbox."
    )
    return SettingError(names[0], text, *names[1:])


_EXAMPLES = {"server": " (for example https://myid.example.com)"}


def in_a_row(words: Sequence[str]) -> str:
    """Return words with commas, and with "and" before the last one."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def malformed(name: str, value: str, fault: str) -> SettingError:
    """Return the error for a value that is not usable.

    Args:
        value: as given; never shown for a secret.
        fault: what is wrong, in words that complete "it …".
    """
    setting = SETTINGS[name]
    hidden = setting.secret or _PASTED.search(value)
    subject = " is not usable: it" if hidden else f" is {_cut(_without_user_info(value))!r}: it"
    return SettingError(
        name, f"The setting {name}{subject} {fault}. Change it in {setting.places}."
    )


def check_setting(name: str, value: str, check: Callable[[str], T]) -> T:
    """Return the result of a check.

    Args:
        check: raises ``ValueError`` with what is wrong, in words that complete "it …".

    Raises:
        SettingError: the check failed.
    """
    try:
        return check(value)
    except ValueError as fault:
        raise malformed(name, value, str(fault)) from None


def presentable(name: str, value: str) -> str:
    """Return a value on one line and cut; only the length of what may be secret."""
    setting = SETTINGS[name]
    if setting.secret or _PASTED.search(value):
        return f"{len(value)} characters, not shown"
    # Where people have a path of their own, as at jane@example.com, an @ hides nothing.
    in_path = name == "redirect_uri" and _is_redirect_uri(value)
    if (setting.url or "://" in value) and not in_path:
        value = _without_user_info(value)
    return _cut("".join(c if c.isprintable() else " " for c in value))


def _is_redirect_uri(value: str) -> bool:
    try:
        check_redirect_uri(value)
    except ValueError:
        return False
    return True


def _without_user_info(value: str) -> str:
    return _USER_INFO.sub(r"\1…@", value)


def _cut(value: str) -> str:
    return value if len(value) <= _MAX_SHOWN else value[: _MAX_SHOWN - 1] + "…"
