"""Two Jupyter servers of one user, of which only one has its callback registered."""

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import Registration, SandboxProcess


def test_second_server_signs_in_through_the_first(
    jupyter: JupyterProcess, callback: Registration, sandbox: SandboxProcess
) -> None:
    """A notebook of the second server signs in through the redirect URI of the first."""
    shared = {"JUPYTER_RUNTIME_DIR": str(jupyter.runtime_dir)}
    second = JupyterProcess("server", base_url="/", environ={**callback.environ, **shared})
    second.runtime_dir = jupyter.runtime_dir
    with second, ServedKernel(second) as kernel:
        cell = kernel.submit("%load_ext myid_notebook\n%myid_login")
        link = cell.link()
        assert f"back to your Jupyter server at {jupyter.url}" in cell.outputs.shown

        page = open_page(finish_sign_in(link), cookies=jupyter.cookies())

        assert "Signed in to MyID" == page.title
        assert "Signed in as Jane Doe" in cell.finish().shown
        assert "200" == kernel.value("myid.get('people').status_code")
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]
