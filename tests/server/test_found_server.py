"""Kernels that no Jupyter server started, whose redirect URI a Jupyter server holds."""

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import Registration, SandboxProcess, register


def test_running_server_is_found(
    jupyter: JupyterProcess, callback: Registration, sandbox: SandboxProcess
) -> None:
    """VS Code's own kernel signs in through the Jupyter server that holds the redirect URI."""
    assert sandbox.url
    with LocalKernel(callback.environ, runtime_dir=jupyter.runtime_dir) as kernel:
        cell = kernel.submit("%load_ext myid_notebook\n%myid_login")
        link = cell.link()
        assert f"back to your Jupyter server at {jupyter.url}" in cell.outputs.shown

        assert (
            "Signed in to MyID" == open_page(finish_sign_in(link), cookies=jupyter.cookies()).title
        )
        assert "Signed in as Jane Doe" in cell.finish().shown


def test_server_without_the_extension_is_named(sandbox: SandboxProcess) -> None:
    """Where a Jupyter server without the extension holds the port, the notebook says so."""
    off = "--ServerApp.jpserver_extensions={'myid_notebook': False}"
    with JupyterProcess("server", base_url="/", arguments=[off]) as bare:
        client = register(sandbox, f"{bare.url}myid/callback")
        with LocalKernel(client.environ, runtime_dir=bare.runtime_dir) as kernel:
            cell = kernel.submit(
                "%load_ext myid_notebook\n%myid_login --no-wait\n%myid_status\n%myid_logout"
            )
            words = f"your Jupyter server (process {bare.pid}), which runs without the MyID"

            assert words in cell.finish().ever_shown
