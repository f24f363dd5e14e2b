"""A place to examine: a client registered with the sandbox, and folders of the test's own."""

from pathlib import Path

import pytest
from support.servers.sandbox import Registration
from support.values.doctor_report import Examine

from myid_notebook.doctor.check import Environment
from myid_notebook.doctor.doctor import Report, examine


@pytest.fixture
def examine_with(registration: Registration, runtime_dir: Path) -> Examine:  # noqa: ARG001 - its own
    """Examines that client's settings; a keyword changes an environment variable, None unsets."""

    def examine_one(**environ: str | None) -> Report:
        given = {**registration.environ, **environ}
        return examine(Environment(environ={k: v for k, v in given.items() if v is not None}))

    return examine_one
