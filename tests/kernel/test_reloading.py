"""A sign-in outlives %autoreload, reloads and second imports of this package."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
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


@pytest.fixture
def upgradable(
    client: Registration, sandbox: SandboxProcess, tmp_path: Path
) -> Iterator[Upgradable]:
    """A kernel of the test's own, without the extension."""
    assert sandbox.url
    package = tmp_path / "myid_notebook"
    shutil.copytree(Path(myid_notebook.__file__).parent, package)
    with LocalKernel({**client.environ, "PYTHONPATH": str(tmp_path)}) as kernel:
        kernel.execute(f"{IN_KERNEL}")
        yield Upgradable(kernel, package)


RELOADS = {
    "reload_ext": "%reload_ext myid_notebook",
    "load_again": "%unload_ext myid_notebook\n%load_ext myid_notebook",
    "package": f"{RELOAD}importlib.reload(myid_notebook)",
    "api": f"{RELOAD}importlib.reload(myid_notebook.kernel.api)",
    "registry": f"{RELOAD}importlib.reload(sys.modules['myid_notebook.kernel.registry'])",
    "errors": f"{RELOAD}importlib.reload(sys.modules['myid_notebook.errors'])",
    "each": f"{RELOAD}for each in {OURS}: importlib.reload(sys.modules[each])",
    "each_backwards": f"{RELOAD}for each in {OURS}[::-1]: importlib.reload(sys.modules[each])",
    "deep": f"{RELOAD}from IPython.lib.deepreload import reload\nreload(myid_notebook.kernel.api)",
    "delete": DELETE,
    "delete_and_reload_ext": f"{DELETE}%reload_ext myid_notebook",
    "delete_and_import": f"{DELETE}import myid_notebook\nlogin = myid_notebook.login",
    "delete_parts": DELETE.replace("'myid_notebook'", "'myid_notebook.'"),
    "delete_some": DELETE.replace("'myid_notebook'", "'myid_notebook.kernel'"),
    "delete_and_load_again": f"{DELETE}%unload_ext myid_notebook\n%load_ext myid_notebook",
}
"""Cells that load this package again."""

AUTORELOADS = {
    "all": (LOAD, f"{AUTORELOAD}2"),
    "all_first": (f"{AUTORELOAD}2", LOAD),
    "complete": (LOAD, f"{AUTORELOAD}3"),
    "explicit": (LOAD, f"{AUTORELOAD}1\n%aimport myid_notebook, myid_notebook.kernel.api"),
    "now": (LOAD, f"{AUTORELOAD}0"),
    "twice": (f"{AUTORELOAD}2", f"{LOAD}\n%reload_ext autoreload\n%autoreload 2"),
    "import_only": (f"{AUTORELOAD}2", "import myid_notebook"),
}
"""Cells that load the extensions."""


@pytest.mark.parametrize("cell", RELOADS.values(), ids=RELOADS)
@pytest.mark.parametrize("upgraded", [False, True], ids=["same", "upgraded"])
def test_reload(upgradable: Upgradable, cell: str, upgraded: bool) -> None:
    """Whatever loads the package again: sign-ins are one, with one set of classes."""
    kernel = upgradable.kernel
    kernel.execute(LOAD)
    before = kernel.value("leftovers()")
    signed_in(kernel)
    pending = kernel.submit("%myid_login other --no-wait")
    pending.link()
    pending.finish()
    if upgraded:
        upgradable.upgrade()

    outputs = kernel.execute(cell)

    assert [] == outputs.errors, outputs.traceback
    assert upgraded == (CHANGED in outputs.shown)
    if "unload" in cell or ("reload_ext" in cell and "del " not in cell):
        pending.wait_for(lambda: "was unloaded" in pending.outputs.shown)
    else:
        assert "Signed in to MyID" == follow(pending).title
        wait_until(lambda: "200" == kernel.value("other.get('people?q=jo').status_code"))
    _assert_signed_in_once(kernel, before)


@pytest.mark.parametrize("cells", AUTORELOADS.values(), ids=AUTORELOADS)
def test_autoreload(upgradable: Upgradable, cells: tuple[str, ...]) -> None:
    """%autoreload leaves this package alone, and one line says so after an upgrade."""
    kernel = upgradable.kernel
    for cell in cells:
        kernel.execute(cell)
    imported = LOAD not in "".join(cells)
    before = kernel.value("leftovers()")
    login = "myid = myid_notebook.login()" if imported else "%myid_login"
    signed_in(kernel, login)
    pending = kernel.submit("myid_notebook.login('other', wait=False)" if imported else "%myid_login other --no-wait")
    pending.link()
    pending.finish()

    upgradable.upgrade()
    outputs = [kernel.execute("%autoreload now" if "0" in cells[-1] else "1"), kernel.execute("1")]

    assert [[], []] == [each.errors for each in outputs]
    assert 1 == sum(each.shown.count(CHANGED) for each in outputs), outputs
    assert "autoreload of" not in "".join(each.shown for each in outputs)
    assert "Signed in to MyID" == follow(pending).title
    kernel.execute(LOAD)
    _assert_signed_in_once(kernel, before)


def _assert_signed_in_once(kernel: LocalKernel, before: str) -> None:
    assert "200" == kernel.value("myid.get('people?q=jo').status_code")
    assert "True" == kernel.value(
        "isinstance(myid, __import__('myid_notebook').MyIDSession)"
    )
    assert "signed in" in kernel.execute("%myid_status").shown.lower()
    kernel.execute("held = myid")
    signed_in(kernel, "%myid_login --force")
    assert "True" == kernel.value("held is myid")
    assert "Signed out." in kernel.execute("%myid_logout").shown
    kernel.execute("%myid_logout other")
    ((name, message),) = kernel.execute("held.get('people')").errors
    assert ("NotSignedIn", True) == (name, "%myid_login" in message)
    outputs = kernel.execute(
        "import myid_notebook\n"
        "try: myid.get('people')\nexcept myid_notebook.NotSignedIn: print('caught')"
    )
    assert "caught" in outputs.text, outputs.shown
    wait_until(lambda: kernel.value("leftovers()") == before)
