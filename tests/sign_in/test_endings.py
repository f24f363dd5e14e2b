"""How a sign-in ends, and what is left then: nothing."""

from collections.abc import Callable

import pytest
import requests
from support.browser.callback_page import Visit, open_page
from support.browser.pending_sign_in import Begin, redirect
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

from myid_notebook.errors import SignInCancelled, SignInTimeout
from myid_notebook.sign_in.messages import Stage, cancelled
from myid_notebook.sign_in.sign_in import SignIn


def exchanging(sign_in: SignIn) -> bool:
    """Return whether a sign-in has sent its code."""
    return sign_in.stage is Stage.EXCHANGING


def test_nobody_comes(begin: Begin) -> None:
    """At the deadline it ends; the error names the causes that stay on MyID's own page."""
    sign_in = begin(timeout=0.3)

    assert sign_in.wait(5)
    with pytest.raises(SignInTimeout, match="redirect URI or scope is probably not registered"):
        sign_in.result()


def test_cancel_ends_it_for_good(begin: Begin, left_over: Callable[[], list[str]]) -> None:
    """After a cancel there is no thread, no listening socket and no rendezvous file."""
    sign_in = begin()
    assert [] != left_over()

    sign_in.cancel(cancelled())

    wait_until(lambda: left_over() == [])
    with pytest.raises(SignInCancelled):
        sign_in.result()


def test_cancel_during_the_exchange(begin: Begin, sandbox: SandboxProcess) -> None:
    """A cancel does not wait for the token endpoint; the page says it was given up."""
    sandbox.faults(token_hang=True)
    sign_in = begin()
    visit = Visit(redirect(sign_in))
    wait_until(lambda: exchanging(sign_in))

    sign_in.cancel(cancelled())

    assert "Not signed in" == visit.page.title
    assert not sign_in.session.signed_in


def test_denial_after_the_code_changes_nothing(begin: Begin, sandbox: SandboxProcess) -> None:
    """Once a code is being redeemed, an error for the same state comes too late."""
    sandbox.faults(token_delay=1)
    sign_in = begin()
    url = redirect(sign_in)
    first = Visit(url)
    wait_until(lambda: exchanging(sign_in))

    second = open_page(url.replace("code=", "error=access_denied&x="))

    assert "This sign-in link was already used" == second.title
    assert "Signed in to MyID" == first.page.title


def test_many_answers_at_once(begin: Begin, sandbox: SandboxProcess) -> None:
    """Of many browsers that bring the same answer, exactly one signs in."""
    sandbox.faults(token_delay=1)
    url = redirect(begin())

    titles = sorted(visit.page.title for visit in [Visit(url) for _ in range(8)])

    assert ["Signed in to MyID", *["This sign-in link was already used"] * 7] == titles
    assert 1 == sandbox.status()["token_requests"]


def test_address_is_free_afterwards(begin: Begin) -> None:
    """After the end nothing answers at the redirect URI, and the next sign-in can have it."""
    first = begin()
    url = redirect(first)
    open_page(url)
    assert first.wait(10)

    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    assert "Signed in to MyID" == open_page(redirect(begin())).title
