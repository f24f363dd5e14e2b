"""Which redirect URI is used on a hub, and what is said where that cannot be known."""

from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

import pytest
from support.browser.hub_browser import HubBrowser
from support.browser.login_pages import finish_sign_in
from support.jupyter.hub import HubProcess
from support.jupyter.kernel import KernelClient, Serve

pytestmark = pytest.mark.hub

FORGET = "import os; del os.environ['MYID_REDIRECT_URI']"


def redirect_uri(link: str) -> str:
    """Return the redirect URI in an authorization link."""
    (uri,) = parse_qs(urlsplit(link).query)["redirect_uri"]
    return uri


def test_prefixed_hub(prefixed_hub: HubProcess, erin: HubBrowser, serve: Serve) -> None:
    """A hub under a path prefix, and a user whose name is escaped in addresses: the configured
    redirect URI works.
    """
    cell = serve(erin.default).submit("%myid_login")
    assert redirect_uri(cell.link()) == prefixed_hub.redirect_uri
    assert urlsplit(prefixed_hub.redirect_uri).path.startswith("/data/science/hub/")
    page = erin.open(finish_sign_in(cell.link()))
    assert (page.status, page.title) == (200, "Signed in to MyID")
    assert cell.finish().errors == []


@pytest.mark.skipif(
    version("jupyterhub").startswith("4."), reason="told from JupyterHub 5 on, never before"
)
def test_default(hub: HubProcess, alice: HubBrowser, serve: Serve) -> None:
    """Without the setting, a hub that tells its public address gives the redirect URI."""
    kernel = serve(alice.default)
    kernel.execute(FORGET)
    cell = kernel.submit("%myid_login")
    assert redirect_uri(cell.link()) == hub.redirect_uri
    assert alice.open(finish_sign_in(cell.link())).title == "Signed in to MyID"


def test_no_default(erin: HubBrowser, serve: Serve) -> None:
    """Without the setting, on a hub that does not tell its public address, the error says what
    the URI looks like on this hub and where an administrator sets it, once for everybody.
    """
    kernel = serve(erin.default)
    kernel.execute(FORGET)
    ((name, message),) = kernel.execute("%myid_login").errors
    assert name == "SettingError"
    assert "https://HUB/data/science/hub/user-redirect/myid/callback" in message
    assert "c.JupyterHub.public_url" in message
    assert "MYID_REDIRECT_URI" in message


def test_doctor(hub: HubProcess, alices_kernel: KernelClient) -> None:
    """The doctor finds nothing wrong on a hub, and shows the URI that a sign-in would use."""
    report = alices_kernel.execute("%myid_doctor").shown
    assert "No problems found." in report
    assert "the hub redirects each user to their own Jupyter server" in report
    assert f'"{hub.redirect_uri}"' in report
