"""What the magics do; a module of its own because its imports are heavy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from myid_notebook.errors import NameTaken
from myid_notebook.explore.session import MyIDSession
from myid_notebook.front_end import current_shell, is_kernel, publish
from myid_notebook.kernel import status
from myid_notebook.kernel.api import begin, registry
from myid_notebook.kernel.options import check_name, options_from
from myid_notebook.session.session import BearerSession
from myid_notebook.tracebacks import StrippedFrames

if TYPE_CHECKING:
    from myid_notebook.explore.rows import Rows


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

    def deliver(session: MyIDSession) -> None:
        for namespace in namespaces:
            namespace[name] = session

    with StrippedFrames():
        check_name(name)
        for namespace in namespaces:
            _check_that_free(namespace, name)
        options = options_from(settings, configuration)
        handle = begin(name, options, deliver=deliver)
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
    known, shared = registry.log_out(name, session)
    text = f"{name} was not signed in."
    if known:
        text = "Signed out."
    elif held is not None and session is None:
        text = f"The variable {name} does not hold a MyID session. Nobody was signed out."
    if shared:
        text = "Signed out, here and in the other notebooks of this Jupyter server."
    publish({"text/plain": text})


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
    if held is not None and not isinstance(held, BearerSession):
        kind = type(held).__name__
        article = "an" if kind[:1] in "aeiouAEIOU" else "a"
        raise NameTaken(
            f"{name} already holds {article} {kind}. Choose another name (%myid_login NAME), or "
            f"delete the variable (del {name})."
        )
