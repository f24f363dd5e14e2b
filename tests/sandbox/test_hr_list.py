"""The HR list of the tutorials; tests/notebooks/test_audit.py finds in it what its table says."""

import subprocess
import sys
from pathlib import Path

HR_LIST = Path(__file__).parents[2] / "notebooks" / "hr-list.csv"


def test_the_file_is_what_the_module_writes() -> None:
    """``python -m`` writes the file, in UTF-8 without a mark, with the same bytes each time. Names
    that are a formula and markup are in it, as they are in MyID.
    """
    command = [sys.executable, "-m", "myid_notebook.sandbox.population.hr_list"]
    written = subprocess.run(command, capture_output=True, timeout=100, check=True).stdout

    assert written.decode("utf-8").splitlines() == HR_LIST.read_text("utf-8").splitlines()
    assert b"\r" not in written
    assert written.startswith(b"Staff number,First name,Surname,Department,Status\n")
    assert b'"=HYPERLINK(""http://evil.example"",""x"")"' in written
    assert b"<b>O</b>" in written
