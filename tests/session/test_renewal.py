"""A session renews its token while it is used: when, once, and what ends that."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from support.machine.threads import run_concurrently, wait_until
from support.servers.sandbox import SandboxProcess, client_entry
from support.servers.sandbox_client import (
    CHALLENGE,
    REDIRECT_URI,
    SECRET,
    VERIFIER,
    HandmadeClient,
    query_of,
)

from myid_notebook.errors import NotSignedIn, RenewalDelayed, SessionExpired
from myid_notebook.explore.session import MyIDSession
from myid_notebook.oauth.token_response import parse_token_response
from myid_notebook.session import renewal, words
from myid_notebook.session.renewal import OwnGrant, Renewal, renewal_of
from myid_notebook.settings.resolve import Settings, resolve
from myid_notebook.sign_in.without_browser import request_client_token
from myid_notebook.transport.token_endpoint import TokenEndpoint

CLIENT, SCHEDULED = "test.renewal", "test.renewal.scheduled"
SCOPE = "myid.rest.basic offline_access"
LIFETIME = 3600.0
HALF = LIFETIME / 2 + 1
OVER = LIFETIME
RENEWALS = {"token_only": "refresh_token"}

SignIn = Callable[..., MyIDSession]


class Clock:
    """A clock of this machine that can be set."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Return its time."""
        return time.time() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the session, and of its renewals."""
    clock = Clock()
    monkeypatch.setattr(renewal, "TokenEndpoint", partial(TokenEndpoint, clock=clock))
    return clock


@pytest.fixture
def sign_in(sandbox: SandboxProcess, clock: Clock) -> Iterator[SignIn]:
    """Signs Jane in, without a browser and without a store."""
    sessions = []
    # Of its own: other tests replace the clients of the sandbox.
    sandbox.register(client_entry(CLIENT, REDIRECT_URI, SECRET, AllowOfflineAccess=True))

    def sign_in(scope: str = SCOPE) -> MyIDSession:
        settings, client = _settings(sandbox, scope), HandmadeClient(sandbox, CLIENT)
        sandbox.faults(auto_sign_in="jane.doe")
        pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        redirect = client.authorize(scope=scope, **pkce).headers["Location"]
        requested_at = time.time()
        response = client.exchange(query_of(redirect)["code"], code_verifier=VERIFIER)
        token = parse_token_response(200, response.content, requested_at)
        session = MyIDSession(settings.api_url)
        sessions.append(session)
        session.bearer._clock = clock  # noqa: SLF001 - a session has no clock of its own
        session.sign_in(token, renewal_of(settings, token))
        return session

    yield sign_in
    for session in sessions:
        session.close()


def _settings(sandbox: SandboxProcess, scope: str = SCOPE, **options: str) -> Settings:
    given = {"server": sandbox.url, "client_id": CLIENT, "client_secret": SECRET}
    return resolve({**given, "scope": scope, **options}, {}, {})


def _counts(sandbox: SandboxProcess) -> tuple[int, int]:
    """Return how many renewals there were, and how many refresh tokens came twice."""
    status = sandbox.status()
    return status["tokens_by_grant"].get("refresh_token", 0), status["refresh_reused"]


@pytest.mark.parametrize("threads", [1, 50])
@pytest.mark.parametrize(
    ("ahead", "renewals"), [(0.0, 0), (HALF - 20, 0), (HALF, 1), (OVER, 1), (-7200.0, 0)]
)
def test_once_from_half_its_life_on(
    sign_in: SignIn,
    clock: Clock,
    sandbox: SandboxProcess,
    ahead: float,
    threads: int,
    renewals: int,
) -> None:
    """The first request after half of the life renews the token, and no other does."""
    myid = sign_in()
    before, clock.ahead = myid.bearer.token, ahead

    errors = run_concurrently(threads, lambda _: myid.get("roles").raise_for_status())

    assert [] == errors
    assert (renewals, 0) == _counts(sandbox)
    assert (renewals == 0) == (myid.bearer.token is before)
    assert myid.signed_in


def test_late_thread(sign_in: SignIn, clock: Clock, sandbox: SandboxProcess) -> None:
    """A thread that looked at the token just before another one renewed it renews nothing."""
    myid = sign_in()
    clock.ahead, looked_at = OVER, myid.bearer.token
    assert looked_at is not None
    assert myid.get("roles").ok

    _renewal(myid).renew(myid.bearer, looked_at, wait_for_others=True)

    assert (1, 0) == _counts(sandbox)
    assert myid.bearer.renews


def test_others_use_the_old_token(sign_in: SignIn, clock: Clock, sandbox: SandboxProcess) -> None:
    """While one request waits for MyID, the others go out with what still works."""
    myid = sign_in()
    clock.ahead = HALF
    sandbox.faults(**RENEWALS, token_delay=1)
    waiting = threading.Thread(target=myid.get, args=["roles"])
    waiting.start()
    wait_until(lambda: sandbox.status()["token_requests"] == 2)

    assert myid.get("roles").ok
    assert waiting.is_alive()
    waiting.join()


def test_what_is_shown_of_one_that_is_over(sign_in: SignIn, clock: Clock) -> None:
    """Whether MyID still renews a session that nobody used for long, only a request can tell."""
    myid = sign_in()
    assert "signed in as" in repr(myid)
    assert "renews itself while you use it" in words.signed_in_line(myid)
    clock.ahead = OVER

    assert "expired; the next request asks MyID to renew it" in repr(myid)
    assert "expired; the next request asks MyID to renew it" == words.status(myid)[-1]
    assert myid.signed_in


@pytest.mark.parametrize("faults", [{}, {"no_refresh_token": True}, {"refresh_reuse": True}])
def test_many_lives(
    sign_in: SignIn, clock: Clock, sandbox: SandboxProcess, faults: dict[str, object]
) -> None:
    """One sign-in lasts for a day, with refresh tokens for one use and with reusable ones."""
    myid = sign_in()
    sandbox.faults(**{"refresh_reuse": bool(faults), **faults})

    for _ in range(5):
        clock.ahead += HALF
        assert myid.get("roles").ok

    assert 5 == _counts(sandbox)[0]


def test_no_refresh_token(
    sign_in: SignIn, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asked for one and got none hears what MyID's administrator must do."""
    sandbox.faults(no_refresh_token=True)
    myid = sign_in()

    assert myid.get("roles").ok
    assert "AllowOfflineAccess" in capsys.readouterr().err
    assert not myid.bearer.renews


def test_over_when_it_comes(sign_in: SignIn, clock: Clock, sandbox: SandboxProcess) -> None:
    """A token that is over when it comes, such as another kernel's, is renewed once more."""
    myid = sign_in()
    sandbox.faults(token_lifetime=7, **RENEWALS, token_delay=2.5, token_used_up=True)
    clock.ahead = OVER
    threading.Timer(1, lambda: sandbox.faults(token_delay=0, token_lifetime=3600)).start()

    assert myid.get("roles").ok
    assert (2, 0) == _counts(sandbox)


def test_life_too_short(sign_in: SignIn, clock: Clock, sandbox: SandboxProcess) -> None:
    """A token that is over when it comes is not renewed again and again."""
    myid = sign_in()
    sandbox.faults(token_lifetime=3)
    clock.ahead = OVER

    for _ in range(3):
        with pytest.raises(SessionExpired, match="valid for 3 seconds"):
            myid.get("roles")
    assert (1, 0) == _counts(sandbox)


def test_only_if_the_scope_asks(sign_in: SignIn, clock: Clock, sandbox: SandboxProcess) -> None:
    """Without offline_access everything stays as it is."""
    myid = sign_in("myid.rest.basic")
    clock.ahead = OVER

    with pytest.raises(SessionExpired, match="has expired"):
        myid.get("roles")
    assert (0, 0) == _counts(sandbox)


@pytest.mark.parametrize(
    "faults",
    [
        {"token_status": 429, "token_error": "slow_down"},
        {"token_status": 400, "token_error": "invalid_client"},
    ],
)
def test_unused(
    sign_in: SignIn, clock: Clock, sandbox: SandboxProcess, faults: dict[str, object]
) -> None:
    """A refresh token that MyID has not taken stays, and is presented again after a while."""
    myid = sign_in()
    sandbox.faults(**RENEWALS, **faults)
    clock.ahead = HALF
    requests_before = sandbox.status()["token_requests"]

    assert myid.get("roles").ok
    assert myid.get("roles").ok  # not at each request
    assert requests_before + 1 == sandbox.status()["token_requests"]

    clock.ahead = OVER
    with pytest.raises(RenewalDelayed, match=r"could not be renewed yet\. MyID refused"):
        myid.get("roles")
    assert myid.signed_in
    sandbox.faults(token_status=None)
    _end_pause(myid)
    assert myid.get("roles").ok
    assert (1, 0) == _counts(sandbox)


def test_unreachable(sign_in: SignIn, clock: Clock, sandbox: SandboxProcess) -> None:
    """Without a connection nothing was sent."""
    myid = sign_in()
    grant = OwnGrant(_renewal(myid)._grant.refresh_token)  # type: ignore[union-attr]  # noqa: SLF001 - nothing shows it
    settings = _settings(sandbox, token_url="http://127.0.0.1:9/connect/token")
    myid.bearer.renewal = Renewal(settings, grant, None)
    clock.ahead = OVER

    with pytest.raises(RenewalDelayed, match="cannot be reached from where this kernel runs"):
        myid.get("roles")
    assert myid.signed_in


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ({"token_drop": True, "token_used_up": True}, "closed the connection"),
        ({"token_status": 503}, "HTTP 503"),
        ({"token_body": "html"}, "not MyID's token endpoint"),
        ({"token_status": 400, "token_error": "invalid_grant"}, "no longer accepts the refresh"),
        ({"refresh_subject": "dora.department", "token_only": None}, "another person"),
    ],
)
def test_lost(
    sign_in: SignIn,
    clock: Clock,
    sandbox: SandboxProcess,
    capsys: pytest.CaptureFixture[str],
    faults: dict[str, object],
    reason: str,
) -> None:
    """A refresh token that may be used up is presented to nobody again; the user hears why."""
    myid = sign_in()
    sandbox.faults(**{**RENEWALS, **faults})
    clock.ahead, before = HALF, myid.bearer.token

    assert myid.get("roles").ok
    assert myid.get("roles").ok
    told = capsys.readouterr().err
    assert (1, 1) == (told.count("will not be renewed"), told.count(reason))
    assert before is myid.bearer.token

    clock.ahead = OVER
    assert not myid.signed_in
    with pytest.raises(SessionExpired, match=f"has expired.*{reason}.*%myid_login"):
        myid.get("roles")
    assert 0 == _counts(sandbox)[1]
    assert {None} == {_renewal(myid).settings, _renewal(myid)._grant}  # noqa: SLF001 - what it must not keep


@pytest.mark.parametrize("challenge", ['Bearer error="invalid_token"', "Bearer", None])
def test_refused_with_time_left(
    sign_in: SignIn, sandbox: SandboxProcess, challenge: str | None
) -> None:
    """A GET that MyID refuses is repeated with a new token."""
    myid = sign_in()
    sandbox.faults(api_challenge=challenge, api_status=401, api_times=1)
    hooked = []

    response = myid.get("roles", hooks={"response": lambda each, **_: hooked.append(each)})

    assert [response] == hooked
    assert response.ok
    assert "********" in response.request.headers["Authorization"]
    assert (1, 0) == _counts(sandbox)


def test_refused_to_many_threads(sign_in: SignIn, sandbox: SandboxProcess) -> None:
    """One renewal serves all requests that were under way with the refused token."""
    myid = sign_in()
    sandbox.faults(api_refuse_after=60)
    for _ in range(60):
        assert myid.get("roles").ok

    assert [] == run_concurrently(50, lambda _: myid.get("roles").raise_for_status())
    assert (1, 0) == _counts(sandbox)


def test_refused_while_it_cannot_be_renewed(sign_in: SignIn, sandbox: SandboxProcess) -> None:
    """A refresh token that MyID has not taken outlives the refusal of the access token."""
    myid = sign_in()
    sandbox.faults(api_refuse_after=0, **RENEWALS, token_status=429)

    assert 401 == myid.get("roles").status_code
    assert myid.bearer.renews
    sandbox.faults(api_refuse_after=None, token_status=None)
    _end_pause(myid)
    assert myid.get("roles").ok


def test_refusal_that_comes_late(sign_in: SignIn) -> None:
    """The refusal of a token that was replaced meanwhile ends nothing of its successor."""
    myid = sign_in()
    earlier, successor = myid.bearer.token, sign_in().bearer
    assert earlier is not None

    successor.refuse(earlier)

    assert successor.renews
    assert successor.usable


def test_write_is_not_repeated(sign_in: SignIn, sandbox: SandboxProcess) -> None:
    """MyID may have heeded a write that it refused; the next one has the new token."""
    myid = sign_in()
    sandbox.faults(api_status=401, api_times=1)

    response = myid.post("people", json={})

    assert 401 == response.status_code
    assert (1, 1) == (sandbox.status()["api_calls"], _counts(sandbox)[0])
    assert myid.get("roles").ok
    assert 1 == _counts(sandbox)[0]


@pytest.mark.parametrize(
    ("challenge", "works"), [('Bearer error="invalid_token"', False), ("Bearer", True)]
)
def test_new_token_refused(
    sign_in: SignIn, sandbox: SandboxProcess, challenge: str, *, works: bool
) -> None:
    """What MyID refuses with a new token, too, is refused; not one renewal for each request."""
    myid = sign_in()
    sandbox.faults(api_challenge=challenge, api_status=401, api_only="devices")

    for _ in range(3):
        try:
            assert not myid.get("devices").ok
        except SessionExpired:
            assert not works

    assert works == myid.signed_in
    assert 1 == _counts(sandbox)[0]


def test_interrupt_ends_the_waiting_only(
    sign_in: SignIn, clock: Clock, sandbox: SandboxProcess
) -> None:
    """The exchange goes on, and its token is there for the next request."""
    myid = sign_in()
    clock.ahead, before = OVER, myid.bearer.token
    sandbox.faults(**RENEWALS, token_delay=1)
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        myid.get("roles")
    assert before is myid.bearer.token
    wait_until(lambda: myid.bearer.token is not before)
    assert myid.get("roles").ok
    assert (1, 0) == _counts(sandbox)


@pytest.mark.parametrize("revocation", [True, False])
def test_sign_out_meanwhile(
    sign_in: SignIn, clock: Clock, sandbox: SandboxProcess, *, revocation: bool
) -> None:
    """The token that comes after a sign-out is used by nobody."""
    myid = sign_in()
    clock.ahead = OVER
    sandbox.faults(**RENEWALS, token_delay=1, token_used_up=True, revocation=revocation)
    errors: list[BaseException] = []
    asking = threading.Thread(
        target=lambda: errors.extend(run_concurrently(1, lambda _: myid.get("x")))
    )
    asking.start()
    wait_until(lambda: sandbox.status()["token_requests"] == 2)

    left = myid.end_sign_in()
    asking.join()

    assert (not revocation) == ("MyID may keep the refresh token" in left)
    assert [NotSignedIn] == [type(each) for each in errors]
    assert myid.bearer.token is None
    assert myid.bearer.renewal is None


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_process_never_renews(
    sign_in: SignIn, clock: Clock, sandbox: SandboxProcess
) -> None:
    """Parent and child would present the same refresh token."""
    myid = sign_in()
    clock.ahead = HALF
    child = os.fork()
    if child == 0:
        is_ok = myid.get("roles").ok and not myid.bearer.renews
        os._exit(0 if is_ok else 1)

    assert 0 == os.waitpid(child, 0)[1]
    assert (0, 0) == _counts(sandbox)
    assert myid.get("roles").ok
    assert (1, 0) == _counts(sandbox)


def test_client_credentials(clock: Clock, sandbox: SandboxProcess) -> None:
    """The client asks for a new token when one is due, whatever happened before."""
    grant = {
        "AllowedGrantTypes": ["client_credentials"],
        "Properties": {"MyIDLogonName": "jane.doe"},
    }
    sandbox.register(client_entry(SCHEDULED, REDIRECT_URI, SECRET, **grant))
    settings = _settings(sandbox, client_id=SCHEDULED)
    token = request_client_token(settings, 20)
    with MyIDSession(settings.api_url) as myid:
        myid.bearer._clock = clock  # noqa: SLF001 - a session has no clock of its own
        myid.sign_in(token, Renewal(settings, OwnGrant(None), token.subject))
        clock.ahead = OVER
        sandbox.faults(token_status=503)
        with pytest.raises(RenewalDelayed, match="HTTP 503"):
            myid.get("roles")
        sandbox.faults(token_status=None)
        _end_pause(myid)

        assert myid.get("roles").ok
    assert 2 == sandbox.status()["tokens_by_grant"]["client_credentials"]


def test_fetch_over_many_lives(
    sign_in: SignIn, clock: Clock, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of hours needs nobody, and waits where MyID gives no token for a while."""
    monkeypatch.setattr(renewal, "PAUSE", 0.2)
    myid = sign_in()
    paths = [row["href"] for row in myid.search("people", {"name.last": "Sm*"}, limit=40)]
    calls = 0

    def pass_time(_response: object, **_: object) -> None:
        nonlocal calls
        calls += 1
        clock.ahead += LIFETIME / 5
        if calls == 20:
            clock.ahead += OVER
            sandbox.faults(**RENEWALS, token_status=429)
            threading.Timer(0.5, lambda: sandbox.faults(token_status=None)).start()

    myid.hooks["response"].append(pass_time)
    rows = myid.fetch(paths, workers=4)

    assert rows.complete
    assert len(paths) == len(rows) == 40
    renewals, reused = _counts(sandbox)
    assert renewals >= 5
    assert 0 == reused


def _renewal(myid: MyIDSession) -> Renewal:
    assert myid.bearer.renewal is not None
    return myid.bearer.renewal


def _end_pause(myid: MyIDSession) -> None:
    _renewal(myid)._not_before = 0.0  # noqa: SLF001 - else the test would wait for 15 seconds
