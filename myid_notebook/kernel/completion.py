"""Complete at Tab: options of magics, sessions, parameters of searches, keywords of ``login()``."""

from __future__ import annotations

import argparse
import re
import sys
from io import StringIO
from token import COMMENT, OP
from tokenize import TokenError, generate_tokens
from typing import Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import construct_parser

# A matcher, not a hook for "complete_command": what a hook offers appears beside what Jedi finds,
# such as every builtin. A matcher may suppress the others, in IPython 8.18 and later, with Jedi or
# without it.
_MATCHER = "myid_notebook"

_LINE = re.compile(r"(?:^\s*%?|=\s*%)(myid_[a-z]+)\s(.*)$")
"""A magic, also one whose value is assigned, and its arguments up to the cursor."""

_SEARCH = re.compile(r"""\b(\w+)\.search\(\s*(?:path\s*=\s*)?(["'])([^"'\n]*)\2\s*,""")
"""The variable, and the path of the collection."""

_LOGIN = re.compile(r"\b(?:(\w+)\.)?(login(?:_async)?)\(")
"""The function that signs in, alone or of a module."""

_PARAMETER = re.compile(r"[\w.$-]+")

_NAME = re.compile(r"""["'][\w.]*$""")
"""A parameter that is being typed, in the quotation marks that are still open."""


def add_completions(shell: InteractiveShell) -> None:
    """Complete the magics of a shell."""

    @context_matcher(identifier=_MATCHER)
    def match(context: CompletionContext) -> SimpleMatcherResult:
        lines = context.full_text.split("\n")[: context.cursor_line]
        before = "\n".join([*lines, context.text_until_cursor])
        kind, texts = "magic", complete(shell, context.text_until_cursor, context.token)
        if not texts:
            kind, texts = "param", parameters(shell, before, context.token)
        if not texts:
            texts = keywords(shell, before, context.token)
        found = [SimpleCompletion(text, type=kind) for text in texts]
        return {"completions": found, "suppress": True, "ordered": True}

    remove_completions(shell)
    shell.Completer.custom_matchers.append(match)


def remove_completions(shell: InteractiveShell) -> None:
    """Complete nothing any more."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != _MATCHER]


def complete(shell: InteractiveShell, line: str, token: str) -> list[str]:
    """Return what may replace the word at the cursor.

    Args:
        line: up to the cursor.
        token: the word, as IPython cuts it.
    """
    found = _LINE.search(line)
    magic = shell.find_line_magic(found[1]) if found else None
    if found is None or not hasattr(magic, "decorators") or not found[2].endswith(token):
        return []
    parser = parser_of(magic)
    before = found[2].removesuffix(token)
    if before and not before[-1].isspace():  # IPython cuts at other characters, too
        return []
    words = before.split()
    options, sessions = options_of(parser), _sessions(shell)
    last = options.get(words[-1]) if words else None
    if last is not None and last.nargs not in {0, "?"}:  # the value of an option
        candidates = sessions if last.dest == "session" else [*map(str, last.choices or [])]
    else:
        unused = [option for option in options if option not in words]
        takes_session = not words and "name" in _positionals(parser)
        candidates = [*(sessions if takes_session else []), *sorted(unused)]
    return [each for each in candidates if each.startswith(token)]


def parameters(shell: InteractiveShell, text: str, token: str) -> list[str]:
    """Return the parameters of a search that may replace the word at the cursor.

    Args:
        text: the cell, up to the cursor, such as ``myid.search("people", {"``.
        token: the word, as IPython cuts it.
    """
    module: Any = sys.modules.get("myid_notebook.explore.session")
    calls, name = [*_SEARCH.finditer(text)], _NAME.search(text)
    if module is None or name is None or not calls:
        return []
    call = calls[-1]
    session = shell.user_ns.get(call[1])
    if not isinstance(session, module.MyIDSession):
        return []
    if _open(text[call.end() : name.start()]) not in {("({", "{"), ("({", ",")}:
        return []
    from myid_notebook.explore.api_error import path_of  # noqa: PLC0415 - loaded with the session
    from myid_notebook.explore.description import known_parameters  # noqa: PLC0415 - the same

    try:
        place = path_of(session.absolute(call[3]), session)
    except ValueError:  # what is typed is no path
        return []
    # Tab may insert what is offered: a name from outside ends no text of the cell.
    known = filter(_PARAMETER.fullmatch, known_parameters(place, session))
    return [each for each in known if each.lower().startswith(token.lower())]


def keywords(shell: InteractiveShell, text: str, token: str) -> list[str]:
    """Return the keywords of ``login()`` that may replace the word at the cursor.

    Jedi knows none that are declared with ``Unpack``.

    Args:
        text: the cell, up to the cursor, such as ``login(ser``.
        token: the word, as IPython cuts it.
    """
    calls = [*_LOGIN.finditer(text)]
    if not calls or not text.endswith(token):
        return []
    call, end, package = calls[-1], len(text) - len(token), sys.modules["myid_notebook"]
    if call[1]:
        is_ours = shell.user_ns.get(call[1]) is package
    else:
        function = shell.user_ns.get(call[2])
        is_ours = getattr(function, "__module__", "") == f"{package.__name__}.kernel.commands"
    if not is_ours:
        return []
    if _open(text[call.end() : end]) not in {("(", "("), ("(", ",")}:
        return []
    from myid_notebook.kernel.options import LoginKeywords  # noqa: PLC0415 - only where it is needed

    return [f"{name}=" for name in LoginKeywords.__annotations__ if name.startswith(token)]


def _open(arguments: str) -> tuple[str, str]:
    """Return the brackets that are open behind that of a call, and the last sign before it ends.

    Both are empty within a text.
    """
    # Within a bracket, where indentation means nothing; that it does not end raises at the end.
    brackets, last = "", ""
    try:
        for token in generate_tokens(StringIO(f"({arguments}").readline):
            if token.string.strip() and token.type != COMMENT:
                last = token.string
            if token.type == OP and last in {*"([{"}:
                brackets += last
            elif token.type == OP and last in {*")]}"}:
                brackets = brackets[:-1]
                if not brackets:  # the call has ended
                    return "", ""
    except (TokenError, SyntaxError) as error:
        if "statement" not in str(error):  # within a text
            return "", ""
    return brackets, last


def parser_of(magic: Any) -> argparse.ArgumentParser:  # noqa: ANN401 - a function or a method
    """Return the parser of a magic's arguments; it is made when it is first needed.

    To make all of them takes more than a third of the time of ``%load_ext``.
    """
    function = getattr(magic, "__func__", magic)
    if not hasattr(function, "parser"):
        function.parser = construct_parser(function)
    parser: argparse.ArgumentParser = function.parser
    return parser


def options_of(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Return the options of a magic by name."""
    actions = parser._actions  # noqa: SLF001 - argparse has no other list
    return {option: action for action in actions for option in action.option_strings}


def _positionals(parser: argparse.ArgumentParser) -> set[str]:
    actions = parser._actions  # noqa: SLF001 - the same
    return {action.dest for action in actions if not action.option_strings}


def _sessions(shell: InteractiveShell) -> list[str]:
    module: Any = sys.modules.get("myid_notebook.explore.session")
    if module is None:  # nothing has signed in, and to import it here would be slow
        return []
    namespace = dict(shell.user_ns)
    return sorted(
        name
        for name, value in namespace.items()
        if isinstance(value, module.MyIDSession) and not name.startswith("_")
    )
