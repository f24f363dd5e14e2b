"""The page after sign-in: words, content security policy, escaping."""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape

import pytest

from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.pages import HEADERS, MAX_DETAIL, render_verdict

COPYABLE = {
    Outcome.UNKNOWN,
    Outcome.OTHER_MACHINE,
    Outcome.NO_JUPYTER_LOGIN,
    Outcome.OTHER_OS_USER,
}


def page_of(outcome: Outcome, detail: str = "") -> str:
    """Return the page for an outcome."""
    return render_verdict(Verdict(outcome=outcome, detail=detail)).decode()


def test_every_outcome_has_its_words() -> None:
    """No outcome without words, no two pages alike."""
    assert all(each.title and each.advice and each.mark for each in Outcome)
    assert len(Outcome) == len({each.title for each in Outcome})
    assert len(Outcome) == len({each.advice for each in Outcome})


def test_only_one_outcome_says_signed_in() -> None:
    """Every other page keeps from claiming it."""
    claims = [o for o in Outcome if re.search("<h1>Signed in to MyID", page_of(o))]

    assert [Outcome.SIGNED_IN] == claims
    assert 200 == Outcome.SIGNED_IN.status


@pytest.mark.parametrize("outcome", Outcome)
def test_page_of_each_outcome(outcome: Outcome) -> None:
    """Title and advice of its own; the copy button where pasting helps."""
    html = page_of(outcome)

    assert f"<h1>{outcome.title}</h1>" in html
    assert escape(outcome.advice) in html
    assert outcome.mark in html
    assert f'<body class="{outcome.value}">' in html
    assert not re.search("None|X{4}", html)
    assert (outcome in COPYABLE) == ("<button" in html)
    assert 'class="detail"' not in html  # there is none
    assert "$" not in re.sub(r"<style>.*?</style>", "", html)


def _hashes(html: str, tag: str) -> set[str]:
    found = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    return {f"'sha256-{b64encode(sha256(f.encode()).digest()).decode()}'" for f in found}


@pytest.mark.parametrize("outcome", Outcome)
def test_policy_allows_exactly_what_stands_in_the_page(outcome: Outcome) -> None:
    """The one style and the one script are allowed by their hashes, everything else is not."""
    policy = dict(
        part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";")
    )
    html = page_of(outcome, "<script>alert(1)</script><style>p{}</style>")

    assert {policy["style-src"]} == _hashes(html, "style")
    scripts = [_hashes(page_of(each), "script") for each in Outcome]
    assert set().union(*scripts) == set(policy["script-src"].split())
    assert _hashes(html, "script") <= set(policy["script-src"].split())
    named = {"default-src", "style-src", "script-src", "base-uri", "form-action", "frame-ancestors"}
    assert named == set(policy)
    assert "'none'" == policy["default-src"]
    assert ["'none'"] * 3 == [
        policy[name] for name in ("base-uri", "form-action", "frame-ancestors")
    ]
    # A link to the page's own address, which is not written into the page.
    own_link = 'href=""' if outcome is Outcome.NO_JUPYTER_LOGIN else None
    assert ([own_link] if own_link else []) == re.findall(r"href=[^>]*", html)
    assert not re.search(r"\s(on\w+|style|src|href)=", html.replace(' href=""', ""))


def test_headers_keep_the_address_to_themselves() -> None:
    """The address holds code and state: not stored, not sent on, not guessed at."""
    assert "no-referrer" == HEADERS["Referrer-Policy"]
    assert "no-store" == HEADERS["Cache-Control"]
    assert "nosniff" == HEADERS["X-Content-Type-Options"]
    assert "text/html; charset=utf-8" == HEADERS["Content-Type"]


@pytest.mark.parametrize("outcome", Outcome)
def test_address_is_kept_only_where_it_is_needed(outcome: Outcome) -> None:
    """Copying and reloading need it; everywhere else code and state leave the address bar."""
    needed = COPYABLE | {Outcome.NO_STATE, Outcome.NOT_FOUND, Outcome.NOTHING_TO_DO}

    assert (outcome not in needed) == ("history.replaceState" in page_of(outcome))


def test_detail_of_any_length_is_cut() -> None:
    """A long text does not push the advice out of sight."""
    assert MAX_DETAIL == page_of(Outcome.FAILED, "ß" * 9999).count("ß")
