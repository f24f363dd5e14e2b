"""What ``%load_ext myid_notebook`` costs, in fresh processes that have loaded what a kernel has.

Compared with an extension that does nothing, and with one that imports requests and ipywidgets at
its top, as an extension does that does not take care.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from table import print_table, print_target

ROUNDS = 15
EXTENSIONS = {
    "empty_extension": "def load_ipython_extension(shell): pass\n",
    "eager_extension": ("import ipywidgets, requests\ndef load_ipython_extension(shell): pass\n"),
}
PROGRAM = """
import sys, time
import ipykernel.ipkernel
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
started = time.perf_counter()
shell.run_line_magic("load_ext", sys.argv[1])
elapsed = time.perf_counter() - started
print(elapsed * 1000)
"""


def one_run(extension: str, folder: str) -> float:
    """Return the milliseconds of loading an extension in a process of its own."""
    environ = {**os.environ, "PYTHONPATH": folder, "IPYTHONDIR": folder}
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, extension],
        env=environ,
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    return float(answer.stdout.split()[-1])


def main() -> None:
    """Measure in turn, so that a busy moment of the machine hits each alike."""
    names = ["empty_extension", "myid_notebook", "eager_extension"]
    samples: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        for name, source in EXTENSIONS.items():
            (Path(folder) / f"{name}.py").write_text(source)
        for name in names:
            one_run(name, folder)  # compiled once, as after an installation
        for _ in range(ROUNDS):
            for name in names:
                samples[name].append(one_run(name, folder))
    print_table("%load_ext in a fresh process", "ms", samples)
    print_target("%load_ext myid_notebook, minimum", min(samples["myid_notebook"]), 10, "ms")


if __name__ == "__main__":
    main()
