"""A sign-in that cannot be shown, or ends while it is shown."""

import subprocess
import sys
from collections.abc import Callable
from os import environ

import pytest
from support.jupyter.kernel import LocalKernel
from support.servers.sandbox import Registration

PROGRAM = """
import os, sys, threading
from myid_notebook import login
{before}
try:
    login({options})
except BaseException as error:
    print(type(error).__name__, file=sys.stderr)
ours = [each for each in threading.enumerate() if each.name.startswith("myid-")]
for each in ours:
    each.join(5)  # a thread is listed for a moment after its work is done
print([each.name for each in ours if each.is_alive()], file=sys.stderr)
"""

INTERRUPTED_START = """
import signal
from myid_notebook.sign_in.sign_in import SignIn
start = SignIn.start
def interrupted(sign_in):
    os.kill(os.getpid(), signal.SIGINT)
    start(sign_in)
SignIn.start = interrupted
"""

INTERRUPTED_CONSTRUCTION = """
from myid_notebook.kernel import person
from myid_notebook.callback.route import choose_route
routes = []
def opened(*args, **options):
    routes.append(choose_route(*args, **options))
    return routes[0]
def interrupted(*_, **__):
    raise KeyboardInterrupt
person.choose_route, person.SignIn = opened, interrupted
import atexit
atexit.register(lambda: print([each.fileno() for each in routes[0].sockets], file=sys.stderr))
"""


@pytest.mark.parametrize(
    ("before", "error"),
    [
        pytest.param("sys.stdout.close()", "ValueError", id="closed standard output"),
        pytest.param("sys.stdout = open('/dev/full', 'w')", "OSError", id="full disk"),
        pytest.param(INTERRUPTED_START, "SignInInterrupted", id="interrupted start"),
    ],
)
def test_what_cannot_be_shown_is_ended(client: Registration, before: str, error: str) -> None:
    """A sign-in that fails before anybody waits for it goes on for nobody."""
    assert f"{error}\n[]\n" in _run(client, before)


def test_interrupt_before_the_start(client: Registration) -> None:
    """An interrupt between the opening of the port and the sign-in closes the port."""
    said = _run(client, INTERRUPTED_CONSTRUCTION)

    assert "SignInInterrupted\n[]\n" in said
    assert "[-1" in said


NO_BROWSER = """
import webbrowser
from myid_notebook.kernel import person
def open_nothing():
    raise webbrowser.Error("could not locate runnable browser")
webbrowser.get, person.can_open_browser = open_nothing, lambda _: True
"""

BROKEN_BROWSER = """
import webbrowser
from pathlib import Path
from tempfile import mkdtemp
from myid_notebook.kernel import person
browser = Path(mkdtemp(), "browser")
browser.write_bytes(b"\\x7fELF, and nothing after it")
browser.chmod(0o755)
webbrowser.register("broken", None, webbrowser.Mozilla(str(browser)), preferred=True)
person.can_open_browser = lambda _: True
"""


@pytest.mark.parametrize("before", [NO_BROWSER, BROKEN_BROWSER], ids=["none", "broken"])
def test_browser_that_cannot_be_opened(client: Registration, before: str) -> None:
    """Where no browser can be opened the link is shown all the same, and the sign-in goes on."""
    assert "SignInTimeout\n[]\n" in _run(client, before, "timeout=0.5")


def _run(client: Registration, before: str, options: str = "wait=True") -> str:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before, options=options)],
        env={**environ, **client.environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return answer.stderr


CANCELLED_FIRST = """
import asyncio, threading
from myid_notebook import login_async
from myid_notebook.kernel import person
opening, go_on, choose_route = threading.Event(), threading.Event(), person.choose_route
def slow(*args, **options):
    opening.set()
    go_on.wait()
    return choose_route(*args, **options)
person.choose_route = slow
async def main():
    task = asyncio.create_task(login_async(wait=True))
    while not opening.is_set():
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    go_on.set()
    while any(each.name.startswith("myid-") for each in threading.enumerate()):
        await asyncio.sleep(0.01)
    print("cancelled", task.cancelled())
asyncio.run(main())
"""


def test_nothing_is_said_of_what_was_never_shown(client: Registration) -> None:
    """A ``login_async`` that is cancelled before its link is shown prints nothing."""
    answer = subprocess.run(
        [sys.executable, "-c", CANCELLED_FIRST],
        env={**environ, **client.environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ("cancelled True\n", "") == (answer.stdout, answer.stderr)


ENDS_MEANWHILE = """
import gc
import ipywidgets
from myid_notebook.kernel.commands import registry
from myid_notebook.sign_in.messages import cancelled
make = ipywidgets.VBox.__init__
def open_widgets():
    found = [each for each in gc.get_objects() if isinstance(each, ipywidgets.Widget)]
    return [each for each in found if each.comm is not None]
def slow(box, *args, **options):
    make(box, *args, **options)
    if registry.records["myid"].pending is not None:
        registry.records["myid"].pending.sign_in.cancel(cancelled())
ipywidgets.VBox.__init__ = slow
"""


def test_end_while_the_widget_is_made(start_kernel: Callable[..., LocalKernel]) -> None:
    """The widget of a sign-in that ended before it was shown is closed, and the link is gone."""
    kernel = start_kernel()
    kernel.execute(ENDS_MEANWHILE)

    outputs = kernel.execute("%myid_login")

    assert ["SignInCancelled"] == [name for name, _ in outputs.errors]
    assert "" == outputs.link
    assert "[]" == kernel.value("open_widgets()")
