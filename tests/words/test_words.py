"""What users read is said in words that they know."""

import re
from pathlib import Path

import pytest
from support.texts import PACKAGE, ROOT, Text, module_texts, repeated, texts

RETIRED = (
    r"doors?",
    r"ways? back",
    r"desks?",
    r"spent",
    r"last page",
    r"(?:go|goes|going|went) on",
    r"is none",
    r"that are some",
    r"whoever",
    r"nobody foresaw",
    r"press paste",
    r"answer(?:s|ed|ing)?",
)
"""Words of the code for a redirect, a response and the page after sign-in; and turns of phrase."""

_RETIRED = re.compile(rf"\b(?:{'|'.join(RETIRED)})\b", re.IGNORECASE)
_SECURITY_QUESTIONS = re.compile(r"\bsandbox\b|\bSecurity Questions\b", re.IGNORECASE)
"""Where an answer is the answer to a question."""


def retired(text: Text) -> list[str]:
    """Return the retired words of a text."""
    found = _RETIRED.findall(text.words)
    if _SECURITY_QUESTIONS.search(text.words):
        return [word for word in found if not word.lower().startswith("answer")]
    return found


def test_no_retired_word() -> None:
    """No text that users read has one of the retired words."""
    assert [] == [f"{text}  ({', '.join(retired(text))})" for text in texts() if retired(text)]


_INSTALLED_BY_NAME = re.compile(
    r"\b(?:pip3?|pipx|uv|conda|mamba)\b[^.\n]*\b(?:install|add|run)\b[^.\n]*\bmyid[-_]notebook\b"
    r"|\bmyid[-_]notebook\[",
    re.IGNORECASE,
)


def test_nothing_says_to_install_the_package_by_name() -> None:
    """The package is at no index, so the name is nobody's yet; a clone is what can be installed."""
    assert [] == [str(text) for text in texts() if _INSTALLED_BY_NAME.search(text.text)]


@pytest.fixture(scope="module")
def every() -> list[Text]:
    """All texts, collected once."""
    return [*texts()]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("myid_notebook/errors.py", "The sign-in ended without a token."),
        ("myid_notebook/kernel/magics.py", "Wait even in non-interactive runs."),
        ("myid_notebook/kernel/magics.py", "%myid_login --no-wait"),
        ("myid_notebook/kernel/commands.py", "Sign in to MyID and return"),
        ("myid_notebook/session/session.py", "signed in to MyID"),
        ("myid_notebook/settings/table.py", "the scopes to request"),
        ("myid_notebook/settings/messages.py", "No {labels} {verb} set."),
        ("myid_notebook/callback/outcome.py", "Return to your notebook"),
        ("myid_notebook/callback/pages.py", "Continue</button>"),
        ("myid_notebook/doctor/report.py", "No problems found."),
        ("myid_notebook/server/handlers.py", "could not be passed on"),
        ("scripts/demo", "Ctrl-C stops both"),
        ("README.md", "The first of these that is set wins"),
        ("notebooks/01-sign-in.ipynb", "Run the cells from the top"),
    ],
)
def test_kind_of_text_is_collected(every: list[Text], file: str, text: str) -> None:
    """Messages, options, help, pages, log lines, docstrings, documents: each with its line."""
    found = [each for each in every if each.file == file and text in each.text]

    assert [] != found
    written = (ROOT / file).read_text(encoding="utf-8").splitlines()
    assert all(1 <= each.line <= len(written) for each in found)


def test_docstring_of_a_constant_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users read neither that nor the docstring of a function inside; nested strings once."""
    monkeypatch.setattr("support.texts.ROOT", tmp_path)
    module = tmp_path / "module.py"
    module.write_text(
        '"""Of the module."""\nA = "one text"\n"""Of the constant."""\n'
        "def f(x):\n"
        '    """Of the function."""\n'
        "    raise ValueError(f\"{x} is bad: {g('an inner text')}\")\n"
    )

    assert [(2, "one text"), (6, "{x} is bad: {g('an inner text')}"), (6, "an inner text")] == [
        (each.line, each.text) for each in module_texts(module)
    ]


def test_no_text_repeats_itself() -> None:
    """No message has a sentence twice; what is put together from several is checked in the tests
    that provoke it (``support.jupyter.cell``, ``support.browser.callback_page``).
    """
    package = [each for each in texts() if each.file.startswith(f"{PACKAGE}/")]
    assert len(package) > 500
    assert [] == [str(text) for text in package if "\n" not in text.text and repeated(text.words)]


@pytest.mark.parametrize(
    ("message", "twice"),
    [
        ("Nobody signed in. Run %myid_login to try again.", []),
        ("Run %myid_login. The sign-in has ended. Run %myid_login.", ["%myid_login", "run %myid"]),
        ("Not signed in. Why? Not signed in!", ["not signed in"]),
        ("Run %myid_login to renew. To renew at once: %myid_login --force", []),
        ("Run login() to start, or login() again.", ["login()"]),
    ],
)
def test_what_repeats_itself(message: str, twice: list[str]) -> None:
    """Sentences, and commands."""
    found = repeated(message)

    assert len(twice) == len(found)
    assert [] == [each for each, begins in zip(found, twice, strict=True) if begins not in each]
