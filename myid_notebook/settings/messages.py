"""Errors for settings: which setting, what is wrong, and where it can be set."""

from __future__ import annotations

import re
from collections.abc import Sequence

from myid_notebook.errors import SettingError
from myid_notebook.settings.table import SETTINGS, Setting

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
    arguments = [f"{setting.name}=…" for setting in settings if setting.option]
    traits = [setting.trait for setting in settings]
    them, verb = ("it", "is") if len(names) == 1 else ("them", "are")
    use = ""
    if options:
        use = f" or use {with_commas(options)} (in Python {with_commas(arguments)})"
    text = (
        f"No {labels} {verb} set. Set {with_commas(variables)}{use}. To set {them} for every "
        "notebook, use a profile in myid.toml (chosen by its default or by --profile), or "
        f"{with_commas(traits)} in ipython_config.py. To try everything without a MyID server, "
        "sign in with --sandbox (in Python sandbox=True)."
    )
    return SettingError(names[0], text, *names[1:])


_EXAMPLES = {"server": " (for example https://myid.example.com)"}


def with_commas(words: Sequence[str]) -> str:
    """Return words with commas, and with "and" before the last one."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def malformed(setting: Setting, value: str, fault: str) -> SettingError:
    """Return the error for a value that is not usable.

    Args:
        value: as given; never shown for a secret.
        fault: what is wrong, in words that complete "it …".
    """
    name, hidden = setting.name, setting.secret or _PASTED.search(value)
    subject = " is not usable: it" if hidden else f" is {_cut(_without_user_info(value))!r}: it"
    return SettingError(
        name, f"The setting {name}{subject} {fault}. Change it in {setting.places}."
    )


def combined(errors: Sequence[SettingError]) -> SettingError:
    """Return one error that says what several say."""
    names = [name for error in errors for name in error.settings]
    return SettingError(names[0], " ".join(map(str, errors)), *names[1:])


def presentable(name: str, value: str) -> str:
    """Return a value on one line and cut; only the length of what may be secret."""
    setting = SETTINGS[name]
    if setting.secret or _PASTED.search(value):
        return f"{len(value)} characters, not shown"
    # Where people have a path of their own, as at jane@example.com, an @ hides nothing.
    in_path = name == "redirect_uri" and _is_usable(setting, value)
    if (setting.url or "://" in value) and not in_path:
        value = _without_user_info(value)
    return _cut("".join(c if c.isprintable() else " " for c in value))


def _is_usable(setting: Setting, value: str) -> bool:
    try:
        setting.parse(value)
    except ValueError:
        return False
    return True


def _without_user_info(value: str) -> str:
    return _USER_INFO.sub(r"\1…@", value)


def _cut(value: str) -> str:
    return value if len(value) <= _MAX_SHOWN else value[: _MAX_SHOWN - 1] + "…"
