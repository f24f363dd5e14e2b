"""What is said of a session, and how durations and moments are told."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest
from support.values.oauth import token_response

from myid_notebook.explore.session import MyIDSession
from myid_notebook.session.state import Operator, clock_time, local_time
from myid_notebook.session.words import in_minutes, signed_in_line, with_force


@pytest.mark.parametrize(
    ("seconds", "words", "more"),
    [
        (0, "less than a minute", "less than one more minute"),
        (60, "1 minute", "1 more minute"),
        (3599.4, "60 minutes", "60 more minutes"),
        (7200, "120 minutes", "120 more minutes"),
        (7260, "2 h 1 min", "2 h 1 min more"),
        (34200, "9 h 30 min", "9 h 30 min more"),
        (36000, "10 h", "10 h more"),
    ],
)
def test_duration(seconds: float, words: str, more: str) -> None:
    """In minutes, from two hours on in hours."""
    assert words == in_minutes(seconds)
    assert more == in_minutes(seconds, more=True)


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this process to another time zone."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC0", "UTC"),
        ("EST5", "EST"),
        ("<-03>3", "UTC-03:00"),
        ("<+0545>-5:45", "UTC+05:45"),
    ],
)
def test_zone(in_zone: Callable[[str], None], zone: str, shown: str) -> None:
    """Its abbreviation, or its offset if it has none."""
    in_zone(zone)
    now = local_time(time.time())

    assert now is not None
    assert f"{now:%H:%M} {shown}" == clock_time(now)


@pytest.mark.parametrize("name", ["Eastern Standard Time", "\x1b[31m"])
def test_long_zone(name: str) -> None:
    """Windows has names of several words; the offset is shorter."""
    zone = timezone(timedelta(hours=-5), name)

    assert clock_time(datetime.now(zone)).endswith(" UTC-05:00")


def test_another_day() -> None:
    """With its date."""
    tomorrow = local_time(time.time() + 86_400)

    assert tomorrow is not None
    assert clock_time(tomorrow).startswith(f"{tomorrow:%Y-%m-%d %H:%M} ")


URL = "https://myid.example.com/rest.core/api/"


def signed_in(lifetime: float | None = 3600, url: str = URL) -> MyIDSession:
    """Return a session that Jane signed in to."""
    session = MyIDSession(url)
    session.sign_in(token_response(lifetime))
    session.operator = Operator(id="8F1D", name="Jane Doe")
    return session


def test_representation() -> None:
    """Where, who and how long; expired, refused and signed out are told apart."""
    session, seen = MyIDSession(URL), []
    for lifetime in (3600, 9.5 * 3600, 30, None, -1):
        session.sign_in(token_response(lifetime))
        session.operator = Operator(id="8F1D", name="Jane Doe")
        seen.append(repr(session))
    session.sign_out()
    seen.append(repr(session))

    assert [
        "signed in as Jane Doe, 60 minutes left",
        "signed in as Jane Doe, 9 h 30 min left",
        "signed in as Jane Doe, less than a minute left",
        "signed in as Jane Doe",
        "expired",
        "not signed in",
    ] == [text.removeprefix(f"<MyIDSession {session.api_url}: ").removesuffix(">") for text in seen]


def test_line_after_a_sign_in() -> None:
    """Who, where, how long, and until when."""
    signed = signed_in()
    assert signed.expires_at is not None

    expected = f"for 60 minutes (until {clock_time(signed.expires_at)})"
    assert f"Signed in as Jane Doe at myid.example.com {expected}" == signed_in_line(signed)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://myid.example.com:443/api/", "myid.example.com"),
        ("https://myid.example.com:8443/api/", "myid.example.com:8443"),
        ("http://127.0.0.1:5000/api/", "127.0.0.1:5000"),
        ("http://[::1]:80/api/", "[::1]"),
    ],
)
def test_host(url: str, host: str) -> None:
    """The host of the API, with a port that is not the default one."""
    assert f"Signed in as Jane Doe at {host}" == signed_in_line(signed_in(None, url))


def test_line_of_a_session_from_elsewhere() -> None:
    """How much longer, and where it comes from."""
    line = signed_in_line(signed_in(2521), origin="from before the restart")
    unknown = signed_in_line(signed_in(None), origin="from before the restart")

    who = "Signed in as Jane Doe at myid.example.com"
    assert f"{who} for 42 more minutes (from before the restart)" == line
    assert f"{who} (from before the restart)" == unknown


def test_line_without_a_name() -> None:
    """With show_rows = 0 nobody is named."""
    signed = signed_in(None)
    signed.show_rows = 0

    assert "Signed in at myid.example.com" == signed_in_line(signed)


@pytest.mark.parametrize(
    ("command", "forced"),
    [
        ("%myid_login", "%myid_login --force"),
        ("%myid_login audit", "%myid_login audit --force"),
        ("login()", "login(force=True)"),
        ("await login_async('audit')", "await login_async('audit', force=True)"),
    ],
)
def test_command_with_force(command: str, forced: str) -> None:
    """A session names what signs in again, as it was first done."""
    assert forced == with_force(command)
