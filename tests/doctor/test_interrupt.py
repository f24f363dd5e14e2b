"""Interrupting the doctor in a kernel that shows all it can of an exception."""

import re

import pytest
from support.jupyter.kernel import LocalKernel
from support.servers.http_server import HttpServer
from support.values.secrets import found

SECRET = "9f0c-hush-1b7a-hush"


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
@pytest.mark.parametrize("held", ["/web.oauth2/connect/authorize", "/web.oauth2/connect/token"])
def test_interrupt(method: str, held: str) -> None:
    """It ends at once, and %xmode Verbose shows no client secret."""
    environ = {
        "MYID_CLIENT_ID": "myid.tests",
        "MYID_CLIENT_SECRET": SECRET,
        "MYID_CLIENT_AUTHENTICATION": method,
    }
    with HttpServer() as server, LocalKernel({**environ, "MYID_SERVER": server.url}) as kernel:
        server.answers[held] = lambda _: server.stopping.wait()
        kernel.execute("%load_ext myid_notebook\n%xmode Verbose")
        cell = kernel.submit("%myid_doctor")
        cell.wait_for(lambda: any(held in seen.target for seen in server.seen))

        kernel.interrupt()
        outputs = cell.finish(timeout=8)

    assert ["KeyboardInterrupt"] == [name for name, _ in outputs.errors]
    assert len(outputs.traceback) > 200
    plain = re.sub(r"\x1b\[[0-9;]*m", "", outputs.traceback)
    assert [] == found({"secret": SECRET}, plain)
