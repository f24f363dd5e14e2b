"""The callback never stops the server's loop."""

from support.browserless import sign_in
from support.jupyter_process import JupyterProcess
from support.sandbox_process import SandboxProcess
from support.served_kernel import ServedKernel
from support.visit import Visit


def test_other_requests_go_on(
    jupyter: JupyterProcess, kernel: ServedKernel, sandbox: SandboxProcess
) -> None:
    """While MyID takes seconds over the token, other requests to Jupyter are answered."""
    sandbox.faults(token_delay=4)
    cell = kernel.submit("%myid_login")
    visit = Visit(sign_in(cell.link()), cookies=jupyter.cookies())
    cell.wait_for(lambda: sandbox.status()["token_requests"])

    answers = [jupyter.ask("GET", "api/status").status_code for _ in range(20)]

    assert visit.under_way
    assert [200] * 20 == answers
    assert "Signed in to MyID" == visit.page.title
