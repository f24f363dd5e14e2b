"""Check MyID while the sign-in link is shown, so that nobody signs in, or waits, in vain."""

from __future__ import annotations

from concurrent.futures import wait
from contextlib import suppress

from myid_notebook.errors import SignInFailed
from myid_notebook.kernel.registry import Registry
from myid_notebook.settings.resolve import Settings
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import run_in_thread

START_DELAY = 0.1
"""Seconds in which the link is sent to the front end, by a thread that imports would slow down."""

TIMEOUT = 4.0
"""Seconds for each request."""

TOTAL_TIMEOUT = 5.0
"""Seconds for all requests together."""


def start_checks(settings: Settings, registry: Registry, sign_in: SignIn) -> None:
    """Check MyID once, in a daemon thread that ends with the sign-in.

    The sign-in is told what will certainly make it fail, and nothing else: neither what a busy
    server may cause, nor what a browser may get past.

    Args:
        settings: with the client secret.
        registry: knows which clients have worked already.
        sign_in: its link is shown.
    """
    with suppress(SignInFailed):  # no thread; the sign-in works without checks
        run_in_thread(lambda: _run_checks(settings, registry, sign_in), name="myid-checks")


def _run_checks(settings: Settings, registry: Registry, sign_in: SignIn) -> None:
    if wait([sign_in.finished], START_DELAY).done:
        return
    # Imported only now: they would delay the link.
    from myid_notebook.doctor.check import Environment, Examination, Finding, Line, ok  # noqa: PLC0415 - see above
    from myid_notebook.doctor.conclusion import conclusion  # noqa: PLC0415 - the same
    from myid_notebook.doctor.doctor import CHECKS  # noqa: PLC0415 - the same
    from myid_notebook.doctor.probe import Probe  # noqa: PLC0415 - the same

    probe, redirect_uri = Probe(TIMEOUT, TOTAL_TIMEOUT), sign_in.route.redirect_uri
    sign_in.finished.add_done_callback(lambda _: probe.abort())
    examination = Examination(
        probe=probe,
        environment=Environment(environ={}),
        settings=settings,
        redirect_uri=redirect_uri,
    )
    checks, keys = {check.key: check for check in CHECKS}, ["myid_server", "authorize_endpoint"]
    found: list[Line] = []
    # Asked once for each client and secret: MyID's log names every request of this kind.
    if registry.client_works(settings):
        found.append(Line(checks["token_endpoint"], ok("accepts the client")))
    else:
        keys.append("token_endpoint")
    for key in keys:
        result = checks[key].run(examination)
        if result is None or probe.aborted:  # an aborted request fails
            return
        if key == "token_endpoint" and result.finding is Finding.OK:
            registry.note_working_client(settings)
        if result.certain or result.finding is not Finding.WRONG:
            found.append(Line(checks[key], result))
        if any(line.result.certain for line in found):
            sign_in.report_problem(conclusion(found, settings, redirect_uri))
