"""The names that ``import myid_notebook`` offers, however they are reached."""

import subprocess
import sys

import pytest

import myid_notebook
from myid_notebook import errors
from myid_notebook.explore import api_error, fetch, search

USES = {
    "function first": "from myid_notebook import login",
    "sub-package first": "import myid_notebook.sign_in.sign_in\nfrom myid_notebook import login",
}


@pytest.mark.parametrize("use", USES)
def test_login_is_the_function(use: str) -> None:
    """``myid_notebook.login`` is the function, whatever sub-package was imported before."""
    code = f"{USES[use]}\nprint(login.__module__, login.__name__)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert "myid_notebook.kernel.commands login\n" == answer.stdout


@pytest.mark.parametrize("name", myid_notebook.__all__)
def test_every_name_is_there(name: str) -> None:
    """Every name that is offered can be had, and is listed."""
    assert getattr(myid_notebook, name)
    assert name in dir(myid_notebook)


def test_every_error_is_there() -> None:
    """Every error class is a name of the package, the same one; a mixin is no error of its own."""
    found = [
        each
        for module in (errors, api_error, fetch, search)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, (errors.MyIDError, KeyboardInterrupt))
    ]

    assert len(found) > 20
    assert [] == [each for each in found if getattr(myid_notebook, each.__name__, None) is not each]


def test_tab_offers_only_public_names() -> None:
    """Not the imports of the package, and not the functions that IPython and Jupyter call."""
    assert sorted(myid_notebook.__all__) == dir(myid_notebook)


def test_other_names_are_not() -> None:
    """A name that is not offered is an ordinary AttributeError."""
    with pytest.raises(AttributeError, match="no attribute 'log_in'"):
        getattr(myid_notebook, "log_in")  # noqa: B009 - so that no linter knows it
