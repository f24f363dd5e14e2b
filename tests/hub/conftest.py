"""Two real hubs: one that tells its public address, one under a path prefix that does not."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from support.browser.hub_browser import HubBrowser
from support.jupyter.hub import HubProcess
from support.jupyter.kernel import KernelHost, Serve, ServedKernel
from support.servers.sandbox import SandboxProcess
from support.values.project import documented

SECRET = "3f2b8c1e-7d44-4a6b-9f0e-5c1a2b3d4e5f"
"""The secret whose hash takes its place in the client entry of docs/jupyterhub.md."""

PLACE = "<Base64 of the SHA-256 of the client secret>"

NOTHING_BUT_LAB = dict.fromkeys(["notebook", "nbclassic", "jupyter_lsp"], False)
FAST = f"--Spawner.args=--ServerApp.jpserver_extensions={NOTHING_BUT_LAB}"
"""Lets servers load JupyterLab only."""


@pytest.fixture(scope="session")
def hub(sandbox_process: SandboxProcess) -> Iterator[HubProcess]:
    """A hub that tells its public address."""
    with _registered(HubProcess(arguments=[FAST]), sandbox_process) as process:
        yield process


@pytest.fixture(scope="session")
def prefixed_hub(sandbox_process: SandboxProcess) -> Iterator[HubProcess]:
    """A hub under a path prefix that does not tell its public address, as before JupyterHub 5."""
    process = HubProcess("/data/science/", arguments=["--JupyterHub.public_url=", FAST])
    with _registered(process, sandbox_process):
        yield process


@pytest.fixture(scope="session")
def alice_and_bob(hub: HubProcess) -> Sequence[HubBrowser]:
    """Their browsers, logged in at the hub; their servers run, started at the same time."""
    browsers = HubBrowser(hub, "alice"), HubBrowser(hub, "bob")
    with ThreadPoolExecutor() as people:
        list(people.map(_start_work, browsers))
    return browsers


@pytest.fixture(scope="session")
def alice(alice_and_bob: Sequence[HubBrowser]) -> HubBrowser:
    """Alice's browser."""
    return alice_and_bob[0]


@pytest.fixture(scope="session")
def bob(alice_and_bob: Sequence[HubBrowser]) -> HubBrowser:
    """Bob's browser."""
    return alice_and_bob[1]


@pytest.fixture(scope="session")
def erin(prefixed_hub: HubProcess) -> HubBrowser:
    """The browser of someone at the other hub, whose name does not fit into an address as it is."""
    browser = HubBrowser(prefixed_hub, "erin@example.org")
    _start_work(browser)
    return browser


@pytest.fixture(scope="session")
def alices_only_kernel(alice: HubBrowser) -> Iterator[ServedKernel]:
    """A kernel in Alice's server."""
    with ServedKernel(alice.default) as kernel:
        kernel.execute("%load_ext myid_notebook")
        yield kernel


@pytest.fixture
def alices_kernel(
    alices_only_kernel: ServedKernel, sandbox: SandboxProcess
) -> Iterator[ServedKernel]:
    """A kernel in Alice's server, in which nobody is signed in."""
    assert sandbox.url
    alices_only_kernel.execute("%myid_logout")
    yield alices_only_kernel
    if alices_only_kernel.busy:  # a test that failed must not hold up the next one
        alices_only_kernel.interrupt()


@pytest.fixture
def serve(sandbox: SandboxProcess) -> Iterator[Serve]:
    """Starts kernels with the extension loaded."""
    assert sandbox.url
    kernels: list[ServedKernel] = []

    def serve_one(server: KernelHost) -> ServedKernel:
        kernel = ServedKernel(server)
        kernels.append(kernel)
        kernel.connect()
        kernel.execute("%load_ext myid_notebook")
        return kernel

    yield serve_one
    for kernel in kernels:
        kernel.close()


def _registered(hub: HubProcess, sandbox: SandboxProcess) -> HubProcess:
    value = b64encode(sha256(SECRET.encode()).digest()).decode()
    entry = json.loads(documented("json").replace(PLACE, value)) | {
        "RedirectUris": [hub.redirect_uri]
    }
    client_id = f"{entry['ClientId']}.{urlsplit(hub.url).port}"
    sandbox.register(entry | {"ClientId": client_id})
    hub.environ |= {
        "MYID_SERVER": sandbox.url,
        "MYID_CLIENT_ID": client_id,
        "MYID_CLIENT_SECRET": SECRET,
    }
    return hub


def _start_work(browser: HubBrowser) -> None:
    browser.log_in()
    browser.server()
