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

    from myid_notebook.errors import CertificateNotTrusted as CertificateNotTrusted
    from myid_notebook.errors import IssuerMismatch as IssuerMismatch
    from myid_notebook.errors import MyIDError as MyIDError
    from myid_notebook.errors import NameTaken as NameTaken
    from myid_notebook.errors import NobodyToSignIn as NobodyToSignIn
    from myid_notebook.errors import NoPortAvailable as NoPortAvailable
    from myid_notebook.errors import NotSignedIn as NotSignedIn
    from myid_notebook.errors import ReadOnlySession as ReadOnlySession
    from myid_notebook.errors import RedirectRefused as RedirectRefused
    from myid_notebook.errors import RenewalDelayed as RenewalDelayed
    from myid_notebook.errors import SandboxUnavailable as SandboxUnavailable
    from myid_notebook.errors import SessionExpired as SessionExpired
    from myid_notebook.errors import SettingError as SettingError
    from myid_notebook.errors import SignInCancelled as SignInCancelled
    from myid_notebook.errors import SignInDenied as SignInDenied
    from myid_notebook.errors import SignInFailed as SignInFailed
    from myid_notebook.errors import SignInInterrupted as SignInInterrupted
    from myid_notebook.errors import SignInTimeout as SignInTimeout
    from myid_notebook.errors import TokenEndpointError as TokenEndpointError
    from myid_notebook.errors import TokenRefused as TokenRefused
    from myid_notebook.explore.api_error import MyIDAPIError as MyIDAPIError
    from myid_notebook.explore.fetch import FetchInterrupted as FetchInterrupted
    from myid_notebook.explore.fetch import SomeFailed as SomeFailed
    from myid_notebook.explore.filters import FilterIgnored as FilterIgnored
    from myid_notebook.explore.rows import Rows as Rows
    from myid_notebook.explore.search import SearchInterrupted as SearchInterrupted
    from myid_notebook.explore.search import SearchStopped as SearchStopped
    from myid_notebook.explore.session import MyIDSession as MyIDSession
    from myid_notebook.kernel.commands import login as login
    from myid_notebook.kernel.commands import login_async as login_async

__version__ = "0.1.0"

_NAMES = {
    "errors": """
        CertificateNotTrusted IssuerMismatch MyIDError NameTaken NobodyToSignIn NoPortAvailable
        NotSignedIn ReadOnlySession RedirectRefused RenewalDelayed SandboxUnavailable SessionExpired
        SettingError SignInCancelled SignInDenied SignInFailed SignInInterrupted SignInTimeout
        TokenEndpointError TokenRefused
    """,
    "explore.api_error": "MyIDAPIError",
    "explore.fetch": "FetchInterrupted SomeFailed",
    "explore.filters": "FilterIgnored",
    "explore.rows": "Rows",
    "explore.search": "SearchInterrupted SearchStopped",
    "explore.session": "MyIDSession",
    "kernel.commands": "login login_async",
}
"""Module to the public names that are loaded from it."""

_HOMES = {
    name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names.split()
}
__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604 - texts, which ruff cannot see


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)  # what Tab offers, without imports and hooks of Jupyter


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

    await start(server)
