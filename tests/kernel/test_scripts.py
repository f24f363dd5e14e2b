"""``%myid_login`` in scripts that a notebook runs, such as an exported notebook."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.jupyter.kernel import LocalKernel, follow

LOGIN = "get_ipython().run_line_magic('myid_login', 'other')\n"
IN_FUNCTION = f"def sign_in():\n    {LOGIN}sign_in()\n"
GET_IPYTHON = "from IPython import get_ipython\n"
USE = "status = other.get('people', params={'q': 'jo'}).status_code\n"
RUNPY = "import runpy; globals().update(runpy.run_path({!r}, run_name='__main__'))"


@pytest.fixture
def script(kernel: LocalKernel, tmp_path: Path) -> Iterator[Path]:
    """The file of a script, in a folder from which the kernel imports."""
    kernel.execute(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})")
    yield tmp_path / "exported.py"
    kernel.execute(
        f"sys.path.remove({str(tmp_path)!r})\nsys.modules.pop('exported', None)\n"
        "globals().pop('status', None)"
    )


@pytest.mark.parametrize(
    ("line", "body"),
    [
        pytest.param("%run {}", LOGIN, id="run"),
        pytest.param("%run -i {}", IN_FUNCTION, id="run -i, in a function"),
        pytest.param(RUNPY, IN_FUNCTION, id="runpy, in a function"),
        pytest.param("from exported import *", LOGIN, id="import"),
    ],
)
def test_script_has_the_session(kernel: LocalKernel, script: Path, line: str, body: str) -> None:
    """The lines below the magic use the session, and so does the notebook afterwards."""
    script.write_text(GET_IPYTHON + body + USE)
    cell = kernel.submit(line.format(str(script)))
    follow(cell)

    assert [] == cell.finish().errors, cell.outputs.traceback
    assert "200 True" == kernel.value("status, other.signed_in").strip("()").replace(",", "")


def test_variable_of_the_script_is_not_overwritten(kernel: LocalKernel, script: Path) -> None:
    """A name that the script uses for something else is refused."""
    script.write_text(f"{GET_IPYTHON}other = [1]\n{LOGIN}")

    outputs = kernel.execute(f"%run {script}")

    assert ["NameTaken"] == [name for name, _ in outputs.errors]


def test_operations_of_the_scripts_session(kernel: LocalKernel, script: Path) -> None:
    """``%myid_api`` finds the session of the script that runs it."""
    script.write_text(
        f"{GET_IPYTHON}{LOGIN}get_ipython().run_line_magic('myid_api', 'people --session other')\n"
    )
    cell = kernel.submit(f"%run {script}")
    follow(cell)

    assert "its own API description" in cell.finish().shown
