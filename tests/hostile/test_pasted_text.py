"""Whatever is pasted where the redirect's address should be."""

import asyncio
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.values.oauth import STATE, authorization_request

from myid_notebook.callback.outcome import Outcome
from myid_notebook.errors import IssuerMismatch, RedirectRefused, SignInDenied
from myid_notebook.oauth.query import query_from_pasted_url
from myid_notebook.server.relay import relay

pieces = st.lists(
    st.sampled_from(
        [
            *("http://localhost:8888/myid/callback", "https://", "//[", "//\u2100", "?", "#", "&"),
            *("state=", f"state={STATE}", "code=c", "code=", "%", "%FF", "=", "\x00", "\ud800"),
            *("\r\n", "\t", " ", "\u2028", "\u200b", '"', "'", "<", ">", "javascript:", "data:,"),
        ]
    ),
    max_size=9,
).map("".join)
REFUSALS = (RedirectRefused, SignInDenied, IssuerMismatch)


@given(st.text() | pieces)
@example("//[?state=")
@settings(max_examples=500)
def test_any_text(text: str) -> None:
    """It is refused, belongs to nobody, or holds a state: no other error, and nobody signed in."""
    try:
        query = query_from_pasted_url(text)
    except RedirectRefused:
        return
    assert "state=" in query
    assert not set(query) & set(" \t\r\n#")
    assert asyncio.run(relay(query)).outcome in {Outcome.NO_STATE, Outcome.UNKNOWN}
    if f"state={STATE}" not in query:
        with pytest.raises(REFUSALS):
            authorization_request().parse_redirect(query)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("state=s&code=c", "state=s&code=c"),
        ("?state=s&code=c", "state=s&code=c"),
        ("http://localhost/cb?code=a?b&state=s", "code=a?b&state=s"),
        ("state=s&code=c#?x=y", "state=s&code=c"),
        ("<http://localhost/cb?state=s&code=c>", "state=s&code=c"),
        ("'?state=s&code=cX'", "state=s&code=cX"),
    ],
)
def test_part_of_an_address(text: str, query: str) -> None:
    """What stands behind the first question mark, or all of it; quotes and brackets go."""
    assert query == query_from_pasted_url(text)


blanks = st.text(" \t\r\n", max_size=3)
values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)


@given(values, blanks, st.data())
def test_address_with_blanks(code: str, blank: str, data: st.DataObject) -> None:
    """Terminals wrap lines and people copy blanks, quotes and a fragment along: nothing is lost."""
    query = urlencode({"code": code, "state": STATE})
    address = f"http://localhost:8888/myid/callback?{query}"
    cut = data.draw(st.integers(0, len(address)))
    quote = data.draw(st.sampled_from(["", '"', "'"]))
    around = f"{blank}{quote}{address[:cut]}{blank}{address[cut:]}#_=_{quote}{blank}"

    assert query == query_from_pasted_url(around)
    assert code == authorization_request().parse_redirect(query_from_pasted_url(around))
