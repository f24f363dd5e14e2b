"""Signing in from Python: ``login()`` and ``login_async()``."""

from __future__ import annotations

from typing import Any

from myid_notebook.kernel.desk import Desk
from myid_notebook.kernel.frameless import frameless, frameless_async
from myid_notebook.kernel.front_end import current_shell
from myid_notebook.kernel.keywords import checked
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.session import MyIDSession

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
    options, mistake = checked(settings, _configuration())
    if mistake:
        raise TypeError(mistake)
    return frameless(lambda: desk.begin(name, options, _nobody_else).finish())


async def login_async(name: str = "myid", **settings: Any) -> MyIDSession:  # noqa: ANN401 - the same
    """Sign in to MyID as ``login`` does, awaiting instead of blocking; cancelling ends it.

    Args:
        name: tells several sessions apart.
        **settings: as for ``login``.

    Raises:
        MyIDError: as ``login`` does.
        TypeError: a keyword that is none of ``login``'s.
    """
    options, mistake = checked(settings, _configuration())
    if mistake:
        raise TypeError(mistake)
    return await frameless_async(_finished(name, options))


async def _finished(name: str, options: LoginOptions) -> MyIDSession:
    attempt = await desk.begin_async(name, options, _nobody_else)
    return await attempt.finish_async()


def _nobody_else(_session: MyIDSession) -> None:
    """Whoever called gets the session; no variable does."""


def _configuration() -> dict[str, str | None]:
    magics = getattr(current_shell(), "magics_manager", None)
    found = magics.registry.get("MyIDMagics") if magics is not None else None
    return found.configuration() if found is not None else {}
