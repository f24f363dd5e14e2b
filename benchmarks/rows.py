"""Run the benchmarks one after the other, keep their figures, and write docs/performance.md.

``scripts/bench`` runs this. Arguments: names of rows; without any, those rows that have no figures
of this state of the source.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness import HERE, ROOT, read_tables

import myid_notebook

KEPT = ROOT / ".bench"
"""The folder of the figures; git ignores it."""

FOREIGN = (
    *("MYID_", "JUPYTER", "JPY_", "IPYTHON"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT", "PYTHONDONTWRITEBYTECODE"),
)
"""Beginnings of environment variables that would make one machine's figures differ from another's:
a CA bundle that everything trusts costs every client what it costs to read.
"""

SMOKE_AT_ONCE = 4
"""Rows at the same time where figures do not matter."""


@dataclass(frozen=True)
class Row:
    """A benchmark.

    Args:
        title: of its section.
        seconds: after which it is ended; what it has measured by then is kept.
    """

    title: str
    seconds: int


ROWS = {
    "load_ext": Row("Loading the extension", 120),
    "fresh_link": Row("From nothing imported to the link", 180),
    "kernel_link": Row("From `%myid_login` to the link", 240),
    "redirect_to_session": Row("From the redirect to the session", 200),
    "redirect_to_cell": Row("From the redirect to the end of the cell", 120),
    "request": Row("A request", 150),
    "fetch": Row("Many calls", 200),
    "search": Row("A large collection", 330),
    "to_pandas": Row("Tables", 90),
    "callback": Row("The callback of a Jupyter server", 240),
    "slow_token": Row("Other requests meanwhile", 180),
    "many_sign_ins": Row("A thousand sign-ins", 300),
    "restart_to_session": Row("A restart, and a day's work", 700),
    "idle_cost": Row("A sign-in that waits", 120),
    "browser": Row("A whole sign-in in a browser", 180),
}
"""Name to benchmark: the name is also that of its program, whose docstring says what it does."""


def main() -> int:
    """Run what is asked for, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--smoke", action="store_true", help="everything once; figures are lost")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started ends with this
    unknown = set(options.rows) - ROWS.keys()
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    if options.smoke:
        return smoke(options.rows or [*ROWS])
    # As after an installation, also where PYTHONDONTWRITEBYTECODE is set: the peers are compiled.
    compileall.compile_dir(str(Path(myid_notebook.__file__).parent), quiet=1)
    KEPT.mkdir(exist_ok=True)
    names = options.rows or [name for name in ROWS if kept_digest(name) != digest(name)]
    print(f"{len(names)} of {len(ROWS)} rows are measured", flush=True)
    failed = [name for name in names if not measured(name)]
    from report import write_report  # noqa: PLC0415 - draws, which smoke runs do not

    rows = {name: kept for name in ROWS if (kept := kept_row(name)) is not None}
    write_report(rows, {name: row.title for name, row in ROWS.items()})
    print(f"\nWritten: {ROOT / 'docs' / 'performance.md'}")
    if failed:
        print(f"Not complete: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def measured(name: str) -> bool:
    """Run a row, keep its figures, and return whether it came to its end."""
    print(f"\n== {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.json"
        started = time.monotonic()
        complete = run_program(name, "--json", str(figures), seconds=ROWS[name].seconds)
        print(f"({time.monotonic() - started:.0f} s)", flush=True)
        if figures.exists():
            kept = {
                "digest": digest(name) if complete else "",
                "source": digest(""),
                "tables": json.loads(figures.read_text(encoding="utf-8")),
            }
            (KEPT / f"{name}.json").write_text(json.dumps(kept), encoding="utf-8")
    return complete


def smoke(names: list[str]) -> int:
    """Run rows once, several at a time, and return the exit code."""
    with ThreadPoolExecutor(SMOKE_AT_ONCE) as executor:
        done = executor.map(partial(run_program, quiet=True), names)
        failed = [name for name, complete in zip(names, done, strict=True) if not complete]
    print(f"Failed: {', '.join(failed)}" if failed else f"{len(names)} rows work")
    return 1 if failed else 0


def run_program(name: str, *arguments: str, seconds: float = 120, quiet: bool = False) -> bool:
    """Run a benchmark, and return whether it came to its end.

    Args:
        name: of the row.
        arguments: of the program.
        seconds: after which it is ended, with all that it has started.
        quiet: do everything once, and print nothing but what goes wrong.
    """
    given = [*arguments, "--smoke"] if quiet else [*arguments]
    command = [sys.executable, "-W", "ignore", str(HERE / f"{name}.py"), *given]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={name: os.environ[name] for name in os.environ if not name.startswith(FOREIGN)},
            stdin=subprocess.DEVNULL,
            stdout=output if quiet else None,
            stderr=output,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            print(f"{name} was ended after {seconds:.0f} seconds", flush=True)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(30)
        if process.returncode > 0:
            output.seek(0)
            print(f"{name} failed:\n{output.read()[-4000:]}", flush=True)
        return process.returncode == 0


def digest(name: str) -> str:
    """Return what tells one state of the package, and of a row's program, from another."""
    package = Path(myid_notebook.__file__).parent
    files = sorted(package.rglob("*.py"))
    files += [HERE / f"{each}.py" for each in ("harness", "peers", name)] if name else []
    found = hashlib.sha256(sys.version.encode())
    for path in files:
        found.update(path.read_bytes())
    return found.hexdigest()


def kept_digest(name: str) -> str:
    """Return the state of the source that a row was measured for; empty if it is not complete."""
    row = kept_row(name)
    return str(row["digest"]) if row else ""


def kept_row(name: str) -> dict[str, object] | None:
    """Return what is kept of a row, or None."""
    path = KEPT / f"{name}.json"
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        tables = read_tables(found["tables"])
    except (ValueError, KeyError, TypeError):  # of another version of the benchmarks
        return None
    return {**found, "tables": tables, "is_of_this_source": found["source"] == digest("")}


if __name__ == "__main__":
    sys.exit(main())
