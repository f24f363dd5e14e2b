"""Sign-ins under way in a history: how each must stand, and who sits at the browser."""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import requests
from hypothesis.stateful import RuleBasedStateMachine, invariant
from support.callback_page import open_page
from support.leftovers import leftovers, wait_until
from support.registration import Registration
from support.sandbox_process import SandboxProcess

from myid_notebook.errors import SignInFailed
from myid_notebook.session.session import MyIDSession
from myid_notebook.sign_in.messages import Phase, cancelled
from myid_notebook.sign_in.sign_in import SignIn

PEOPLE = {"jane.doe": "Jane Doe", "sam.self": "Sam Self", "theo.three": "Theo Three"}
"""Who may sit at the browser, and what MyID calls them."""

IDS: dict[str, str] = {}
"""Who an id stands for; learnt from the first sign-in of each person."""


@dataclass
class Known:
    """What the history knows of one name's newest sign-in.

    Args:
        sign_in: the sign-in.
        phase: how it must stand.
        answer: query of the redirect that MyID sent, if any yet.
        person: who signed in for that answer.
        spent: whether the code in it was presented already.
    """

    sign_in: SignIn
    phase: Phase = Phase.WAITING
    answer: str = ""
    person: str = ""
    spent: bool = False


@dataclass
class Stage:
    """Where histories take place.

    Args:
        sandbox: running.
        client: registered with it.
        runtime_dir: Jupyter's.
        happened: what came to pass, and how often, in all histories.
    """

    sandbox: SandboxProcess
    client: Registration
    runtime_dir: Path
    happened: Counter[str] = field(default_factory=Counter)


class SignInsUnderWay(RuleBasedStateMachine):
    """Sessions under several names at one registered address, and the person behind each.

    Args:
        stage: where it takes place.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.sandbox, self.client, self.happened = stage.sandbox, stage.client, stage.happened
        self.runtime_dir = stage.runtime_dir
        self.sandbox.reset()
        self._faults: dict[str, object] = {}
        self.before = leftovers(self.runtime_dir)
        self.known: dict[str, Known] = {}
        self.sessions: dict[str, MyIDSession] = {}
        self.signed_in: dict[str, tuple[str, object]] = {}
        self.ended: list[str] = []

    def waiting(self) -> list[str]:
        """Return the names of pending sign-ins."""
        return sorted(name for name, k in self.known.items() if k.phase is Phase.WAITING)

    def at_myid(self) -> list[str]:
        """Return those whose link nobody has followed to the end."""
        return [name for name in self.waiting() if not self.known[name].answer]

    def answered(self) -> list[str]:
        """Return those whose answer is on its way."""
        return [name for name in self.waiting() if self.known[name].answer]

    def renewable(self) -> list[str]:
        """Return the names of sessions that are signed in, and wait for nobody."""
        return sorted(set(self.signed_in) - set(self.waiting()))

    def switch(self, **faults: object) -> None:
        """Let the sandbox behave so from now on.

        Args:
            faults: its switches.
        """
        if not faults.items() <= self._faults.items():
            self.sandbox.faults(**faults)
            self._faults |= faults

    def get(self, query: str) -> str:
        """Open the registered address and return the page's heading; empty where nobody listens.

        Args:
            query: of the address.
        """
        # Where the holder of the address has just ended, another takes it over some moments later.
        for _ in range(100 if self.waiting() else 1):
            try:
                return open_page(f"{self.client.redirect_uri}?{query}").title
            except requests.ConnectionError:
                time.sleep(0.05)
        return ""

    def end(self, name: str, how: str, phase: Phase = Phase.FAILED) -> Known:
        """Note that a sign-in ends, and return it.

        Args:
            name: of its session.
            how: what happened.
            phase: where it must stand afterwards.
        """
        known = self.known[name]
        known.phase = phase
        if known.answer:
            self.ended.append(known.answer)
        self.happened[how] += 1
        return known

    def cancel(self, name: str, how: str, why: SignInFailed) -> None:
        """End a sign-in from outside.

        Args:
            name: of its session.
            how: what happened.
            why: what it is told.
        """
        self.end(name, how).sign_in.cancel(why)

    @invariant()
    def each_is_as_it_must_be(self) -> None:
        """Nothing that happens to one sign-in changes another; each session has its person."""
        for known in self.known.values():
            if known.phase is not Phase.WAITING:
                assert known.sign_in.wait(20)
            assert known.phase is known.sign_in.phase
        for name, session in self.sessions.items():
            person, token = self.signed_in.get(name, ("", None))
            assert token is session.bearer.token
            assert bool(person) == (session.operator is not None)
            if session.operator is not None:
                # A token of one second may be over before anybody is asked for the name.
                assert session.operator.name in {PEOPLE[person], None}
                assert person == IDS.setdefault(str(session.operator.id), person)

    def teardown(self) -> None:
        """End everything; nothing is left over."""
        for known in self.known.values():
            known.sign_in.cancel(cancelled())
        for session in self.sessions.values():
            session.close()
        wait_until(lambda: set(leftovers(self.runtime_dir)) <= set(self.before))
