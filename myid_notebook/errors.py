"""Everything that can go wrong in a sign-in, one class for each thing a caller does differently.

A message says what happened, what to do, and who can do it: you, or your MyID administrator. No
message ever holds a code, state, verifier, secret or token.
"""

from __future__ import annotations


class _OneLine(BaseException):
    """Shown in a notebook as one line instead of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class MyIDError(_OneLine, Exception):
    """The root of this package's errors; never raised itself."""


class SettingError(MyIDError):
    """A setting is missing or malformed.

    Raised before any link is shown.

    Attributes:
        setting: its name, such as ``"redirect_uri"``.
    """

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(message)
        self.setting = setting


class NameTaken(MyIDError):
    """The variable that should hold the session holds something else of the user's."""


class NobodyToSignIn(MyIDError):
    """The notebook runs without a person (nbclient, papermill), so nobody could click the link."""


class SandboxUnavailable(MyIDError):
    """The MyID sandbox could not be started or reached."""


class NoPortAvailable(MyIDError):
    """This kernel can open no port any more, so no redirect could come back to it."""


class RedirectRefused(MyIDError):
    """A redirect (or a pasted address) does not belong to the pending sign-in.

    Not raised to the caller of a waiting sign-in, which goes on waiting: only the sender of the
    redirect, or the person who pasted the address, is told.
    """


class SignInFailed(MyIDError):
    """The sign-in ended without a token; a new ``%myid_login`` starts another."""


class SignInDenied(SignInFailed):
    """MyID answered with an error instead of a code (RFC 6749 section 4.1.2.1).

    Attributes:
        error: the error code MyID sent, such as ``"access_denied"``.
    """

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class IssuerMismatch(SignInFailed):
    """The redirect came from another authorization server (RFC 9207 section 2.4)."""


class SignInTimeout(SignInFailed):
    """Nobody finished signing in before the deadline."""


class SignInCancelled(SignInFailed):
    """The sign-in was given up: by a newer one, ``%myid_logout``, Cancel or kernel shutdown."""


class TokenRefused(SignInFailed):
    """The token endpoint answered with an OAuth error (RFC 6749 section 5.2).

    Attributes:
        error: the error code, such as ``"invalid_client"``.
        status: the HTTP status of the answer.
    """

    def __init__(self, error: str, status: int, message: str) -> None:
        super().__init__(message)
        self.error = error
        self.status = status


class TokenEndpointError(SignInFailed):
    """The token endpoint could not be reached, or did not answer like one."""


class CertificateNotTrusted(TokenEndpointError):
    """The TLS certificate of MyID is signed by a CA this machine does not trust."""


class NotSignedIn(MyIDError):
    """The session has no token; raised before a request goes out."""


class SessionExpired(NotSignedIn):
    """The session's token has expired; raised before a request goes out."""


class SignInInterrupted(_OneLine, KeyboardInterrupt):
    """The user interrupted the kernel while a sign-in was waiting.

    A ``KeyboardInterrupt``, so that ``except Exception`` does not swallow it; the only class here
    outside the ``MyIDError`` tree.
    """
