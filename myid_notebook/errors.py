"""The errors of a sign-in, one class for each case that callers handle differently.

A message says what happened, what to do, and who can do it: you or your MyID administrator. No
message contains a code, state, verifier, secret or token.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return what somebody probably meant, for a message; None if nothing known is similar.

    Args:
        cutoff: similarity from which a known word counts, between 0 and 1.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - 1 ms, only for a message

    return next(iter(get_close_matches(word, [*known], 1, cutoff)), None)


class _OneLine(BaseException):
    """Shown in a notebook as one line instead of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> tuple[Any, ...]:
        # By default pickle calls the class again, with the message as its only argument.
        reduced: tuple[Any, ...] = super().__reduce__()  # type: ignore[assignment] # typeshed says str, too
        return _without_init, (type(self), *reduced[1]), *reduced[2:]


def _without_init(kind: type[BaseException], *arguments: object) -> BaseException:
    error = kind.__new__(kind)
    error.args = arguments
    return error


class WithUsersLine(_OneLine):
    """Shown in a notebook as one line, below the line of the user's that led to it."""

    def _render_traceback_(self) -> list[str]:
        return [*_users_line(self.__traceback__), *super()._render_traceback_()]


def _users_line(traceback: TracebackType | None) -> list[str]:
    found = None
    while traceback is not None and not _is_inside(traceback):
        found, traceback = traceback, traceback.tb_next
    if found is None:
        return []
    file, number = found.tb_frame.f_code.co_filename, found.tb_lineno
    line = linecache.getline(file, number).strip()
    place = f"{file}:" if Path(file).is_file() else "----> "  # a cell has no file
    return [f"{place}{number} {line}".rstrip()]


def _is_inside(traceback: TracebackType) -> bool:
    module = str(traceback.tb_frame.f_globals.get("__name__"))
    return module.partition(".")[0] in {"myid_notebook", "requests"}


class MyIDError(_OneLine, Exception):
    """Base class of this package's errors; never raised itself."""


class SettingError(MyIDError):
    """Settings are missing or malformed; raised before the sign-in link is shown.

    Attributes:
        setting: the name of the first setting, such as ``"redirect_uri"``.
        settings: the names of all of them.
    """

    def __init__(self, setting: str, message: str, *others: str) -> None:
        super().__init__(message)
        self.setting = setting
        self.settings = (setting, *others)


class NameTaken(MyIDError):
    """The variable for the session already holds another value, or its name is not valid."""


class NobodyToSignIn(MyIDError):
    """The notebook runs non-interactively (nbclient, papermill), so nobody can sign in."""


class SandboxUnavailable(MyIDError):
    """The MyID sandbox could not be started or reached."""


class NoPortAvailable(MyIDError):
    """This kernel cannot open a port, so it cannot receive the redirect."""


class RedirectRefused(MyIDError):
    """A redirect or a pasted address does not belong to the pending sign-in.

    The caller of a pending sign-in does not get this error: the sign-in keeps waiting, and the
    message is shown in the browser, or to the person who pasted the address.
    """


class SignInFailed(MyIDError):
    """The sign-in ended without a token. Run ``%myid_login`` to start a new one."""


class SignInDenied(SignInFailed):
    """MyID responded with an error instead of a code (RFC 6749 section 4.1.2.1).

    Attributes:
        error: the error code MyID sent, such as ``"access_denied"``.
    """

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class IssuerMismatch(SignInFailed):
    """The redirect came from another authorization server (RFC 9207 section 2.4)."""


class SignInTimeout(SignInFailed):
    """Nobody signed in before the timeout."""


class SignInCancelled(SignInFailed):
    """The sign-in was cancelled: by a newer one, ``%myid_logout``, Cancel or kernel shutdown."""


class TokenRefused(SignInFailed):
    """The token endpoint responded with an OAuth error (RFC 6749 section 5.2).

    Attributes:
        error: the error code, such as ``"invalid_client"``.
        status: the HTTP status of the response.
    """

    def __init__(self, error: str, status: int, message: str) -> None:
        super().__init__(message)
        self.error = error
        self.status = status


class TokenEndpointError(SignInFailed):
    """The token endpoint could not be reached, or its response was not valid.

    Attributes:
        status: the HTTP status of the response; None without one.
        sent: whether MyID may have received the request.
    """

    status: int | None = None
    sent = True


class CertificateNotTrusted(TokenEndpointError):
    """This machine does not trust the TLS certificate of MyID."""


class NotSignedIn(WithUsersLine, MyIDError):
    """The session has no token; raised before a request is sent."""


class SessionExpired(NotSignedIn):
    """The session's token has expired; raised before a request is sent."""


class RenewalDelayed(SessionExpired):
    """The token has expired, and MyID could not be asked for a new one; a later request asks."""


class ReadOnlySession(WithUsersLine, MyIDError):
    """The session is read-only; raised before a request that may change something is sent."""


class SignInInterrupted(_OneLine, KeyboardInterrupt):
    """The user interrupted the kernel while a sign-in was pending.

    This is a ``KeyboardInterrupt``, so ``except Exception`` does not catch it. It is the only class
    here that is not a ``MyIDError``.
    """
