"""Text from outside is text in a page, and never anything else."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.browser.callback_page import detail, elements

from myid_notebook.callback import pages
from myid_notebook.callback.outcome import Outcome, Verdict

markup = st.lists(
    st.sampled_from(
        [
            *("<", ">", '"', "'", "&", "/", "=", "`", ";", "-->", "<!--", "]]>", "<![CDATA["),
            *("<script>", "</script>", "</p>", "</main>", "</style>", "<img src=x onerror=a>"),
            *("&lt;", "&#60;", "&#x3c", "&quot", "&amp;lt;script&amp;gt;", "<?", "<svg/onload=a>"),
            *("javascript:", "\x00", "\r\n", "\u2028", "\u202e", "\ufeff", "\ud800", "\uff1c"),
            *("$title", "${script}", "$$", "%s", "{0}", "a", " "),
        ]
    ),
    max_size=12,
).map("".join)
texts = st.text() | markup


@given(st.sampled_from(Outcome), texts)
@example(Outcome.FAILED, "</p><script>alert(1)</script>")
@settings(max_examples=400)
def test_callback_page(outcome: Outcome, text: str) -> None:
    """The page has the same elements, whatever text it shows, and shows it as it is."""
    html = pages.render_verdict(Verdict(outcome=outcome, detail=text)).decode()
    plain = pages.render_verdict(Verdict(outcome=outcome, detail=text and "plain")).decode()

    assert elements(plain) == elements(html)
    assert text[: pages.MAX_DETAIL].replace("\ud800", "?") == detail(html)


def test_paste_page_without_a_fault() -> None:
    """The form with the server's proof, in our style, and no word of a fault."""
    html = pages.render_paste_form("<input name=_xsrf>").decode()

    assert "<input name=_xsrf>" in html
    assert f"<style>{pages.STYLE}</style>" in html
    assert not re.search("None|X{4}|alert", html)


@given(texts)
@settings(max_examples=200)
def test_paste_page(text: str) -> None:
    """The same for the reason why a pasted address was refused."""
    html = pages.render_paste_form("<input name=_xsrf>", text).decode()
    plain = pages.render_paste_form("<input name=_xsrf>", text and "plain").decode()

    assert elements(plain) == elements(html)
    assert text.replace("\ud800", "?") == detail(html)
