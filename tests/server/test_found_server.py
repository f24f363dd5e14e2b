"""Kernels that no Jupyter server started, whose redirect URI a Jupyter server holds."""

import os
import signal

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel, follow
from support.jupyter.server import JupyterProcess
from support.machine.ports import free_port
from support.servers.sandbox import Registration, SandboxProcess, register

from myid_notebook.callback.jupyter_servers import CALLBACK_URL_VARIABLE


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


def test_environment_of_a_server_that_has_ended(sandbox: SandboxProcess) -> None:
    """A kernel in tmux outlives its Jupyter: it takes the redirect itself, and says why."""
    ended = f"http://127.0.0.1:{free_port()}/a%40b/myid/callback"
    uri = ended.replace("127.0.0.1", "localhost")
    environ = {**register(sandbox, uri).environ, CALLBACK_URL_VARIABLE: ended}
    with LocalKernel(environ) as kernel:
        cell = kernel.submit("%load_ext myid_notebook\n%myid_login")
        page = follow(cell)
        shown = cell.finish().ever_shown

    assert "Signed in to MyID" == page.title
    assert "which started this kernel, is no longer running." in shown
    assert "/a%40b/myid/paste" not in shown


def test_server_that_is_busy(
    jupyter: JupyterProcess, callback: Registration, sandbox: SandboxProcess
) -> None:
    """A server that stands still for seconds is not taken for one that has ended."""
    assert sandbox.url
    environ = {**callback.environ, CALLBACK_URL_VARIABLE: f"{jupyter.url}myid/callback"}
    with LocalKernel(environ, runtime_dir=jupyter.runtime_dir) as kernel:
        kernel.execute("%load_ext myid_notebook")
        os.kill(jupyter.pid, signal.SIGSTOP)
        try:
            cell = kernel.submit("%myid_login")
            link = cell.link()
        finally:
            os.kill(jupyter.pid, signal.SIGCONT)
        assert "MyID will send you back to this Jupyter server." in cell.outputs.shown

        page = open_page(finish_sign_in(link), cookies=jupyter.cookies())
        assert "Signed in to MyID" == page.title
        assert "Signed in as Jane Doe" in cell.finish().shown
