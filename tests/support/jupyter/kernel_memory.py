"""Looking into the memory of a kernel, without putting into it what is looked for."""

import json
import re
from hashlib import sha256

from support.jupyter.kernel import KernelClient

IN_KERNEL = """
import gc as _gc
import re as _re
import types as _types
from collections import deque as _deque
from concurrent.futures import Future as _Future
from functools import partial as _partial
from hashlib import sha256 as _sha256

def _texts():
    _gc.collect()
    holders = _gc.get_objects()
    for holder in holders:  # grows: what holds nothing but text is not in the collector's list
        for held in _gc.get_referents(holder):
            if isinstance(held, str):
                yield type(held).__name__, held
            elif isinstance(held, (bytes, bytearray)):
                yield type(held).__name__, bytes(held).decode("latin-1")
            elif type(held) in (dict, tuple, frozenset) and not _gc.is_tracked(held):
                holders.append(held)

def _words(text):
    return _re.findall(r"[A-Za-z0-9_.-]{12,}", str(text))

def holders_of(digest):
    return sorted({kind for kind, text in _texts() for word in _words(text)
        if _sha256(word.encode()).hexdigest() == digest})

def owners_of(digest):
    owners = set()
    for owner in _gc.get_objects():
        if str(type(owner).__module__).startswith("myid_notebook") and not isinstance(owner, type):
            if any(_sha256(word.encode()).hexdigest() == digest for word in _words_below(owner)):
                owners.add(type(owner).__name__)
    return sorted(owners)

def _words_below(owner):
    seen, queue = set(), [owner]
    while queue:
        holder = queue.pop()
        for held in _held_by(holder):
            if isinstance(held, str):
                yield from _words(held)
            elif isinstance(held, _PASSED_THROUGH) and id(held) not in seen:
                seen.add(id(held))
                queue.append(held)

_PASSED_THROUGH = (dict, list, tuple, set, frozenset, _deque, _types.FunctionType,
    _types.CellType, _types.MethodType, _partial, _Future)

def _held_by(holder):
    if isinstance(holder, _types.FunctionType):  # its globals are those of a module
        return [*(holder.__closure__ or ()), *(holder.__defaults__ or ())]
    return _gc.get_referents(holder)

def _slots(kind):
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        yield from [slots] if isinstance(slots, str) else slots

def _faces(each):
    from IPython.lib.pretty import pretty
    yield from [repr(each), str(each), format(each), pretty(each), repr(dir(each))]
    yield repr(getattr(each, "__dict__", ""))
    yield from [repr(getattr(each, name, "")) for name in _slots(type(each))]
    if type(each).__module__.startswith("myid_notebook"):
        yield repr(get_ipython().display_formatter.format(each))

def faces(*rooms):
    faces = []
    for each in _gc.get_objects():
        room = str(type(each).__module__).partition(".")[0]
        if room in rooms and not isinstance(each, (type, _types.ModuleType, str)):
            faces += _faces(each)
    return chr(10).join(faces)
"""
"""A cell that defines ``holders_of()``, ``owners_of()`` and ``faces()``."""


def held(kernel: KernelClient, word: str) -> list[str]:
    """Return the types of the texts in which a kernel's memory holds a word.

    Args:
        kernel: in which ``IN_KERNEL`` was executed.
        word: of letters, digits, dots, dashes and underscores; at least 12.
    """
    assert re.fullmatch(r"[A-Za-z0-9_.-]{12,}", word)
    return held_by_hash(kernel, sha256(word.encode()).hexdigest())


def held_by_hash(kernel: KernelClient, digest: str) -> list[str]:
    """Return the same for a word of which only the hash is known.

    Args:
        kernel: in which ``IN_KERNEL`` was executed.
        digest: SHA-256, in hex.
    """
    kinds: list[str] = json.loads(kernel.value(f"__import__('json').dumps(holders_of({digest!r}))"))
    return kinds


def owners(kernel: KernelClient, word: str) -> list[str]:
    """Return the classes of the package whose objects hold a word, in whatever container.

    Args:
        kernel: in which ``IN_KERNEL`` was executed.
        word: of letters, digits, dots, dashes and underscores; at least 12.
    """
    digest = sha256(word.encode()).hexdigest()
    names: list[str] = json.loads(kernel.value(f"__import__('json').dumps(owners_of({digest!r}))"))
    return names
