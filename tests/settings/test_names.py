"""The names of the package are what they say, whatever was imported before."""

import subprocess
import sys

import pytest

ORDERS = [
    "import myid_notebook.kernel.api; from myid_notebook import login as r",
    "import myid_notebook.sign_in.sign_in; from myid_notebook import login_async as r",
    "import myid_notebook.explore.session; from myid_notebook import MyIDSession as r",
]


@pytest.mark.parametrize("imports", ORDERS)
def test_name_is_not_hidden_by_a_module(imports: str) -> None:
    """A module of the same name would take the place of what is loaded when it is first used."""
    subprocess.run([sys.executable, "-c", f"{imports}\nassert callable(r), r"], check=True)


def test_unknown_name() -> None:
    """Anything else is missing, as from every module."""
    with pytest.raises(ImportError):
        from myid_notebook.settings import nothing  # noqa: F401, PLC0415 - there is none
