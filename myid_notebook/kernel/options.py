"""The options of ``%myid_login`` and the keywords of ``login()``."""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from keyword import iskeyword
from typing import Any

from myid_notebook.errors import NameTaken, closest
from myid_notebook.front_end import current_shell
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

    def command(self, name: str) -> str:
        """Return what signs in again under a name, as it is written in a cell."""
        shown = "" if name == "myid" else name
        if self.function:
            credentials = "client_credentials=True" if self.client_credentials else ""
            return (
                f"{self.function}({', '.join(filter(None, [shown and repr(shown), credentials]))})"
            )
        credentials = "--client-credentials" if self.client_credentials else ""
        return " ".join(filter(None, ["%myid_login", shown, credentials]))

    def in_callers_terms(self, text: str) -> str:
        """Return a text with keywords instead of the magic's options, if a function was called."""
        if not self.function:
            return text
        text = _MAGIC.sub(lambda found: self._call(found[1] or "", found[2] or ""), text)
        text = _OPTION.sub(lambda found: _keyword(found[1], found[2] or ""), text)
        if current_shell() is None:  # without IPython there are no magics at all
            text = text.replace("%myid_doctor", "“myid-notebook doctor” in a terminal")
        return text

    def _call(self, option: str, value: str) -> str:
        return f"{self.function}({_keyword(option, value) if option else ''})"

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

_MAGIC = re.compile(r"%myid_login(?: (--[a-z-]+)(?: (…|[A-Z]{2,}|https?://[^\s?]+))?)?")
"""The magic in a message, perhaps with an option, and perhaps with what stands for its value."""

_OPTIONS = "|".join(each.option for each in SETTINGS.values() if each.option)
_OPTION = re.compile(rf"(?<![\w-])({_OPTIONS}|--timeout)(?![\w-])(?: ([A-Z]{{2,}}))?")
"""An option in a message without the magic."""


def _keyword(option: str, value: str) -> str:
    name = option.lstrip("-").replace("-", "_")
    if name not in SETTINGS and name != "timeout":
        return f"{name}=True"
    return f"{name}={repr(value) if '://' in value else value or '…'}"


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
        NameTaken: it says what was probably meant.
        TypeError: it is not text.
    """
    if not isinstance(name, str):
        raise TypeError(f"The name of a session must be text, not {type(name).__name__}.")
    if not name.isidentifier() or iskeyword(name):
        # Not what may be a secret.
        subject = repr(name) if len(name) <= _SHORT and "=" not in name else "This"
        raise NameTaken(f"{subject} is not a valid name for a session. {_meant(name)}")
    magics = getattr(current_shell(), "magics_manager", None)
    if magics is not None and name in magics.magics["line"]:
        raise NameTaken(f"{name} is the name of a magic. {_ANOTHER_NAME}")
    if hasattr(builtins, name) or _OF_IPYTHON.fullmatch(name):
        raise NameTaken(f"{name} is a name of Python or IPython itself. {_ANOTHER_NAME}")


_SHORT = 20
"""Characters; generated secrets are longer."""

_ANOTHER_NAME = "Choose another name, such as audit."

_OF_IPYTHON = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|_[iod]h|In|Out|exit|quit|get_ipython")

_SERVER = re.compile(
    r"(https?://)?(?:[^/?#]*@)?([a-z0-9.-]{1,80}|\[[0-9a-f:]+\])(:\d+)?(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
"""A server as people write it; the groups are what may be shown of it."""


def _meant(text: str) -> str:
    """Return what was probably meant by a text that is not the name of a session."""
    before, equals, value = text.partition("=")
    key = before.lstrip("-").replace("-", "_")
    given_as_server = key == "server"
    if equals and key in {*SETTINGS, "timeout"} and not given_as_server:
        option = "--timeout" if key == "timeout" else SETTINGS[key].option
        places = "" if option else SETTINGS[key].places
        return f"Did you mean %myid_login {option} …?" if option else f"{key} is set with {places}."
    if "state=" in text:
        return "To paste the address of the page after sign-in: %myid_login --paste"
    found = _SERVER.fullmatch(value if given_as_server else text)
    if found is None:
        return _ANOTHER_NAME
    scheme, host, port = found[1] or "", found[2], found[3] or ""
    looks_like_a_host = host.lower() == "localhost" or {".", ":"} & {*host.strip(".")}
    if not (scheme or given_as_server or looks_like_a_host):
        return _ANOTHER_NAME
    return f"Did you mean %myid_login --server {scheme.lower() or 'https://'}{host}{port}?"


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
