"""What the magics do; apart from them because its imports are heavy."""

from __future__ import annotations

import os
from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from myid_notebook.doctor.check import Environment
from myid_notebook.doctor.doctor import examine
from myid_notebook.doctor.report import to_html, to_text
from myid_notebook.errors import NameTaken
from myid_notebook.kernel import markup
from myid_notebook.kernel.api import sign_ins
from myid_notebook.kernel.front_end import current_shell, is_kernel
from myid_notebook.kernel.options import options_from
from myid_notebook.kernel.view import publish
from myid_notebook.session.session import MyIDSession


def log_in(
    namespace: dict[str, Any],
    name: str,
    settings: dict[str, Any],
    configuration: dict[str, str | None],
) -> None:
    """Sign in and leave the session in a variable; without waiting where that is asked for.

    Args:
        namespace: gets the variable.
        name: the variable.
        settings: as for ``login``.
        configuration: trait name to value.

    Raises:
        MyIDError: as ``login`` does.
        NameTaken: the name is no variable's, or the variable holds something else.
    """
    _check_name(namespace, name)
    options = options_from(settings, configuration)
    attempt = sign_ins.begin(name, options, deliver=_putter(namespace, name))
    if options.waits:
        attempt.finish()


def log_out(name: str) -> None:
    """Forget the token of a session and end its pending sign-in.

    Args:
        name: the variable that holds it.
    """
    text = "Signed out." if sign_ins.log_out(name) else f"{name} was not signed in."
    publish({"text/plain": text})


def status() -> None:
    """Show every session and pending sign-in of this kernel."""
    names = sorted({*sign_ins.sessions, *sign_ins.pending})
    lines = [f"{name}: {_describe(name)}" for name in names]
    publish({"text/plain": "\n".join(lines) or "You are not signed in. Run %myid_login."})


def diagnose(options: dict[str, str | None], configuration: dict[str, str | None]) -> None:
    """Show what is right and wrong with this environment.

    Args:
        options: setting name to value.
        configuration: trait name to value.
    """
    environment = Environment(
        options=options,
        environ=os.environ,
        configuration=configuration,
        in_kernel=is_kernel(current_shell()),
    )
    report = examine(environment)
    publish({"text/plain": to_text(report), "text/html": to_html(report)})


def _describe(name: str) -> str:
    session, sign_in = sign_ins.sessions.get(name), sign_ins.pending.get(name)
    pending = sign_in is not None and not sign_in.done
    if session is not None and session.signed_in:
        line = markup.signed_in_line(session)
        line += f" at {session.api_url}"
    elif session is not None and session.operator is not None:
        line = "the session has expired; run %myid_login"
    else:
        line = "not signed in"
    if pending and sign_in is not None:
        line += f". {markup.waiting_line(sign_in)} {sign_in.route.reason}"
    return line


def _putter(namespace: dict[str, Any], name: str) -> Callable[[MyIDSession], None]:
    def put(session: MyIDSession) -> None:
        namespace[name] = session

    return put


def _check_name(namespace: dict[str, Any], name: str) -> None:
    if not name.isidentifier() or iskeyword(name):
        raise NameTaken(
            f"{name!r} is not a valid variable name. Choose another name: %myid_login NAME."
        )
    held = namespace.get(name)
    if held is not None and not isinstance(held, MyIDSession):
        kind = type(held).__name__
        article = "an" if kind[:1] in "aeiouAEIOU" else "a"
        raise NameTaken(
            f"{name} already holds {article} {kind}. Choose another name (%myid_login NAME), or "
            f"delete the variable (del {name})."
        )
