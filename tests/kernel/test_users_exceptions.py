"""Calls within a handler of the user's own."""

import pytest
from support.local_kernel import LocalKernel

HANDLING = """
import traceback
from myid_notebook import MyIDError, login, login_async
def fail():
    raise KeyError("of the user's own")
try:
    try:
        fail()
    except KeyError:
        {call}
except MyIDError as error:
    print(type(error).__name__)
    print(*traceback.format_exception(error.__context__))
"""


@pytest.mark.parametrize("call", ["login(server='nonsense')", "await login_async(timeout=-1)"])
def test_exception_that_is_being_handled(kernel: LocalKernel, call: str) -> None:
    """An error that is raised within a handler takes nothing from the exception handled there."""
    said = kernel.execute(HANDLING.format(call=call)).text

    assert "SettingError" == said.splitlines()[0]
    assert "in fail" in said
    assert "of the user's own" in said
