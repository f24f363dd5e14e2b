"""What many tests stand on: the sandbox, a client, a folder; properties judged by rule alone."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pytest
from support.servers.sandbox import Registration, SandboxProcess, register
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# A busy machine is no fault of the code. Where one run decides (CI), it tries what every run tries.
hypothesis.settings.register_profile("rules", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("rules")

TESTS = Path(__file__).parent

EXTRAS = {
    "browser": ("test-browser", ("jupyterlab", "marimo", "nbclassic", "notebook", "playwright")),
    "hub": ("test-hub", ("jupyterhub", "jupyterlab")),
    "scripts": ("test-browser", ("jupyterlab",)),
    "test_release.py": ("test", ("check_wheel_contents", "pyright", "twine", "yaml")),
}
"""By folder or file: the extra of pyproject.toml that its tests need, and what comes with it."""

SKIP_NOTHING = bool(os.environ.get("MYID_TESTS_NEED_EVERY_EXTRA"))
"""Set by ``scripts/test``: there an extra that is absent is a failure."""


def needed(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the extra that a file of tests needs, and what comes with it."""
    return EXTRAS.get(path.name, EXTRAS.get(path.parent.name, ("", ())))


class WithoutExtra(pytest.File):
    """A file of tests whose extra is not installed; it is not imported."""

    def collect(self) -> list[pytest.Item]:
        """Skip the whole file.

        Raises:
            CollectError: nothing may be skipped here.
        """
        extra, _ = needed(self.path)
        reason = f"needs the extra {extra}: pip install -e '.[{extra}]'"
        if SKIP_NOTHING:
            raise self.CollectError(reason)
        pytest.skip(reason)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect nothing of a file whose extra is not installed."""
    _, modules = needed(module_path)
    if all(find_spec(module) for module in modules):
        return None
    return WithoutExtra.from_parent(parent, path=module_path)


TOGETHER = ("tests/hub/", "tests/server/test_token_store", "tests/server/", "tests/kernel/secrets/")
"""Beginnings of files that share fixtures which take long to start; the first one decides."""

SLOW_FIRST = ("server", "hub", "browser", "scripts", "hostile", "sandbox", "kernel")
"""Folders with tests that take long: begun first, they are not what is waited for at the end."""


class ByFile(LoadFileScheduling):
    """Lets one worker run whole files, so that what they start is started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((beginning for beginning in TOGETHER if file.startswith(beginning)), file)


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Hand out tests in that way, whatever ``--dist`` says.

    Not ``--dist loadgroup``: pytest-xdist 3.8 forgets its groups with pytest 9.
    """
    return ByFile(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let ``scripts/test`` run the tests that are marked ``alone`` apart from the others."""
    choices = ("only", "never")
    parser.addoption("--alone", choices=choices, help="whether to run tests marked alone")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file for the tests marked ``alone`` that has none of them."""
    if config.getoption("alone") != "only" or not collection_path.name.startswith("test_"):
        return None
    return None if "mark.alone" in collection_path.read_text(encoding="utf-8") else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose by ``--alone``; begin with what takes long, where tests run side by side."""
    wanted = config.getoption("alone")
    if wanted is not None:
        left = [i for i in items if bool(i.get_closest_marker("alone")) != (wanted == "only")]
        config.hook.pytest_deselected(items=left)
        chosen = set(items) - set(left)
        items[:] = [item for item in items if item in chosen]
    if hasattr(config, "workerinput"):
        order = {folder: number for number, folder in enumerate(SLOW_FIRST)}
        items.sort(key=lambda item: order.get(item.path.relative_to(TESTS).parts[0], len(order)))


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    """The process, started once."""
    with SandboxProcess.start() as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> Iterator[SandboxProcess]:
    """The process, reset before and after: not every test of the process needs this fixture."""
    sandbox_process.reset()
    yield sandbox_process
    sandbox_process.reset()


@pytest.fixture
def registration(sandbox: SandboxProcess) -> Registration:
    """A client whose redirect URI is at a free port of this machine."""
    return register(sandbox)


@pytest.fixture(scope="session", autouse=True)
def config_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No ``myid.toml`` of the person who runs the tests, and no CA bundle of their company, which
    every session would read for tens of milliseconds.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def config_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter configuration folder of the test's own, the first one to be looked into."""
    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    return folder


@pytest.fixture
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter runtime folder of the test's own."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"
