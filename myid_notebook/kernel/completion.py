"""Complete the options of the magics, and the variables that hold sessions, at Tab."""

from __future__ import annotations

import argparse
import re
import sys
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


def add_completions(shell: InteractiveShell) -> None:
    """Complete the magics of a shell."""

    @context_matcher(identifier=_MATCHER)
    def match(context: CompletionContext) -> SimpleMatcherResult:
        texts = complete(shell, context.text_until_cursor, context.token)
        found = [SimpleCompletion(text, type="magic") for text in texts]
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
