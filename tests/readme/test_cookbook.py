"""Every recipe of docs/cookbook.md runs as it stands, and shows what it promises."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest
from support.jupyter.cell import Outputs
from support.jupyter.kernel import KernelClient, LocalKernel, follow, signed_in
from support.servers.sandbox import SandboxProcess, register

from myid_notebook.sandbox.assumptions import ASSUMPTIONS
from myid_notebook.sandbox.core_api import parameters

ROOT = Path(__file__).parents[2]
COOKBOOK = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")


class Recipe(NamedTuple):
    """A question, the code that it is answered with, and what is said about the code."""

    question: str
    code: str
    words: str


RECIPES = {
    question: Recipe(question, code, words)
    for question, code, words in re.findall(
        r"^### ([^\n]+)\n\n```python\n(.*?)```\n(.*?)(?=^##|\Z)", COOKBOOK, re.DOTALL | re.MULTILINE
    )
}

SHOWN = {
    "Who is in MyID?": ["These are all: False", "50 rows, more exist", "limit=None"],
    "How do I search by surname?": [r"name\.first=J\* · 17 rows", r"julia\.smith  +Julia +Smith"],
    "How do I search by the beginning of a name?": [r"q=jane d · 1 row ·", r"jane\.doe +Jane +Doe"],
    "How many people are in each group?": ["people  enabled", r"Finance +84 +80"],
    "What does MyID know about one person?": ["jane.doe@myid.example", "Operator"],
    "Which people have the same name?": [r"(?s)Camila +Barros.*Camila +Barros"],
    "Which devices does one person have?": ["/devices · 2 rows", r"Smart Card +Active +Jane Doe"],
    "Who holds which device?": [r"jane\.doe", r"\[1916 rows x 6 columns\]"],
    "Which devices expire in the next 30 days?": ["owner", "23:59:59"],
    "Which devices have expired but are still Active?": ["owner", "Service svc-kiosk"],
    "Which cards were lost, stolen or damaged?": [r"Stolen +20\n", r"henry\.gomes"],
    "Which devices are disabled?": ["owner.name"],
    "How many certificates expire in each month?": [r"\d{4}-\d\d +\d+\n", "Freq: M"],
    "Which certificates wait to be revoked?": ["CN=Milan Osei,OU=Biology"],
    "Which disabled people still have an Active device?": [r"gemma\.cardoso +Purchasing"],
    "Who has no card?": [r"svc-batch", r"\[180 rows x 3 columns\]"],
    "Who has more than two Active devices?": [r"svc-kiosk +Quality +70\n"],
    "How do I draw when devices expire?": ["1 never expires"],
    "Which requests have waited longest?": [r"20 of 90 have", r"govindarajan +Issue Device"],
    "Which requests did people make for themselves?": [r"dmitri\.meyer +jane\.doe +Completed"],
    "Who has which role, and in which scope?": [r"Operator +all +0 +1\n", "Operator +division"],
    "How do I save a table for Excel?": ["2009 people in people.xlsx"],
    "How do I keep a table, and read it with Polars?": [r"shape: \(121, 2\)"],
    "How do I hand evidence to an auditor?": [
        r"rows +260\n",
        "operator +Jane Doe",
        "complete +True",
    ],
    "How do I continue a long run after an interrupt or a crash?": ["260 paths · 260 rows"],
    "How do I keep what failed beside what worked?": ["1 worked, 1 failed", "@error.*404"],
    "How do I select the rows that do not have a value?": [
        r"\d are not 1; != would find \d\n",
        "@error",
    ],
    "What can MyID's API do?": [r"GET +people/\{id\}/devices", "of this MyID"],
    "What did MyID say when it refused?": [r"404 WS90404 Person not found", "outside your scope"],
    "What does another role see?": ["Jane Doe sees 2009 people, Dora Department sees 79"],
    "How do I share a notebook without people in it?": [r"name\.last=… · 260 rows", "firstName"],
}
"""What each recipe shows, as regular expressions."""

TRUE = {
    "How many people are in each group?": "table['size'].sum() == 2009",
    "Which people have the same name?": "len(namesakes) == 24",
    "Which devices expire in the next 30 days?": (
        "len(due) == len(myid.search('devices', {'processStatus': 'Active', 'expiresAfter': "
        "now.isoformat(), 'expiresBefore': (now + pd.Timedelta(days=30)).isoformat()})) > 5"
    ),
    "Which devices have expired but are still Active?": (
        "len(expired) == len(myid.search('devices', {'processStatus': 'Active', "
        "'expiresBefore': now.isoformat()})) > 30"
    ),
    "Which cards were lost, stolen or damaged?": "len(lost) == 60",
    "Which devices are disabled?": (
        "len(disabled) == 40 == sum(disabled['processStatus'] == 'Active')"
    ),
    "How many certificates expire in each month?": (
        "len(issued) == len(myid.search('certificates', {'status': 1}, limit=None)) > 5_000"
    ),
    "Which certificates wait to be revoked?": "pending['userDN'].nunique() == 5",
    "Which disabled people still have an Active device?": "len(leavers) == 22",
    "Who has no card?": "without['Enabled'].all()",
    "Who has more than two Active devices?": "len(many) == 12 and many['devices'].min() == 3",
    "How do I draw when devices expire?": "sum(ends.dt.year < 9999) == len(ends) - 1",
    "Which requests did people make for themselves?": "len(own) == 15",
    "How do I keep a table, and read it with Polars?": "people['Enabled'].dtype == pl.Boolean",
    "How do I select the rows that do not have a value?": (
        "len(others) == 1 + (records['enabled'] != 1).sum() and '404' in others['@error'].iloc[-1]"
    ),
    "How do I keep what failed beside what worked?": "rows[0]['logonName'] == 'jane.doe'",
}
"""What is true in the kernel afterwards, of the sandbox's organisation."""

FRESH = """
for _name in [each for each in globals() if not each.startswith("_")]:
    if _name not in {"myid", "In", "Out", "get_ipython", "exit", "quit", "open"}:
        del globals()[_name]
myid.show_rows = 10
"""
"""Leaves myid, and what a kernel defines itself."""


def of(question: str) -> Recipe:
    """Return the recipe with a heading that begins like this."""
    (recipe,) = [each for each in RECIPES.values() if each.question.startswith(question)]
    return recipe


def run(kernel: KernelClient, code: str) -> Outputs:
    """Execute code in a fresh namespace; at a sign-in link, a colleague signs in."""
    assert [] == kernel.execute(FRESH).errors
    cell = kernel.submit(code)
    cell.wait_for(lambda: cell.done or cell.outputs.link, 200)
    if not cell.done:
        follow(cell, "dora.department")
    return cell.finish(200)


@pytest.fixture(scope="module")
def start(sandbox_process: SandboxProcess) -> Iterator[Callable[[], LocalKernel]]:
    """Starts a kernel in which Jane Doe has signed in."""
    sandbox_process.reset()
    with ExitStack() as kernels:

        def signed_in_kernel() -> LocalKernel:
            environ = register(sandbox_process).environ
            kernel = kernels.enter_context(LocalKernel(environ))
            sign_in(kernel)
            return kernel

        yield signed_in_kernel


def sign_in(kernel: KernelClient) -> None:
    """Do what the page says before its first recipe."""
    (before,) = re.findall(r"```text\n(.*?)\n```", COOKBOOK, re.DOTALL)
    signed_in(kernel, before)


@pytest.fixture(scope="module")
def kernel(start: Callable[[], LocalKernel]) -> LocalKernel:
    """The kernel for recipes that leave it as it was."""
    return start()


def test_every_recipe_is_expected() -> None:
    """There are twenty recipes or more, and something is expected of each."""
    assert len(RECIPES) >= 20
    assert [*RECIPES] == [*SHOWN]
    assert {*TRUE} < {*RECIPES}
    assert COOKBOOK.count("\n### ") == COOKBOOK.count("```python") == len(RECIPES)


@pytest.mark.parametrize("question", RECIPES)
def test_recipe_runs(kernel: LocalKernel, question: str) -> None:
    """It needs myid and nothing else, raises nothing, and shows what is expected of it."""
    outputs = run(kernel, RECIPES[question].code)

    assert [] == outputs.errors, outputs.traceback
    assert [] == [each for each in SHOWN[question] if not re.search(each, outputs.shown)], (
        outputs.shown
    )
    assert "True" == kernel.value(TRUE.get(question, True))


def test_excel_gets_no_formula(kernel: LocalKernel) -> None:
    """A name that begins with = is a text in the file, and an address is no link."""
    assert [] == run(kernel, of("How do I save a table").code).errors
    with ZipFile(kernel.home / "people.xlsx") as book:
        sheet, texts = book.read("xl/worksheets/sheet1.xml"), book.read("xl/sharedStrings.xml")

    assert b"=HYPERLINK" in texts
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet


def test_parquet_keeps_what_was_searched(kernel: LocalKernel) -> None:
    """The file says what it holds, and pandas reads that again."""
    assert [] == run(kernel, of("How do I keep a table").code).errors
    kernel.execute("import pandas")

    assert "True Jane Doe people" == kernel.value(
        "*map(pandas.read_parquet('people.parquet').attrs.get, ('complete', 'operator', 'path'))"
    )


def test_shared_notebook_has_no_surname(kernel: LocalKernel) -> None:
    """No output of the recipe, replaced ones included, names anybody or a value searched for."""
    outputs = run(kernel, of("How do I share").code)

    assert "260 rows" in str(outputs.messages)
    content = str([each["content"].get("data") for each in outputs.messages if "data" in each])
    assert [] == re.findall(r"Smith|Sm\*|Jane|Doe", outputs.ever_shown + content)


@pytest.mark.parametrize("ending", ["interrupt", "kill"])
def test_run_continues(
    start: Callable[[], LocalKernel], sandbox_process: SandboxProcess, ending: str
) -> None:
    """After an interrupt, or the kernel's sudden end, the same cell asks for the rest only."""
    kernel, code = start(), of("How do I continue").code
    sandbox_process.faults(api_delay=0.1)
    cell = kernel.submit(code)
    cell.wait_for(lambda: re.search(r"\d+ of 260", cell.outputs.shown))
    if ending == "interrupt":
        kernel.interrupt()
        assert ["FetchInterrupted"] == [name for name, _ in cell.finish().errors]
    else:
        kernel.kill()
        kernel.restart()
    sandbox_process.reset()
    if ending == "kill":
        sign_in(kernel)

    outputs = run(kernel, code)

    assert [] == outputs.errors, outputs.traceback
    assert "260 paths · 260 rows" in outputs.shown
    calls = [path for path in sandbox_process.control("GET", "calls").json() if "people/" in path]
    assert 0 < len(calls) < 255


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('myid.search("people", {"surname": "Smith"})', "FilterIgnored.*'surname'"),
        ('myid.search("devices", {"owner": "jane.doe"})', "owner=jane.doe · 2 rows"),
        ('myid.search("devices", {"owner": "nobody"}).to_pandas()["sn"]', "KeyError.*'sn'"),
        ('myid.search("people", {"q": "jo*"})', "q.*must not contain wildcards"),
    ],
)
def test_variant(kernel: LocalKernel, line: str, shown: str) -> None:
    """What the sentences below recipes say is so."""
    assert re.search(shown, run(kernel, line).shown)


def test_assumed_names_are_said_to_be() -> None:
    """A recipe with a parameter, a path or a member that is assumed says so."""
    collections = ("PEOPLE", "DEVICES", "CERTIFICATES", "REQUESTS", "GROUPS", "PROFILES")
    tables = [getattr(parameters, name) for name in collections]
    names = {each.name for table in tables for each in table if each.assumed}
    assumed = [
        *(f'"{name}":' for name in names),
        *('"q":', '"requests"', '"reason.', "error.code", 'now("UTC")'),
    ]
    relying = [each for each in RECIPES.values() if any(name in each.code for name in assumed)]

    assert len(relying) > 4
    assert [] == [each.question for each in relying if "assumed" not in each.words]


def test_assumptions_are_the_sandbox_s() -> None:
    """The last section has each assumption of the sandbox about the API, word for word."""
    section = COOKBOOK.partition("\n## What is assumed about MyID's API\n")[2]
    listed = [" ".join(each.split()) for each in re.split(r"^- ", section, flags=re.MULTILINE)[1:]]
    first = next(i for i, each in enumerate(ASSUMPTIONS) if each.startswith("API errors"))

    assert [*ASSUMPTIONS[first:]] == listed
