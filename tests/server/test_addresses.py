"""What the extension's two addresses answer to whoever has no sign-in."""

import pytest
import requests
from support.callback_page import open_page
from support.jupyter_process import JupyterProcess

import myid_notebook


def test_health_needs_no_login(jupyter: JupyterProcess) -> None:
    """A kernel asks for the extension's version without any login."""
    answer = requests.get(f"{jupyter.url}myid/health", timeout=30)

    assert {"myid_notebook": myid_notebook.__version__} == answer.json()


@pytest.mark.parametrize(
    ("query", "status", "title"),
    [
        ("", 400, "This is not an answer from MyID"),
        ("?code=x", 400, "This is not an answer from MyID"),
        ("?code=x&state=", 400, "This is not an answer from MyID"),
        ("?code=x&state=a&state=b", 400, "This is not an answer from MyID"),
        ("?code=x&state=%ff", 400, "This is not an answer from MyID"),
        ("?code=x&state=nobodys", 404, "No sign-in is waiting for this answer"),
        ("?code=x&state=..%2F..%2Fetc", 404, "No sign-in is waiting for this answer"),
        ("?code=x&state=%F0%9F%98%80%00", 404, "No sign-in is waiting for this answer"),
        ("?code=x&state=" + "s" * 30_000, 404, "No sign-in is waiting for this answer"),
    ],
)
def test_address_without_a_sign_in(
    jupyter: JupyterProcess, query: str, status: int, title: str
) -> None:
    """An address that no pending sign-in belongs to gets a page that says so."""
    page = open_page(f"{jupyter.url}myid/callback{query}", cookies=jupyter.cookies())

    assert (status, title) == (page.status, page.title)
    assert "no-store" == page.headers["Cache-Control"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
