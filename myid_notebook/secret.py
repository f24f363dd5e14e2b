"""A string that hides its value in ``repr``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Self, SupportsIndex

NO_COPIES = (
    "A MyID session cannot be pickled or copied, because it holds your sign-in. Sign in again in "
    "the other process, or pass the data."
)
"""The message for an attempt to store a secret, or an object that holds one."""


class Secret(str):
    """A string whose ``repr`` is a row of asterisks, and that cannot be pickled.

    Everything secret in this package (client secret, code, verifier, token, ``Authorization``
    value) is held as one, because ``repr`` is what tracebacks, ``%config``, rich displays,
    containers and dataclasses show.

    So is every part of it: what slicing, iterating, splitting, stripping, adding and the other
    methods of ``str`` return is a secret too, because displays cut a long string before they show
    its ``repr``. A format with a width or a precision (``f"{secret:.5}"``) gets the asterisks.

    Its whole text is still an ordinary string for the code that sends it: ``str(secret)``,
    ``f"{secret}"``, ``"%s" % secret``, ``"".join(…)`` and ``secret.encode()`` are plain, so
    ``requests`` and ``urllib.parse`` take it as it is. Also plain is whatever C code makes of it
    without asking: ``json.dumps(secret)``, ``"%.5s" % secret``, the groups of a regular expression.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"

    def __format__(self, spec: str) -> str:
        return format(str(self) if spec in {"", "s"} else repr(self), spec)

    def __iter__(self) -> Iterator[str]:
        return map(type(self), super().__iter__())

    def __radd__(self, before: str) -> str:
        return type(self)(str.__add__(before, self))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(NO_COPIES)


def _secret(part: Any) -> Any:  # noqa: ANN401 - whatever a method of str returns
    if isinstance(part, str):
        return Secret(part)
    return type(part)(map(Secret, part))


def _secret_method(name: str) -> Callable[..., Any]:
    method = getattr(str, name)

    def call(self: Secret, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the method of str
        return _secret(method(self, *args, **kwargs))

    call.__name__, call.__doc__ = name, method.__doc__
    return call


for _name in (
    *("__getitem__", "__add__", "__mul__", "__rmul__", "split", "rsplit", "splitlines"),
    *("partition", "rpartition", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix"),
    *("replace", "translate", "expandtabs", "lower", "upper", "casefold", "swapcase", "title"),
    *("capitalize", "center", "ljust", "rjust", "zfill", "join", "format", "format_map", "__mod__"),
):
    setattr(Secret, _name, _secret_method(_name))
