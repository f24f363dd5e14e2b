"""Kernels whose event loop ``nest_asyncio`` has patched, as many notebooks begin."""

from collections.abc import Iterator

import pytest
from support.jupyter.kernel import LocalKernel, follow
from support.servers.sandbox import Registration, SandboxProcess

APPLY = "import nest_asyncio\nnest_asyncio.apply()"
LOAD = "%load_ext myid_notebook"


@pytest.fixture
def kernel(
    client: Registration, sandbox: SandboxProcess, request: pytest.FixtureRequest
) -> Iterator[LocalKernel]:
    """A kernel whose start-up file is the parameter."""
    assert sandbox.url
    kernel = LocalKernel(client.environ)
    startup = kernel.home / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-first.py").write_text(getattr(request, "param", ""))
    with kernel:
        yield kernel


def run_all(kernel: LocalKernel, *cells: str) -> list[str]:
    """Run cells at once, sign in at each link, and return what was raised."""
    submitted = [kernel.submit(cell) for cell in cells]
    for cell, source in zip(submitted, cells, strict=True):
        if "%myid_login" in source:
            follow(cell)
    return [name for cell in submitted for name, _ in cell.finish(30).errors]


def login(number: int) -> tuple[str, ...]:
    """Return a cell that signs in, and cells behind it."""
    return (
        f"%myid_login --force\norder.append('login {number}')",
        *(f"order.append('{number}.{cell}')" for cell in range(2)),
    )


@pytest.mark.parametrize(
    ("kernel", "cells"),
    [
        pytest.param("", (f"{APPLY}\n{LOAD}",), id="before ours is loaded"),
        pytest.param("", (APPLY, LOAD), id="in a cell of its own"),
        pytest.param("", (f"{LOAD}\n{APPLY}",), id="after ours is loaded"),
        pytest.param(APPLY, (LOAD,), id="in a start-up file"),
        pytest.param("", (LOAD,), id="between two sign-ins"),
    ],
    indirect=["kernel"],
)
def test_queued_cells_run_afterwards(kernel: LocalKernel, cells: tuple[str, ...]) -> None:
    """Cells that were run meanwhile all run in order, and what was nested stays nested."""
    nested = "asyncio.run(asyncio.sleep(0, order.append('nested')))"

    raised = run_all(
        kernel, *cells, "order = []", *login(1), f"{APPLY}\nimport asyncio\n{nested}", *login(2)
    )

    assert [] == raised
    numbered = [[f"login {number}", f"{number}.0", f"{number}.1"] for number in (1, 2)]
    assert repr([*numbered[0], "nested", *numbered[1]]) == kernel.value("order")
