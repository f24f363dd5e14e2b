"""What importing and loading the extension costs: nothing that is not needed yet."""

import subprocess
import sys

import pytest

LOAD = """
from IPython.core.interactiveshell import InteractiveShell
import sys
before = set(sys.modules)
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "myid_notebook")
print(*(set(sys.modules) - before))
assert "myid_login" in shell.magics_manager.magics["line"]
"""
SIGN_IN = "import sys, myid_notebook.kernel.commands\nprint(*sys.modules)"
IMPORT = "import sys, myid_notebook\nmyid_notebook.__dir__()\nprint(*sys.modules)"


def modules_after(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after some code."""
    command = [sys.executable, "-W", "error::ImportWarning", "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return set(answer.stdout.split())


@pytest.mark.parametrize("heavy", ["requests", "ipywidgets", "tornado", "jupyter_server"])
def test_loading_is_light(heavy: str) -> None:
    """%load_ext loads neither requests nor ipywidgets nor tornado: most cells never sign in."""
    assert heavy not in modules_after(LOAD)


@pytest.mark.parametrize("heavy", ["IPython", "requests", "ipywidgets", "tornado", "traitlets"])
def test_importing_is_light(heavy: str) -> None:
    """``import myid_notebook`` loads not even IPython: Jupyter servers import it as well."""
    assert heavy not in modules_after(IMPORT)


@pytest.mark.parametrize("late", ["doctor.doctor", "explore.tables"])
def test_signing_in_is_light(late: str) -> None:
    """What only later cells use does not delay the first sign-in link of a kernel."""
    loaded = modules_after(SIGN_IN)

    assert "myid_notebook.sign_in.sign_in" in loaded
    assert f"myid_notebook.{late}" not in loaded
