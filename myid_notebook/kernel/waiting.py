"""Waiting for a sign-in without stopping what else runs in the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator

from myid_notebook.kernel.interruption import interrupted
from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled

GLANCE = 1.0
"""Seconds between looks at pending signals, which on Windows do not end a wait."""


def wait_in_cell(login: Login) -> None:
    """Wait for the end of a sign-in; the user's own asyncio tasks go on meanwhile.

    Args:
        login: started.

    Raises:
        SignInInterrupted: the user interrupted the kernel; the sign-in has ended.
    """
    interrupts = _Interrupts()
    try:
        # Noted, not raised: an interrupt would hit whichever of the user's tasks happens to run,
        # or leave asyncio half patched, which no kernel survives.
        with interrupts.noted():
            loop = _nestable_loop()
            if loop is not None:
                _wait_in_loop(loop, login, interrupts)
        while not interrupts.any and not login.wait(GLANCE):
            pass
    except KeyboardInterrupt:
        raise interrupted(login) from None
    if interrupts.any:
        raise interrupted(login)


async def wait_async(login: Login) -> None:
    """Wait for the end of a sign-in; a cancelled wait ends it.

    Args:
        login: started.
    """
    ended = _ended_event(login)
    try:
        await ended.wait()
    except asyncio.CancelledError:
        login.cancel(cancelled())
        raise


class _Interrupts:
    """Interrupts of the kernel, noted instead of raised."""

    def __init__(self) -> None:
        self.any = False
        self.wake: Callable[[], object] = lambda: None

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Note interrupts from now on, and call ``wake`` at each."""
        if threading.current_thread() is not threading.main_thread():
            yield  # only the main thread has signals
            return
        previous = signal.signal(signal.SIGINT, self._note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)

    def _note(self, *_: object) -> None:
        self.any = True
        self.wake()


def _wait_in_loop(loop: asyncio.AbstractEventLoop, login: Login, interrupts: _Interrupts) -> None:
    ended = _ended_event(login)
    interrupts.wake = lambda: loop.call_soon_threadsafe(ended.set)
    if not interrupts.any:
        loop.run_until_complete(_until(ended))


async def _until(ended: asyncio.Event) -> None:
    while not ended.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), GLANCE)


def _ended_event(login: Login) -> asyncio.Event:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(ended.set)

    login.when_done(tell)
    return ended


def _nestable_loop() -> asyncio.AbstractEventLoop | None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    import nest_asyncio2  # noqa: PLC0415 - patches asyncio, so only when a cell really waits

    interval = sys.getswitchinterval()
    # It patches the class of loops that run in other threads (ipykernel has three): they are not
    # to run in the middle of that.
    sys.setswitchinterval(1)
    try:
        nest_asyncio2.apply(loop)
    except ValueError:  # a loop of another make, such as uvloop's
        return None
    finally:
        sys.setswitchinterval(interval)
    return loop
