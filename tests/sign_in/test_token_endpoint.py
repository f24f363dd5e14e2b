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
from support.machine.ports import free_port
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

from myid_notebook.errors import SignInFailed, SignInTimeout, TokenEndpointError, TokenRefused


@pytest.mark.parametrize(
    ("faults", "error", "words"),
    [
        ({"token_status": 400, "token_error": "invalid_grant"}, TokenRefused, "invalid_grant"),
        ({"token_status": 401, "token_error": "invalid_client"}, TokenRefused, "invalid_client"),
        ({"token_status": 403, "token_error": "odd_code"}, TokenRefused, "odd_code, HTTP 403"),
        ({"token_status": 500}, TokenRefused, "HTTP 500"),
        ({"token_body": "html"}, TokenEndpointError, "not a JSON object"),
        ({"token_body": "empty"}, TokenEndpointError, "an empty body"),
        ({"token_body": "list"}, TokenEndpointError, "not a JSON object"),
        ({"token_body": "invalid"}, TokenEndpointError, "not a JSON object"),
        ({"token_body": "huge"}, TokenEndpointError, "more than a megabyte"),
        ({"token_drop": True}, TokenEndpointError, "closed the connection"),
        ({"token_redirect": "/elsewhere"}, TokenEndpointError, "HTTP 302"),
        ({"token_type": "mac"}, TokenEndpointError, "not a bearer token"),
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


def test_slow_answer_is_waited_for(begin: Begin, sandbox: SandboxProcess) -> None:
    """A token endpoint may take its time within the deadline."""
    sandbox.faults(token_delay=1.0)

    assert "Signed in to MyID" == open_page(redirect(begin())).title


@pytest.mark.parametrize(
    "faults",
    [
        {"token_type": "bearer"},
        {"omit_scope": True},
        {"refresh_token": True},
        {"no_expires_in": True},
    ],
)
def test_tolerable_answer_signs_in(
    begin: Begin, sandbox: SandboxProcess, faults: dict[str, object]
) -> None:
    """What servers leave out, add or spell differently does not matter."""
    sandbox.faults(**faults)
    login = begin()
    open_page(redirect(login))
    login.wait(10)

    assert login.result().signed_in


def test_unreachable_host_is_named(begin: Begin) -> None:
    """The error names the host that the kernel cannot reach, though the browser could."""
    port = free_port()
    login = begin(environ={"MYID_TOKEN_URL": f"http://127.0.0.1:{port}/token"})

    page = open_page(redirect(login))

    expect_failure(login, page, f"127.0.0.1:{port} cannot be reached")
    expect_next(begin, login)
