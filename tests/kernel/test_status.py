"""What %myid_status says."""

from types import SimpleNamespace
from typing import Any

from support.values.oauth import TOKEN, token_response
from support.values.settings import settings_of

from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel.registry import Held, Pending, Record, SessionKind
from myid_notebook.kernel.status import as_html, as_text, lines_of
from myid_notebook.session.state import Operator
from myid_notebook.sign_in.messages import Stage

URL = "https://myid.example.com/rest.core/api/"


def session(
    lifetime: float | None = 3600, *, url: str = URL, name: str = "Jane Doe"
) -> MyIDSession:
    """Return a session that is signed in."""
    made = MyIDSession(url)
    made.sign_in(token_response(lifetime))
    made.operator = Operator(id="8F1D", name=name)
    return made


WAITING = SimpleNamespace(
    pending=True,
    stage=Stage.WAITING,
    problem="",
    deadline=SimpleNamespace(seconds_left=272.0, seconds_gone=1.0),
    route=SimpleNamespace(reason="MyID will send you back to this kernel."),
)
"""A sign-in that waits for a person for five minutes."""


def record(held: MyIDSession | None, *, pending: MyIDSession | None = None) -> Record:
    """Return the record of a session, and of the one that is being signed in."""
    settings = settings_of()
    sign_in: Any = WAITING
    return Record(
        held=None if held is None else Held(held, SessionKind.PERSON, settings),
        pending=None if pending is None else Pending(sign_in, pending, settings),
    )


def test_one_session() -> None:
    """One line below the labels."""
    head, line = as_text(lines_of({"myid": record(session(None))})).splitlines()

    assert ["variable", "signed in as", "server", "time left", "state"] == _cells(head)
    assert ["myid", "Jane Doe", URL, "unknown", "signed in"] == _cells(line)


def test_every_state() -> None:
    """Signed in, expired, signed out, pending; one that is renewed has two lines."""
    out = session()
    out.sign_out()
    waiting = MyIDSession(URL)
    renewed = session(None)
    records = {
        "pending": record(waiting, pending=waiting),
        "first": record(None, pending=waiting),
        "expired": record(session(-1)),
        "out": record(out),
        "renewed": record(renewed, pending=renewed),
        "never": Record(),
    }

    states = [(line.variable, line.who, line.state) for line in lines_of(records)]

    pending = "Waiting for you to sign in: 4:32 left. MyID will send you back to this kernel."
    assert [
        ("expired", "Jane Doe", "expired; run %myid_login"),
        ("first", "", pending),
        ("out", "", "not signed in; run %myid_login"),
        ("pending", "", pending),
        ("renewed", "Jane Doe", "signed in"),
        ("renewed", "", pending),
    ] == states


def test_table_in_html() -> None:
    """Labelled, escaped, and without a token."""
    html = as_html(lines_of({"myid": record(session(name="<b>&"))}))

    assert 5 == html.count('<th scope="col"')
    assert 1 == html.count('<th scope="row"')
    assert "&lt;b&gt;&amp;" in html
    assert "<b>" not in html
    assert TOKEN not in html


def test_table_without_names() -> None:
    """With show_rows = 0 there is no column for names."""
    signed = session()
    signed.show_rows = 0
    lines = lines_of({"myid": record(signed)})

    for shown in (as_text(lines), as_html(lines)):
        assert "Jane" not in shown
        assert "signed in as" not in shown


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]
