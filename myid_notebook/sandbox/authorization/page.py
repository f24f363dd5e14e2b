"""The frame that every sign-in page shares: plain HTML, no script, nothing from elsewhere."""

import base64
import hashlib
from html import escape

from fastapi.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light; --ink: #14283d; --line: #b9c5d1; --deep: #0b4f7d; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: linear-gradient(160deg, #0b2f4d, #2a6f97); color: var(--ink);
  font: 16px/1.5 "Segoe UI", system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 2rem; background: #fff; border-radius: 6px;
  box-shadow: 0 12px 40px rgb(0 0 0 / 35%); overflow-wrap: anywhere; }
.brand { margin: 0; font-size: .85rem; font-weight: 600; letter-spacing: .06em;
  text-transform: uppercase; color: var(--deep); }
h1 { margin: .25rem 0 1rem; font-size: 1.5rem; font-weight: 600; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { width: 100%; padding: .6rem .7rem; font: inherit; border: 1px solid var(--line);
  border-radius: 4px; }
button { width: 100%; margin-top: .75rem; padding: .65rem; font: inherit; font-weight: 600;
  border: 1px solid var(--deep); border-radius: 4px; background: #fff; color: var(--deep);
  cursor: pointer; }
button.first { background: var(--deep); color: #fff; }
button.quiet { border-color: transparent; font-weight: 400; }
button:hover { filter: brightness(1.12); }
button:focus-visible, input:focus-visible { outline: 3px solid #f2a900; outline-offset: 1px; }
[role=alert] { margin: 0 0 1rem; padding: .6rem .8rem; border-left: 4px solid #b3261e;
  background: #fdecea; color: #7a1610; }
footer { margin-top: 1.5rem; font-size: .8rem; color: #4a5b6c; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# No form-action: Chromium applies it to the redirect after a post too, which goes to the client.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every page of the sign-in is sent with."""


def page(heading: str, body: str, *, alert: str = "", status: int = 200) -> HTMLResponse:
    """Return a whole page.

    Args:
        heading: the heading, as text.
        body: what follows it, as HTML that is already escaped.
        alert: a warning to show first, as text; empty for none.
        status: the HTTP status.
    """
    warning = f'<p role="alert">{escape(alert)}</p>' if alert else ""
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(heading)} - MyID Authentication</title><style>{_STYLE}</style></head>"
        f'<body><main><p class="brand">MyID Authentication</p><h1>{escape(heading)}</h1>'
        f"{warning}{body}"
        "<footer>MyID sandbox: a stand-in with invented people. Do not type real credentials "
        "here.</footer></main></body></html>"
    )
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def error_page(code: str, status: int = 400) -> HTMLResponse:
    """Return MyID's error page, which never sends the browser back to the client (OC 17.4.2).

    Args:
        code: the error code to show.
        status: the HTTP status.
    """
    return page("Error", "", alert=f"Sorry, there was an error : {code}", status=status)
