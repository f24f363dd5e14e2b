"""The notebooks that come with the project: clean, and each runs and finds what is there."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from support.jupyter.cell import SIGNED_IN
from support.jupyter.notebook import NOTEBOOKS, Run
from support.values.workbook import sheets

from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.model import ISSUED

RunNotebook = Callable[..., Run]

FILES = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_clean(file: Path) -> None:
    """A notebook under version control is valid, has ids of its own for its cells, is for any
    Python 3, and has no outputs and no counts.
    """
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert [cell for cell in notebook.cells if "id" not in cell] == []
    assert [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None)
    ] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_beginning(file: Path) -> None:
    """A notebook says at its top what question it answers and how long it takes, has readable ids,
    and begins with the extension and a sign-in at the sandbox.
    """
    cells = nbformat.read(file, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")

    assert re.search(r"^# .*\*\*Question:\*\* .*\*\*Time:\*\* ", cells[0].source, re.DOTALL)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", cell.id) for cell in cells)
    assert code.startswith("%load_ext myid_notebook\n%myid_login --sandbox\n")


@pytest.mark.parametrize("name", ["01", "02", "03", "04", "05"])
def test_runs(run: RunNotebook, organisation: Directory, name: str) -> None:
    """Every cell runs, without a warning; only those that are there to show an error have one.
    With MYID_SHOW_ROWS=0 the saved notebook names nobody.
    """
    ran = run(name, **ARGUMENTS.get(name, {}))

    assert ran.surprises == []
    assert ran.people(organisation) == []


def test_first_notebook(run: RunNotebook, organisation: Directory) -> None:
    """The first notebook signs in, shows people, an error in one line, and signs out. Without
    MYID_SHOW_ROWS=0 it names people, which shows that looking for them finds them.
    """
    ran = run("01", show_rows=10)

    assert SIGNED_IN.search(ran.text("sign-in"))
    assert "logonName" in ran.text("search")
    assert "260 rows" in ran.text("search")
    assert "Did you mean 'name.last'?" in ran.text("check")
    assert "people/{id}/devices" in ran.text("api")
    assert "MyID returned 404 for people/nobody" in ran.text("error")
    assert "Jane Doe" in ran.text("who")
    assert "Jane Doe" in ran.text("status")
    assert " signed in" in ran.text("status")
    assert "Signed out." in ran.text("logout")
    assert "Smith" in ran.people(organisation)


def test_people_and_devices(run: RunNotebook, organisation: Directory) -> None:
    """The second notebook finds everybody's devices, and who has none, too many or a namesake."""
    ran = run("02")
    people, devices = organisation.people.values(), organisation.devices.values()
    owners = Counter(each.owner_id for each in devices)
    names = Counter(person.full_name for person in people)
    joined = sum(names[organisation.people[each.owner_id].full_name] for each in devices)

    assert f"{len(people):,} people" in ran.text("people")
    assert f"{len(devices):,} devices of {len(owners):,} people" in ran.text("fetch")
    assert "24 people share" in ran.text("namesakes")
    assert f"{joined:,} rows for {len(devices):,} devices" in ran.text("namesakes")
    assert f"{len(people) - len(owners)} of {len(people):,} people" in ran.text("without")
    assert "12 people have three or more; the most is 70" in ran.text("many")
    active = [each.device_type for each in devices if each.process_status == "Active"]
    for kind, used in Counter(active).items():
        assert re.search(rf"{kind} +{used}$", ran.text("counts"), re.MULTILINE)
    assert len(pd.read_parquet(ran.folder / "people.parquet")) == len(people)
    assert len(pd.read_csv(ran.folder / "many-devices.csv")) == 12


def test_certificates_expiring(run: RunNotebook, organisation: Directory) -> None:
    """The third notebook finds what expires in 30 days, the wave, and what is odd."""
    ran = run("03")
    first, last = (f"{organisation.today + timedelta(days)}" for days in (0, 31))
    active = [each for each in organisation.devices.values() if each.process_status == "Active"]
    soon = [each for each in active if first <= each.valid_until < last]
    certificates = [
        each
        for each in organisation.certificates.values()
        if each.status == ISSUED and first <= each.expires < last
    ]
    expired = [each for each in active if each.valid_until < first]
    leavers = [each for each in active if not organisation.people[each.owner_id].enabled]
    months = Counter(each.valid_until[:7] for each in active)
    ((peak, most),) = months.most_common(1)

    assert "1 active device never expires" in ran.text("today")
    assert f"{len(soon)} devices expire" in ran.text("soon")
    assert f"{len(certificates)} issued certificates" in ran.text("certificates")
    assert f"{pd.Period(peak).strftime('%B %Y')}: {most} " in ran.text("peak")
    assert f"{len(expired)} devices are Active but have expired" in ran.text("expired")
    assert f"{len({each.owner_id for each in leavers})} of them hold" in ran.text("leavers")
    assert re.search(r"PIV Signing +24$", ran.text("failed"), re.MULTILINE)
    book = sheets(ran.folder / "expiring.xlsx")
    assert {name: len(rows) - 1 for name, rows in book.items()} == {
        "Next 30 days": len(soon),
        "Expired": len(expired),
        "Leavers": len(leavers),
    }


def test_many_calls(run: RunNotebook, organisation: Directory) -> None:
    """The fourth notebook reads everybody, though the session expires half-way and somebody has to
    sign in again; no record is read twice for that. At its end a session renews itself.
    """
    ran = run("04", **ARGUMENTS["04"])
    records = [path for path in ran.calls if path.startswith("people/")]
    twice = [path for path in records if ran.calls[path] > 1]

    assert ran.sign_ins == 3
    assert f"{len(organisation.people):,} records" in ran.text("fetch")
    assert "Wall time" in ran.text("again")
    assert "extension.costCentre" in ran.text("table")
    assert "2 of 22 failed: 2 x 404" in ran.text("failures")
    assert "22 rows, 2 of them failed" in ran.text("keep")
    assert "300 records are on disk" in ran.text("shelf")
    assert "renews itself while you use it" in ran.text("renewals")
    assert re.search(r"[2-9] renewals, 0 sign-ins", ran.text("renewals"))
    assert len(records) == len(organisation.people)
    assert len(twice) <= 301  # those that the shelf has, and the operator's own


def test_what_happened(run: RunNotebook) -> None:
    """The fifth notebook takes every step, and no secret of it is in the saved notebook."""
    ran = run("05", **ARGUMENTS["05"])
    secrets = json.loads((ran.folder / "secrets.json").read_text(encoding="utf-8"))

    assert "302" in ran.text("person")
    assert "The state is ours: True" in ran.text("redirect")
    assert re.search(r"access_token +\(\d+ characters\)", ran.text("response"))
    assert re.search(r"sub +\(36 characters\)", ran.text("claims"))
    assert "With the token: 200 50 rows" in ran.text("call")
    assert "Without: 401 Bearer" in ran.text("call")
    assert "The same code again: 400 {'error': 'invalid_grant'}" in ran.text("wrong")
    assert "Another redirect URI: 200 unauthorized_client" in ran.text("wrong")
    assert len(secrets) == 9
    assert [secret for secret in secrets if secret in ran.saved] == []


WRITE_SECRETS = """
from pathlib import Path

private = [claims[name] for name in ("sub", "jti", "myidSessionId")]
Path("secrets.json").write_text(json.dumps([
    client_secret, state, code_verifier, code, token, signature, *private
]))
"""

ARGUMENTS: dict[str, dict[str, object]] = {
    "04": {"api_refuse_after": 1_500},
    "05": {"more": WRITE_SECRETS},
}
"""What notebooks are run with, the same in every test so that they run once."""
