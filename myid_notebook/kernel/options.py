"""The options of ``%myid_login`` and the keywords of ``login()``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from myid_notebook.secret import Secret
from myid_notebook.settings.table import SECRET_SETTINGS, SETTINGS
from myid_notebook.sign_in.deadline import DEFAULT_TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginOptions:
    """What the user asked for.

    Args:
        settings: setting name to value; None or missing where not given.
        configuration: trait name to value, from IPython's configuration.
        timeout: seconds to wait; None for the default.
        wait: whether the cell waits for the end. None for "yes, if there is a person".
        paste: ask for the address of the page the browser ended on.
        force: sign in again although the token is still valid.
        post: send the authorization request as a form.
        sandbox: sign in to the sandbox instead of a MyID.
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
        """Whether the cell waits for the end."""
        return self.wait is not False

    @property
    def told_to_wait(self) -> bool:
        """Whether the user asked for a wait in so many words, so that nobody need be there."""
        return self.wait is True or self.timeout is not None


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
        return f"login() got an unexpected argument {key!r}. Valid arguments: {known}."
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
