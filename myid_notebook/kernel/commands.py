"""Sign in from Python, and what the magics do.

A module of its own, because its imports are heavy: requests, ipywidgets and the packages below.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack, cast

from myid_notebook.errors import NameTaken, SignInFailed
from myid_notebook.explore.session import MyIDSession
from myid_notebook.front_end import current_shell, is_kernel, publish, runs_in_trio
from myid_notebook.kernel import markup, status
from myid_notebook.kernel.begin import begin_sign_in
from myid_notebook.kernel.options import (
    LoginKeywords,
    LoginOptions,
    check_name,
    checked,
    options_from,
)
from myid_notebook.kernel.person import Handle, PutIntoVariable
from myid_notebook.kernel.registry import Registry
from myid_notebook.kernel.waiting import AsyncBackend, SyncBackend, interrupted, run_sync
from myid_notebook.session.session import BearerSession
from myid_notebook.tracebacks import StrippedFrames

if TYPE_CHECKING:
    from myid_notebook.explore.rows import Rows


_TRIO = (
    "login_async needs the event loop of asyncio, but Trio runs this cell. Use %myid_login or "
    "login() instead, or run %autoawait asyncio first."
)

registry = Registry()
"""The sessions and pending sign-ins of this process."""


def login(name: str = "myid", **settings: Unpack[LoginKeywords]) -> MyIDSession:
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
    keywords = cast("dict[str, Any]", settings)  # the same object, which is emptied
    options, mistake = checked(keywords, _configuration())
    if mistake:
        raise TypeError(mistake)
    with StrippedFrames():
        check_name(name)
        return begin(name, options, _no_variable).finish()


async def login_async(name: str = "myid", **settings: Unpack[LoginKeywords]) -> MyIDSession:
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
    keywords = cast("dict[str, Any]", settings)  # the same object, which is emptied
    options, mistake = checked(keywords, _configuration(), "await login_async")
    if mistake:
        raise TypeError(mistake)
    with StrippedFrames():
        check_name(name)
        handle = await begin_async(name, options, _no_variable)
        return await handle.finish_async()


def begin(name: str, options: LoginOptions, put_into_variable: PutIntoVariable) -> Handle:
    """Begin a sign-in in a cell or thread, unless the session of that name is still valid.

    Args:
        put_into_variable: called with the session once it works; for a pending sign-in, in its
            thread.

    Raises:
        MyIDError: as ``login`` does; nothing of the call is left then.
        SignInInterrupted: the user interrupted the kernel, or a prompt; nothing is left either.
    """
    backend = SyncBackend()
    put = _with_host(name, options, put_into_variable)
    try:
        return run_sync(
            registry.run(
                name, backend, lambda: begin_sign_in(registry, backend, name, options, put)
            )
        )
    except KeyboardInterrupt:
        pass
    raise interrupted()


async def begin_async(
    name: str, options: LoginOptions, put_into_variable: PutIntoVariable
) -> Handle:
    """Begin a sign-in as ``begin`` does, without blocking the running event loop.

    Only a prompt for the client secret blocks it: a kernel can prompt in no other thread.

    Raises:
        MyIDError: as ``login`` does.
        SignInInterrupted: the user interrupted the prompt, in a cell.
    """
    backend = AsyncBackend()
    put = _with_host(name, options, put_into_variable)
    return await registry.run(
        name, backend, lambda: begin_sign_in(registry, backend, name, options, put)
    )


class _Host:
    """What this kernel does for a session of a name, see ``SessionHost``."""

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
        session = registry.record(self._name).session
        read_only = None if session is None else "on" if session.read_only else "off"
        settings = {**self._again.settings, "read_only": read_only}
        return begin(self._name, replace(self._again, settings=settings), _no_variable).finish()

    def pending_line(self, session: BearerSession) -> str:
        pending = registry.record(self._name).pending
        if pending is None or pending.session is not session:
            return ""
        return markup.pending_line(pending.sign_in, self._again.command(self._name))


def _with_host(name: str, options: LoginOptions, put: PutIntoVariable) -> PutIntoVariable:
    """Let a session ask this kernel for what it needs."""
    # Only a session that works may sign in again with the secrets of the call.
    without_secrets = replace(options, settings={}, configuration={})

    def put_with_host(session: MyIDSession) -> None:
        session.host = _Host(name, options if session.signed_in else without_secrets)
        put(session)

    return put_with_host


def _no_variable(_session: MyIDSession) -> None:
    """Put the session into no variable: the caller gets it as the result."""


def _configuration() -> dict[str, str | None]:
    magics = getattr(current_shell(), "magics_manager", None)
    found = magics.registry.get("MyIDMagics") if magics is not None else None
    return found.configuration() if found is not None else {}


def log_in(
    namespaces: list[dict[str, Any]],
    name: str,
    settings: dict[str, Any],
    configuration: dict[str, str | None],
) -> None:
    """Sign in and put the session into a variable.

    Args:
        namespaces: the variable is set in each of them.

    Raises:
        MyIDError: as ``login`` does.
        NameTaken: the name cannot be a variable's, or the variable holds something else.
    """

    def put_into_variables(session: MyIDSession) -> None:
        for namespace in namespaces:
            namespace[name] = session

    with StrippedFrames():
        check_name(name)
        for namespace in namespaces:
            _check_that_free(namespace, name)
        options = options_from(settings, configuration)
        handle = begin(name, options, put_into_variables)
        if options.waits:
            handle.finish()


def log_out(namespaces: list[dict[str, Any]], name: str) -> None:
    """Forget the token of a session and end its pending sign-in.

    Args:
        namespaces: where the variable is looked for, in this order.
        name: of the variable that holds the session, or under which it was signed in.

    Raises:
        NameTaken: the name cannot be that of a session.
    """
    held = _held(namespaces, name)
    session = held if isinstance(held, MyIDSession) else None
    if session is None:
        with StrippedFrames():
            check_name(name)
    known, left = registry.log_out(name, session)
    text = f"{name} was not signed in."
    if known:
        text = f"Signed out. {left}".rstrip()
    elif held is not None and session is None:
        text = f"The variable {name} does not hold a MyID session. Nobody was signed out."
    publish({"text/plain": text})


def log_out_all() -> None:
    """Sign out every session of this kernel, and end every sign-in of its Jupyter server."""
    known, left = registry.log_out_all()
    publish({"text/plain": f"Signed out. {left}".rstrip() if known else "Nobody was signed in."})


def show_status() -> None:
    """Show every session and pending sign-in of this kernel."""
    lines = status.lines_of(dict(registry.records))  # a copy: threads may begin a sign-in
    if lines:
        publish({"text/plain": status.as_text(lines), "text/html": status.as_html(lines)})
    else:
        publish({"text/plain": "You are not signed in. Run %myid_login."})


def list_operations(namespaces: list[dict[str, Any]], name: str, word: str) -> Rows:
    """Return the operations of the API, and say where they come from.

    Args:
        namespaces: where the variable is looked for, in this order.
        name: of the variable that holds the session; without a session that is signed in, the
            published operations are returned.
        word: part of what is looked for.

    Raises:
        MyIDAPIError: the API description could not be read.
    """
    from myid_notebook.explore.openapi import operations  # noqa: PLC0415 - would delay the sign-in link

    held = _held(namespaces, name)
    session = held if isinstance(held, MyIDSession) and held.signed_in else None
    with StrippedFrames():
        if not isinstance(held, MyIDSession):
            check_name(name)
        place = None if session is None else session.openapi
        rows, note = operations(session, word, place)
    publish({"text/plain": note})
    return rows


def _held(namespaces: list[dict[str, Any]], name: str) -> object:
    return next((each[name] for each in namespaces if name in each), None)


def diagnose(options: dict[str, str | None], configuration: dict[str, str | None]) -> None:
    """Show the doctor's report."""
    from myid_notebook.doctor.check import Environment  # noqa: PLC0415 - the same
    from myid_notebook.doctor.doctor import examine  # noqa: PLC0415 - the same
    from myid_notebook.doctor.report import to_html, to_text  # noqa: PLC0415 - the same

    with StrippedFrames():
        environment = Environment(
            options=options,
            environ=os.environ,
            configuration=configuration,
            in_kernel=is_kernel(current_shell()),
        )
        report = examine(environment)
        publish({"text/plain": to_text(report), "text/html": to_html(report)})


def _check_that_free(namespace: dict[str, Any], name: str) -> None:
    held = namespace.get(name)
    if held is not None and not isinstance(held, MyIDSession):
        kind = type(held).__name__
        article = "an" if kind[:1] in "aeiouAEIOU" else "a"
        raise NameTaken(
            f"{name} already holds {article} {kind}. Choose another name (%myid_login NAME), or "
            f"delete the variable (del {name})."
        )
