"""The options of ``%myid_login`` and the keywords of ``login()``."""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from keyword import iskeyword
from typing import Any, TypedDict

from myid_notebook.errors import NameTaken, closest
from myid_notebook.front_end import current_shell
from myid_notebook.secret import Secret
from myid_notebook.settings.table import SETTINGS
from myid_notebook.sign_in.deadline import DEFAULT_TIMEOUT

Text = str | os.PathLike[str] | None


class LoginKeywords(TypedDict, total=False):
    """The keywords of ``login()``, for type checkers and Tab: the settings, then the rest.

    A test holds it equal to the table of settings and to ``LoginOptions``.
    """

    server: Text
    client_id: Text
    client_secret: Text
    redirect_uri: Text
    scope: Text
    ca_bundle: Text
    access_token: Text
    authorize_url: Text
    token_url: Text
    api_url: Text
    issuer: Text
    client_authentication: Text
    show_rows: Text | int
    read_only: Text | bool
    share: Text
    checks: Text | bool
    openapi: Text
    profile: Text
    timeout: float | None
    wait: bool | None
    paste: bool
    force: bool
    post: bool
    sandbox: bool
    client_credentials: bool


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
        function: the function of this package that was called, as it is written in a cell; empty
            for a magic.
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
    function: str = ""

    @property
    def seconds(self) -> float:
        """The seconds the sign-in has."""
        return DEFAULT_TIMEOUT if self.timeout is None else self.timeout

    @property
    def waits(self) -> bool:
        """Whether the cell waits until the sign-in ends."""
        return self.wait is not False

    def command(self, name: str = "myid", option: str = "") -> str:
        """Return what signs in again, as the caller writes it in a cell.

        Args:
            name: of the session.
            option: a further one that is true, such as ``"wait"``.
        """
        credentials = "client_credentials" if self.client_credentials else ""
        true = [each for each in (option, credentials) if each]
        shown = "" if name == "myid" else name
        if self.function:
            arguments = [shown and repr(shown), *(f"{each}=True" for each in true)]
            return f"{self.function}({', '.join(filter(None, arguments))})"
        options = (f"--{each.replace('_', '-')}" for each in true)
        return " ".join(filter(None, ["%myid_login", shown, *options]))

    @property
    def told_to_wait(self) -> bool:
        """Whether the user asked to wait, even if the notebook runs non-interactively."""
        return self.wait is True or self.timeout is not None


_CALL_OPTIONS = {each.name for each in fields(LoginOptions)} - {
    "settings",
    "configuration",
    "function",
}
"""Keywords that are not settings."""


def checked(
    keywords: dict[str, Any], configuration: Mapping[str, str | None], function: str = "login"
) -> tuple[LoginOptions, str]:
    """Check the keywords of ``login()``.

    Args:
        keywords: emptied.
        function: as it is written in a cell.
        configuration: trait name to value, from IPython's configuration.

    Returns:
        The options, and the first mistake in words; empty if there is none.
    """
    mistakes = [mistake for key in keywords if (mistake := _mistake(key, keywords[key]))]
    given = {} if mistakes else dict(keywords)
    # A traceback may show the variables of every frame, and a misspelt keyword may hold a secret:
    # the caller raises the mistake, and must not hold the value any more.
    keywords.clear()
    options = replace(options_from(given, configuration), function=function)
    return options, " ".join(mistakes[:1])


def check_name(name: object) -> None:
    """Refuse a name for a session that no variable can have, or that Python or IPython has.

    Raises:
        NameTaken: it says what to do.
        TypeError: it is not text.
    """
    if not isinstance(name, str):
        raise TypeError(f"The name of a session must be text, not {type(name).__name__}.")
    if not name.isidentifier() or iskeyword(name):
        # Not what may be a secret.
        subject = repr(name) if len(name) <= _SHORT and not {"=", "@"} & {*name} else "This"
        raise NameTaken(f"{subject} is not a valid name for a session. {_ANOTHER_NAME} {_OPTION}")
    magics = getattr(current_shell(), "magics_manager", None)
    if magics is not None and name in magics.magics["line"]:
        raise NameTaken(f"{name} is the name of a magic. {_ANOTHER_NAME}")
    if hasattr(builtins, name) or _OF_IPYTHON.fullmatch(name):
        raise NameTaken(f"{name} is a name of Python or IPython itself. {_ANOTHER_NAME}")


_SHORT = 20
"""Characters; generated secrets are longer."""

_ANOTHER_NAME = "Choose another name, such as audit."
_OPTION = "Give a setting by its option: --server URL, in Python server=URL."

_OF_IPYTHON = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|_[iod]h|In|Out|exit|quit|get_ipython")


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
        near = closest(key, known)
        hint = f"Did you mean {near!r}?" if near else f"Valid arguments: {', '.join(known)}."
        return f"login() got an unexpected argument {key!r}. {hint}"
    if value is None:
        return ""
    if key in SETTINGS and type(value) is SETTINGS[key].also:
        return ""
    if key in SETTINGS and not isinstance(value, str | os.PathLike):
        also = SETTINGS[key].also
        expected = f"text or {also.__name__}" if also else "text"
        return f"{key} must be {expected}, not {type(value).__name__}"
    if key == "timeout" and not isinstance(value, int | float):
        return f"{key} must be a number of seconds, not {type(value).__name__}"
    return ""


def _setting_text(key: str, value: str | int | os.PathLike[str] | None) -> str | None:
    if value is None:
        return None
    text = os.fsdecode(value) if isinstance(value, os.PathLike) else str(value)
    return Secret(text) if SETTINGS[key].secret else text
