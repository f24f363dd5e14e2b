"""The options of ``%myid_login`` and the keywords of ``login()``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from myid_notebook.secret import Secret
from myid_notebook.settings.table import SETTINGS
from myid_notebook.sign_in.deadline import DEFAULT_TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginOptions:
    """What the user asked for.

    Args:
        settings: setting name to value; None or missing where not given.
        configuration: trait name to value, from IPython's configuration.
        timeout: seconds to wait; None for the default.
        wait: whether the cell waits until the sign-in ends; None: if there is a person.
        paste: prompt for the address of the page after sign-in.
        force: sign in again although the token is still valid.
        post: send the authorization request as a form.
        sandbox: sign in to the sandbox instead of a MyID server.
        client_credentials: sign in as the client itself, without a person.
    """

    settings: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    configuration: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    timeout: float | None = None
    wait: bool | None = None
    paste: bool = False
    force: bool = False
    post: bool = False
    sandbox: bool = False
    client_credentials: bool = False

    @property
    def seconds(self) -> float:
        """The seconds the sign-in has."""
        return DEFAULT_TIMEOUT if self.timeout is None else self.timeout

    @property
    def waits(self) -> bool:
        """Whether the cell waits until the sign-in ends."""
        return self.wait is not False

    @property
    def told_to_wait(self) -> bool:
        """Whether the user asked to wait, even if the notebook runs non-interactively."""
        return self.wait is True or self.timeout is not None


_CALL_OPTIONS = {each.name for each in fields(LoginOptions)} - {"settings", "configuration"}
"""Keywords that are not settings."""


def checked(
    keywords: dict[str, Any], configuration: Mapping[str, str | None]
) -> tuple[LoginOptions, str]:
    """Check the keywords of ``login()``.

    Args:
        keywords: emptied.
        configuration: trait name to value, from IPython's configuration.

    Returns:
        The options, and the first mistake in words; empty if there is none.
    """
    mistakes = [mistake for key in keywords if (mistake := _mistake(key, keywords[key]))]
    given = {} if mistakes else dict(keywords)
    # A traceback may show the variables of every frame, and a misspelt keyword may hold a secret:
    # the caller raises the mistake, and must not hold the value any more.
    keywords.clear()
    return options_from(given, configuration), " ".join(mistakes[:1])


def options_from(
    keywords: Mapping[str, Any], configuration: Mapping[str, str | None]
) -> LoginOptions:
    """Return the options of a call from valid keywords and IPython's configuration."""
    settings = {key: _setting_text(key, keywords[key]) for key in keywords if key in SETTINGS}
    others = {key: keywords[key] for key in keywords if key not in SETTINGS}
    return LoginOptions(settings=settings, configuration=configuration, **others)


def _mistake(key: str, value: object) -> str:
    if key not in SETTINGS and key not in _CALL_OPTIONS:
        known = [*SETTINGS, *sorted(_CALL_OPTIONS)]
        near = get_close_matches(key, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Valid arguments: {', '.join(known)}."
        return f"login() got an unexpected argument {key!r}. {hint}"
    if value is None:
        return ""
    if key in SETTINGS and SETTINGS[key].number and type(value) is int:
        return ""
    if key in SETTINGS and not isinstance(value, str | os.PathLike):
        return f"{key} must be text, not {type(value).__name__}"
    if key == "timeout" and not isinstance(value, int | float):
        return f"{key} must be a number of seconds, not {type(value).__name__}"
    return ""


def _setting_text(key: str, value: str | int | os.PathLike[str] | None) -> str | None:
    if value is None:
        return None
    text = os.fsdecode(value) if isinstance(value, os.PathLike) else str(value)
    return Secret(text) if SETTINGS[key].secret else text
