"""A process that may open nothing more says so in one line, and keeps nothing."""

import os
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from support.pending import Begin

from myid_notebook.errors import DoorUnavailable, SignInFailed

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
    """There is no sign-in then, and the message says why and what to do."""
    with files_left(0), pytest.raises(DoorUnavailable, match=r"Too many open files.*restart it"):
        begin()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # asyncio's own
@pytest.mark.parametrize("count", [1, 2])
def test_no_event_loop_can_be_opened(begin: Begin, count: int) -> None:
    """The sign-in ends at once, with its reason."""
    with files_left(count), pytest.raises(SignInFailed, match=r"Too many open files"):
        begin(paste=True).result()
