"""A page of another site, open in the same browser, tries to reach a pending sign-in."""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha1
from http.server import BaseHTTPRequestHandler

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.browser.callback_page import open_page
from support.browser.chromium import sign_in_at_myid
from support.browser.login_pages import finish_sign_in
from support.browser.notebook_page import WAIT, NotebookOpener
from support.jupyter.kernel import LocalKernel
from support.jupyter.server import JupyterProcess
from support.servers.http_server import HttpServer
from support.servers.sandbox import SandboxProcess, register

pytestmark = pytest.mark.browser

SIGN_IN = 1
ATTACK = """
async ([url, paste]) => {
  const read = [];
  const attempt = async (name, act) => {
    if (read.some(each => each[1] == "timed out")) return;
    const late = new Promise(resolve => setTimeout(resolve, 20000, "timed out"));
    try { read.push([name, await Promise.race([act(), late])]) }
    catch (error) { read.push([name, "refused"]) }
  };
  const query = "?code=stolen&state=guessed&error=x";
  const loaded = (tag, attribute, value) => new Promise((resolve, reject) => {
    const element = document.createElement(tag);
    element.onload = () => resolve("loaded");
    element.onerror = () => reject();
    element[attribute] = value;
    document.body.append(element);
  });
  for (const credentials of ["include", "omit"]) {
    await attempt("fetch", async () => (await fetch(url + query, {credentials})).text());
    await attempt("no-cors", async () =>
      (await fetch(url + query, {credentials, mode: "no-cors"})).text());
    await attempt("post", async () =>
      (await fetch(paste, {credentials, method: "POST", body: "address=" + url + query})).text());
  }
  await attempt("header", async () =>
    (await fetch(url + query, {headers: {"X-MyID-Relay-Key": "k"}})).text());
  await attempt("image", () => loaded("img", "src", url + query));
  await attempt("script", () => loaded("script", "src", url + query));
  await attempt("frame", async () => {
    await loaded("iframe", "src", url + query);
    return document.querySelector("iframe").contentDocument.body.innerText;
  });
  for (const method of ["get", "post"]) {
    const form = document.createElement("form");
    Object.assign(form, {method, action: method == "get" ? url : paste, target: "hidden"});
    form.innerHTML = `<input name="state" value="guessed"><input name="code" value="stolen">
      <input name="address" value="${url}${query}">`;
    const frame = document.createElement("iframe");
    frame.name = "hidden";
    document.body.append(frame, form);
    await attempt("form " + method, async () => {
      const shown = new Promise(resolve => frame.onload = resolve);
      form.submit();
      await shown;
      return frame.contentDocument.body.innerText;
    });
    frame.remove();
  }
  await attempt("websocket", () => new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace("http", "ws") + query);
    socket.onopen = () => resolve("open");
    socket.onerror = () => reject();
  }));
  return read;
}
"""
"""Everything a page can try; what it could read of each answer, or that nothing came of it."""

ATTEMPTS = [
    *(["fetch", "no-cors", "post"] * 2),
    *("header", "image", "script", "frame", "form get", "form post", "websocket"),
]
"""The names of all that, with and without cookies where that makes a difference."""

HARMLESS = {"refused", ""}
"""Nothing was read; the answer to a request without CORS is empty to the page that sent it."""


IMAGE = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def handshake(key: str) -> bytes:
    """Return the answer that opens a WebSocket (RFC 6455 section 4.2.2).

    Args:
        key: as the browser sent it.
    """
    digest = sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()  # noqa: S324 - the protocol's
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        *("Upgrade: websocket", "Connection: Upgrade"),
        f"Sec-WebSocket-Accept: {b64encode(digest).decode()}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.fixture
def hostile_page(context: BrowserContext) -> Iterator[Page]:
    """A page of a site that has nothing to do with Jupyter or MyID."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("Upgrade") == "websocket":
            handler.wfile.write(handshake(handler.headers["Sec-WebSocket-Key"]))
            return
        is_image = handler.headers.get("Sec-Fetch-Dest") == "image"
        body = IMAGE if is_image else b"<!doctype html><title>prizes</title><body>won"
        handler.send_response(200)
        handler.send_header("Content-Type", "image/svg+xml" if is_image else "text/html")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with HttpServer(answer) as server:
        page = context.new_page()
        page.goto(server.url)
        yield page
        page.close()


def test_attack_works_at_home(hostile_page: Page) -> None:
    """What the page tries does read answers where nothing keeps it from that: at its own site."""
    read = hostile_page.evaluate(ATTACK, [f"{hostile_page.url}a", f"{hostile_page.url}b"])

    assert sorted(ATTEMPTS) == sorted(name for name, _ in read)
    assert [] == [each for each in read if each[1] in {*HARMLESS, "timed out"}]


def test_callback_of_the_jupyter_server(
    notebooks: NotebookOpener, context: BrowserContext, lab: JupyterProcess, hostile_page: Page
) -> None:
    """With the cookies of a signed-in Jupyter user: nothing is read, the sign-in goes on waiting,
    and its own answer ends it.
    """
    notebook = notebooks.open("hostile.ipynb", "%load_ext myid_notebook", "%myid_login --sandbox")
    notebook.run_to_end(0)
    notebook.run(SIGN_IN)
    expect(notebook.link(SIGN_IN)).to_be_visible(timeout=WAIT)

    read = hostile_page.evaluate(ATTACK, [f"{lab.url}myid/callback", f"{lab.url}myid/paste"])

    assert sorted(ATTEMPTS) == sorted(name for name, _ in read)
    assert [] == [each for each in read if each[1] not in HARMLESS]
    with context.expect_page() as opened:
        notebook.link(SIGN_IN).click()
    sign_in_at_myid(opened.value)
    expect(opened.value.get_by_role("heading")).to_have_text("Signed in to MyID")
    notebook.expect_end(SIGN_IN)


def test_callback_of_the_kernel(sandbox: SandboxProcess, hostile_page: Page) -> None:
    """The same at the addresses where a kernel itself listens, the port of its relay included."""
    with LocalKernel(register(sandbox).environ) as kernel:
        cell = kernel.submit("%load_ext myid_notebook\n%myid_login")
        redirect = finish_sign_in(cell.link())
        (file,) = (kernel.runtime_dir / "myid-notebook").iterdir()
        port = json.loads(file.read_bytes())["port"]
        callback = redirect.partition("?")[0]

        read = hostile_page.evaluate(ATTACK, [callback, f"http://127.0.0.1:{port}/relay"])
        read += hostile_page.evaluate(ATTACK, [f"http://127.0.0.1:{port}/relay", callback])

        assert sorted(ATTEMPTS * 2) == sorted(name for name, _ in read)
        assert [] == [each for each in read if each[1] not in HARMLESS]
        assert "Signed in to MyID" == open_page(redirect).title
        assert [] == cell.finish().errors
