"""The sessions of a kernel, by name."""

from __future__ import annotations

from myid_notebook.kernel.session_kind import SessionKind
from myid_notebook.session import MyIDSession
from myid_notebook.settings import Settings


class HeldSessions:
    """Which session each name stands for, and of which kind it is.

    Attributes:
        by_name: the sessions that were delivered, signed in or not.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, MyIDSession] = {}
        self._kinds: dict[str, SessionKind] = {}

    def good(self, name: str, api_url: str, asked: SessionKind) -> MyIDSession | None:
        """Return the session of a name while it will do; None where a sign-in is needed.

        Args:
            name: of the session.
            api_url: the API it is for.
            asked: what kind the user asked for.
        """
        session = self.by_name.get(name)
        if session is None or session.api_url != api_url or not session.signed_in:
            return None
        kind = self._kinds.get(name, asked)
        return session if kind.serves(asked) else None

    def to_renew(self, name: str, settings: Settings) -> MyIDSession:
        """Return the session that a sign-in will fill: the one of that name, or a new one.

        A new one takes the name when it is delivered, not before.

        Args:
            name: of the session.
            settings: of the sign-in.
        """
        session = self.by_name.get(name)
        if session is not None and session.api_url == settings.api_url:
            session.trust(settings.ca_bundle)
            return session
        return new_session(name, settings)

    def deliver(self, name: str, session: MyIDSession, kind: SessionKind | None) -> None:
        """Let a name stand for a session from now on; the one it replaces is signed out.

        Args:
            name: of the session.
            session: the same as before, or another one.
            kind: how it was signed in; None where it is not yet.
        """
        replaced = self.by_name.get(name)
        self.by_name[name] = session
        if kind is not None:
            self._kinds[name] = kind
        if replaced is not None and replaced is not session:
            replaced.sign_out()


def new_session(name: str, settings: Settings) -> MyIDSession:
    """Return a session that nobody is signed in to.

    Args:
        name: the variable that will hold it.
        settings: of the sign-in.
    """
    command = "%myid_login" if name == "myid" else f"%myid_login {name}"
    return MyIDSession(settings.api_url, ca_bundle=settings.ca_bundle, command=command)
