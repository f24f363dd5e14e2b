"""From ``%myid_login`` to the link on screen, in a real kernel: the first and the second sign-in.

The kernel has loaded requests and ipywidgets, and the extension. With and without a CA bundle, and
with and without the checks of MyID beside the link, which are over before the second sign-in.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness import Bench, Table, company_bundle, run
from support.jupyter.kernel import LocalKernel
from support.machine.ports import free_port
from support.servers.sandbox import SandboxProcess

import myid_notebook

ENVIRON = {
    "MYID_CLIENT_ID": "myid.notebook",
    "MYID_CLIENT_SECRET": "not-used-before-the-redirect",
}
PACKAGE = Path(myid_notebook.__file__).parents[1]
READY = f"""
import myid_notebook, requests, ipywidgets
assert myid_notebook.__file__.startswith({str(PACKAGE)!r}), myid_notebook.__file__
%load_ext myid_notebook
"""
BARE, DEFAULT, BUNDLE = (
    "checks off, no CA bundle",
    "checks on, no CA bundle",
    "checks off, CA bundle",
)


def both_links(environ: dict[str, str]) -> tuple[float, float]:
    """Return the milliseconds to the first and to the second link of a new kernel."""
    uri = f"http://localhost:{free_port()}/myid/callback"
    with LocalKernel({**ENVIRON, **environ, "MYID_REDIRECT_URI": uri}) as kernel:
        outputs = kernel.execute(READY)
        assert not outputs.errors, outputs.traceback
        first = to_link(kernel)
        time.sleep(0.5)  # the checks of the first are over
        kernel.execute("%myid_logout")  # it is not pending any more
        return first, to_link(kernel)


def to_link(kernel: LocalKernel) -> float:
    """Return the milliseconds from the request to execute to the output with the link."""
    started = time.perf_counter()
    cell = kernel.submit("%myid_login --no-wait")
    cell.link()
    took = (time.perf_counter() - started) * 1000
    cell.finish()
    return took


def measure(bench: Bench) -> Iterator[Table]:
    """Begin two sign-ins in a new kernel, again and again."""
    with tempfile.TemporaryDirectory() as folder:
        bundle, certfile = company_bundle(Path(folder))
        with (
            SandboxProcess.start() as plain,
            SandboxProcess.start(["--certfile", certfile], verify=bundle) as behind_tls,
        ):
            server = {"MYID_SERVER": plain.url}
            tls = {"MYID_SERVER": behind_tls.url, "MYID_CA_BUNDLE": bundle}
            on, off = {"MYID_CHECKS": "on"}, {"MYID_CHECKS": "off"}
            rows = {
                BARE: {**server, **off},
                DEFAULT: {**server, **on},
                BUNDLE: {**tls, **off},
                "checks on, CA bundle": {**tls, **on},
            }
            seconds: dict[str, list[float]] = {name: [] for name in rows}

            def first(name: str) -> float:
                one, two = both_links(rows[name])
                seconds[name].append(two)
                return one

            contenders = {name: (lambda name=name: first(name)) for name in rows}
            samples, _ = bench.interleaved(contenders, 20, seconds=150)
    seconds = {name: seconds[name][-len(row) :] for name, row in samples.items()}
    for text, found, limit in (("first", samples, 40), ("second", seconds, 8)):
        table = Table(f"`%myid_login` to its link, {text} in a kernel", "ms", found, BARE)
        table.reach(f"at most {limit} ms as it comes", DEFAULT, limit)
        table.reach("the checks cost nothing: at most 1.05 times", DEFAULT, 1.05, BARE)
        table.reach("a CA bundle costs nothing: at most 1.05", BUNDLE, 1.05, BARE)
        yield table


if __name__ == "__main__":
    run(measure)
