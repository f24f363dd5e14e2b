"""Calls within a handler of the user's own."""

import sys

import pytest
from support.jupyter.kernel import LocalKernel

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


@pytest.mark.skipif(sys.platform != "linux", reason="a thread's stack as on Linux")
def test_no_thread_meanwhile(kernel: LocalKernel) -> None:
    """The same where the sign-in ends before its thread could start."""
    kernel.execute("import threading\nusual = threading.stack_size(2**47 - 2**20)")
    cell = HANDLING.format(call="login('other')").replace("error.__context__", "handled")
    said = kernel.execute(
        cell.replace("except KeyError:", "except KeyError as caught:\n        handled = caught")
    ).text
    kernel.execute("threading.stack_size(usual)")

    assert "SignInFailed" == said.splitlines()[0]
    assert "in fail" in said
