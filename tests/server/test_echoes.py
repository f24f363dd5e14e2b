"""Whatever a page could echo is text in it: no markup, no header, no way elsewhere."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import pytest
import requests
from support.browser.callback_page import detail, elements
from support.browser.raw_http import exchange, head, status
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import SandboxProcess

PAYLOADS = [
    '"><script>alert(1)</script>',
    "'><img src=//evil.example onerror=alert(1)>",
    "</p></main><form action=//evil.example><input name=address>",
    "</title><meta http-equiv=refresh content=0;url=//evil.example>",
    "--><!--[if IE]><svg/onload=alert(1)>",
    "javascript:alert(1)//evil.example",
    "//evil.example/",
    "https://evil.example\\@localhost/",
    "a\r\nLocation: //evil.example\r\n\r\n<script>",
    "a\r\nSet-Cookie: evil=1",
    "%0d%0aLocation:%20//evil.example",
    "\x00<\x00script>evil",
    "\u2028\u202e\uff1cscript\uff1eevil",
    "$script ${detail} {{evil}} {%evil%}",
]
PARAMETERS = ["state", "code", "iss", "error", "error_description", "scope", "next", "<b>"]


def _elements(answer: requests.Response) -> list[object]:
    # The server's own proof that the form is its own is another one each time.
    return [*elements(re.sub(r'(name="_xsrf" value=)"[^"]*"', r"\1", answer.text))]


def _letters(text: str) -> str:
    # What stands in for control characters does not matter here.
    return re.sub(r"[^a-zA-Z0-9]", "", text)


@contextmanager
def visitor(jupyter: JupyterProcess, *, login: bool) -> Iterator[requests.Session]:
    """Return a browser that follows nothing, with or without a Jupyter login."""
    with requests.Session() as browser:
        browser.trust_env = False
        if login:
            browser.cookies.update(jupyter.cookies())
        yield browser


def expect_only_text(answer: requests.Response, plain: requests.Response) -> None:
    """Expect the very page that a plain value leads to, but for the text of its detail."""
    assert plain.status_code == answer.status_code
    assert _elements(plain) == _elements(answer)
    assert set(plain.headers) == set(answer.headers)
    assert "evil" not in f"{answer.headers}"


@pytest.mark.parametrize("login", [True, False])
def test_callback_that_belongs_to_nobody(jupyter: JupyterProcess, *, login: bool) -> None:
    """Each parameter, and each header that names an address; nothing of it stands in the page."""
    url = f"{jupyter.url}myid/callback"
    with visitor(jupyter, login=login) as browser:
        plain = browser.get(f"{url}?state=x&code=c", timeout=30, allow_redirects=False)
        for payload in PAYLOADS:
            for name in PARAMETERS:
                query = urlencode({"state": "x", "code": "c", name: payload})
                answer = browser.get(f"{url}?{query}", timeout=30, allow_redirects=False)
                expect_only_text(answer, plain)
                assert "evil" not in answer.text
            line = payload.encode("ascii", "ignore").decode().translate(dict.fromkeys(range(32)))
            for name in ("X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "Referer"):
                answer = browser.get(plain.url, headers={name: line}, allow_redirects=False)
                expect_only_text(answer, plain)


def test_words_of_a_denial(
    jupyter: JupyterProcess, kernel: ServedKernel, sandbox: SandboxProcess
) -> None:
    """MyID's own words for an error are told, as text, in the page and in the notebook."""
    assert sandbox.url
    kernel.execute("from myid_notebook.kernel.commands import registry")

    def denied(browser: requests.Session, words: str) -> requests.Response:
        cell = kernel.submit("%myid_login --no-wait --force")
        assert cell.link()
        cell.finish()
        state = kernel.value("str(registry.records['myid'].pending.sign_in.request.state)")
        query = urlencode({"state": state, "error": words, "error_description": words})
        return browser.get(f"{jupyter.url}myid/callback?{query}", timeout=30)

    with visitor(jupyter, login=True) as browser:
        plain = denied(browser, "plain")
        assert "plain (plain)" in detail(plain.text)
        for payload in PAYLOADS:
            answer = denied(browser, payload)
            expect_only_text(answer, plain)
            assert _letters(payload) in _letters(detail(answer.text))


def test_pasted_address(jupyter: JupyterProcess) -> None:
    """The paste page repeats nothing of what was pasted."""
    url = f"{jupyter.url}myid/paste"
    with visitor(jupyter, login=True) as browser:
        browser.get(url, timeout=30)
        form = {"_xsrf": str(browser.cookies.get("_xsrf"))}

        def paste(address: str) -> requests.Response:
            return browser.post(url, data={**form, "address": address}, timeout=30)

        refused, unknown = paste("plain"), paste("?state=x&code=c")
        for payload in PAYLOADS:
            for answer, plain in (
                (paste(payload), refused),
                (paste(f"{payload}?state=x&code={quote(payload)}"), unknown),
            ):
                expect_only_text(answer, plain)
                assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["callback?state=x&code=c", "paste", "health"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "<b>evil</b>"]
)
def test_name_that_was_rebound_to_this_machine(
    jupyter: JupyterProcess, path: str, host: str
) -> None:
    """A site whose name was made to lead here is refused by Jupyter, at every address of ours."""
    target = f"{jupyter.url.removeprefix(f'http://localhost:{jupyter.port}')}myid/{path}"

    answer = exchange(jupyter.port, head(target, Host=host, Connection="close"))

    assert status(answer) in {400, 403}
    assert b"<b>evil" not in answer
    assert b"Location" not in answer


def test_health_tells_versions_only(jupyter: JupyterProcess) -> None:
    """To whoever asks, with whatever parameters; not readable by other sites."""
    answer = requests.get(
        f"{jupyter.url}myid/health?callback=evil", headers={"Origin": "http://e"}, timeout=30
    )

    assert {"myid_notebook"} == set(json.loads(answer.text))
    assert "Access-Control-Allow-Origin" not in answer.headers
