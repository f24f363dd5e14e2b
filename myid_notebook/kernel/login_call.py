"""Signing in from Python: ``login()`` and ``login_async()``."""

from __future__ import annotations

import os
from typing import Any

from myid_notebook.kernel.attempt import Attempt
from myid_notebook.kernel.desk import Desk
from myid_notebook.kernel.front_end import current_shell
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.secret import Secret
from myid_notebook.session import MyIDSession
from myid_notebook.settings import SETTINGS

_SECRETS = {"client_secret", "access_token"}

desk = Desk()
"""The sessions and pending sign-ins of this process."""


def login(name: str = "myid", **settings: Any) -> MyIDSession:  # noqa: ANN401 - checked against the names below
    """Sign in to MyID and return the authenticated session.

    Shows the link, waits until the user has signed in, and returns. While the session of that
    name is still good it is returned at once; after its expiry the same object is renewed.

    Args:
        name: tells several sessions apart.
        **settings: any of ``server``, ``client_id``, ``client_secret``, ``redirect_uri``,
            ``scope``, ``ca_bundle``, ``access_token``, ``authorize_url``, ``token_url``,
            ``api_url``, ``issuer``, ``client_authentication`` (text; see the README), and
            ``timeout`` (seconds, default 300), ``wait`` (True: wait although nobody may be
            there), ``paste``, ``force``, ``post``, ``sandbox``, ``client_credentials``
            (booleans, as the options of ``%myid_login``).

    Raises:
        SettingError: a setting is missing or malformed; nothing was shown yet.
        SignInFailed: the sign-in ended without a token.
        NobodyToSignIn: there is no person to click, and neither ``wait`` nor ``timeout`` is given.
        SignInInterrupted: the user interrupted the wait.
        TypeError: a keyword that is none of these, or a setting that is no text.
    """
    settings = _without_plain_secrets(settings)
    return _begin(name, settings).finish()


async def login_async(name: str = "myid", **settings: Any) -> MyIDSession:  # noqa: ANN401 - the same
    """Sign in to MyID as ``login`` does, awaiting instead of blocking; cancelling ends it.

    Args:
        name: tells several sessions apart.
        **settings: as for ``login``.

    Raises:
        MyIDError: as ``login`` does.
        TypeError: a keyword that is none of ``login``'s.
    """
    settings = _without_plain_secrets(settings)
    return await _begin(name, settings).finish_async()


def options_from(
    settings: dict[str, Any], configuration: dict[str, str | None] | None = None
) -> LoginOptions:
    """Return the options of a call, its settings apart from its manners.

    Args:
        settings: the keyword arguments of ``login``.
        configuration: trait name to value, from IPython's configuration.

    Raises:
        TypeError: a keyword that is neither, or a setting that is no text.
    """
    texts = {key: _text(key, settings[key]) for key in settings if key in SETTINGS}
    manners = {key: settings[key] for key in settings if key not in SETTINGS}
    return LoginOptions(settings=texts, configuration=configuration or {}, **manners)


def _text(name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    raise TypeError(f"{name} must be text, not {type(value).__name__}")


def _without_plain_secrets(settings: dict[str, Any]) -> dict[str, Any]:
    # A traceback may show the variables of every frame, in repr.
    return {
        key: Secret(value) if key in _SECRETS and isinstance(value, str) else value
        for key, value in settings.items()
    }


def _begin(name: str, settings: dict[str, Any]) -> Attempt:
    options = options_from(settings, _configuration())
    return desk.begin(name, options, deliver=lambda _session: None)


def _configuration() -> dict[str, str | None]:
    magics = getattr(current_shell(), "magics_manager", None)
    found = magics.registry.get("MyIDMagics") if magics is not None else None
    return found.configuration() if found is not None else {}
