"""A setting is declared once: everything follows from its row, or is checked against it."""

import inspect
import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from myid_notebook.kernel.commands import login
from myid_notebook.kernel.completion import parser_of
from myid_notebook.kernel.magics import MyIDMagics
from myid_notebook.kernel.options import LoginKeywords, LoginOptions
from myid_notebook.settings.resolve import Settings
from myid_notebook.settings.table import IDENTITY, SECRET_SETTINGS, SETTINGS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

ADDED = """
from myid_notebook.settings.table import SETTINGS, Setting

SETTINGS["proxy"] = Setting(
    name="proxy",
    environment="MYID_PROXY",
    meaning="the proxy to use",
    option="--proxy",
    default="of-the-default",
)
"""
"""A program that adds a row, before anything is made from the table."""

PLACES = {
    "trait and its help": """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "myid_notebook")
shell.run_line_magic("config", "MyIDMagics.proxy = 'configured'")
magics = shell.magics_manager.registry["MyIDMagics"]
found = ["the proxy to use" in magics.class_get_help(), magics.configuration()["proxy"]]
expected = [True, "configured"]
""",
    "configuration file": """
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell.instance(config=Config(MyIDMagics={"proxy": "configured"}))
shell.run_line_magic("load_ext", "myid_notebook")
found = shell.magics_manager.registry["MyIDMagics"].configuration()["proxy"]
expected = "configured"
""",
    "options of the magics": """
from myid_notebook.kernel.completion import parser_of
from myid_notebook.kernel.magics import MyIDMagics
parsers = [parser_of(MyIDMagics.myid_login), parser_of(MyIDMagics.myid_doctor)]
found = [parser.parse_args(["--proxy", "x"]).proxy for parser in parsers] + [
    "The proxy to use (MYID_PROXY, default of-the-default)."
    in " ".join(parser.format_help().split())
    for parser in parsers
]
expected = ["x", "x", True, True]
""",
    "keyword": """
from myid_notebook.kernel.options import checked
options, mistake = checked({"proxy": "x"}, {})
found = [options.settings["proxy"], mistake, checked({"proxy": 1}, {})[1]]
expected = ["x", "", "proxy must be text, not int"]
""",
    "environment variable and default": """
from myid_notebook.settings.resolve import given_values
found = [given_values({}, environ, {})[0]["proxy"] for environ in ({"MYID_PROXY": "x"}, {})]
expected = ["x", "of-the-default"]
""",
    "command line and row of the doctor": """
import contextlib, io
from myid_notebook.cli import main
with contextlib.redirect_stdout(io.StringIO()) as written:
    main(["doctor", "--proxy", "http://jane:pass-word@x"])
shown = " ".join(written.getvalue().split())
found = ["setting proxy http://…@x (from --proxy)" in shown, "pass-word" in shown]
expected = [True, False]
""",
}
"""Where a setting appears: programs that leave what they find there, and what that must be."""


@pytest.mark.parametrize("place", PLACES)
def test_one_row_is_enough(place: str, tmp_path: Path) -> None:
    """Whoever adds a row has a trait, options, a keyword, a variable and a row of the doctor."""
    program = f"{ADDED}{PLACES[place]}\nimport json\nprint(json.dumps([found, expected]))"

    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={"IPYTHONDIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 0 == run.returncode, run.stderr
    found, expected = json.loads(run.stdout.splitlines()[-1])
    assert expected == found


def test_fields_of_settings() -> None:
    """What a sign-in uses has the name of its row; URLs stand for the server."""
    used = [each.name for each in fields(Settings)]

    assert {*used, "server", "profile"} == {*SETTINGS, "sources"}
    assert {*IDENTITY} <= {*used}


def test_secrets_are_hidden_and_have_no_option() -> None:
    """A secret is one in its trait, its keyword and its messages, and stands in no cell."""
    assert {"client_secret", "access_token"} == SECRET_SETTINGS
    for name, setting in SETTINGS.items():
        trait = MyIDMagics.class_traits()[name]
        assert setting.secret == (type(trait).__name__ == "SecretTrait")
        assert not (setting.secret and setting.option)


def test_readme_settings() -> None:
    """What the README's table says of a setting is true; the reference has the others."""
    rows = re.findall(
        r"^\| `(\w+)` \| `(MYID_\w+)` \| (?:`(--[\w-]+)`)? *\| (.*) \|$", README, re.MULTILINE
    )
    assert {"server", "client_id", "client_secret", "redirect_uri"} <= {row[0] for row in rows}
    for name, environment, option, meaning in rows:
        setting = SETTINGS[name]
        assert (environment, option) == (setting.environment, setting.option or "")
        assert not setting.default or f"`{setting.default}`" in meaning


def test_readme_further_options() -> None:
    """Its table of further options has the other arguments of %myid_login, in order."""
    actions = parser_of(MyIDMagics.myid_login)._actions  # noqa: SLF001 - argparse has no other list
    options = [name for action in actions for name in action.option_strings]
    table = README.partition("Further options of `%myid_login")[2].partition("\n## ")[0]
    further = re.findall(r"^\| `(--[\w-]+)[^`]*` \|", table, re.MULTILINE)

    of_settings = [setting.option for setting in SETTINGS.values() if setting.option]
    assert [*of_settings, *further] == [each for each in options if each not in {"-h", "--help"}]


def test_types_of_the_keywords() -> None:
    """Type checkers know each keyword of ``login()``: every setting, and every other argument."""
    others = {each.name: each.type for each in fields(LoginOptions)[2:-1]}
    text = "Text"  # as the class says it
    settings = {
        setting.name: f"{text} | {setting.also.__name__}" if setting.also else text
        for setting in SETTINGS.values()
    }

    declared = {name: each.__forward_arg__ for name, each in LoginKeywords.__annotations__.items()}
    assert [*(settings | others).items()] == [*declared.items()]


def test_arguments_and_keywords_are_the_same() -> None:
    """%myid_login takes what ``login()`` takes; the docstring names all that is no setting."""
    documented = (inspect.getdoc(login) or "").partition("**settings:")[2].partition("Raises:")[0]
    others = [each.name for each in fields(LoginOptions)][2:-1]
    actions = parser_of(MyIDMagics.myid_login)._actions  # noqa: SLF001 - argparse has no other list

    named = re.findall(r"``(\w+)``", documented)
    assert others == [name for name in named if name not in SETTINGS]
    dests = {action.dest for action in actions} - {"help", "name"}
    assert {*others, *(s.name for s in SETTINGS.values() if s.option)} == dests
