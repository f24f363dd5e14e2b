"""Sign in from Python: ``login()`` and ``login_async()``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from myid_notebook.errors import MyIDError, SignInFailed, SignInInterrupted
from myid_notebook.explore.session import MyIDSession
from myid_notebook.front_end import current_shell, runs_in_trio
from myid_notebook.kernel import markup
from myid_notebook.kernel.backends import AsyncBackend, SyncBackend, run_sync
from myid_notebook.kernel.begin import BeginSignIn
from myid_notebook.kernel.handle import Deliver, SignInHandle
from myid_notebook.kernel.options import LoginOptions, check_name, checked
from myid_notebook.kernel.registry import Registry
from myid_notebook.kernel.waiting import interrupted
from myid_notebook.session.session import BearerSession
from myid_notebook.tracebacks import StrippedFrames

_TRIO = (
    "login_async needs the event loop of asyncio, but Trio runs this cell. Use %myid_login or "
    "login() instead, or run %autoawait asyncio first."
)

registry = Registry()
"""The sessions and pending sign-ins of this process."""


def login(name: str = "myid", **settings: Any) -> MyIDSession:  # noqa: ANN401 - checked against the names below
    """Sign in to MyID and return the authenticated session.

    Shows the sign-in link, waits until the user has signed in, and returns. While the session of
    that name is still valid, it is returned immediately; when it has expired, the same object is
    renewed.

    Args:
        name: of the session, if there are several; a valid variable name.
        **settings: any setting, such as ``server`` or ``client_secret`` (text;
            ``%config MyIDMagics`` lists all), and ``timeout`` (seconds, default 300), ``wait``
            (True: wait even in non-interactive runs), ``paste``, ``force``, ``post``, ``sandbox``,
            ``client_credentials`` (booleans, as the options of ``%myid_login``).

    Raises:
        NameTaken: the name is not valid, or is one of Python's or IPython's own.
        SettingError: a setting is missing or malformed; raised before the link is shown.
        SignInFailed: the sign-in ended without a token.
        NobodyToSignIn: the notebook runs non-interactively, and neither ``wait`` nor ``timeout`` is
            given.
        SignInInterrupted: the user interrupted the wait. In a task, callback or thread it is
            SignInCancelled, because a KeyboardInterrupt there would end the kernel.
        TypeError: an unexpected argument, or a setting that is not text.
    """
    options, mistake = checked(settings, _configuration())
    if mistake:
        raise TypeError(mistake)
    with StrippedFrames(), _in_callers_terms(options):
        check_name(name)
        return begin(name, options, _deliver_to_caller_only).finish()


async def login_async(name: str = "myid", **settings: Any) -> MyIDSession:  # noqa: ANN401 - the same
    """Sign in to MyID as ``login`` does, without blocking; cancelling the task ends the sign-in.

    Args:
        name: of the session, if there are several; a valid variable name.
        **settings: as for ``login``.

    Raises:
        MyIDError: as ``login`` does.
        TypeError: as ``login`` does.
    """
    if runs_in_trio():
        raise SignInFailed(_TRIO)
    options, mistake = checked(settings, _configuration(), "await login_async")
    if mistake:
        raise TypeError(mistake)
    with StrippedFrames(), _in_callers_terms(options):
        check_name(name)
        handle = await begin_async(name, options, _deliver_to_caller_only)
        return await handle.finish_async()


@contextmanager
def _in_callers_terms(options: LoginOptions) -> Iterator[None]:
    """Let the messages of errors name keywords and functions instead of magics."""
    try:
        yield
    except (MyIDError, SignInInterrupted) as error:
        error.args = (options.in_callers_terms(str(error)), *error.args[1:])
        raise


def begin(name: str, options: LoginOptions, deliver: Deliver) -> SignInHandle:
    """Begin a sign-in in a cell or thread, unless the session of that name is still valid.

    Args:
        deliver: called with the session once it works; for a pending sign-in, in its thread.

    Raises:
        MyIDError: as ``login`` does; nothing of the call is left then.
        SignInInterrupted: the user interrupted the kernel, or a prompt; nothing is left either.
    """
    backend = SyncBackend()
    call = BeginSignIn(registry, backend, name, options, _with_host(name, options, deliver))
    try:
        return run_sync(registry.run(name, backend, call.run))
    except KeyboardInterrupt:
        pass
    raise interrupted()


async def begin_async(name: str, options: LoginOptions, deliver: Deliver) -> SignInHandle:
    """Begin a sign-in as ``begin`` does, without blocking the running event loop.

    Only a prompt for the client secret blocks it: a kernel can prompt in no other thread.

    Raises:
        MyIDError: as ``login`` does.
        SignInInterrupted: the user interrupted the prompt, in a cell.
    """
    backend = AsyncBackend()
    call = BeginSignIn(registry, backend, name, options, _with_host(name, options, deliver))
    return await registry.run(name, backend, call.run)


class _Host:
    """What this kernel does for a session, see ``SessionHost``; sign-ins are those of a name."""

    def __init__(self, name: str, options: LoginOptions) -> None:
        self._name = name
        # As at the first time, but waiting for the end, and leaving what the user changed since.
        self._again = replace(
            options,
            settings={**options.settings, "show_rows": None},
            wait=options.wait or None,
            force=False,
        )

    def sign_in_again(self) -> MyIDSession:
        with _in_callers_terms(self._again):
            return begin(self._name, self._again, _deliver_to_caller_only).finish()

    def pending_line(self, session: BearerSession) -> str:
        sign_in = registry.record(self._name).sign_in
        if sign_in is None or sign_in.session is not session:
            return ""
        return self._again.in_callers_terms(markup.pending_line(sign_in))


def _with_host(name: str, options: LoginOptions, deliver: Deliver) -> Deliver:
    """Let a session that is delivered ask this kernel for what it needs."""

    def deliver_with_host(session: MyIDSession) -> None:
        session.host = _Host(name, options)
        deliver(session)

    return deliver_with_host


def _deliver_to_caller_only(_session: MyIDSession) -> None:
    """Put the session into no variable: the caller gets it as the result."""


def _configuration() -> dict[str, str | None]:
    magics = getattr(current_shell(), "magics_manager", None)
    found = magics.registry.get("MyIDMagics") if magics is not None else None
    return found.configuration() if found is not None else {}
