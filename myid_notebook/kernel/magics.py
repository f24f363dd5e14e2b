"""The magics: ``%myid_login``, ``_status``, ``_logout``, ``_api`` and ``_doctor``."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Callable
from copy import copy
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, TypeVar, cast

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class, needs_local_scope
from IPython.core.magic_arguments import argument
from traitlets.config import Config

from myid_notebook.front_end import publish
from myid_notebook.kernel.completion import options_of, parser_of, remove_completions
from myid_notebook.kernel.traits import SettingTraits, mask_secrets
from myid_notebook.settings.table import SETTINGS

if TYPE_CHECKING:
    from myid_notebook.explore.rows import Rows

_Magic = TypeVar("_Magic", bound=Callable[..., Any])

_WORD = re.compile(r"""(--[\w-]+=)?(["'])(.*?)\2(?!\S)|(\S+)""")
"""An option before its quoted value, the quotation mark, the text between them, or a bare word."""

_UNPAIRED = re.compile(r"""(--[\w-]+=)?["']""")
"""The beginning of a bare word that should have been a quoted one."""


def _setting_arguments(magic: _Magic) -> _Magic:
    """Give a magic the option of each setting that has one."""
    # The decorator that is applied last comes first in the help.
    for setting in reversed(SETTINGS.values()):
        if setting.option:
            magic = argument(setting.option, **setting.option_arguments)(magic)
    return magic


def _with_parser(magic: _Magic) -> _Magic:
    """Let a magic have arguments, as IPython's ``magic_arguments`` does, with a late parser."""
    function: Any = magic
    function.decorators = getattr(function, "decorators", [])
    function.has_arguments = True

    def getdoc() -> str | None:  # IPython calls it for %magic?
        parser_of(function)  # which adds the arguments to the docstring
        return cast("str | None", function.__doc__)

    function.getdoc = getdoc
    return magic


def _parsed(magic: Any, line: str) -> Namespace | None:  # noqa: ANN401 - the decorator gives it a parser
    """Return the arguments of a magic's line; show its help and return None if that is asked for.

    Raises:
        UsageError: there is a mistake in them; IPython shows it in one line.
    """
    parser = parser_of(magic)
    words = _words(line)
    if words is None:
        raise UsageError(f"%{parser.prog}: a quotation mark is not closed.")
    if not {"-h", "--help"}.isdisjoint(words):
        publish({"text/plain": _help(parser)})
        return None
    arguments, unknown = parser.parse_known_args(words)
    options = [word.partition("=")[0] for word in unknown if word.startswith("-")]
    if options:  # told without its value, which may be a secret
        hint = _hint(options[0], [*options_of(parser)]) or f"%{parser.prog} -h lists its options."
        raise UsageError(f"%{parser.prog} has no option {options[0]}. {hint}")
    if unknown:
        raise UsageError(f"Too many arguments for %{parser.prog}. %{parser.prog} -h lists them.")
    return arguments


def _help(parser: Any) -> str:  # noqa: ANN401 - as above
    """Return the usage and the options of a magic, without its examples."""
    short = copy(parser)
    short.description = f"{cleandoc(parser.description).splitlines()[0]} More: %{parser.prog}?"
    text: str = short.format_help()
    return text.removeprefix("::").strip("\n")


def _words(line: str) -> list[str] | None:
    """Split a line at white space; return None if a quotation mark has no partner.

    As in a shell, a pair of quotation marks around a word or around an option's value is not part
    of it. Unlike in a POSIX shell, a backslash is a character as any other, as in Windows paths.
    """
    words = []
    for found in _WORD.finditer(line):
        option, quote, quoted, word = found.groups(default="")
        if not quote and _UNPAIRED.match(word):
            return None
        words.append(option + quoted if quote else word)
    return words


def _hint(option: str, known: list[str]) -> str:
    setting = SETTINGS.get(option.lstrip("-").replace("-", "_"))
    if setting is not None and setting.option is None:
        return f"It is set with {setting.places}."
    from myid_notebook.errors import closest  # noqa: PLC0415 - %load_ext need not wait for it

    near = closest(option, known)
    return f"Did you mean {near}?" if near else ""


@magics_class
class MyIDMagics(SettingTraits, Magics):
    """The magics, and the settings for every notebook of this IPython.

    Set them in ``ipython_config.py`` (``c.MyIDMagics.server = "https://myid.example.com"``) or
    with ``%config MyIDMagics.server = "…"``. Options of ``%myid_login`` and environment variables
    override them.
    """

    def __init__(self, shell: InteractiveShell, **options: Any) -> None:  # noqa: ANN401 - traitlets' own
        super().__init__(shell, **options)
        mask_secrets(self)

    @_with_parser
    @argument("name", nargs="?", default="myid", help="The variable to store the session in.")
    @_setting_arguments
    @argument("--timeout", type=float, help="Seconds to wait; default 300.")
    @argument(
        "--no-wait", dest="wait", action="store_false", default=None, help="Return immediately."
    )
    @argument("--wait", dest="wait", action="store_true", help="Wait even in non-interactive runs.")
    @argument("--paste", action="store_true", help="Paste the address of the page after sign-in.")
    @argument("--force", action="store_true", help="Sign in again even if still signed in.")
    @argument("--post", action="store_true", help="Start the sign-in with a form (HTTP POST).")
    @argument(
        "--sandbox", action="store_true", help="Sign in to the sandbox, without a MyID server."
    )
    @argument(
        "--client-credentials", action="store_true", help="Sign in as the client, without a person."
    )
    @needs_local_scope
    @line_magic
    def myid_login(self, line: str, local_ns: dict[str, Any]) -> None:
        """Sign in to MyID: show a link, wait, and store the session in a variable.

        Examples::

            %myid_login --sandbox               try it without a MyID server
            %myid_login                         use settings from the environment
            %myid_login --server https://myid.example.com --client-id myid.notebook
            %myid_login audit --timeout 600     a second session, in the variable audit
            %myid_login --no-wait               do not wait; the variable works after sign-in
            %myid_login --paste                 paste the address of the page after sign-in, if
                                                that page does not load
            %myid_login --client-credentials    sign in as the client's own account at MyID,
                                                without a person (scheduled notebooks)

            myid.search("people", {"name.last": "Sm*"})

        The variable holds an authenticated requests session that also has myid.search and
        myid.fetch. Relative paths are resolved against MyID's API, the token is added
        automatically, and myid.expires_at is the time of expiry.
        While the session is valid, %myid_login does not ask again. When it has expired,
        %myid_login renews the same object. Interrupt the kernel to cancel the sign-in.

        Settings come from these options, from environment variables such as MYID_SERVER,
        MYID_CLIENT_ID, MYID_CLIENT_SECRET, MYID_REDIRECT_URI, MYID_SCOPE and MYID_CA_BUNDLE, or
        from c.MyIDMagics in ipython_config.py (%config MyIDMagics lists all).
        There is no option for the client secret: it comes from the environment, the configuration,
        the keyring, or a hidden prompt. If MYID_ACCESS_TOKEN is set, its token is used instead of
        signing in.
        """
        from myid_notebook.kernel import commands  # noqa: PLC0415 - requests and ipywidgets are heavy

        if parsed := _parsed(self.myid_login, line):
            arguments = vars(parsed)
            name = arguments.pop("name")
            commands.log_in(self._namespaces(local_ns), name, arguments, self.configuration())

    @_with_parser
    @line_magic
    def myid_status(self, line: str) -> None:
        """Show the sessions of this kernel: who is signed in, until when, and what is pending."""
        from myid_notebook.kernel import commands  # noqa: PLC0415 - the same

        if _parsed(self.myid_status, line):
            commands.show_status()

    @_with_parser
    @_setting_arguments
    @line_magic
    def myid_doctor(self, line: str) -> None:
        """Check everything a sign-in needs, without signing in.

        Shows every setting and where it comes from, whether the MyID server responds correctly,
        how the redirect reaches this notebook, and what your MyID administrator must register.
        """
        from myid_notebook.kernel import commands  # noqa: PLC0415 - the same

        if options := _parsed(self.myid_doctor, line):
            commands.diagnose(vars(options), self.configuration())

    @_with_parser
    @argument("name", nargs="?", default="myid", help="The variable that holds the session.")
    @argument("--all", action="store_true", help="End every sign-in of this Jupyter server.")
    @needs_local_scope
    @line_magic
    def myid_logout(self, line: str, local_ns: dict[str, Any]) -> None:
        """Forget the token, and end a pending sign-in.

        The variable remains; %myid_login signs it in again. MyID documents no way to revoke an
        access token, so the token itself stays valid until it expires. A refresh token is revoked
        where MyID names a revocation endpoint. Other notebooks that share this sign-in, which are
        named, use it until its token ends.
        """
        from myid_notebook.kernel import commands  # noqa: PLC0415 - the same

        if arguments := _parsed(self.myid_logout, line):
            if arguments.all:
                commands.log_out_all()
            else:
                commands.log_out(self._namespaces(local_ns), arguments.name)

    @_with_parser
    @argument("word", nargs="?", default="", help="Part of a path, parameter, summary or role.")
    @argument("--session", default="myid", help="The variable that holds the session.")
    @needs_local_scope
    @line_magic
    def myid_api(self, line: str, local_ns: dict[str, Any]) -> Rows | None:
        """List the operations of MyID's API, with their parameters and permissions.

        Examples::

            %myid_api                           all operations
            %myid_api people                    those that have to do with people
            operations = %myid_api devices      the same as rows

        They are read from MyID's own API description, if MyID publishes it. Otherwise they come
        from Intercede's publications, and a line says how to publish it.
        """
        from myid_notebook.kernel import commands  # noqa: PLC0415 - the same

        arguments = _parsed(self.myid_api, line)
        if arguments is None:
            return None
        namespaces = self._namespaces(local_ns)
        return commands.list_operations(namespaces, arguments.session, arguments.word)

    def _namespaces(self, local_ns: dict[str, Any]) -> list[dict[str, Any]]:
        """Return where variables belong: to the code that runs a magic, and to the notebook.

        They differ in a script that ``%run``, runpy or an import executes.

        Args:
            local_ns: the local variables of that code.
        """
        assert self.shell is not None  # noqa: S101 - a magic runs in a shell
        at_top_level = "__name__" in local_ns
        # %run and runpy make the script the main module as long as it runs.
        own = local_ns if at_top_level else vars(sys.modules["__main__"])
        return [own] if own is self.shell.user_ns else [own, self.shell.user_ns]

    def update_config(self, config: Config) -> None:
        """Take what ``%config`` sets, and mask the secrets in it."""
        super().update_config(config)
        mask_secrets(self, config)

    def configuration(self) -> dict[str, str | None]:
        """Return the settings in IPython's configuration: trait name to value."""
        return {name: getattr(self, name) for name in SETTINGS}

    @classmethod
    def unload(cls, shell: InteractiveShell) -> None:
        """Remove the magics from a shell and end every pending sign-in."""
        from myid_notebook.kernel.commands import registry  # noqa: PLC0415 - the same
        from myid_notebook.sign_in.messages import unloaded  # noqa: PLC0415 - the same

        registry.end_pending(unloaded())
        remove_completions(shell)
        for name in ("myid_login", "myid_status", "myid_logout", "myid_api", "myid_doctor"):
            shell.magics_manager.magics["line"].pop(name, None)
        shell.magics_manager.registry.pop(cls.__name__, None)
