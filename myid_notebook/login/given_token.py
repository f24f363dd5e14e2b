"""Signing in with a token from elsewhere (``MYID_ACCESS_TOKEN``)."""

from __future__ import annotations

from myid_notebook.errors import SettingError
from myid_notebook.login.introduction import Introduction
from myid_notebook.oauth.token_response import token_from_elsewhere
from myid_notebook.session import MyIDSession
from myid_notebook.settings import SETTINGS, Settings


def sign_in_with_given_token(session: MyIDSession, settings: Settings) -> None:
    """Use the token of the settings; who it stands for and its expiry stand in the token.

    Args:
        session: to be signed in.
        settings: with an ``access_token``.

    Raises:
        SettingError: the token has expired, or is none.
    """
    places = SETTINGS["access_token"].places
    try:
        token = token_from_elsewhere(settings.access_token or "")
    except ValueError:
        raise SettingError(
            "access_token", f"The setting access_token is not a token. Change it in {places}."
        ) from None
    session.sign_in(token)
    if not session.signed_in:
        session.sign_out()
        raise SettingError(
            "access_token",
            "The token of the setting access_token has expired. Get a new one, or remove it to "
            f"sign in yourself. It was given in {settings.sources['access_token']}.",
        )
    Introduction(session, settings.ca_bundle).wait()
