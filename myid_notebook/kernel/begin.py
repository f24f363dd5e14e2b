"""Begin a sign-in: ask the sources of a session in their order; the first that has one answers."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from myid_notebook.callback.jupyter_servers import default_redirect_uri
from myid_notebook.errors import SettingError, TokenRefused
from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel import audience
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.kernel.person import Handle, PersonSignIn, PutIntoVariable
from myid_notebook.kernel.prompts import prompt_for_secret
from myid_notebook.kernel.registry import Pending, Record, Registry, SessionKind
from myid_notebook.kernel.view import announce
from myid_notebook.kernel.waiting import Backend
from myid_notebook.session import words
from myid_notebook.session.renewal import OwnGrant, Renewal, StoredGrant
from myid_notebook.session.state import Operator
from myid_notebook.settings.resolve import (
    Settings,
    given_values,
    keyring_secret,
    resolve,
    with_client_secret,
)
from myid_notebook.settings.table import IDENTITY, SETTINGS
from myid_notebook.sign_in.messages import cancelled, superseded
from myid_notebook.sign_in.operator_name import look_up_operator
from myid_notebook.sign_in.without_browser import (
    place_of_token,
    request_client_token,
    token_of_settings,
)
from myid_notebook.token_store.address import REFRESH_VARIABLE
from myid_notebook.token_store.client import Asking

MAX_TIMEOUT = 24 * 3600.0
"""Seconds; longer waits are refused."""

_CANNOT_RENEW = (
    "The client secret, which was typed or passed to login(), did not outlive the kernel, so the "
    "token could not be renewed."
)

_FORBIDDEN = (
    "The administrator of this Jupyter server does not allow refresh tokens. Leave offline_access "
    f"out of the scope: {SETTINGS['scope'].places}."
)

ASKED_ELSEWHERE = 30.0
"""Seconds to wait for the same person's sign-in in another notebook."""

_POLL_INTERVAL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to sign in.

    Args:
        registry: of the kernel; the lock of the name is held.
        backend: runs what blocks.
        name: of the session.
        options: without settings, among which may be a secret.
        given: the names of the settings that the call itself gives.
        settings: checked; without the client secret if that is to be prompted for.
        put_into_variable: called with the session once it works.
    """

    registry: Registry
    backend: Backend
    name: str
    options: LoginOptions
    given: frozenset[str]
    settings: Settings
    put_into_variable: PutIntoVariable

    @property
    def record(self) -> Record:
        """What the kernel knows of the name."""
        return self.registry.record(self.name)


async def begin_sign_in(
    registry: Registry,
    backend: Backend,
    name: str,
    options: LoginOptions,
    put_into_variable: PutIntoVariable,
) -> Handle:
    """Begin, and return what is to be waited for.

    Args:
        registry: of the kernel; the lock of the name is held.
        backend: runs what blocks.
        put_into_variable: called with the session once it works.

    Raises:
        MyIDError: as ``login`` does; nothing of the call is left then.
    """
    _check_timeout(options.seconds)
    settings = await backend.run(lambda: _resolve(registry, options))
    if settings.asks_to_renew and os.environ.get(REFRESH_VARIABLE) == "off":
        raise SettingError("scope", _FORBIDDEN)
    call = Call(
        registry=registry,
        backend=backend,
        name=name,
        options=replace(options, settings={}, configuration={}),
        given=frozenset(key for key, value in options.settings.items() if value is not None),
        settings=settings,
        put_into_variable=put_into_variable,
    )
    for source in SOURCES:
        handle = await source(call)
        if handle is not None:
            return handle
    raise AssertionError("a person can always be asked")


def _check_timeout(seconds: float) -> None:
    if not 0 < seconds <= MAX_TIMEOUT:
        raise SettingError(
            "timeout",
            f"The timeout is {seconds:g} seconds; it must be more than 0 and at most "
            f"{MAX_TIMEOUT:.0f}. Change it in --timeout SECONDS (in Python timeout=SECONDS).",
        )


def _resolve(registry: Registry, options: LoginOptions) -> Settings:
    if not options.sandbox:
        return resolve(options.settings, os.environ, options.configuration)
    given = given_values(options.settings, os.environ, options.configuration, profiles=False).texts
    uri = given["redirect_uri"] or default_redirect_uri(os.environ)
    store = registry.store
    shared = "" if store is None else store.shared_secret(f"sandbox {uri}")
    ours = registry.sandbox.settings(uri, given["scope"] or "", shared)
    kept = {name: given[name] for name in SETTINGS if SETTINGS[name].in_sandbox}
    return resolve({**ours, **kept}, {}, {}, profiles=False)


async def _given_token(call: Call) -> Handle | None:
    """Use the token of the setting ``access_token``."""
    settings = call.settings
    if settings.access_token is None:
        return None
    token, session = token_of_settings(settings), _session_to_sign_in(call)
    if session.bearer.is_refused(token) and not call.options.force:
        # It would be refused again, so say what helps instead.
        raise SettingError("access_token", session.bearer.refusal)
    operator = await call.backend.run(
        lambda: look_up_operator(token, settings.api_url, settings.ca_bundle)
    )
    session.sign_in(token)
    session.bearer.from_setting = place_of_token(settings)
    await _hold(call, session, SessionKind.TOKEN, operator)
    return _already_signed_in(call, session)


async def _valid_session(call: Call) -> Handle | None:
    """Use the session of that name if it is still signed in, as this call would sign in."""
    kind = SessionKind.CLIENT if call.options.client_credentials else SessionKind.PERSON
    held = call.record.session
    if call.options.force or held is None:
        return None
    await call.backend.run(held.bearer.renew_if_over)
    session = call.record.valid_session(call.settings, kind, call.given)
    if session is None:
        return None
    _apply(call, session)
    return _already_signed_in(call, session, later=_set_later(call))


async def _client(call: Call) -> Handle | None:
    """Sign in as the client itself, if that is asked for."""
    if not call.options.client_credentials:
        return None
    settings, typed = await _with_secret(call)
    try:
        token = await call.backend.run(lambda: request_client_token(settings, call.options.seconds))
    except TokenRefused as error:
        call.registry.forget_refused_secret(settings, error)
        raise
    call.registry.note_working_client(settings, typed=typed)
    session = _session_to_sign_in(call)
    session.sign_in(token, Renewal(settings, OwnGrant(None), token.subject))
    operator = Operator(id=token.subject, client_id=settings.client_id)
    await _hold(call, session, SessionKind.CLIENT, operator)
    return _already_signed_in(call, session)


async def _pending_sign_in(call: Call) -> Handle | None:
    """Join the pending sign-in: one link for all threads and tasks that ask for this session."""
    options, pending = call.options, call.record.pending
    if pending is None or not pending.sign_in.pending or options.force:
        return None
    if pending.settings.identity != call.settings.identity:
        return None
    if pending.settings.set_later(call.settings):
        return None
    if not (options.paste or pending.is_waited_for):
        return None
    _apply(call, pending.session)
    if options.waits:
        pending.join()
    else:
        call.put_into_variable(pending.session)
    return Handle(
        session=pending.session,
        pending=pending,
        paste=options.paste,
        joined=options.waits,
        put_into_variable=call.put_into_variable,
    )


async def _shared_token(call: Call) -> Handle | None:
    """Use the token that this or another notebook left with the Jupyter server."""
    store = call.registry.store
    if store is None or call.settings.share == "off" or call.options.force:
        return None
    settings = await _known_secret(call)
    can_renew = settings is not None and settings.asks_to_renew
    found = await call.backend.run(
        lambda: store.find(call.name, call.settings, subject=_subject(call), renewable=can_renew)
    )
    if found is None:
        return None
    stored, renewal = StoredGrant(store, found.chain), None
    if found.renewable and call.settings.asks_to_renew:
        renewal = Renewal(settings or call.settings, stored, found.token.subject)
        if settings is None:
            renewal.end(_CANNOT_RENEW)
    session = _session_to_sign_in(call)
    session.sign_in(found.token, renewal)
    session.bearer.stored = stored
    await call.backend.run(session.bearer.renew_if_over)
    if not session.signed_in:  # the chain has ended since
        return None
    operator = Operator(id=found.token.subject, name=found.operator)
    await _hold(call, session, SessionKind.PERSON, operator)
    origin = "from before the restart" if found.same_notebook else "from another notebook"
    return _already_signed_in(call, session, origin)


def _subject(call: Call) -> str | None:
    """Return who signed in before under this name: nobody else's sign-in may continue it."""
    session = call.record.session
    operator = None if session is None else session.operator
    return None if operator is None else operator.id


async def _person(call: Call) -> Handle:
    """Let a person sign in at MyID's page."""
    audience.refuse_unseen_link(call.options)
    asking = await _asking(call)
    if isinstance(asking, Handle):
        return asking
    person: PersonSignIn | None = None
    try:
        settings, typed = await _with_secret(call)
        advice = await _advice(call)
        session = _session_to_sign_in(call)
        await _supersede_pending(call)
        person = PersonSignIn(
            call.registry,
            call.name,
            call.options,
            settings,
            typed=typed,
            session=session,
            put_into_variable=call.put_into_variable,
            asking=asking,
        )
        return person.show(await call.backend.run(person.start, _cancel_soon), advice)
    except BaseException as error:  # noqa: BLE001 - interrupts and cancellations too
        failure = error
    if asking is not None:
        asking.close()
    if person is not None and person.pending is not None:
        await call.backend.cancel(person.pending.sign_in, cancelled())
    raise failure


async def _asking(call: Call) -> Handle | Asking | None:
    """Wait while another notebook asks the same person to sign in.

    Returns:
        The session, if that person's sign-in has come; else what keeps others from asking
        meanwhile.
    """
    store, subject = call.registry.store, _subject(call)
    if store is None or subject is None or call.settings.share != "server" or call.options.force:
        return None
    deadline = time.monotonic() + ASKED_ELSEWHERE
    while True:
        asking = await call.backend.run(lambda: store.ask_person(call.name, call.settings, subject))
        # Looked for only now: the other sign-in may have ended just before.
        handle = await _shared_token(call)
        if handle is not None:
            if asking is not None:
                asking.close()
            return handle
        if asking is not None or time.monotonic() > deadline:
            return asking
        await call.backend.run(lambda: time.sleep(_POLL_INTERVAL))


async def _refuse_app(call: Call) -> None:
    """Refuse what one person's sign-in would give to everybody, a shared token included."""
    audience.refuse_app(call.options)


SOURCES: tuple[Callable[[Call], Awaitable[Handle | None]], ...] = (
    _given_token,
    _valid_session,
    _client,
    _refuse_app,
    _pending_sign_in,
    _shared_token,
    _person,
)
"""Where a session comes from, in this order."""


async def _advice(call: Call) -> str:
    differences = _differences(call)
    sandbox = await call.backend.run(call.registry.sandbox.advice) if call.options.sandbox else ""
    return " ".join(filter(None, [differences, sandbox]))


def _differences(call: Call) -> str:
    """Return why a new sign-in is needed although the session is still valid."""
    held = call.record.held
    if held is None or held.kind is None or not held.session.signed_in or call.options.force:
        return ""
    old, new = held.settings.identity, call.settings.identity
    differing = [name for name in IDENTITY if old[name] != new[name]]
    if "api_url" in differing:  # from which the others may follow
        differing = ["server"]
    named = [SETTINGS[name].words for name in differing]
    return words.differs_line(named) if named else ""


def _set_later(call: Call) -> list[str]:
    # Report only settings given in this call.
    held = call.record.held
    changed = set() if held is None else held.settings.set_later(call.settings) & call.given
    return [SETTINGS[name].words for name in SETTINGS if name in changed]


async def _hold(call: Call, session: MyIDSession, kind: SessionKind, operator: Operator) -> None:
    session.bearer.command = call.options.command(call.name)
    session.operator = operator
    call.record.hold(session, kind, call.settings)
    await _supersede_pending(call)


def _already_signed_in(
    call: Call, session: MyIDSession, origin: str = "", later: Sequence[str] = ()
) -> Handle:
    call.put_into_variable(session)
    announce(session, origin, later)
    return Handle(session=session)


async def _supersede_pending(call: Call) -> None:
    older, call.record.pending = call.record.pending, None
    if older is not None:
        await call.backend.cancel(older.sign_in, superseded())


def _session_to_sign_in(call: Call) -> MyIDSession:
    # A new session replaces the one of that name when it works, not before: a failed sign-in at
    # another server takes nothing away.
    settings, session = call.settings, call.record.session
    if session is not None and session.api_url == settings.api_url:
        _apply(call, session)
        return session
    return MyIDSession(
        settings.api_url,
        ca_bundle=settings.ca_bundle,
        command=call.options.command(call.name),
        show_rows=settings.show_rows,
        read_only=settings.read_only,
        openapi=settings.openapi,
    )


def _apply(call: Call, session: MyIDSession) -> None:
    session.set_ca_bundle(call.settings.ca_bundle)
    session.openapi = call.settings.openapi
    for name in {"show_rows", "read_only"} & call.given:  # else a user's own choice stays
        setattr(session, name, getattr(call.settings, name))
    held = call.record.held
    if held is not None and call.settings.read_only and not held.settings.read_only:
        session.read_only = True  # switched on elsewhere since, such as in another profile


async def _with_secret(call: Call) -> tuple[Settings, bool]:
    """Return the settings with the client secret, and whether that was typed just now."""
    # Only now, when every other setting was found right and a sign-in is due.
    settings = await _known_secret(call)
    if settings is not None:
        return settings, False
    client_id = call.settings.client_id
    return with_client_secret(call.settings, prompt_for_secret(client_id)), True


async def _known_secret(call: Call) -> Settings | None:
    """Return the settings with the client secret; None if only a prompt could tell that."""
    settings = call.settings
    if not settings.needs_client_secret:
        return settings
    secret: str | None = call.registry.typed_secret(settings)
    if secret is None:
        secret = await call.backend.run(lambda: keyring_secret(settings.client_id))
    return None if secret is None else with_client_secret(settings, secret)


def _cancel_soon(pending: Pending) -> None:
    pending.sign_in.cancel(cancelled(), wait=False)
