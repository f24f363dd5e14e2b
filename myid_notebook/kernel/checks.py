"""Check MyID while the sign-in link is shown, so that nobody signs in, or waits, in vain."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from myid_notebook.errors import SignInFailed
from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel.registry import Registry
from myid_notebook.settings.resolve import Settings
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import run_in_thread

if TYPE_CHECKING:
    from myid_notebook.doctor.probe import BriefProbe

START_DELAY = 0.1
"""Seconds in which the link is sent to the front end, by a thread that imports would slow down."""

TOTAL_TIMEOUT = 5.0
"""Seconds for all checks together."""

CHECK_TIMEOUT = 3.0
"""Seconds for a connection, and between bytes."""


class BackgroundChecks:
    """The doctor's checks of MyID's server, made once in a daemon thread.

    They tell the sign-in what will certainly make it fail, and nothing else: neither what a busy
    server may cause, nor what a browser may get past.

    Args:
        settings: with the client secret.
        registry: knows which clients have worked already.
        sign_in: its link is shown.
    """

    def __init__(
        self, settings: Settings, registry: Registry, sign_in: SignIn[MyIDSession]
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._probe: BriefProbe | None = None
        self._aborted = threading.Event()
        sign_in.finished.add_done_callback(lambda _: self.abort())
        with suppress(SignInFailed):  # no thread; the sign-in works without checks
            run_in_thread(lambda: self._run(sign_in), name="myid-checks")

    def abort(self) -> None:
        """End the checks, from any thread."""
        self._aborted.set()
        probe = self._probe
        if probe is not None:
            probe.abort()

    def abort_if_late(self) -> None:
        """End the checks if their time is over."""
        if self._probe is not None and self._probe.is_late:
            self.abort()

    def _run(self, sign_in: SignIn[MyIDSession]) -> None:
        if self._aborted.wait(START_DELAY):
            return
        from myid_notebook.doctor.check import Check, Finding, ok  # noqa: PLC0415 - would delay the link
        from myid_notebook.doctor.conclusion import conclusion  # noqa: PLC0415 - the same
        from myid_notebook.doctor.probe import BriefProbe  # noqa: PLC0415 - the same
        from myid_notebook.doctor.server_checks import server_checks  # noqa: PLC0415 - the same

        settings, registry = self._settings, self._registry
        self._probe = probe = BriefProbe(TOTAL_TIMEOUT, CHECK_TIMEOUT)
        redirect_uri, known = sign_in.route.redirect_uri, registry.client_works(settings)
        # Once for each client and secret: MyID's log names every request of this kind.
        checks = server_checks(settings, redirect_uri, send=probe.send, check_client=not known)
        found: list[Check] = [ok("token endpoint", "accepts the client")] if known else []
        if self._aborted.is_set():
            return
        for check in checks:
            if self._aborted.is_set():  # an aborted request fails
                return
            if check.subject == "token endpoint" and check.finding is Finding.OK:
                registry.note_working_client(settings)
            if check.certain or check.finding is not Finding.WRONG:
                found.append(check)
            if any(each.certain for each in found):
                sign_in.report_problem(conclusion(found, settings, redirect_uri))
