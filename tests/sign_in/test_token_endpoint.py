"""Whatever the token endpoint does, the sign-in ends, once, in words."""

import pytest
from support.browser.callback_page import Visit, open_page
from support.browser.pending_sign_in import (
    Begin,
    expect_failure,
    expect_next,
    let_time_pass,
    redirect,
)
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

from myid_notebook.errors import SignInFailed, SignInTimeout, TokenEndpointError, TokenRefused


@pytest.mark.parametrize(
    ("faults", "error", "words"),
    [
        ({"token_status": 401, "token_error": "invalid_client"}, TokenRefused, "invalid_client"),
        ({"token_status": 500}, TokenRefused, "HTTP 500"),
        ({"token_body": "html"}, TokenEndpointError, "not a JSON object"),
        ({"token_body": "huge"}, TokenEndpointError, "more than a megabyte"),
        ({"token_drop": True}, TokenEndpointError, "closed the connection"),
        ({"token_redirect": "/elsewhere"}, TokenEndpointError, "HTTP 302"),
        ({"token_type": None}, TokenEndpointError, "not a bearer token"),
    ],
)
def test_faulty_answer_ends_the_sign_in(
    begin: Begin,
    sandbox: SandboxProcess,
    faults: dict[str, object],
    error: type[SignInFailed],
    words: str,
) -> None:
    """No token, no "Signed in": one request, one error, the same words on page and in notebook; and
    the next sign-in works at once.
    """
    sandbox.faults(**faults)
    login = begin()

    page = open_page(redirect(login))

    assert isinstance(expect_failure(login, page, words), error)
    assert 1 == sandbox.status()["token_requests"]
    sandbox.reset()
    expect_next(begin, login)


@pytest.mark.parametrize("faults", [{"token_hang": True}, {"token_body": "drip"}])
def test_endless_answer_meets_the_deadline(
    begin: Begin, sandbox: SandboxProcess, faults: dict[str, object]
) -> None:
    """One deadline covers waiting and exchange, however the endpoint spends it."""
    sandbox.faults(**faults)
    login = begin(timeout=300)
    visit = Visit(redirect(login))
    wait_until(lambda: sandbox.status()["token_requests"])

    let_time_pass(login)

    error = expect_failure(
        login, visit.page, "token endpoint did not respond within the 300 seconds"
    )
    assert isinstance(error, SignInTimeout)
    sandbox.reset()
    expect_next(begin, login)
