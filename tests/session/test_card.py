"""What a notebook shows of a session: a card without its token."""

from html import escape
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from support.values.oauth import TOKEN, token_response

from myid_notebook.explore.session import MyIDSession
from myid_notebook.session.state import Operator

URL = "https://myid.example.com/rest.core/api/"


class _Cells(HTMLParser):
    """Collects labels and contents of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        """Begin a cell."""
        assert tag in {"div", "table", "tbody", "tr", "th", "td", "code"}
        if tag in {"th", "td"}:
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        """Take text."""
        self.cells[-1] += data


def card(session: MyIDSession) -> dict[str, str]:
    """Return label to content."""
    parser = _Cells()
    parser.feed(session._repr_html_())
    return dict(zip(parser.cells[::2], parser.cells[1::2], strict=True))


@pytest.fixture
def session() -> MyIDSession:
    """Jane's, for an hour."""
    session = MyIDSession(URL, command="%myid_login audit")
    session.sign_in(token_response())
    session.operator = Operator(id="8F1D", name="Jane Doe")
    return session


def test_signed_in(session: MyIDSession) -> None:
    """Who, where, how long, how to renew and how to sign out; nothing of the token."""
    shown = card(session)

    assert ["Signed in as", "Server", "Time left", "To renew", "To sign out"] == [*shown]
    assert ("Jane Doe", URL) == (shown["Signed in as"], shown["Server"])
    assert shown["Time left"].startswith("60 minutes (until ")
    assert shown["To renew"] == (
        "%myid_login audit when it has expired; now: %myid_login audit --force"
    )
    assert "%myid_logout audit" == shown["To sign out"]
    assert TOKEN not in session._repr_html_()


def test_unknown_expiry(session: MyIDSession) -> None:
    """It says so."""
    session.sign_in(token_response(None))

    assert "unknown" == card(session)["Time left"]


def test_no_name(session: MyIDSession) -> None:
    """With show_rows = 0 it names nobody."""
    session.show_rows = 0

    assert "signed in" == card(session)["MyID session"]
    assert "Jane" not in session._repr_html_()
    assert "Jane" not in repr(session)


def test_expired_and_signed_out(session: MyIDSession) -> None:
    """What to do."""
    session.sign_in(token_response(-1))
    expired = card(session)
    session.sign_out()
    out = card(session)

    assert ("expired", "not signed in") == (expired["MyID session"], out["MyID session"])
    for shown in (expired, out):
        assert "%myid_login audit; this session will then work as before" == shown["To sign in"]


def test_pending() -> None:
    """How the sign-in stands, escaped; of a session that still works, in a row of its own."""
    session = MyIDSession(URL)
    session.host = SimpleNamespace(pending_line=lambda _: "Waiting <b>")

    assert {"MyID session": "Waiting <b>", "Server": URL} == card(session)

    session.sign_in(token_response())
    assert "Waiting <b>" == card(session)["Sign-in"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "</td></table>", "a & b", "$x$"])
def test_hostile_name(session: MyIDSession, name: str) -> None:
    """A name is text: neither markup nor a formula."""
    session.operator = Operator(id="8F1D", name=name)
    session.bearer.command = f"%myid_login {name}"

    assert name == card(session)["Signed in as"]
    assert escape(name) in session._repr_html_()
    assert 'class="tex2jax_ignore mathjax_ignore"' in session._repr_html_()
