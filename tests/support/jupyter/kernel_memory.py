"""Looking into the memory of a kernel, without putting into it what is looked for."""

import json
import re
from hashlib import sha256

from support.jupyter.kernel import KernelClient

IN_KERNEL = """
import gc as _gc
import re as _re
import types as _types
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
"""A cell that defines ``holders_of()`` and ``faces()``."""


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
