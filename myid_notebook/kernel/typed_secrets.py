"""The client secrets that the user typed."""

from __future__ import annotations

from myid_notebook.errors import TokenRefused
from myid_notebook.secret import Secret
from myid_notebook.settings import Settings


class TypedSecrets:
    """What was typed for a sign-in that worked, for the same client at the same place.

    Two servers may know clients of the same name, and neither may get the other's secret.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Secret] = {}

    def find(self, settings: Settings) -> Secret | None:
        """Return what was typed; None where that is to be asked for.

        Args:
            settings: of a sign-in.
        """
        return self._kept.get(_key(settings))

    def keep(self, settings: Settings, typed: Secret) -> None:
        """Do not ask for it again.

        Args:
            settings: of the sign-in that worked.
            typed: empty for a public client.
        """
        self._kept[_key(settings)] = typed

    def forget_refused(self, settings: Settings, error: Exception | None) -> None:
        """Ask for it again, if MyID did not accept it.

        Args:
            settings: of the sign-in that failed.
            error: why.
        """
        refused = isinstance(error, TokenRefused) and error.error == "invalid_client"
        if refused and (self.find(settings) or None) == settings.client_secret:
            self._kept.pop(_key(settings), None)


def _key(settings: Settings) -> tuple[str, str]:
    return settings.token_url, settings.client_id
