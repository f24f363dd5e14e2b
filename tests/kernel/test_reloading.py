"""A sign-in outlives %autoreload, reloads and second imports of this package."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.jupyter.cell import Cell
from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.machine.leftovers import IN_KERNEL
from support.machine.threads import wait_until
from support.servers.sandbox import Registration, SandboxProcess

import myid_notebook

CHANGED = "myid_notebook was changed on disk."
LOAD = "%load_ext myid_notebook"
AUTORELOAD = "%load_ext autoreload\n%autoreload "
OURS = "[each for each in list(sys.modules) if each.startswith('myid_notebook')]"
DELETE = f"import sys\nfor each in {OURS}: del sys.modules[each]\n"
RELOAD = "import importlib, sys, myid_notebook.kernel.api, myid_notebook.session.session\n"


class Upgradable:
    """A kernel that imports a copy of the package, which can be changed.

    Args:
        kernel: running.
        package: the copy's folder.
    """

    def __init__(self, kernel: LocalKernel, package: Path) -> None:
        self.kernel = kernel
        self._package = package

    def upgrade(self) -> None:
        """Change every module, as an installation of a newer version does."""
        for path in self._package.rglob("*.py"):
            text = path.read_text(encoding="utf-8").replace("Not signed in", "Signed out of MyID")
            path.write_text(f"{text}\nNEWER = True\n", encoding="utf-8")
            newer = path.stat().st_mtime + 10
            os.utime(path, (newer, newer))

    def uninstall(self) -> None:
        """Remove every module."""
        shutil.rmtree(self._package)


@pytest.fixture
def upgradable(
    client: Registration, sandbox: SandboxProcess, tmp_path: Path
) -> Iterator[Upgradable]:
    """A kernel of the test's own, without the extension."""
    assert sandbox.url
    package = tmp_path / "myid_notebook"
    shutil.copytree(Path(myid_notebook.__file__).parent, package)
    with LocalKernel({**client.environ, "PYTHONPATH": str(tmp_path)}) as kernel:
        kernel.execute(IN_KERNEL)
        yield Upgradable(kernel, package)


PENDING = {
    "magic": "%myid_login other --no-wait",
    "thread": """
import threading, myid_notebook
def sign_in():
    global other, ended
    try: other = myid_notebook.login("other")
    except myid_notebook.MyIDError as error: ended = str(error)
threading.Thread(target=sign_in, daemon=True).start()
""",
    "task": """
import asyncio, myid_notebook
async def sign_in():
    global other, ended
    try: other = await myid_notebook.login_async("other")
    except myid_notebook.MyIDError as error: ended = str(error)
task = asyncio.create_task(sign_in())
""",
}
"""Cells that begin a sign-in and wait for nobody."""

RELOADS = {
    "package": f"{RELOAD}importlib.reload(myid_notebook)",
    "api": f"{RELOAD}importlib.reload(myid_notebook.kernel.api)",
    "errors": f"{RELOAD}importlib.reload(sys.modules['myid_notebook.errors'])",
    "each": f"{RELOAD}for each in {OURS}: importlib.reload(sys.modules[each])",
    "each_backwards": f"{RELOAD}for each in {OURS}[::-1]: importlib.reload(sys.modules[each])",
    "deep": f"{RELOAD}from IPython.lib.deepreload import reload\nreload(myid_notebook.kernel.api)",
    "delete": DELETE,
    "delete_parts": DELETE.replace("'myid_notebook'", "'myid_notebook.'"),
    "delete_some": DELETE.replace("'myid_notebook'", "'myid_notebook.kernel'"),
    "delete_and_import": f"{DELETE}import myid_notebook.kernel.commands",
    "delete_and_reload_ext": f"{DELETE}%reload_ext myid_notebook",
    "delete_and_load_again": f"{DELETE}%unload_ext myid_notebook\n{LOAD}",
}
"""Cells that load modules again, and leave the extension to IPython as it is."""

AUTORELOADS = {
    "all": (LOAD, f"{AUTORELOAD}2", "1"),
    "all_first": (f"{AUTORELOAD}2", LOAD, "1"),
    "all_at_once": (f"{AUTORELOAD}2\n{LOAD}", "1"),
    "complete": (LOAD, f"{AUTORELOAD}3", "1"),
    "explicit": (LOAD, f"{AUTORELOAD}1\n%aimport myid_notebook, myid_notebook.kernel.api", "1"),
    "now": (LOAD, f"{AUTORELOAD}0", "%autoreload now"),
    "twice": (f"{AUTORELOAD}2", f"{LOAD}\n%reload_ext autoreload\n%autoreload 2", "1"),
    "without_load_ext": (f"{AUTORELOAD}2", "import myid_notebook", "1"),
}
"""Cells that load the extensions, and last the one that reloads what has changed."""


@pytest.mark.parametrize("name", RELOADS)
def test_modules_loaded_again(upgradable: Upgradable, name: str) -> None:
    """After an upgrade, whatever loads modules again gives those that are loaded."""
    kernel, form = upgradable.kernel, [*PENDING][[*RELOADS].index(name) % len(PENDING)]
    kernel.execute(LOAD)
    before = kernel.value("leftovers()")
    signed_in(kernel)
    pending = _begin(kernel, PENDING[form])
    upgradable.upgrade()

    outputs = kernel.execute(RELOADS[name])

    assert ([], 1) == (outputs.errors, outputs.shown.count(CHANGED)), outputs.shown
    assert "Traceback" not in outputs.shown
    _finish(kernel, pending)
    _assert_one_set_of_sign_ins(kernel)
    wait_until(lambda: kernel.value("leftovers()") == before)


@pytest.mark.parametrize("form", PENDING)
@pytest.mark.parametrize(
    "cell", ["%reload_ext myid_notebook", f"%unload_ext myid_notebook\n{LOAD}"]
)
def test_extension_loaded_again(upgradable: Upgradable, cell: str, form: str) -> None:
    """A pending sign-in ends and says why; sessions and what %config set stay."""
    kernel = upgradable.kernel
    kernel.execute(f"{LOAD}\n%config MyIDMagics.show_rows = '7'")
    before = kernel.value("leftovers()")
    signed_in(kernel)
    pending = _begin(kernel, PENDING[form])

    outputs = kernel.execute(cell)

    assert ([], "") == (outputs.errors, outputs.shown.strip())
    pending.wait_for(lambda: "Not signed in." in pending.outputs.shown)
    if form != "magic":
        wait_until(lambda: kernel.value("'ended' in globals()") == "True")
    told = pending.outputs.shown if form == "magic" else kernel.value("ended")
    assert "because myid_notebook was unloaded" in told
    assert "7" == kernel.value("get_ipython().run_line_magic('config', 'MyIDMagics.show_rows')")
    _finish(kernel, _begin(kernel, PENDING[form]))
    _assert_one_set_of_sign_ins(kernel)
    wait_until(lambda: kernel.value("leftovers()") == before)


@pytest.mark.parametrize("cells", AUTORELOADS.values(), ids=AUTORELOADS)
def test_autoreload(upgradable: Upgradable, cells: tuple[str, ...]) -> None:
    """%autoreload leaves this package alone, and one line says so after an upgrade."""
    kernel = upgradable.kernel
    for cell in cells[:-1]:
        kernel.execute(cell)
    before = kernel.value("leftovers()")
    by_magic = any(LOAD in cell for cell in cells)
    signed_in(kernel, "%myid_login" if by_magic else "myid = myid_notebook.login()")
    pending = _begin(kernel, PENDING["magic" if by_magic else "task"])

    upgradable.upgrade()
    outputs = [kernel.execute(cells[-1]), kernel.execute("1")]

    assert [[], []] == [each.errors for each in outputs]
    assert [1, 0] == [each.shown.count(CHANGED) for each in outputs], outputs
    assert "reload" not in "".join(each.shown for each in outputs)
    _finish(kernel, pending)
    kernel.execute(LOAD)
    _assert_one_set_of_sign_ins(kernel)
    wait_until(lambda: kernel.value("leftovers()") == before)


def test_changes_that_nobody_reloads(upgradable: Upgradable) -> None:
    """A line says once that the package was upgraded, or uninstalled, and no other cell does."""
    kernel = upgradable.kernel
    kernel.execute(LOAD)
    assert CHANGED not in kernel.execute("1").shown

    upgradable.upgrade()
    assert [True, False] == [CHANGED in kernel.execute("1").shown for _ in range(2)]

    upgradable.uninstall()
    assert [True, False] == [CHANGED in kernel.execute("1").shown for _ in range(2)]


def test_modules_are_as_python_made_them(upgradable: Upgradable) -> None:
    """A module that was reloaded, or deleted and imported, has the loader of its file."""
    kernel = upgradable.kernel
    kernel.execute(f"{LOAD}\n{RELOADS['each']}\nbefore = dict(sys.modules)")
    kernel.execute(
        f"{RELOADS['delete']}\nimport myid_notebook.kernel.api, myid_notebook.kernel.magics"
    )

    loaders = f"each.__loader__ is each.__spec__.loader for each in map(sys.modules.get, {OURS})"
    assert "True" == kernel.value(f"all({loaders})")
    assert "SourceFileLoader" == kernel.value("type(myid_notebook.__loader__).__name__")
    assert "True" == kernel.value(f"all(sys.modules[each] is before[each] for each in {OURS})")
    copied = "__import__('pickle').loads(__import__('pickle').dumps(myid_notebook.NotSignedIn()))"
    assert "True" == kernel.value(f"isinstance({copied}, myid_notebook.NotSignedIn)")
    outputs = kernel.execute("import myid_notebook.no_such_module")
    assert [
        ("ModuleNotFoundError", "No module named 'myid_notebook.no_such_module'")
    ] == outputs.errors


def _begin(kernel: LocalKernel, code: str) -> Cell:
    """Begin a sign-in and wait for its link and the end of the cell."""
    cell = kernel.submit(code)
    cell.link()
    assert [] == cell.finish().errors
    return cell


def _finish(kernel: LocalKernel, pending: Cell) -> None:
    """Sign in where a pending sign-in asks, and use its session."""
    assert "Signed in to MyID" == follow(pending).title
    wait_until(lambda: kernel.execute("print(other.signed_in)").text.strip() == "True")
    assert "200" == kernel.value("other.get('people?q=jo').status_code")


def _assert_one_set_of_sign_ins(kernel: LocalKernel) -> None:
    """Use and end the sessions of both names, with magics and with classes of the package."""
    assert "200" == kernel.value("myid.get('people?q=jo').status_code")
    kernel.execute("import myid_notebook\nheld = myid")
    assert "True" == kernel.value("isinstance(myid, myid_notebook.MyIDSession)")
    status = kernel.execute("%myid_status").shown
    assert 2 == status.count("Jane Doe"), status
    signed_in(kernel, "%myid_login --force")
    assert "True" == kernel.value("held is myid")
    for name in ("myid", "other"):
        assert "Signed out." in kernel.execute(f"%myid_logout {name}").shown
        ((kind, message),) = kernel.execute(f"{name}.get('people')").errors
        assert ("NotSignedIn", True) == (kind, "login" in message)
    caught = "try: myid.get('people')\nexcept myid_notebook.NotSignedIn: print('caught')"
    assert "caught\n" == kernel.execute(caught).text
    signed_in(kernel)
    assert "Signed out." in kernel.execute("%myid_logout").shown
