"""The notebooks, each run once with the same arguments, and the organisation they read."""

from collections.abc import Callable

import pytest
from support.jupyter.notebook import Run, run_notebook
from support.servers.sandbox import SandboxProcess

from myid_notebook.sandbox.population.directory import Directory


@pytest.fixture(scope="session")
def run(
    sandbox_process: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Run]:
    """Run a notebook by the beginning of its name, once for the same arguments.

    Args of what is returned: the name; ``show_rows``; ``more``, the source of a cell that is
    added at the end; fault switches of the sandbox.
    """
    runs: dict[str, Run] = {}

    def run_once(name: str, *, show_rows: int = 0, more: str = "", **faults: object) -> Run:
        key = f"{name} {show_rows} {more} {faults}"
        if key not in runs:
            sandbox_process.reset()
            sandbox_process.faults(**faults)
            folder = tmp_path_factory.mktemp(name)
            try:
                runs[key] = run_notebook(folder, name, sandbox_process, show_rows, more)
            finally:
                sandbox_process.reset()
        return runs[key]

    return run_once


@pytest.fixture(scope="session")
def organisation() -> Directory:
    """The people of the sandbox and what they hold."""
    return Directory()
