"""Many sign-ins at once, in any order, with everything that can come between."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.callback_page import open_page
from support.leftovers import leftovers, wait_until
from support.pending import link
from support.registration import Registration
from support.sandbox_process import SandboxProcess

from myid_notebook.errors import RedirectRefused
from myid_notebook.login import Login, Phase
from myid_notebook.login.endings import cancelled, superseded
from myid_notebook.redirects.choice import open_door
from myid_notebook.session import MyIDSession
from myid_notebook.settings import resolve

EXAMPLES = int(os.environ.get("MYID_TEST_EXAMPLES", "25"))
"""How many histories; a long run sets more."""

NAMES = st.sampled_from(["myid", "audit", "other"])
PEOPLE = st.sampled_from(["jane.doe", "sam.self", "theo.three"])
NOBODY_WAITS = {
    "No sign-in is waiting for this answer",
    "This sign-in was already answered",
    "This answer was refused",
    "",  # nobody listens at all
}


@dataclass
class Known:
    """What the machine knows of one name's newest sign-in.

    Args:
        login: the sign-in.
        phase: how it must stand.
        answer: query of the redirect that MyID sent, if any yet.
        person: who signed in for that answer.
        spent: whether the code in it was presented already.
    """

    login: Login
    phase: Phase = Phase.WAITING
    answer: str = ""
    person: str = ""
    spent: bool = False


class SignIns(RuleBasedStateMachine):
    """Sessions under three names at one registered address, and the person behind each."""

    def __init__(self, sandbox: SandboxProcess, client: Registration, runtime_dir: Path) -> None:
        super().__init__()
        self.sandbox, self.client, self.runtime_dir = sandbox, client, runtime_dir
        sandbox.reset()
        self.before = leftovers(runtime_dir)
        self.known: dict[str, Known] = {}
        self.sessions: dict[str, MyIDSession] = {}
        self.persons: dict[str, str] = {}
        self.ended: list[str] = []

    def _get(self, query: str) -> str:
        # Where the holder of the address has just ended, another takes it over some moments later.
        attempts = 100 if any(self._pending(name) for name in self.known) else 1
        for _ in range(attempts):
            try:
                return open_page(f"{self.client.redirect_uri}?{query}").title
            except requests.ConnectionError:
                time.sleep(0.05)
        return ""

    def _pending(self, name: str) -> Known | None:
        known = self.known.get(name)
        return known if known and known.phase is Phase.WAITING else None

    @rule(name=NAMES, timeout=st.sampled_from([60.0, 60.0, 0.2]), restarted=st.booleans())
    def start(self, name: str, timeout: float, restarted: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """A newer sign-in takes the place of the older; a restart forgets the session too."""
        if older := self.known.get(name):
            older.login.cancel(superseded())
            self.ended.append(older.answer)
        if restarted:
            self.sessions.pop(name, None)
            self.persons.pop(name, None)
        chosen = resolve({}, self.client.environ, {}, lambda _: None)
        session = self.sessions.setdefault(name, MyIDSession(chosen.api_url))
        door = open_door(chosen.redirect_uri, {}, paste=False)
        known = self.known[name] = Known(Login(chosen, door, session, timeout=timeout))
        known.login.start()
        if timeout < 1:
            assert known.login.wait(20)
            known.phase = Phase.FAILED

    @rule(name=NAMES, person=PEOPLE)
    def sign_in_at_myid(self, name: str, person: str) -> None:
        """The link leads to an answer, which is not delivered yet."""
        if (known := self._pending(name)) and not known.answer:
            self.sandbox.faults(auto_sign_in=person)
            visit = requests.get(link(known.login), allow_redirects=False, timeout=30)
            known.answer, known.person = urlsplit(visit.headers["Location"]).query, person

    @rule(name=NAMES, pasted=st.booleans(), lifetime=st.sampled_from([3600, 3600, 1]))
    def deliver(self, name: str, pasted: bool, lifetime: int) -> None:  # noqa: FBT001 - drawn by hypothesis
        """The answer arrives by the browser, or pasted; with a token that lives long or not."""
        known = self._pending(name)
        if known is None or not known.answer:
            return
        self.sandbox.faults(token_lifetime=lifetime)
        if pasted:
            known.login.paste(f"{self.client.redirect_uri}?{known.answer}")
        else:
            title = self._get(known.answer)
            assert ("Not signed in" if known.spent else "Signed in to MyID") == title
        known.phase = Phase.FAILED if known.spent else Phase.SIGNED_IN
        if not known.spent:
            self.persons[name] = known.person
        known.spent = True

    @rule(name=NAMES, other=NAMES)
    def swap(self, name: str, other: str) -> None:
        """The code of one sign-in under the state of another is of no use to either."""
        mine, theirs = self._pending(name), self._pending(other)
        if not mine or not theirs or mine is theirs or not mine.answer or not theirs.answer:
            return
        code = parse_qs(theirs.answer)["code"][0]
        state = parse_qs(mine.answer)["state"][0]
        assert "Not signed in" == self._get(urlencode({"code": code, "state": state}))
        mine.phase, theirs.spent = Phase.FAILED, True

    @rule(name=NAMES)
    def deny(self, name: str) -> None:
        """MyID says no."""
        if (known := self._pending(name)) and known.login.request:
            query = urlencode({"error": "access_denied", "state": known.login.request.state})
            assert "Not signed in" == self._get(query)
            known.phase = Phase.FAILED

    @rule(name=NAMES)
    def cancel(self, name: str) -> None:
        """The user gives up."""
        if known := self._pending(name):
            known.login.cancel(cancelled())
            known.phase = Phase.FAILED

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """An answer of a sign-in that is over comes again."""
        assert self._get(data.draw(st.sampled_from(self.ended)) or "state=x") in NOBODY_WAITS

    @rule(name=NAMES, query=st.sampled_from(["", "code=c", "state=x&code=c", "state=&state="]))
    def stray(self, name: str, query: str) -> None:
        """Something that belongs to no sign-in arrives, or is pasted."""
        self._get(query)
        if known := self._pending(name):
            try:
                known.login.paste(f"{self.client.redirect_uri}?{query}")
            except RedirectRefused:
                return
            raise AssertionError(query)

    @invariant()
    def each_is_as_it_must_be(self) -> None:
        """Nothing that happens to one sign-in changes another; each session has its person."""
        for known in self.known.values():
            if known.phase is not Phase.WAITING:
                assert known.login.wait(20)
            assert known.phase is known.login.phase
        for name, session in self.sessions.items():
            person = self.persons.get(name)
            assert (person is None) == (session.operator is None)
            if session.operator is not None and session.operator.id is not None:
                assert person == IDS.setdefault(session.operator.id, person)

    def teardown(self) -> None:
        """End everything; nothing is left over."""
        for known in self.known.values():
            known.login.cancel(cancelled())
        for session in self.sessions.values():
            session.close()
        wait_until(lambda: set(leftovers(self.runtime_dir)) <= set(self.before))


IDS: dict[str, str | None] = {}
"""Who an id stands for; learnt from the first sign-in of each person."""


def test_histories(sandbox: SandboxProcess, registration: Registration, runtime_dir: Path) -> None:
    """In every history each sign-in ends as it must, for whoever used its own link."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call] # hypothesis leaves it so
        lambda: SignIns(sandbox, registration, runtime_dir),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
