"""From ``%myid_login`` to the link on screen, in a real kernel: the first and the second sign-in.

Each with the checks of MyID beside the link, and without: nothing is to be seen of them here.

With an argument, the same is measured with another copy of the package beside it, in turn:
``python benchmarks/time_to_link.py FOLDER``, where FOLDER holds the other ``myid_notebook``.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel
from table import print_table

ROUNDS = 10
ENVIRON = {
    "MYID_SERVER": "https://myid.example.com",
    "MYID_CLIENT_ID": "myid.notebook",
    "MYID_CLIENT_SECRET": "not-used-before-the-redirect",
    "MYID_REDIRECT_URI": "http://localhost:47811/myid/callback",
}
LOGIN = "%myid_login --no-wait --force"
CHECKS = ("off", "on")


def one_run(package: Path, checks: str, folder: str) -> tuple[float, float]:
    """Return the milliseconds to the first and to the second link of a new kernel."""
    environ = {**os.environ, **ENVIRON, "PYTHONPATH": str(package), "IPYTHONDIR": folder}
    environ["MYID_CHECKS"] = checks
    environ.pop("PYTHONSAFEPATH", None)
    manager, client = start_new_kernel(kernel_name="python3", env=environ)
    try:
        client.execute_interactive(
            "import myid_notebook\n%load_ext myid_notebook\n"
            f"assert myid_notebook.__file__.startswith({str(package)!r}), myid_notebook.__file__",
            timeout=60,
            output_hook=lambda _: None,
        )
        return to_link(client), to_link(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def to_link(client: object) -> float:
    """Return the milliseconds from the request to execute to the output with the link."""
    shown: list[float] = []

    def note(message: dict[str, object]) -> None:
        if "connect/authorize" in str(message.get("content")) and not shown:
            shown.append(time.perf_counter())

    started = time.perf_counter()
    client.execute_interactive(LOGIN, timeout=60, output_hook=note)  # type: ignore[attr-defined]
    return (shown[0] - started) * 1000


def main() -> None:
    """Measure in turn, so that a busy moment of the machine hits each alike."""
    here = Path(__file__).parents[1].resolve()
    rows = {f"this package, checks {checks}": (here, checks) for checks in CHECKS}
    if len(sys.argv) > 1:
        rows = {"the other one": (Path(sys.argv[1]).resolve(), "on"), **rows}
    firsts: dict[str, list[float]] = {name: [] for name in rows}
    seconds: dict[str, list[float]] = {name: [] for name in rows}
    with tempfile.TemporaryDirectory() as folder:
        for package, checks in rows.values():
            one_run(package, checks, folder)  # compiled once, as after an installation
        for _ in range(ROUNDS):
            for name, (package, checks) in rows.items():
                first, second = one_run(package, checks, folder)
                firsts[name].append(first)
                seconds[name].append(second)
    print_table("%myid_login to its link, first in a kernel", "ms", firsts)
    print_table("%myid_login to its link, second in a kernel", "ms", seconds)


if __name__ == "__main__":
    main()
