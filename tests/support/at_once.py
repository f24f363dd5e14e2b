"""Threads that begin at the same moment and take turns all the time."""

import sys
import threading
from collections.abc import Callable


def at_once(threads: int, work: Callable[[int], None]) -> list[BaseException]:
    """Let threads work and return what they raised.

    Args:
        threads: how many.
        work: takes the number of its thread.
    """
    barrier, failures = threading.Barrier(threads, timeout=60), []

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            failures.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    return failures
