"""The programs around: versions, and whether widgets can be shown."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from myid_notebook.diagnosis.check import Check, note, ok
from myid_notebook.diagnosis.place import Place

_PACKAGES = ("ipykernel", "ipython", "jupyter_server", "jupyterlab", "notebook", "requests")


def version_checks(place: Place) -> Iterator[Check]:
    """Yield the checks of versions and of the front end.

    Args:
        place: where a sign-in would happen.
    """
    found = [f"{name} {_version(name)}" for name in _PACKAGES if _version(name)]
    yield ok("versions", f"Python {platform.python_version()}, {', '.join(found)}")
    yield _widget_check(place)


def _widget_check(place: Place) -> Check:
    subject = "front end"
    if not place.in_kernel:
        return ok(
            subject, "a terminal: the link is printed, and opened in a browser where possible"
        )
    if _version("ipywidgets") is None:
        return note(subject, "ipywidgets is not installed here: the link comes as plain HTML")
    if _version("jupyterlab_widgets") is None:
        return note(
            subject,
            "ipywidgets is here; whether the front end shows widgets is not known to the kernel",
            "Without its widget manager (jupyterlab_widgets) the link comes as plain HTML.",
        )
    return ok(subject, f"ipywidgets {_version('ipywidgets')} and its widget manager are installed")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
