"""``scripts/docs`` for real, and the site that it builds in a real browser."""

import contextlib
import functools
import http.server
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from support.browser.accessibility import axe_violations
from support.browser.chromium import chromium
from support.machine.threads import wait_until
from support.values.project import ROOT

pytestmark = pytest.mark.timeout(600)  # an environment of its own is installed meanwhile

ENVIRON = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
"""That of whoever runs the tests: an environment of its own is installed with it."""

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as a contributor builds it; the environment is kept for the next time."""
    folder = tmp_path_factory.mktemp("site")
    script = subprocess.run(
        [ROOT / "scripts" / "docs", "--site-dir", folder],
        env=ENVIRON,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert script.returncode == 0, script.stdout + script.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> list[str]:
    """The path of every page, relative to the site."""
    found = sorted(path.relative_to(site).parent.as_posix() for path in site.rglob("index.html"))
    assert len(found) > 20
    return [f"{page}/".removeprefix("./") for page in found]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as running:
        yield running


@pytest.mark.parametrize(
    ("first", "size", "scheme"),
    [
        pytest.param(0, WIDE, "light", id="wide-light"),
        pytest.param(1, NARROW, "dark", id="narrow-dark"),
    ],
)
def test_pages(
    browser: Browser, address: str, pages: list[str], first: int, size: dict[str, int], scheme: str
) -> None:
    """No page has a violation of axe's rules or scrolls sideways on a telephone; nothing comes from
    elsewhere and nothing is missing. The site has the colours of the system.

    Every other page in each of the two schemes, for the theme is the same on every page.
    """
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.set_default_timeout(120_000)
    # It makes the index of the search, anew on each page; the next test searches.
    page.add_init_script("Worker = class extends EventTarget { postMessage() {} }")
    wrong: list[str] = []
    page.on(
        "response",
        lambda it: wrong.append(f"{it.status} {it.url}") if it.status >= 400 else None,
    )
    page.on(
        "request",
        lambda it: None if it.url.startswith((address, "data:", "blob:")) else wrong.append(it.url),
    )
    for path in pages[first::2]:
        show(page, address + path)
        wrong += [f"{path}: {violation}" for violation in axe_violations(page)]
        page.set_viewport_size(NARROW)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{path} scrolls sideways")
        page.set_viewport_size(size)
    shown = page.evaluate("document.body.dataset.mdColorScheme")
    page.close()

    assert [] == wrong
    assert {"light": "default", "dark": "slate"}[scheme] == shown


def show(page: Page, url: str) -> None:
    """Open a page, and wait for what its scripts add to it."""
    page.goto(url, wait_until="load")
    blocks = page.locator("pre > code").count()
    page.wait_for_function(
        "count => document.querySelectorAll('.md-code__nav').length >= count", arg=blocks
    )


def search(box: Locator, results: Locator) -> int:
    """Type what is searched for, and return how many results there are within seconds.

    The page reads the box when a key is released, and not before its scripts have run.
    """
    box.fill("")
    box.press_sequentially("MYID_CA_BUNDLE")
    with contextlib.suppress(PlaywrightTimeoutError):
        results.first.wait_for(timeout=5_000)
    return results.count()


def test_search_finds_a_setting(browser: Browser, address: str) -> None:
    """The search works without a server, and leads to the page."""
    page = browser.new_page()
    page.goto(address)
    box = page.get_by_role("textbox", name="Search")
    results = page.locator(".md-search-result__link")
    wait_until(lambda: search(box, results), timeout=120)

    assert "ca_bundle" in results.first.inner_text().lower()


def test_internal_links(site: Path, pages: list[str]) -> None:
    """Every link within the site leads to a page or file, and to a place on it that is there."""
    missing = []
    for path in pages:
        text = (site / path / "index.html").read_text(encoding="utf-8")
        for link in re.findall(r'<a\b[^>]*? href="([^"]*)"', text):
            url, fragment = urldefrag(urljoin(f"http://site/{path}", unescape(link)))
            if urlsplit(url).netloc != "site":
                continue
            target = site / unquote(urlsplit(url).path).lstrip("/")
            target = target / "index.html" if target.is_dir() else target
            place = f'id="{unquote(fragment)}"' if fragment else ""
            if not target.is_file() or place not in target.read_text("utf-8", errors="replace"):
                missing.append(f"{path}: {link}")

    assert [] == missing


def test_generated_parts(site: Path) -> None:
    """Magics with their options, settings, errors and assumptions are in the pages."""
    parts = {
        "reference/magics": ["%myid_login", "--client-credentials", "%myid_api", "--session"],
        "reference/functions": ["login_async", "NobodyToSignIn"],
        "reference/session": ["search", "fetch", "expires_at", "set_ca_bundle"],
        "reference/rows": ["to_pandas", "datetime64[us]"],
        "reference/errors": ["SessionExpired", "MyIDAPIError", "FetchInterrupted"],
        "reference/settings": ["MYID_CA_BUNDLE", "client_secret_post"],
        "assumptions": ["Dates have no offset."],
    }
    for path, expected in parts.items():
        text = unescape((site / path / "index.html").read_text(encoding="utf-8"))
        assert [] == [part for part in expected if part not in text], path
        assert not re.search(r"<!-- (?:magics|settings|assumptions) -->", text)


@pytest.mark.parametrize(
    "broken",
    [
        "[a page](no-such-page.md)",
        "[a place](cookbook.md#no-such-place)",
        "::: myid_notebook.no_such_module",
    ],
)
@pytest.mark.usefixtures("site")  # which makes the environment
def test_fault_fails_the_build(tmp_path: Path, broken: str) -> None:
    """A link to nothing, and a docstring that is not there, are errors."""
    for path in ROOT.iterdir():
        if path.name == "docs":
            shutil.copytree(path, tmp_path / "docs")
        elif not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    with (tmp_path / "docs" / "exploring.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{broken}\n")
    build = [
        ROOT / ".venv-docs" / "bin" / "mkdocs",
        "build",
        "--strict",
        "--site-dir",
        tmp_path / "built",
    ]

    done = subprocess.run(
        build, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert 1 == done.returncode
    assert "no-such" in done.stderr or "no_such" in done.stderr
