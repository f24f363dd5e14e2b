"""What ``%load_ext myid_notebook`` costs, in fresh processes that have loaded what a kernel has.

Beside an extension that does nothing, one with a single empty magic, one that imports requests and
ipywidgets at its top, as an extension does that does not take care, and Kqlmagic. Ten empty
modules, as many as this package loads here, show what files alone cost. The other time goes into
the settings, their traits and the options of the magics, which ``%config``, help and Tab need.
"""

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from harness import Bench, Table, in_process, run

OURS = "myid_notebook"
MODULES = 10
"""As many as ``%load_ext myid_notebook`` imports of this package."""

EXTENSIONS = {
    "empty_extension": "def load_ipython_extension(shell): pass\n",
    "empty_magic": """
from IPython.core.magic import Magics, line_magic, magics_class
@magics_class
class EmptyMagics(Magics):
    @line_magic
    def empty(self, line): pass
def load_ipython_extension(shell): shell.register_magics(EmptyMagics)
""",
    "modules_extension": f"""
import {", ".join(f"modules_extension_{number}" for number in range(MODULES))}
def load_ipython_extension(shell): pass
""",
    "eager_extension": "import ipywidgets, requests\ndef load_ipython_extension(shell): pass\n",
}
PROGRAM = """
import sys, time
import ipykernel.ipkernel
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
started = time.perf_counter()
shell.run_line_magic("load_ext", sys.argv[1])
elapsed = time.perf_counter() - started
assert sys.argv[1].lower() in {name.lower() for name in shell.extension_manager.loaded}
print(elapsed * 1000)
"""


def measure(bench: Bench) -> Iterator[Table]:
    """Load each in processes of its own."""
    names = {
        "an empty extension": "empty_extension",
        "one empty magic": "empty_magic",
        f"{MODULES} empty modules": "modules_extension",
        OURS: "myid_notebook",
        "requests and ipywidgets": "eager_extension",
        "Kqlmagic": "Kqlmagic",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, source in EXTENSIONS.items():
            (Path(folder) / f"{name}.py").write_text(source)
        for number in range(MODULES):
            (Path(folder) / f"modules_extension_{number}.py").touch()
        path = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
        environ = {**os.environ, "PYTHONPATH": path, "IPYTHONDIR": folder, "HOME": folder}
        contenders = {
            name: partial(in_process, PROGRAM, module, environ=environ, cwd=folder)
            for name, module in names.items()
        }
        samples, absent = bench.interleaved(contenders, 15, peers={"Kqlmagic"})
    table = Table("`%load_ext`", "ms", samples, "an empty extension", OURS, absent)
    table.reach("at most 3 times an empty extension", OURS, 3, "an empty extension")
    yield table


if __name__ == "__main__":
    run(measure)
