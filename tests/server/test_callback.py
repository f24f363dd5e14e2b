"""The whole way: a kernel of a Jupyter server, its callback, and the sandbox."""

from urllib.parse import parse_qs, urlsplit

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import Registration, SandboxProcess


def test_sign_in(
    jupyter: JupyterProcess, kernel: ServedKernel, callback: Registration, sandbox: SandboxProcess
) -> None:
    """%myid_login in a notebook: link, MyID, callback, page, and the session answers."""
    cell = kernel.submit("%myid_login")
    link = cell.link()

    page = open_page(finish_sign_in(link), cookies=jupyter.cookies())

    assert (200, "Signed in to MyID") == (page.status, page.title)
    assert "Signed in as Jane Doe at" in cell.finish().shown
    assert [callback.redirect_uri] == parse_qs(urlsplit(link).query)["redirect_uri"]
    assert "back to this Jupyter server" in cell.outputs.ever_shown
    rows = 'myid.get("people", params={"name.first": "jo*"}).json()["results"]'
    found = kernel.value(f'{rows}[0]["firstName"]')
    assert found.startswith("Jo")
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]


def test_spent_answer_is_told_so(
    jupyter: JupyterProcess, kernel: ServedKernel, sandbox: SandboxProcess
) -> None:
    """An answer that comes again after the end finds nobody, and changes nothing."""
    cell = kernel.submit("%myid_login")
    redirect = finish_sign_in(cell.link())
    open_page(redirect, cookies=jupyter.cookies())
    cell.finish()

    page = open_page(redirect, cookies=jupyter.cookies())

    assert (404, True) == (page.status, "is finished or has expired" in page.text)
    assert 1 == sandbox.status()["token_requests"]
    assert "True" == kernel.value("myid.signed_in")


def test_denial_is_told_on_both_sides(
    jupyter: JupyterProcess, kernel: ServedKernel, sandbox: SandboxProcess
) -> None:
    """Denied at MyID: the page says so, and the cell raises one line."""
    sandbox.faults(denied=True)
    cell = kernel.submit("%myid_login")

    page = open_page(finish_sign_in(cell.link()), cookies=jupyter.cookies())

    assert "Not signed in" == page.title
    outputs = cell.finish()
    assert ["SignInDenied"] == [name for name, _ in outputs.errors]
    assert 1 == len(outputs.traceback.splitlines())
    assert "" == outputs.link


def test_two_kernels(jupyter: JupyterProcess, kernel: ServedKernel) -> None:
    """Two notebooks of one server wait at once; each gets its own answer."""
    with ServedKernel(jupyter) as other:
        other.execute("%load_ext myid_notebook")
        cells = [kernel.submit("%myid_login"), other.submit("%myid_login")]
        redirects = [
            finish_sign_in(cells[0].link()),
            finish_sign_in(cells[1].link(), "sam.self"),
        ]
        titles = [open_page(url, cookies=jupyter.cookies()).title for url in redirects[::-1]]

        assert ["Signed in to MyID"] * 2 == titles
        assert "Jane Doe" in cells[0].finish().shown
        assert "Sam Self" in cells[1].finish().shown
