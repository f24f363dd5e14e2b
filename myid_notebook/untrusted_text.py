"""Make text from a server safe to show: one line, cut, secrets masked in any encoding."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from itertools import chain, product
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MAX_LENGTH = 200
"""Characters of a line."""


def one_line(text: str) -> str:
    """Return a text on one line, whitespace joined and unprintable characters dropped."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def cut(line: str, length: int = MAX_LENGTH) -> str:
    """Cut a line to so many characters, with an ellipsis at the end."""
    return line if len(line) <= length else line[: length - 1] + "…"


MASK = "…"

_DEPTH = 3
"""How many encodings may be nested (a URL in JSON in HTML)."""

_ENCODED = re.compile(r"[%+\\&]")
"""What a text has in it if there is something to decode."""

_NUMBER = re.compile(r"(&#)0*([0-9]{1,8})[0-9]*")


def masked(line: str, hidden: Iterable[str]) -> str:
    """Replace each hidden value in a line with an ellipsis, whatever its encoding.

    A value that is written as it is, is masked alone. If it is percent-encoded, form-encoded,
    escaped as in JSON or HTML, or written in Base64 or hexadecimal digits, its whole word is
    masked. If a blank divides it, as in a text that was broken into lines, the whole line is.

    Args:
        line: words with one blank between them.
        hidden: values that must not be shown.
    """
    plain = {*hidden} - {""}
    values = sorted({one_line(value) for value in plain} - {""}, key=len, reverse=True)
    for value in values:
        line = line.replace(value, MASK)
    rewritten = {form for value in plain for form in _rewritten(value)}
    # Of a value that is hardly printable, an escaped form may be.
    values = [*plain, *(value.replace(" ", "") for value in values)]
    if not _reveals(line, values, rewritten):
        return line
    words = (MASK if _reveals(word, values, rewritten) else word for word in line.split(" "))
    line = " ".join(words)
    return MASK if _reveals(line, values, rewritten) else line


def reveals(text: str, hidden: Iterable[str]) -> bool:
    """Return whether a text has a hidden value in it, whatever its encoding."""
    line = one_line(text)
    return masked(line, hidden) != line


def _reveals(text: str, values: list[str], rewritten: set[str]) -> bool:
    views = {_without_blanks(text), *_decoded(text)}
    return any(form in view for view in views for form in chain(values, rewritten))


def _without_blanks(text: str) -> str:
    return one_line(text).replace(" ", "")


def _decoded(text: str) -> set[str]:
    seen: set[str] = set()
    fresh = {text}
    for _ in range(_DEPTH):
        readable = [view for view in fresh if _ENCODED.search(view)]
        fresh = {decode(view) for decode, view in product(_DECODERS, readable)}
        fresh |= {_without_blanks(view) for view in fresh}
        fresh -= seen
        seen |= fresh
    return seen


def _unescape_json(text: str) -> str:
    escapes = r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))"  # \x41 is JavaScript's and Python's
    return _join_surrogates(re.sub(escapes, _unescaped, text))


def _unescape_unicode(text: str) -> str:
    # Without regard to a backslash before the escape: that may belong to what stands before it.
    escapes = r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))"
    return _join_surrogates(re.sub(escapes, _unescaped, text))


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    if digits:
        return chr(int(digits, 16))
    return " " if found[3] in "bfnrt" else found[3]


def _join_surrogates(halves: str) -> str:
    # JSON writes characters beyond the first 65,536 as two escapes.
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _quoted(value: str, quoting: Callable[..., str]) -> str:
    return quoting(value, safe="", errors="replace")


def unescape_html(text: str) -> str:
    """Return a text with the characters that HTML writes as ``&amp;`` or ``&#38;``."""
    # Python reads no number of thousands of digits, and no character has one.
    return unescape(_NUMBER.sub(r"\1\2", text))


def html_title(page: str) -> str | None:
    """Return the title of a page of HTML; None if it has none that ends."""
    # Not one pattern for all of it, which would look for the end anew from each of a million tags.
    opening = re.split(r"<title\b", page, maxsplit=1, flags=re.IGNORECASE)
    closing = re.split("</title", opening[-1], maxsplit=1, flags=re.IGNORECASE)
    if len(opening) == 1 or len(closing) == 1:
        return None
    return unescape_html(closing[0].partition(">")[2])


_DECODERS: tuple[Callable[[str], str], ...] = (
    *(unquote, unquote_plus),
    *(unescape_html, _unescape_json, _unescape_unicode),
)


def _rewritten(value: str) -> Iterator[str]:
    """Yield a value in encodings that cannot be decoded from an arbitrary position."""
    for text in {value, _quoted(value, quote), _quoted(value, quote_plus)}:
        data = text.encode(errors="replace")
        forms = [data.hex(), data.hex().upper()]
        for before, encode in product(range(3), (b64encode, urlsafe_b64encode)):
            # Three bytes are four characters: the same text looks different at each place, and the
            # characters at its ends depend on what stands beside it.
            bits, written = 8 * before, encode(b" " * before + data).decode("ascii")
            forms.append(written[-(-bits // 6) : (bits + 8 * len(data)) // 6])
        yield from filter(None, forms)


_OPAQUE = re.compile(r"[A-Za-z0-9+/=_.~%-]{40,}")
_MAX_SEARCHED = 10_000
"""Characters of a text that are searched."""

_GROWTH = 12
"""Characters that one may become in an encoding, such as an escape that is escaped."""


def outside_text(
    text: str,
    hidden: Iterable[str] = (),
    *,
    mask_opaque: bool = True,
    length: int = MAX_LENGTH,
) -> str:
    """Make untrusted text safe to show: one line, cut, opaque values masked.

    A server may echo what it was sent; anything that could be a code, secret or token is masked.

    Args:
        hidden: values that must not be shown, however short and plain they look, nor in another
            encoding.
        mask_opaque: False for a URL, which may be long.
        length: characters at which it is cut.
    """
    hidden, line = [*hidden], one_line(text)
    # On the line as it is shown, and before it is cut: half a secret cannot be found.
    shown = masked(line[:_MAX_SEARCHED], hidden)
    if mask_opaque:
        shown = _OPAQUE.sub(MASK, shown)
    longest = _GROWTH * max(map(len, hidden), default=0)
    if len(line) > _MAX_SEARCHED and len(shown) < length + longest:
        return MASK  # half a secret may stand at its end
    return cut(shown, length)
