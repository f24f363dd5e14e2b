"""A hidden value is not shown, in whatever encoding a server says it again."""

import json
import time
from base64 import b64encode, urlsafe_b64encode
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.values.secrets import found

from myid_notebook.untrusted_text import outside_text

secrets = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=8).filter(
    lambda text: text == " ".join(text.split()) and len(text) >= 8
)
around = st.text(max_size=30)


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _escaped_in_capitals(text: str) -> str:
    halves = text.encode("utf-16-be")
    return "".join(f"\\u{halves[i : i + 2].hex().upper()}" for i in range(0, len(halves), 2))


ENCODINGS = {
    "plain": str,
    "percent": quote,
    "percent, all of it": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "form": quote_plus,
    "twice": lambda text: quote(quote_plus(text)),
    "JSON": _json,
    "JSON with letters": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in capitals": _escaped_in_capitals,
    "JavaScript": lambda text: "".join(
        f"\\x{ord(c):02x}" if c.isascii() else _json(c) for c in text
    ),
    "HTML": lambda text: escape(_json(text)),
    "hex": lambda text: text.encode().hex(),
    "hex in capitals": lambda text: text.encode().hex().upper(),
    "Base64": lambda text: b64encode(text.encode()).decode(),
    "Base64 for addresses": lambda text: urlsafe_b64encode(text.encode()).decode(),
    "HTTP Basic": lambda text: b64encode(f"client:{text}".encode()).decode(),
    "HTTP Basic of OAuth": lambda text: b64encode(f"c:{quote_plus(text)}".encode()).decode(),
}


@pytest.mark.parametrize("before", ["\\", "\\\\", "a\\", "%5C"])
@pytest.mark.parametrize("secret", [":00000\\0", "pass\\word", 'a"quoted"one', "\U0001f600 smile"])
@pytest.mark.parametrize("encoding", ["JSON", "JSON in capitals", "JSON with letters"])
def test_backslash_before_it(encoding: str, secret: str, before: str) -> None:
    """A backslash before an escape belongs to it, or to what stands before: both are read."""
    shown = outside_text(f"{before}{ENCODINGS[encoding](secret)} refused", [secret])

    assert secret not in shown
    assert "\\u" not in shown
    assert secret[2:6] not in shown


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(secrets, around, around)
@example("000\xad\ud7a4\ud7fc\ud7fc\ud7fc", "", "")  # of which three characters can be printed
def test_no_encoding_comes_through(encoding: str, secret: str, before: str, after: str) -> None:
    """Wherever it stands in the text, glued to other words or apart."""
    written = ENCODINGS[encoding](secret)
    for text in (f"{before}{written}{after}", f"{before} {written} {after}"):
        for mask_opaque in (True, False):
            shown = outside_text(text, [secret], mask_opaque=mask_opaque)
            assert written not in shown
            if shown:
                assert [] == found({"secret": secret}, shown.replace("…", " … "))


@pytest.mark.parametrize("blank", ["\n", "\r\n ", "\u00ad", "\u200b", "\u202e"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_that_is_broken_into_lines(encoding: str, blank: str) -> None:
    """No part of a value is shown, however long the lines are."""
    written = ENCODINGS[encoding]("0123456789-secret")
    for width in (1, 9, len(written) - 1):
        lines = [written[start : start + width] for start in range(0, len(written), width)]

        shown = outside_text(f"sent {blank.join(lines)}", ["0123456789-secret"])
        assert shown in {"…", "sent …", "sent … ="}


@pytest.mark.parametrize(
    "blank", ["%0d%0a", "\\n", "\\r\\n", "\\u200b", "\\x0a", "&#8203;", "&shy;"]
)
def test_break_that_is_encoded(blank: str) -> None:
    """It is read as one."""
    assert "sent …" == outside_text(f"sent 01234567{blank}89-secret", ["0123456789-secret"])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rest_of_the_message_stays(encoding: str) -> None:
    """Only the word is masked that holds it."""
    written = ENCODINGS[encoding]("0123456789-secret/+ä")

    shown = outside_text(f"cannot read client_secret={written} here", ["0123456789-secret/+ä"])

    assert shown in {"cannot read client_secret=… here", "cannot read … here"}


@pytest.mark.parametrize(
    "text",
    [
        "100%25 of %41 and %zz",
        "a &amp; b &#65; &x;",
        "&#" + "9" * 30,
        "one\\u0041 two\\ud800 three\\",
        "a+b+c",
        "6869",
    ],
)
def test_what_hides_nothing_stays(text: str) -> None:
    """Words that are encoded are words all the same, whether they can be decoded or not."""
    assert text == outside_text(text, ["0123456789-secret", "half a character \ud800"])


@pytest.mark.parametrize("text", ["&#" + "9" * 5000, "&#" + "0" * 5000 + "65;", "&#x" + "f" * 5000])
def test_number_that_nobody_can_read(text: str) -> None:
    """What HTML calls a character may have more digits than Python reads."""
    hidden = ["AA-0123456789"]

    assert outside_text(f"said {text}", hidden)
    assert "0123456789" not in outside_text(f"said &#{'0' * 9}65;A-0123456789", hidden)


@pytest.mark.parametrize("blanks", [9_900, 9_990, 9_999, 10_000, 50_000])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_half_of_it_is_not_shown_either(encoding: str, blanks: int) -> None:
    """Of a text that is too long to be searched, the end of what is searched is not shown."""
    written = ENCODINGS[encoding]("0123456789-secret/+ä" * 2)
    text = f"{'x' * (blanks // 2)} {'y' * (blanks // 2)} {written}"

    assert "…" == outside_text(text, ["0123456789-secret/+ä" * 2]).replace("… ", "")


@pytest.mark.alone
@pytest.mark.parametrize("piece", ["%41 ", "&amp; ", "\\u0041 ", "a", "%2525", "%", "a ", "+ä"])
def test_text_of_any_length_is_searched_in_no_time(piece: str) -> None:
    """A server that answers with a megabyte of escapes keeps nobody busy."""
    started = time.monotonic()

    outside_text(piece * (1_000_000 // len(piece)), ["0123456789-secret", "another-one"])

    assert time.monotonic() - started < 5
