"""Sign-ins under way in a history: how each must stand, and who sits at the browser."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import let_time_pass, link
from support.machine.leftovers import leftovers
from support.machine.threads import wait_until
from support.servers.sandbox import Registration, SandboxProcess

from myid_notebook.callback.route import choose_route
from myid_notebook.errors import RedirectRefused, SignInFailed, SignInTimeout
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import cancelled, shut_down, superseded
from myid_notebook.sign_in.sign_in import SignIn

PEOPLE = {"jane.doe": "Jane Doe", "sam.self": "Sam Self", "theo.three": "Theo Three"}
"""Who may sit at the browser, and what MyID calls them."""

IDS: dict[str, str] = {}
"""Who an id stands for; learnt from the first sign-in of each person."""


@dataclass
class Known:
    """What the history knows of one name's newest sign-in.

    Args:
        ended: whether it must have ended.
        signed_in: whether it must have succeeded.
        answer: query of the redirect that MyID sent, if any yet.
        person: who signed in for that answer.
        spent: whether the code in it was presented already.
    """

    sign_in: SignIn
    ended: bool = False
    signed_in: bool = False
    answer: str = ""
    person: str = ""
    spent: bool = False


@dataclass
class Stage:
    """Where histories take place.

    Args:
        happened: what came to pass, and how often, in all histories.
    """

    sandbox: SandboxProcess
    client: Registration
    runtime_dir: Path
    happened: Counter[str] = field(default_factory=Counter)


class SignInsUnderWay(RuleBasedStateMachine):
    """Sessions under several names at one registered address, and the person behind each."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.sandbox, self.client, self.happened = stage.sandbox, stage.client, stage.happened
        self.runtime_dir = stage.runtime_dir
        self.sandbox.reset()
        self._faults: dict[str, object] = {}
        self.before = leftovers(self.runtime_dir)
        self.known: dict[str, Known] = {}
        self.sessions: dict[str, BearerSession] = {}
        self.signed_in: dict[str, tuple[str, object]] = {}
        self.ended: list[str] = []

    def waiting(self) -> list[str]:
        """Return the names of pending sign-ins."""
        return sorted(name for name, k in self.known.items() if not k.ended)

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
        """Let the sandbox behave so from now on."""
        if not faults.items() <= self._faults.items():
            self.sandbox.faults(**faults)
            self._faults |= faults

    def get(self, query: str) -> str:
        """Open the registered address and return the page's heading; empty where nobody listens."""
        # Where the holder of the address has just ended, another takes it over some moments later.
        for _ in range(100 if self.waiting() else 1):
            try:
                return open_page(f"{self.client.redirect_uri}?{query}").title
            except requests.ConnectionError:
                time.sleep(0.05)
        return ""

    def end(self, name: str, how: str, *, signed_in: bool = False) -> Known:
        """Note that a sign-in ends, and return it.

        Args:
            signed_in: whether it must have succeeded.
        """
        known = self.known[name]
        known.ended, known.signed_in = True, signed_in
        if known.answer:
            self.ended.append(known.answer)
        self.happened[how] += 1
        return known

    def cancel(self, name: str, how: str, why: SignInFailed) -> None:
        """End a sign-in from outside."""
        self.end(name, how).sign_in.cancel(why)

    @invariant()
    def each_is_as_it_must_be(self) -> None:
        """Nothing that happens to one sign-in changes another; each session has its person."""
        for known in self.known.values():
            if known.ended:
                assert known.sign_in.wait(20)
                assert known.signed_in == (known.sign_in.error is None)
            assert known.sign_in.pending != known.ended
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


KERNELS = (("myid", "audit"), ("other", "fourth"))
"""The names of the sessions of two kernels."""

NAMES = [name for kernel in KERNELS for name in kernel]
PERSONS = st.sampled_from([*PEOPLE, ""])
"""Empty: nobody follows the link yet."""

LIFETIMES = st.sampled_from([3600, 1])
"""Of a token, in seconds."""

NOBODY_WAITS = "This sign-in link is no longer active"


def drawn_from(possible: Callable[[SignInsUnderWay], list[str]]) -> st.SearchStrategy[str]:
    """Return one of what is possible just now.

    Args:
        possible: tells it; the rule's precondition is that there is any.
    """
    return st.runner().flatmap(lambda history: st.sampled_from(possible(history)))


class History(SignInsUnderWay):
    """Everything that can happen, in any order."""

    @initialize(persons=st.tuples(*[PERSONS] * len(NAMES)))
    def begin(self, persons: tuple[str, ...]) -> None:
        """There are sign-ins to begin with."""
        for name, person in zip(NAMES, persons, strict=True):
            self.start(name, person)

    @rule(name=st.sampled_from(NAMES), person=PERSONS)
    def start(self, name: str, person: str) -> None:
        """A newer sign-in takes the place of the older; somebody follows its link, or not yet."""
        if name in self.waiting():
            self.cancel(name, "superseded", superseded())
        chosen = resolve({}, self.client.environ, {})
        session = self.sessions.setdefault(name, BearerSession(chosen.api_url))
        route = choose_route(chosen.redirect_uri, {}, paste=False)
        known = self.known[name] = Known(SignIn(chosen, route, session))
        known.sign_in.start()
        if person:
            self.follow_link(name, person)

    @precondition(SignInsUnderWay.renewable)
    @rule(name=drawn_from(SignInsUnderWay.renewable), person=PERSONS)
    def renew(self, name: str, person: str) -> None:
        """A session that is signed in gets a new sign-in; the old token works on meanwhile."""
        self.happened["renewed"] += 1
        self.start(name, person)

    @precondition(SignInsUnderWay.at_myid)
    @rule(name=drawn_from(SignInsUnderWay.at_myid), person=st.sampled_from(list(PEOPLE)))
    def follow_link(self, name: str, person: str) -> None:
        """The link leads to an answer, which is not delivered yet."""
        known = self.known[name]
        self.switch(auto_sign_in=person)
        visit = requests.get(link(known.sign_in), allow_redirects=False, timeout=30)
        known.answer, known.person = urlsplit(visit.headers["Location"]).query, person

    @precondition(SignInsUnderWay.answered)
    @rule(name=drawn_from(SignInsUnderWay.answered), lifetime=LIFETIMES)
    def deliver(self, name: str, lifetime: int) -> None:
        """The answer arrives by the browser; the token lives long or not."""
        known = self.known[name]
        self.switch(token_lifetime=lifetime)
        title = self.get(known.answer)
        assert ("Not signed in" if known.spent else "Signed in to MyID") == title
        self._answered(name, "delivered")

    @precondition(SignInsUnderWay.answered)
    @rule(name=drawn_from(SignInsUnderWay.answered), lifetime=LIFETIMES)
    def paste(self, name: str, lifetime: int) -> None:
        """The answer is pasted."""
        self.switch(token_lifetime=lifetime)
        self.known[name].sign_in.paste(self._address(self.known[name].answer))
        self._answered(name, "pasted")

    def _answered(self, name: str, how: str) -> None:
        known = self.known[name]
        if known.spent:
            self.end(name, "spent elsewhere")
        else:
            self.end(name, how, signed_in=True)
            self.signed_in[name] = known.person, known.sign_in.session.bearer.token
        known.spent = True

    @precondition(lambda self: len(self.answered()) > 1)
    @rule(pair=st.runner().flatmap(lambda self: st.permutations(self.answered())))
    def swap(self, pair: list[str]) -> None:
        """The code of one sign-in under the state of another is of no use to either."""
        mine, theirs = (self.known[name] for name in pair[:2])
        code = parse_qs(theirs.answer)["code"][0]
        state = parse_qs(mine.answer)["state"][0]
        assert "Not signed in" == self.get(urlencode({"code": code, "state": state}))
        self.end(pair[0], "swapped")
        theirs.spent = True

    @precondition(SignInsUnderWay.waiting)
    @rule(
        name=drawn_from(SignInsUnderWay.waiting),
        how=st.sampled_from(["denied", "cancelled", "expired"]),
    )
    def fail(self, name: str, how: str) -> None:
        """MyID says no, the user gives up, or nobody comes in time."""
        sign_in = self.known[name].sign_in
        if how == "cancelled":
            self.cancel(name, how, cancelled())
            return
        if how == "denied":
            assert sign_in.request is not None
            query = urlencode({"error": "access_denied", "state": sign_in.request.state})
            assert "Not signed in" == self.get(query)
        else:
            let_time_pass(sign_in)
        self.end(name, how)

    @precondition(SignInsUnderWay.answered)
    @rule(name=drawn_from(SignInsUnderWay.answered), pasted=st.booleans())
    def come_late(self, name: str, pasted: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """The answer comes when the time is over: no code is sent."""
        requests_before = self.sandbox.status()["token_requests"]
        known = self.end(name, "late")
        let_time_pass(known.sign_in)
        if pasted:
            known.sign_in.paste(self._address(known.answer))
        else:
            assert "Signed in to MyID" != self.get(known.answer)
        assert known.sign_in.wait(20)
        assert isinstance(known.sign_in.error, SignInTimeout)
        assert requests_before == self.sandbox.status()["token_requests"]

    @precondition(lambda self: len(self.signed_in) > 1)
    @rule(kernel=st.sampled_from(KERNELS), person=PERSONS)
    def restart(self, kernel: tuple[str, ...], person: str) -> None:
        """A kernel ends with everything it knows, and begins anew; the other does not notice."""
        self.happened["restarted"] += 1
        for name in kernel:
            if name in self.waiting():
                self.cancel(name, "ended with its kernel", shut_down())
            self.signed_in.pop(name, None)
            self.sessions.pop(name).close()
        for name in kernel:
            self.start(name, person)

    @precondition(lambda self: self.ended)
    @rule(query=drawn_from(lambda self: self.ended))
    def replay(self, query: str) -> None:
        """An answer of a sign-in that is over comes again, to the address and by hand."""
        assert (NOBODY_WAITS if self.waiting() else "") == self.get(query)
        self.happened["replayed"] += 1
        self._paste_everywhere(query)

    @precondition(SignInsUnderWay.waiting)
    @rule(query=st.sampled_from(["", "code=c", "state=x&code=c", "state=&state="]))
    def stray(self, query: str) -> None:
        """Something that belongs to no sign-in arrives, or is pasted."""
        self.get(query)
        self.happened["strayed"] += 1
        self._paste_everywhere(query)

    def _paste_everywhere(self, query: str) -> None:
        for name in self.waiting():
            with pytest.raises(RedirectRefused):
                self.known[name].sign_in.paste(self._address(query))

    def _address(self, query: str) -> str:
        return f"{self.client.redirect_uri}?{query}"
