"""The pages in the browser: after sign-in, the form for a pasted address."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from string import Template

from myid_notebook.callback.outcome import Outcome, Verdict

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;
background:light-dark(#f3f5f8,#16191d);color:light-dark(#1c2430,#e7eaee)}
main{max-width:34rem;margin:1rem;padding:2rem 2.25rem;border-radius:12px;
background:light-dark(#fff,#22272e);box-shadow:0 1px 3px #0003;border:1px solid transparent}
.mark{font-size:2rem;line-height:1;width:3.25rem;height:3.25rem;display:grid;place-items:center;
border-radius:50%;color:#fff;background:#5b6675;border:1px solid transparent}
a{color:light-dark(#0b5cad,#8ec1f5)}
.signed_in .mark{background:#1a7f45}.failed .mark,.kernel_gone .mark{background:#b3261e}
h1{font-size:1.4rem;margin:1rem 0 .5rem}p{margin:.5rem 0}
.detail{padding-left:.75rem;border-left:3px solid #8896a8;overflow-wrap:anywhere}
#address{font:inherit;box-sizing:border-box;width:100%;padding:.4rem .6rem;border-radius:6px;
border:1px solid light-dark(#6b7888,#8896a8);background:transparent;color:inherit}
button{font:inherit;margin-top:.75rem;padding:.4rem .9rem;border-radius:6px;
border:1px solid light-dark(#6b7888,#8896a8);background:transparent;color:inherit;cursor:pointer}
"""

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

# A reload of a page that another site opened still counts as that site's request, so cookies with
# SameSite=Strict are never sent with it. Following a link of the page itself sends them. The empty
# address is the page's own, so that it need not be written into the page.
_SAME_ADDRESS_LINK = """<p>Already signed in to Jupyter at this address? Reloading may not help,
because browsers withhold some cookies from pages that another site opened.
<a href="">Continue to your notebook</a></p>
"""

# Removes code and state from the address bar and from the browser's history.
_STRIP_SCRIPT = 'history.replaceState(null,"",location.pathname)'

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

# The user may have to paste the address of these pages into the notebook.
_COPYABLE = {
    Outcome.UNKNOWN,
    Outcome.OTHER_MACHINE,
    Outcome.NO_JUPYTER_LOGIN,
    Outcome.OTHER_OS_USER,
}
# The address of these pages holds no code.
_WITHOUT_CODE = {Outcome.NO_STATE, Outcome.NOT_FOUND, Outcome.NOTHING_TO_DO}

MAX_DETAIL = 600
"""Characters of a verdict's detail that a page shows."""


def render_verdict(verdict: Verdict) -> bytes:
    """Return the page for a verdict, as UTF-8 HTML; the detail is escaped and cut."""
    outcome = verdict.outcome
    detail = escape(verdict.detail[:MAX_DETAIL])
    return _PAGE.substitute(
        outcome=outcome.value,
        mark=outcome.mark,
        title=outcome.title,
        advice=escape(outcome.advice),
        detail=f'<p class="detail">{detail}</p>\n' if detail else "",
        script=_script(outcome),
        style=STYLE,
    ).encode(errors="replace")


def _script(outcome: Outcome) -> str:
    if outcome in _COPYABLE:
        link = _SAME_ADDRESS_LINK if outcome is Outcome.NO_JUPYTER_LOGIN else ""
        return f"{link}{_COPY_BUTTON}\n"
    return "" if outcome in _WITHOUT_CODE else f"<script>{_STRIP_SCRIPT}</script>\n"


def _csp_hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


STYLE_HASH = _csp_hash(STYLE)

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
"""Headers of the page after sign-in: it loads nothing, is not cached, and sends no Referer."""


# The input is a password field because the address holds the code: browsers remember what is typed
# into other fields.
_PASTE_FORM = Template(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Paste the address</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>$style</style></head>
<body><main>
<h1>Paste the address</h1>
<p>Did the page after sign-in not load, or not find your notebook? Copy its whole address from the
address bar and paste it here. Your notebook then continues automatically.</p>
$error<form method="post">$xsrf
<p><label for="address">Address of that page</label></p>
<input id="address" name="address" type="password" autocomplete="off" autofocus required$invalid>
<p id="reveal" hidden><label><input id="show" type="checkbox"> Show the address</label></p>
<button type="submit">Continue</button>
</form>
<script>$script</script>
</main></body></html>
"""
)

_SHOW_SCRIPT = """
const field=document.getElementById("address"),show=document.getElementById("show");
document.getElementById("reveal").hidden=false;
show.addEventListener("change",()=>{field.type=show.checked?"text":"password"});
field.form.addEventListener("submit",()=>{field.type="password"});
"""

PASTE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {STYLE_HASH}; script-src {_csp_hash(_SHOW_SCRIPT)}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Jupyter refuses a form without Referer or Origin. This page's address holds no secret.
    "Referrer-Policy": "same-origin",
}
"""Headers of the form: it loads nothing and submits to its own server only."""


def render_paste_form(xsrf_field: str, error: str = "") -> bytes:
    """Return the form for a pasted address, as UTF-8 HTML.

    Args:
        xsrf_field: the server's hidden input against cross-site request forgery, as HTML.
        error: why the last address was refused; plain text, empty at first.
    """
    return _PASTE_FORM.substitute(
        style=STYLE,
        xsrf=xsrf_field,
        error=f'<p id="error" class="detail" role="alert">{escape(error)}</p>\n' if error else "",
        invalid=' aria-invalid="true" aria-describedby="error"' if error else "",
        script=_SHOW_SCRIPT,
    ).encode(errors="replace")
