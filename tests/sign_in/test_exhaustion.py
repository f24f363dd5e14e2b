"""A process that may open nothing more says so in one line, and keeps nothing."""

import gc
import os
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, expect_failure, expect_next, redirect
from support.machine.threads import call_in_time
from support.servers.sandbox import Registration

from myid_notebook.callback.route import choose_route
from myid_notebook.errors import NoPortAvailable, SignInFailed
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="counts files as POSIX does")


assert tracemalloc  # pytest imports it late, to tell of what asyncio left half opened


@pytest.fixture(autouse=True)
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no file of certificates to open."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def files_left(count: int) -> Iterator[None]:
    """Let this process open so many more files, and no more."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    gc.collect()  # what others have left open would be closed at any moment
    with ExitStack() as stack:
        first = os.open(os.devnull, os.O_RDONLY)
        resource.setrlimit(resource.RLIMIT_NOFILE, (first + 100, limits[1]))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        taken = [first]
        stack.callback(lambda: [os.close(file) for file in taken])
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            for file in taken[len(taken) - count :]:
                os.close(file)
            del taken[len(taken) - count :]
        yield


def test_no_port_can_be_opened(begin: Begin) -> None:
    """There is no sign-in then, and the message says why and what to do; once there is room, the
    next one works.
    """
    with (
        files_left(0),
        pytest.raises(NoPortAvailable, match=r"Too many open files.*restart the kernel"),
    ):
        begin()

    expect_next(begin)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # asyncio's own
@pytest.mark.parametrize("count", [1, 2])
def test_no_event_loop_can_be_opened(begin: Begin, count: int) -> None:
    """The sign-in ends at once, with its reason; the next one works."""
    with files_left(count):
        sign_in = begin(paste=True)
        assert sign_in.wait(20)
    expect_failure(sign_in, None, "Too many open files")
    expect_next(begin, sign_in)


@contextmanager
def browser_of_its_own(address: str) -> Iterator[subprocess.Popen[str]]:
    """A process that opens an address when it is told to: its files are not this one's."""
    code = "import sys, urllib.request as u\ninput()\nprint(u.urlopen(sys.argv[1]).read().decode())"
    with subprocess.Popen(
        [sys.executable, "-c", code, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as browser:
        yield browser


def test_answer_that_cannot_be_taken_yet(begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    """It waits at the port until there is room, and then ends the sign-in as it should."""
    sign_in = begin()
    with browser_of_its_own(redirect(sign_in)) as browser:
        with files_left(0):
            browser.stdin.write("\n")
            browser.stdin.flush()
            assert not sign_in.wait(1.5)
        assert "Signed in to MyID" in browser.communicate(timeout=20)[0]

    assert sign_in.result().operator is not None
    assert "out of system resource" in caplog.text


def test_code_that_cannot_be_exchanged(begin: Begin) -> None:
    """The sign-in ends with its reason, in the notebook and in the browser; the next one works."""
    sign_in = begin()
    with browser_of_its_own(redirect(sign_in)) as browser:
        with files_left(1):
            browser.stdin.write("\n")
            browser.stdin.flush()
            assert sign_in.wait(20)
        assert "too many open files" in browser.communicate(timeout=20)[0]

    with pytest.raises(SignInFailed, match=r"too many open files.*Sign in again"):
        sign_in.result()
    expect_next(begin, sign_in)


@contextmanager
def no_threads() -> Iterator[None]:
    """Let this process start no thread: each would need more memory than there can be."""
    before = threading.stack_size(2**47 - 2**20)
    try:
        yield
    finally:
        threading.stack_size(before)


needs_stack = pytest.mark.skipif(sys.platform != "linux", reason="a thread's stack as on Linux")


@needs_stack
def test_no_thread_to_sign_in_with(begin: Begin, left_over: Callable[[], list[str]]) -> None:
    """One line says so at once; port, file and waiting callers are released; the next one works."""
    with (
        no_threads(),
        pytest.raises(SignInFailed, match=r"not start a thread .*restart the kernel") as caught,
    ):
        begin()
    assert 1 == len(str(caught.value).splitlines())
    assert [] == left_over()

    assert "Signed in to MyID" == open_page(redirect(begin())).title


@needs_stack
def test_ended_before_it_began(begin: Begin, registration: Registration) -> None:
    """Whoever holds such a sign-in neither waits nor hangs, and is told the reason."""
    settings = resolve({}, registration.environ, {})
    route = choose_route(settings.redirect_uri, {}, paste=False)
    sign_in = SignIn(settings, route, BearerSession(settings.api_url))
    with no_threads(), pytest.raises(SignInFailed):
        sign_in.start()

    assert begin
    assert sign_in.wait(0)
    assert sign_in.request is None
    call_in_time(lambda: sign_in.cancel(cancelled()))
    call_in_time(lambda: sign_in.paste("http://localhost/?code=c&state=s"))
    with pytest.raises(SignInFailed, match="can't start new thread"):
        sign_in.result()


@needs_stack
def test_no_thread_to_exchange_the_code_in(begin: Begin) -> None:
    """The sign-in ends with its reason, in the notebook and in the browser; the next one works."""
    sign_in = begin()
    with browser_of_its_own(redirect(sign_in)) as browser:
        with no_threads():
            browser.stdin.write("\n")
            browser.stdin.flush()
            assert sign_in.wait(20)
        assert "not start a thread for the sign-in" in browser.communicate(timeout=20)[0]

    with pytest.raises(SignInFailed, match="sign in again"):
        sign_in.result()
    assert "Signed in to MyID" == open_page(redirect(begin())).title


@needs_stack
def test_no_thread_to_ask_for_the_name_in(begin: Begin) -> None:
    """Signed in all the same."""
    with ExitStack() as stack:
        sign_in = begin(on_token=lambda: stack.enter_context(no_threads()))
        page = open_page(redirect(sign_in))
        assert sign_in.wait(20)

    assert "Signed in to MyID" == page.title
    assert sign_in.result().signed_in
    assert sign_in.session.operator is not None
    assert sign_in.session.operator.name is None
