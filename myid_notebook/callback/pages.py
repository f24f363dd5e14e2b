"""The pages of the callback: the page after sign-in, and the form for a pasted address."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from http import HTTPStatus
from string import Template

from myid_notebook.callback.outcome import TEXTS, Outcome, Verdict

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;
background:light-dark(#f3f5f8,#16191d);color:light-dark(#1c2430,#e7eaee)}
main{max-width:34rem;margin:1rem;padding:2rem 2.25rem;border-radius:12px;
background:light-dark(#fff,#22272e);box-shadow:0 1px 3px #0003}
.mark{font-size:2rem;line-height:1;width:3.25rem;height:3.25rem;display:grid;place-items:center;
border-radius:50%;color:#fff;background:#5b6675}
.signed_in .mark{background:#1a7f45}.failed .mark,.kernel_gone .mark{background:#b3261e}
h1{font-size:1.4rem;margin:1rem 0 .5rem}p{margin:.5rem 0}
.detail{padding-left:.75rem;border-left:3px solid #8896a8;overflow-wrap:anywhere}
input{font:inherit;box-sizing:border-box;width:100%;padding:.4rem .6rem;border-radius:6px;
border:1px solid #8896a8;background:transparent;color:inherit}
button{font:inherit;margin-top:.75rem;padding:.4rem .9rem;border-radius:6px;
border:1px solid #8896a8;background:transparent;color:inherit;cursor:pointer}
"""
"""The style of every page."""

_COPY_SCRIPT = """
const button=document.getElementById("copy");
button.addEventListener("click",async()=>{
  try{await navigator.clipboard.writeText(location.href);button.textContent="Copied"}
  catch{button.textContent="Copy it from the address bar (Ctrl+L, Ctrl+C)"}
});
"""

_COPY_BUTTON = (
    '<button id="copy" type="button">Copy this page\'s address</button>\n'
    f"<script>{_COPY_SCRIPT}</script>"
)

_STRIP_SCRIPT = 'history.replaceState(null,"",location.pathname)'
"""Code and state leave the address bar, and what a browser remembers of it."""

_PAGE = Template(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>$style</style></head>
<body class="$outcome"><main>
<div class="mark" aria-hidden="true">$mark</div>
<h1>$title</h1>
$detail<p>$advice</p>
$script</main></body></html>
"""
)

_COPYABLE = {
    Outcome.UNKNOWN,
    Outcome.OTHER_MACHINE,
    Outcome.NO_JUPYTER_LOGIN,
    Outcome.OTHER_OS_USER,
}
_RELOADABLE = {Outcome.NO_STATE, Outcome.NOT_FOUND}
"""Pages whose address is of use, or holds nothing: on all others the answer is taken out of it."""

MAX_DETAIL = 600


def status(verdict: Verdict) -> HTTPStatus:
    """Return the HTTP status that fits a verdict.

    Args:
        verdict: what became of the redirect.
    """
    return TEXTS[verdict.outcome].status


def render(verdict: Verdict) -> bytes:
    """Return the page for a verdict, as UTF-8 HTML; text from outside is escaped and cut.

    Args:
        verdict: what became of the redirect.
    """
    text = TEXTS[verdict.outcome]
    detail = escape(verdict.detail[:MAX_DETAIL])
    return _PAGE.substitute(
        outcome=verdict.outcome,
        mark=text.mark,
        title=text.title,
        advice=escape(text.advice),
        detail=f'<p class="detail">{detail}</p>\n' if detail else "",
        script=_script(verdict.outcome),
        style=STYLE,
    ).encode(errors="replace")


def _script(outcome: Outcome) -> str:
    if outcome in _COPYABLE:
        return f"{_COPY_BUTTON}\n"
    return "" if outcome in _RELOADABLE else f"<script>{_STRIP_SCRIPT}</script>\n"


def _csp_hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


STYLE_HASH = _csp_hash(STYLE)
"""The style's name in a Content-Security-Policy."""

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {STYLE_HASH}; "
        f"script-src {_csp_hash(_COPY_SCRIPT)} {_csp_hash(_STRIP_SCRIPT)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
"""The headers of every page: nothing loads, nothing is stored, the address goes nowhere."""


_PASTE_FORM = Template(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Paste the address</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>$style</style></head>
<body><main>
<h1>Paste the address</h1>
<p>Did the page after sign-in not load, or not find your notebook? Copy its whole address from the
address bar and paste it here. Your notebook then continues automatically.</p>
$fault<form method="post">$xsrf
<p><label for="address">Address of that page</label></p>
<input id="address" name="address" type="password" autocomplete="off" autofocus required>
<button type="submit">Continue</button>
</form></main></body></html>
"""
)

PASTE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {STYLE_HASH}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # Its address holds no secret, and Jupyter refuses forms that do not say where they come from.
    "Referrer-Policy": "same-origin",
}
"""The headers of the page: nothing loads, and its form goes to its own server only."""


def render_paste_form(xsrf_field: str, fault: str = "") -> bytes:
    """Return the page, as UTF-8 HTML.

    Args:
        xsrf_field: the server's own proof that the form is its own, as HTML.
        fault: why the last address was refused; empty at first.
    """
    return _PASTE_FORM.substitute(
        style=STYLE,
        xsrf=xsrf_field,
        fault=f'<p class="detail" role="alert">{escape(fault)}</p>\n' if fault else "",
    ).encode(errors="replace")
