"""The page that takes a pasted address, for kernels that the redirect itself cannot reach."""

from __future__ import annotations

from html import escape
from string import Template

from myid_notebook.redirects import page

_PAGE = Template(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Paste the address</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>$style</style></head>
<body><main>
<h1>Paste the address</h1>
<p>Did MyID send the browser to a page that does not open, or that cannot find your notebook? Copy
the whole address of that page from the address bar, paste it here, and your notebook goes on.</p>
$fault<form method="post">$xsrf
<p><label for="address">Address of that page</label></p>
<input id="address" name="address" type="password" autocomplete="off" autofocus required>
<button type="submit">Go on</button>
</form></main></body></html>
"""
)

HEADERS = {
    **page.HEADERS,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {page.STYLE_HASH}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # Its address holds no secret, and Jupyter refuses forms that do not say where they come from.
    "Referrer-Policy": "same-origin",
}
"""The headers of the page: nothing loads, and its form goes to its own server only."""


def render(xsrf_field: str, fault: str = "") -> bytes:
    """Return the page, as UTF-8 HTML.

    Args:
        xsrf_field: the server's own proof that the form is its own, as HTML.
        fault: why the last address was refused; empty at first.
    """
    return _PAGE.substitute(
        style=page.STYLE,
        xsrf=xsrf_field,
        fault=f'<p class="detail" role="alert">{escape(fault)}</p>\n' if fault else "",
    ).encode(errors="replace")
