"""Load each module of this package once in IPython, and say when it has changed on disk.

Sign-ins and classes must be the same to all code: a second set of them would not know the first.
``%autoreload``, ``importlib.reload``, ``%reload_ext`` and a second import after modules were
deleted from ``sys.modules`` all give the modules that are loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from copy import copy
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

from IPython.core.getipython import get_ipython

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_NAME = __name__.partition(".")[0]
_PACKAGE = sys.modules[_NAME]

_CHANGED = "myid_notebook was changed on disk. Restart the kernel to use the new version."

_times: dict[str, float | None] = {}
"""When the file of each module was changed, as last seen."""


def load_once(shell: InteractiveShell) -> None:
    """Load no module of this package again; stays after ``%unload_ext``, as the sessions do.

    Args:
        shell: of this process; its ``%autoreload`` is kept away from them.
    """
    if _LoadedBefore not in sys.meta_path:
        sys.meta_path.insert(0, _LoadedBefore)
    _times.setdefault(_NAME, _time(_NAME))
    shell.events.register("post_run_cell", _after_cell)


class _LoadedBefore(Loader):
    """Find the modules of this package that are loaded, and load them as they are."""

    def __init__(self, module: ModuleType, spec: ModuleSpec) -> None:
        self._module = module
        self._spec = spec

    @classmethod
    def find_spec(
        cls, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load a module again; None for one that was not loaded, or was emptied."""
        module = _loaded(name)
        spec: ModuleSpec | None = getattr(module, "__spec__", None)
        if module is None or spec is None:
            return None
        again = copy(spec)
        again.loader = cls(module, spec)
        return again

    def create_module(self, _spec: ModuleSpec) -> ModuleType:
        """Return the module that is loaded."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it was."""
        module.__spec__, module.__loader__ = self._spec, self._spec.loader


def _loaded(name: str) -> ModuleType | None:
    # By the attributes of packages, which remain if modules are deleted from sys.modules.
    package, *parts = name.split(".")
    module: object = _PACKAGE if package == _NAME else None
    for part in parts:
        module = vars(module).get(part) if isinstance(module, ModuleType) else None
    return module if isinstance(module, ModuleType) else None


def _after_cell(_result: object) -> None:
    shell: InteractiveShell | None = get_ipython()
    names = [_NAME]
    # Not by the name of its magics: %reload_ext autoreload leaves the older ones at work.
    for callback in shell.events.callbacks["pre_run_cell"] if shell is not None else ():
        exclude = getattr(getattr(callback, "__self__", None), "aimport", None)
        if exclude is not None:
            names = [name for name in list(sys.modules) if name.partition(".")[0] == _NAME]
            exclude(", ".join(f"-{name}" for name in names))
    now = {name: _time(name) for name in names}
    changed = any(_times.get(name, time) != time for name, time in now.items())
    _times.update(now)
    if changed:
        from myid_notebook.front_end import publish  # noqa: PLC0415 - %load_ext need not wait for it

        publish({"text/plain": _CHANGED})


def _time(name: str) -> float | None:
    file = getattr(_loaded(name), "__file__", None)
    try:
        return os.stat(file).st_mtime if file else None  # noqa: PTH116 - pathlib is slower
    except OSError:  # uninstalled, or in an archive
        return None
