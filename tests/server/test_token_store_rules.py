"""The rules of the token store, in any order of events (docs/security.md, "One sign-in")."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from myid_notebook.server.token_store import MAX_AGE, MAX_CHAINS, TokenStore
from myid_notebook.token_store.address import MATCH_MEMBERS


class Clock:
    """A clock that the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Jupyter:
    """A store, and the kernels, sessions and files of its server.

    Attributes:
        files: what is at a path: a number for each file that ever was.
        kernels: the file that each kernel belongs to.
    """

    def __init__(self, **limits: bool) -> None:
        self.clock = Clock()
        self.store = TokenStore(clock=self.clock, **limits)
        self.files: dict[str, int] = {}
        self.kernels: dict[str, int] = {}
        self.made = 0
        self.event("get", "")

    def event(self, action: str, path: str, source: str = "") -> None:
        """Tell the store what Jupyter has done to a file."""
        self.store.note_event({"action": action, "path": path, "source_path": source})

    def open(self, path: str) -> str:
        """Open a notebook, which is made if it is not there, and return its new kernel."""
        if path not in self.files:
            self.made += 1
            self.files[path] = self.made
            self.event("save", path)
        kernel = f"kernel-{len(self.kernels)}"
        self.kernels[kernel] = self.files[path]
        return kernel

    def ask(self, kernel: str, do: str, **more: object) -> dict[str, Any]:
        """Send the request of a kernel, and return the response."""
        paths = [path for path, file in self.files.items() if file == self.kernels.get(kernel)]
        match = dict.fromkeys(MATCH_MEMBERS, "same")
        request = {"do": do, "kernel": kernel, "match": match, **more}
        return self.store.respond(request, paths[0] if paths else "")

    def keep(self, kernel: str, token: dict[str, Any], **more: Any) -> str:  # noqa: ANN401 - any JSON
        """Put a sign-in into the store, and return the id of its chain."""
        given = {"shared": False, "replaces": None, "operator": None, **more}
        return str(self.ask(kernel, "keep", token=token, **given)["chain"][0])

    def find(self, kernel: str, subject: str | None = None) -> dict[str, Any]:
        """Look for a sign-in."""
        return self.ask(kernel, "find", subject=subject, renewable=True)

    def renew(self, kernel: str, chain: str, counter: int = 0) -> dict[str, Any]:
        """Ask for a newer token."""
        return self.ask(kernel, "renew", chain=chain, counter=counter)

    def forget(self, kernel: str, chain: str, *, everything: bool = False) -> dict[str, Any]:
        """Sign out."""
        return self.ask(kernel, "forget", chain=None if everything else chain, refused=False)

    def why(self, chain: str) -> str:
        """Return why a chain has ended."""
        return str(self.ask("", "ended", chain=chain)["reason"])


def token(
    text: str,
    refresh: str | None = None,
    *,
    lasts: float | None = 2000.0,
    subject: str | None = "jane",
) -> dict[str, Any]:
    """Return a token as a kernel sends it."""
    return {
        "access_token": text,
        "refresh_token": refresh,
        "expires_at": lasts,
        "lifetime": None,
        "subject": subject,
    }


def texts_in(thing: Any) -> Iterator[str]:  # noqa: ANN401 - whatever a store holds
    """Yield every text that an object holds."""
    if isinstance(thing, str):
        yield str(thing)
    elif isinstance(thing, dict):
        yield from (text for pair in thing.items() for each in pair for text in texts_in(each))
    elif isinstance(thing, list | tuple | set):
        yield from (text for each in thing for text in texts_in(each))
    elif is_dataclass(thing):
        yield from (text for each in fields(thing) for text in texts_in(getattr(thing, each.name)))


PATHS = ["a.ipynb", "sub/a.ipynb", "sub/b.ipynb"]
PEOPLE = st.sampled_from(["jane", "omar"])


class AnyOrder(RuleBasedStateMachine):
    """Sign-ins, renewals, sign-outs, restarts, renamed files and time, in any order."""

    kernels: Bundle[str] = Bundle("kernels")
    chains: Bundle[str] = Bundle("chains")
    leases: Bundle[tuple[int, str, str]] = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.jupyter = Jupyter()
        self.made = 0
        self.owner: dict[str, tuple[int, str, bool]] = {}  # file, person, shared
        self.tokens: dict[str, list[str]] = {}  # of a chain
        self.handed_out: Counter[str] = Counter()
        self.signed_out: set[str] = set()

    def fresh(self, person: str, chain: str = "") -> dict[str, Any]:
        """Return a new pair."""
        self.made += 1
        pair = f"access-{self.made}", f"refresh-{self.made}"
        self.tokens.setdefault(chain, []).extend(pair)
        return token(*pair, lasts=self.jupyter.clock.now + 100, subject=person)

    @rule(target=kernels, path=st.sampled_from(PATHS))
    def open(self, path: str) -> str:
        """Open a notebook."""
        return self.jupyter.open(path)

    @rule(target=chains, kernel=kernels, person=PEOPLE, shared=st.booleans())
    def sign_in(self, kernel: str, person: str, *, shared: bool) -> str:
        """Sign in."""
        return self.kept(kernel, person, shared=shared, replaces=None)

    @rule(target=chains, kernel=kernels, person=PEOPLE, shared=st.booleans(), old=chains)
    def sign_in_again(self, kernel: str, person: str, old: str, *, shared: bool) -> str:
        """Sign in with ``--force``."""
        before = self.jupyter.why(old)
        new = self.kept(kernel, person, shared=shared, replaces=old)
        assert person == self.owner[old][1] or before == self.jupyter.why(old)
        return new

    def kept(self, kernel: str, person: str, *, shared: bool, replaces: str | None) -> str:
        """Put a new sign-in into the store."""
        given = self.fresh(person)
        chain = self.jupyter.keep(kernel, given, shared=shared, replaces=replaces)
        self.tokens[chain] = self.tokens.pop("")
        self.owner[chain] = self.jupyter.kernels[kernel], person, shared
        return chain

    def check(self, kernel: str, found: dict[str, Any], *, holds: str = "") -> None:
        """Check that a kernel may have what it was given; it may hold that chain already."""
        chain, _ = found["chain"]
        file, person, shared = self.owner[chain]
        assert person == found["token"]["subject"]
        assert shared or chain == holds or file == self.jupyter.kernels[kernel]
        assert chain not in self.signed_out
        assert found["token"]["access_token"] in self.tokens[chain]

    @rule(kernel=kernels, person=st.none() | PEOPLE)
    def find(self, kernel: str, person: str | None) -> None:
        """Look for a sign-in."""
        self.find_now(kernel, person)

    def find_now(self, kernel: str, person: str | None) -> None:
        """Look for a sign-in, and check that the kernel may have it."""
        found = self.jupyter.find(kernel, person)
        if found:
            assert person in {None, found["token"]["subject"]}
            self.check(kernel, found)

    @rule(target=leases, kernel=kernels, chain=chains, counter=st.sampled_from([0, 0, 1]))
    def renew(self, kernel: str, chain: str, counter: int) -> Any:  # noqa: ANN401 - a lease or none
        """Ask for a newer token."""
        response = self.jupyter.renew(kernel, chain, counter)
        if "token" in response:
            self.check(kernel, response, holds=chain)
        if "lease" not in response:
            return multiple()
        refresh_token = response["refresh_token"]
        assert refresh_token not in {*texts_in(vars(self.jupyter.store))}
        self.handed_out[refresh_token] += 1
        (held,) = (each for each in self.tokens if refresh_token in self.tokens[each])
        assert held not in self.signed_out
        return response["lease"], held, refresh_token

    @rule(lease=consumes(leases), person=st.none() | PEOPLE)
    def present(self, lease: tuple[int, str, str], person: str | None) -> None:
        """Bring back a pair, be it of another person."""
        number, chain, _ = lease
        pair = self.fresh(person or self.owner[chain][1], chain)
        was_live = not self.jupyter.why(chain)
        assert {} == self.jupyter.store.settle(number, {"lease": number + 1, "pair": pair})
        kept = self.jupyter.store.settle(number, {"lease": number, "pair": pair})
        assert bool(kept) == (was_live and person in {None, self.owner[chain][1]})
        self.jupyter.store.release(number)

    @rule(lease=consumes(leases))
    def give_back(self, lease: tuple[int, str, str]) -> None:
        """Bring back a refresh token that was not presented."""
        number, _, refresh_token = lease
        if self.jupyter.store.settle(number, {"lease": number, "unused": refresh_token}):
            self.handed_out[refresh_token] -= 1
        self.jupyter.store.release(number)

    @rule(lease=consumes(leases))
    def lose(self, lease: tuple[int, str, str]) -> None:
        """End the connection."""
        number, chain, _ = lease
        self.jupyter.store.release(number)
        assert self.jupyter.why(chain)

    @rule(kernel=kernels, chain=chains, everything=st.booleans())
    def sign_out(self, kernel: str, chain: str, *, everything: bool) -> None:
        """Sign out; a chain that was replaced ends with the one in its place."""
        known = self.jupyter.forget(kernel, chain, everything=everything)["known"]
        self.signed_out |= {*self.owner} if everything else {chain}
        assert everything or not known or self.jupyter.why(chain)

    @rule(seconds=st.sampled_from([1.0, 99.0, 101.0, MAX_AGE]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.jupyter.clock.now += seconds

    @rule(old=st.sampled_from([*PATHS, "sub"]), new=st.sampled_from([*PATHS, "moved"]))
    def rename(self, old: str, new: str) -> None:
        """Rename a file or a folder, to where nothing is."""
        files = self.jupyter.files
        moved = {path: new + path[len(old) :] for path in files if f"{path}/".startswith(f"{old}/")}
        if moved and not any(f"{path}/".startswith(f"{new}/") for path in files):
            for path, there in moved.items():
                files[there] = files.pop(path)
            self.jupyter.event("rename", new, old)

    @rule(path=st.sampled_from([*PATHS, "sub"]))
    def delete(self, path: str) -> None:
        """Delete a file or a folder."""
        files = self.jupyter.files
        gone = [each for each in files if f"{each}/".startswith(f"{path}/")]
        for each in gone:
            del files[each]
        if gone:
            self.jupyter.event("delete", path)

    def teardown(self) -> None:
        """Look for a sign-in in every kernel."""
        for kernel in self.jupyter.kernels:
            for person in (None, "jane", "omar"):
                self.find_now(kernel, person)

    @invariant()
    def each_refresh_token_is_handed_out_once(self) -> None:
        """Unless it was given back unused."""
        assert all(times <= 1 for times in self.handed_out.values())

    @invariant()
    def nothing_is_held_of_what_has_ended(self) -> None:
        """Of the tokens, that is: the reason stays."""
        ended = [chain for chain in self.owner if self.jupyter.why(chain)]
        held = {*texts_in(vars(self.jupyter.store))}
        assert held.isdisjoint(text for chain in ended for text in self.tokens[chain])


def test_any_order() -> None:
    """The invariants of ``AnyOrder`` hold, whatever happens."""
    often = settings(max_examples=100, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(AnyOrder, settings=often)


def test_notebook_opened_anew() -> None:
    """Its new kernel finds the sign-in as long as the file is the same, renamed or not."""
    jupyter = Jupyter()
    jupyter.keep(jupyter.open("sub/a.ipynb"), token("t"))
    assert jupyter.find(jupyter.open("sub/a.ipynb"))

    jupyter.files["other/b.ipynb"] = jupyter.files.pop("sub/a.ipynb")
    jupyter.event("rename", "sub/b.ipynb", "/sub/a.ipynb")
    jupyter.event("rename", "other", "sub")
    assert jupyter.find(jupyter.open("other/b.ipynb"))["same_notebook"]
    assert not jupyter.find(jupyter.open("sub/a.ipynb"))


@pytest.mark.parametrize(
    ("action", "path"),
    [("delete", "sub/a.ipynb"), ("delete", "/sub"), ("copy", "sub/a.ipynb"), ("create", "sub")],
)
def test_another_file(action: str, path: str) -> None:
    """What was deleted or made anew is another notebook; its own kernel goes on."""
    jupyter = Jupyter()
    kernel = jupyter.open("sub/a.ipynb")
    jupyter.keep(kernel, token("t"))

    jupyter.event(action, path)

    assert not jupyter.find(jupyter.open("sub/a.ipynb"))
    assert jupyter.find(kernel)


def test_files_that_are_not_seen() -> None:
    """Where Jupyter's contents tell nothing, only the kernel itself finds its sign-in."""
    jupyter = Jupyter()
    jupyter.store = TokenStore(clock=jupyter.clock)
    jupyter.files["a.ipynb"] = 1
    kernel = jupyter.open("a.ipynb")
    jupyter.keep(kernel, token("t"))

    assert jupyter.find(kernel)
    assert not jupyter.find(jupyter.open("a.ipynb"))


def test_replaced_for_all() -> None:
    """``--force`` by the same person reaches those who share; unshared, it leaves them alone."""
    jupyter = Jupyter()
    one, other = jupyter.open("a.ipynb"), jupyter.open("b.ipynb")
    first = jupyter.keep(one, token("1", "r1"), shared=True)
    assert jupyter.find(other)["chain"] == [first, 0]

    for person, shared in (("omar", True), (None, True), ("jane", False)):
        given = token("2", "r2", subject=person)
        jupyter.keep(one, given, shared=shared, replaces=first)
        assert "" == jupyter.why(first)
    second = jupyter.keep(one, token("3", "r3"), shared=True, replaces=first)

    assert jupyter.renew(other, first)["chain"] == [second, 0]
    assert "You signed in again in a.ipynb." == jupyter.why(first)
    assert jupyter.forget(other, first)["kernels"] == [one]
    assert "You signed out in b.ipynb." == jupyter.why(second)


def test_refresh_tokens_forbidden() -> None:
    """By the administrator: only the access token is kept."""
    jupyter = Jupyter(refresh=False)
    kernel = jupyter.open("a.ipynb")
    chain = jupyter.keep(kernel, token("1", "r1"))

    assert jupyter.find(kernel)["renewable"] is False
    assert "refresh token" in jupyter.renew(kernel, chain)["ended"]


def test_one_asks() -> None:
    """While one notebook asks a person, others of that person wait; none waits for itself."""
    jupyter = Jupyter()
    one, other = jupyter.open("a.ipynb"), jupyter.open("b.ipynb")

    def ask(kernel: str, subject: str, *, shared: bool = True) -> dict[str, Any]:
        return jupyter.ask(kernel, "ask_person", subject=subject, shared=shared)

    assert ask(one, "jane", shared=False)["asking"]
    assert ask(one, "jane")["asking"]
    number = ask(one, "jane")["number"]
    assert ask(other, "omar")["asking"]
    assert ask(other, "jane", shared=False) == {"wait": True}
    jupyter.store.release(number)
    assert ask(other, "jane")["asking"]


def test_oldest_is_dropped() -> None:
    """A store has a bound."""
    jupyter = Jupyter()
    kernel = jupyter.open("a.ipynb")
    first, *_ = [jupyter.keep(kernel, token(f"{n}", "r")) for n in range(MAX_CHAINS + 1)]

    assert "no room" in jupyter.why(first)


def test_expiry() -> None:
    """Without a refresh token a sign-in is gone at its expiry, in the memory too."""
    jupyter = Jupyter()
    kernel = jupyter.open("a.ipynb")
    jupyter.keep(kernel, token("short", lasts=1500.0))
    jupyter.keep(kernel, token("renewable", "r", lasts=1400.0))
    jupyter.clock.now = 1499.0
    assert jupyter.ask(kernel, "find", subject=None, renewable=False)["token"]["expires_at"] == 1500

    jupyter.clock.now = 1500.0

    assert {} == jupyter.ask(kernel, "find", subject=None, renewable=False)
    assert jupyter.find(kernel)["token"]["access_token"] == "renewable"
    assert "short" not in {*texts_in(vars(jupyter.store))}
    chain, _ = jupyter.find(kernel)["chain"]
    jupyter.clock.now = 1000.0 + MAX_AGE
    assert {} == jupyter.find(kernel)
    assert "six days" in jupyter.why(chain)


@pytest.mark.parametrize("lasts", [float("nan"), -1.0, 1000.0, None])
def test_expiry_that_is_none(lasts: Any) -> None:  # noqa: ANN401 - any JSON
    """A token without a time to drop it is not kept, unless it can be renewed."""
    jupyter = Jupyter()
    kernel = jupyter.open("a.ipynb")

    with pytest.raises((TypeError, ValueError)):
        jupyter.keep(kernel, token("t", lasts=lasts))

    assert "" == "".join(texts_in(jupyter.store._chains))  # noqa: SLF001 - what it holds in memory
    if lasts in {1000.0, None}:
        assert jupyter.keep(kernel, token("t", "r", lasts=lasts))
