"""Sixty sign-ins at once, in six kernels of one Jupyter server."""

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests
from support.browser.callback_page import open_page
from support.browser.jupyter_requests import LatencyProbe
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import Cell
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import SandboxProcess

KERNELS, EACH = 6, 10
AT_ONCE = """
import asyncio
import json
from myid_notebook import login_async
from myid_notebook.kernel.commands import registry
names = [f"session_{{number}}" for number in range({each})]
signing_in = asyncio.gather(*map(login_async, names))
while not all(name in registry.records and registry.records[name].pending for name in names):
    await asyncio.sleep(0.01)
print(json.dumps([registry.records[name].pending.sign_in.request.url for name in names]))
print(json.dumps([session.operator.id for session in await signing_in]))
"""
"""The links in the order of the sessions: they begin at once, and are shown as they come."""

PEOPLE = "myid.get('people', params={'q': 'a'}).text"
"""The first page, 50 rows."""


@pytest.fixture
def kernels(jupyter: JupyterProcess, sandbox: SandboxProcess) -> Iterator[list[ServedKernel]]:
    """The kernels, started side by side."""
    assert sandbox.url
    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: ServedKernel(jupyter), range(KERNELS)))
        list(pool.map(stack.enter_context, started))
        yield started


def redirects_of(links: list[str], people: list[str], sandbox: SandboxProcess) -> list[str]:
    """Sign one person in at each link, and return where MyID sends them."""
    redirects = []
    for link, person in zip(links, people, strict=True):
        sandbox.faults(auto_sign_in=person)
        answer = requests.get(link, allow_redirects=False, timeout=30)
        redirects.append(answer.headers["Location"])
    return redirects


def links_of(cell: Cell) -> list[str]:
    """Wait for all links of a cell and return them in the order of its sessions."""
    cell.wait_for(lambda: "\n" in cell.outputs.text, 120)
    links: list[str] = json.loads(cell.outputs.text.splitlines()[0])
    return links


def ids_of(cell: Cell) -> list[str]:
    """Return who signed in, in the order of the cell's sessions."""
    ids: list[str] = json.loads(cell.finish().text.splitlines()[1])
    return ids


@pytest.mark.alone
@pytest.mark.timeout(400)
def test_each_gets_its_own_person(
    jupyter: JupyterProcess,
    kernels: list[ServedKernel],
    sandbox: SandboxProcess,
    probe: LatencyProbe,
    at_most: float,
) -> None:
    """Answers arrive in any order, twenty at a time; every session stands for who used its link,
    and Jupyter answers other requests all the time.
    """
    cookies = jupyter.cookies()
    first = kernels[0].submit("%load_ext myid_notebook\n%myid_login")
    open_page(finish_sign_in(first.link()), cookies=cookies)
    assert [] == first.finish().errors
    rows = json.loads(kernels[0].value(PEOPLE))["results"]
    ids = {row["logonName"]: row["id"] for row in rows if row["Enabled"] == "Yes"}
    people = random.Random(7).choices(sorted(ids), k=KERNELS * EACH)
    cells = [kernel.submit(AT_ONCE.format(each=EACH)) for kernel in kernels]
    links = [link for cell in cells for link in links_of(cell)]

    redirects = redirects_of(links, people, sandbox)
    random.Random(7).shuffle(redirects)
    with probe, ThreadPoolExecutor(20) as browsers:
        pages = browsers.map(lambda url: open_page(url, cookies=cookies, timeout=120), redirects)
        titles = {page.title for page in pages}

    assert {"Signed in to MyID"} == titles
    assert probe.slowest < at_most
    found = [each for cell in cells for each in ids_of(cell)]
    assert [ids[person] for person in people] == found
