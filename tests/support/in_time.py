"""Calls that must not hang."""

import threading
from collections.abc import Callable


def in_time(call: Callable[[], object], timeout: float = 20) -> None:
    """Call something in a thread, which must come back.

    Args:
        call: takes nothing; raises nothing.
        timeout: seconds; far more than it needs.

    Raises:
        TimeoutError: it did not.
    """
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        raise TimeoutError
