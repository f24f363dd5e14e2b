"""The keywords of ``login()``, checked before anything could show what they hold."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from myid_notebook.kernel.options import LoginOptions
from myid_notebook.secret import Secret
from myid_notebook.settings import SECRET_SETTINGS, SETTINGS

_MANNERS = {each.name for each in fields(LoginOptions)} - {"settings", "configuration"}


def checked(
    keywords: dict[str, Any], configuration: Mapping[str, str | None]
) -> tuple[LoginOptions, str]:
    """Return the options that keywords make up, and what is wrong with them.

    A traceback may show the variables of every frame, and a misspelt keyword may hold a secret:
    so the keywords are emptied, and whoever raises the mistake holds no value any more.

    Args:
        keywords: of ``login``; emptied.
        configuration: trait name to value, from IPython's configuration.

    Returns:
        The options; and the mistake in words, which names no value, empty where there is none.
    """
    mistakes = [mistake for key in keywords if (mistake := _mistake(key, keywords[key]))]
    given = {} if mistakes else dict(keywords)
    keywords.clear()
    return options_from(given, configuration), " ".join(mistakes[:1])


def options_from(
    keywords: Mapping[str, Any], configuration: Mapping[str, str | None]
) -> LoginOptions:
    """Return the options of a call, its settings apart from its manners.

    Args:
        keywords: right ones.
        configuration: trait name to value, from IPython's configuration.
    """
    texts = {key: _text(key, keywords[key]) for key in keywords if key in SETTINGS}
    manners = {key: keywords[key] for key in keywords if key not in SETTINGS}
    return LoginOptions(settings=texts, configuration=configuration, **manners)


def _mistake(key: str, value: object) -> str:
    if key not in SETTINGS and key not in _MANNERS:
        known = ", ".join([*SETTINGS, *sorted(_MANNERS)])
        return f"{key} is no keyword of login(). There are: {known}."
    if value is None:
        return ""
    if key in SETTINGS and not isinstance(value, str | os.PathLike):
        return f"{key} must be text, not {type(value).__name__}"
    if key == "timeout" and not isinstance(value, int | float):
        return f"{key} must be a number of seconds, not {type(value).__name__}"
    return ""


def _text(key: str, value: str | os.PathLike[str] | None) -> str | None:
    text = os.fsdecode(value) if isinstance(value, os.PathLike) else value
    return Secret(text) if text is not None and key in SECRET_SETTINGS else text
