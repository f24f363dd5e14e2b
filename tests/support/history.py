"""A history of sign-ins: many at once, in any order, with everything that can come between."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from support.past_deadline import let_time_pass
from support.pending import link
from support.sign_ins_under_way import PEOPLE, Known, SignInsUnderWay

from myid_notebook.callback.route import choose_route
from myid_notebook.errors import RedirectRefused, SignInTimeout
from myid_notebook.session.session import MyIDSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import Phase, cancelled, shut_down, superseded
from myid_notebook.sign_in.sign_in import SignIn

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
    """Everything that can happen, in any order.

    Args:
        stage: where it takes place.
    """

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
        chosen = resolve({}, self.client.environ, {}, lambda _: None)
        session = self.sessions.setdefault(name, MyIDSession(chosen.api_url))
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
            self.end(name, how, Phase.SIGNED_IN)
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
