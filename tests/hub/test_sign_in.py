"""Signing in on a hub, through the one redirect URI of all its users."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.browser.hub_browser import HubBrowser
from support.browser.login_pages import finish_sign_in
from support.jupyter.hub import ADMIN, HubProcess
from support.jupyter.kernel import KernelClient, Serve
from support.machine.threads import wait_until
from support.servers.http_server import RecordingServer
from support.servers.sandbox import SandboxProcess
from support.values.secrets import answer_secrets, exchange_secrets, found

from myid_notebook.callback.pages import HEADERS

pytestmark = pytest.mark.hub

LOGIN = "%myid_login"
STORE = "__import__('os').environ['MYID_NOTEBOOK_TOKEN_STORE']"


def answer_to(link: str, username: str = "jane.doe") -> str:
    """Sign in at the sandbox and return the address the browser is sent to."""
    return finish_sign_in(link, username)


def signed_in_as(kernel: KernelClient) -> str:
    """Return whose session a kernel holds."""
    return kernel.value("myid.operator.name")


def test_two_users_at_once(
    alice: HubBrowser, alices_kernel: KernelClient, bob: HubBrowser, serve: Serve
) -> None:
    """Two users sign in through one registered URI at the same time: each gets their own."""
    kernels = {alice: alices_kernel, bob: serve(bob.default)}
    cells = {browser: kernel.submit(LOGIN) for browser, kernel in kernels.items()}
    people = {alice: "jane.doe", bob: "sam.self"}
    answers = {browser: answer_to(cells[browser].link(), people[browser]) for browser in cells}
    assert {urlsplit(address).path for address in answers.values()} == {
        "/hub/user-redirect/myid/callback"
    }
    with ThreadPoolExecutor() as browsers:
        pages = list(browsers.map(lambda browser: browser.open(answers[browser]), answers))
    assert [page.title for page in pages] == ["Signed in to MyID"] * 2
    for cell in cells.values():
        assert cell.finish().errors == []
    assert signed_in_as(kernels[alice]) == "Jane Doe"
    assert signed_in_as(kernels[bob]) == "Sam Self"


def test_anothers_answer(alice: HubBrowser, alices_kernel: KernelClient, bob: HubBrowser) -> None:
    """Bob opening the address that ends Alice's sign-in lands in his own server, which knows
    nothing of it; Alice's sign-in stays pending and can still be finished.
    """
    cell = alices_kernel.submit(LOGIN)
    address = answer_to(cell.link())
    page = bob.open(address)
    assert (page.status, page.title) == (404, "This sign-in link is no longer active")
    assert not cell.done
    assert alice.open(address).title == "Signed in to MyID"
    assert cell.finish().errors == []


def test_not_even_the_administrator(
    hub: HubProcess, alice: HubBrowser, alices_kernel: KernelClient
) -> None:
    """Whoever may enter Alice's server (administrators; with sharing, others too) cannot put an
    answer into her sign-in: their own sign-in would become her session.
    """
    grace = HubBrowser(hub, ADMIN)
    grace.log_in()
    cell = alices_kernel.submit(LOGIN)
    address = answer_to(cell.link())
    page = grace.open(f"{alice.default.url}myid/callback?{urlsplit(address).query}")
    assert (page.status, page.title) == (403, "This is another person's Jupyter server")
    assert "alice" in page.text
    assert {name: page.headers.get(name) for name in HEADERS} == HEADERS
    assert not cell.done
    assert alice.open(address).title == "Signed in to MyID"
    assert cell.finish().errors == []


def test_a_stranger(alice: HubBrowser, alices_kernel: KernelClient, bob: HubBrowser) -> None:
    """Someone without access to Alice's server is turned away by the hub, and nothing happens."""
    cell = alices_kernel.submit(LOGIN)
    address = answer_to(cell.link())
    page = bob.open(f"{alice.default.url}myid/callback?{urlsplit(address).query}")
    assert page.status == 403
    assert not cell.done
    assert alice.open(address).title == "Signed in to MyID"
    assert cell.finish().errors == []


def test_browser_new_to_the_server(hub: HubProcess, alices_kernel: KernelClient) -> None:
    """A browser that is logged in at the hub but has never been at the user's server is let in by
    the hub on the way: nothing is asked, nothing is lost.
    """
    cell = alices_kernel.submit(LOGIN)
    browser = HubBrowser(hub, "alice")
    browser.log_in()
    assert browser.open(answer_to(cell.link())).title == "Signed in to MyID"
    assert cell.finish().errors == []


def test_browser_new_to_the_hub(hub: HubProcess, alices_kernel: KernelClient) -> None:
    """A browser that is not logged in at the hub is asked to log in, and the answer arrives."""
    cell = alices_kernel.submit(LOGIN)
    page = HubBrowser(hub, "alice").open(answer_to(cell.link()))
    assert page.title == "Signed in to MyID"
    assert cell.finish().errors == []


def test_named_server(hub: HubProcess, serve: Serve) -> None:
    """A kernel in a named server, while the default one, where the hub sends every redirect, does
    not even run: the hub starts it, and it finds the kernel. Each of the two has a token store of
    its own, though both use one runtime folder.
    """
    carol = HubBrowser(hub, "carol")
    carol.log_in()
    kernel = serve(carol.server("gpu"))
    cell = kernel.submit(f"{LOGIN} --share server")
    page = carol.open(answer_to(cell.link()))
    assert page.title == "Signed in to MyID"
    assert cell.finish().errors == []
    assert signed_in_as(kernel) == "Jane Doe"

    other = serve(carol.default)
    assert Path(other.value(STORE)).parent == Path(kernel.value(STORE)).parent
    cell = other.submit(f"{LOGIN} --share server --no-wait")
    assert "/connect/authorize?" in cell.link()
    assert cell.finish().errors == []


def test_server_stopped_meanwhile(
    alice: HubBrowser, alices_kernel: KernelClient, bob: HubBrowser, serve: Serve
) -> None:
    """Bob's server is stopped while his sign-in waits: the hub starts it again for the answer, the
    page says that no notebook waits, Bob can sign in anew, and Alice's sign-in goes on.
    """
    alices = alices_kernel.submit(LOGIN)
    bobs = serve(bob.default).submit(LOGIN)
    address = answer_to(bobs.link())
    bob.default.stop()
    page = bob.open(address)
    assert page.title in {
        "The notebook is no longer waiting",
        "This sign-in link is no longer active",
    }
    assert alice.open(answer_to(alices.link())).title == "Signed in to MyID"
    assert alices.finish().errors == []
    again = serve(bob.default).submit(LOGIN)
    assert bob.open(answer_to(again.link())).title == "Signed in to MyID"


def test_paste_page(hub: HubProcess, alice: HubBrowser, alices_kernel: KernelClient) -> None:
    """The page for pasting, in the user's own server, takes the address; nobody else's paste."""
    cell = alices_kernel.submit(LOGIN)
    address = answer_to(cell.link())
    page = f"{alice.default.url}myid/paste"
    grace = HubBrowser(hub, ADMIN)
    refused = grace.submit(page, address=address)
    assert (refused.status, refused.title) == (403, "This is another person's Jupyter server")
    assert alice.submit(page, address=address).title == "Signed in to MyID"
    assert cell.finish().errors == []


ARRIVED = re.compile(r" (?:ServerApp|SingleUserLabApp)\S*\] 200 GET \S*/myid/callback\?")
HUBS_OWN = re.compile(r"^\[. \S+ \S+ JupyterHub [^]]*\] \d{3} \w+ ")
NEXT = re.compile(r"\bnext=\S+")


def test_logs(
    hub: HubProcess, alice: HubBrowser, serve: Serve, sandbox_process: SandboxProcess
) -> None:
    """With everything at DEBUG (hub, proxy, each user's server), code and state stand in the hub's
    own lines only, inside ``next=``, which JupyterHub does not mask. Nothing else secret is logged.
    """
    kernel = serve(alice.default)
    with RecordingServer(sandbox_process.url) as recorder:
        url = f"{recorder.url}/web.oauth2/connect/token"
        kernel.execute(f"import os; os.environ.update(MYID_TOKEN_URL={url!r}, MYID_CHECKS='off')")
        cell = kernel.submit(LOGIN)
        address = answer_to(cell.link())
        secrets = answer_secrets(address, hub.runtime_dir("alice"))
        before = len(ARRIVED.findall(hub.log))
        assert HubBrowser(hub, "alice").open(address).title == "Signed in to MyID"
        assert cell.finish().errors == []
    secrets |= exchange_secrets(recorder.forms)
    wait_until(lambda: len(ARRIVED.findall(hub.log)) == before + 1)

    lines = hub.log.splitlines()
    masked = [NEXT.sub("next=", line) if HUBS_OWN.match(line) else line for line in lines]
    assert found(secrets, hub.log) == ["code", "state"]
    assert found(secrets, "\n".join(masked)) == []
    assert [line for line in lines if "PROXY WEB /user/alice/myid/callback" in line]
    assert [line for line in lines if " ServerApp] Paths used for configuration" in line]
