"""What the doctor says of widgets: each environment for itself, and none that it does not see."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.http_server import HttpServer, json_body
from support.values.doctor_report import check

from myid_notebook.callback.jupyter_servers import CALLBACK_PATH, CALLBACK_URL_VARIABLE
from myid_notebook.doctor.check import Check, Environment, Finding
from myid_notebook.doctor.doctor import examine


@pytest.fixture
def server(runtime_dir: Path) -> Iterator[HttpServer]:  # noqa: ARG001 - its own
    """A Jupyter server in another environment."""
    with HttpServer() as running:
        yield running


def _front_end(callback: str) -> Check:
    environ = {CALLBACK_URL_VARIABLE: callback} if callback else {}
    return check(examine(Environment(environ=environ, in_kernel=True)), "front end")


@pytest.mark.parametrize(
    ("members", "finding", "said"),
    [
        (b'"jupyterlab_widgets": 3', Finding.OK, "jupyterlab_widgets 3 in the Jupyter server's"),
        (b'"jupyterlab_widgets": 1', Finding.NOTE, "but jupyterlab_widgets 1 in the Jupyter"),
        (b'"jupyterlab_widgets": 0', Finding.NOTE, "but no jupyterlab_widgets in the Jupyter"),
        (b'"of an older release": 1', Finding.NOTE, "it is unknown whether the front end"),
        (b'"jupyterlab_widgets": "\\u0000"', Finding.NOTE, "it is unknown whether the front end"),
    ],
)
def test_other_environment(server: HttpServer, members: bytes, finding: Finding, said: str) -> None:
    """Widgets of the kernel are vouched for only if the server's environment can show them."""
    body = b'{"myid_notebook": "0.1.0", ' + members + b"}"
    server.answers[f"/lab/{CALLBACK_PATH}".replace("callback", "health")] = lambda handler: (
        json_body(handler, body)
    )

    found = _front_end(f"{server.url}/lab/{CALLBACK_PATH}")

    assert (finding, True) == (found.finding, said in found.detail)
    assert f"ipywidgets {version('ipywidgets')} in the kernel's environment" in found.detail


@pytest.mark.parametrize("callback", ["", "http://127.0.0.1:9/myid/callback", "socket:/x"])
def test_unknown_environment(server: HttpServer, callback: str) -> None:
    """Without a server that tells, it is unknown."""
    assert server.url

    found = _front_end(callback)

    assert Finding.NOTE is found.finding
    assert "it is unknown whether the front end can show its widgets" in found.detail


def test_real_server() -> None:
    """A kernel and its Jupyter server; what the doctor knows of packages is the kernel's."""
    with JupyterProcess() as jupyter, ServedKernel(jupyter) as kernel:
        kernel.execute("%load_ext myid_notebook")
        report = " ".join(kernel.execute("%myid_doctor").shown.split())

    assert "jupyterlab_widgets 3 in the Jupyter server's" in report
    assert "versions in the kernel's environment: Python" in report
