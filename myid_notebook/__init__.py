"""Sign in to Intercede MyID from a notebook.

In a notebook: ``%load_ext myid_notebook``, then ``%myid_login``. From Python:
``myid_notebook.login()`` or ``await myid_notebook.login_async()``.

Importing this package is cheap: every name below is loaded when it is first used, so that
``%load_ext`` and a starting Jupyter server pay for nothing they do not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from jupyter_server.serverapp import ServerApp

    from myid_notebook.errors import MyIDError as MyIDError
    from myid_notebook.explore.api_error import FilterIgnored as FilterIgnored
    from myid_notebook.explore.api_error import MyIDAPIError as MyIDAPIError
    from myid_notebook.explore.api_error import SomeFailed as SomeFailed
    from myid_notebook.explore.rows import Rows as Rows
    from myid_notebook.kernel.api import login as login
    from myid_notebook.kernel.api import login_async as login_async
    from myid_notebook.session.session import MyIDSession as MyIDSession

__version__ = "0.1.0"

__all__ = [
    "FilterIgnored",
    "MyIDAPIError",
    "MyIDError",
    "MyIDSession",
    "Rows",
    "SomeFailed",
    "__version__",
    "login",
    "login_async",
]

_HOMES = {
    "FilterIgnored": "myid_notebook.explore.api_error",
    "MyIDAPIError": "myid_notebook.explore.api_error",
    "Rows": "myid_notebook.explore.rows",
    "SomeFailed": "myid_notebook.explore.api_error",
    "MyIDError": "myid_notebook.errors",
    "MyIDSession": "myid_notebook.session.session",
    "login": "myid_notebook.kernel.api",
    "login_async": "myid_notebook.kernel.api",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register ``%myid_login``, ``%myid_status``, ``%myid_logout``, ``%myid_doctor`` and others.

    Args:
        shell: the shell that runs ``%load_ext myid_notebook``.
    """
    from myid_notebook.kernel.completion import add_completions  # noqa: PLC0415 - only kernels need it
    from myid_notebook.kernel.magics import MyIDMagics  # noqa: PLC0415 - the same

    shell.register_magics(MyIDMagics)
    add_completions(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """End every pending sign-in; the sessions that exist keep working.

    Args:
        shell: the shell that runs ``%unload_ext myid_notebook``.
    """
    from myid_notebook.kernel.magics import MyIDMagics  # noqa: PLC0415 - only kernels need it

    MyIDMagics.unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "myid_notebook"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from myid_notebook.server import load  # noqa: PLC0415 - only Jupyter servers need it

    load(server)


async def _start_jupyter_server_extension(server: ServerApp) -> None:
    from myid_notebook.server import start  # noqa: PLC0415 - only Jupyter servers need it

    start(server)
