"""Places that a secret could get to beside outputs: disk, processes, memory, messages."""

import json
from collections.abc import Iterator

import psutil
import pytest
from support.jupyter.kernel import LocalKernel
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess
from support.values.secrets import files_below, found

OWN = ("connection.json", "kernel.log")
"""Files of the kernel's home that these tests write themselves, without any secret of a sign-in."""


def test_history_database(secret_kernel: LocalKernel, secrets: dict[str, str]) -> None:
    """IPython's history database, byte by byte, after it has been written out."""
    secret_kernel.execute("get_ipython().history_manager.writeout_cache()\nprint(myid)")
    secret_kernel.execute("get_ipython().history_manager.writeout_cache()")

    files = files_below(secret_kernel.home).items()
    databases = [content for path, content in files if path.name.startswith("history.sqlite")]
    text = b"".join(databases).decode("latin-1")
    assert "myid_login" in text
    assert [] == found(secrets, text)


def test_files(secret_kernel: LocalKernel, secrets: dict[str, str]) -> None:
    """Every file below the kernel's own folders: history, profile, runtime, configuration."""
    files = files_below(secret_kernel.home)

    text = b"\n".join(files.values()).decode("latin-1")
    assert len(files) > len(OWN)
    assert [] == found(secrets, f"{[*files]} {text}")


def test_store(secret_kernel: LocalKernel, secrets: dict[str, str]) -> None:
    """``%store`` would keep it beyond the kernel: it is refused, and says what to do."""
    if secret_kernel.value("type(get_ipython().db).__module__").startswith("IPython.core"):
        pytest.skip("this IPython keeps nothing without the library pickleshare")
    outputs = secret_kernel.execute("%store myid")

    assert "Sign in again in the other process" in f"{outputs.errors}"
    assert [] == found(secrets, f"{outputs.errors} {outputs.traceback}")
    files = files_below(secret_kernel.home)
    stored = {path: content for path, content in files.items() if "db" in path.parts}
    text = b" ".join(stored.values()).decode("latin-1")
    assert [] == found(secrets, f"{[*stored]} {text}")


def test_rendezvous_file_while_pending(secret_kernel: LocalKernel, secrets: dict[str, str]) -> None:
    """The one file that a sign-in writes holds neither state nor verifier nor client secret."""
    secret_kernel.execute("from myid_notebook.kernel.commands import registry")
    secret_kernel.execute("registry.records.pop('other', None)")
    cell = secret_kernel.submit("%myid_login other --no-wait")
    assert cell.link()
    cell.finish()
    verifier, state = json.loads(
        secret_kernel.value(
            "(lambda request: __import__('json').dumps([str(request.code_verifier), "
            "str(request.state)]))(registry.records['other'].pending.sign_in.request)"
        )
    )
    (file,) = (secret_kernel.runtime_dir / "myid-notebook").iterdir()

    text = f"{file} {file.read_text()}"
    assert [] == found({**secrets, "verifier": verifier, "state": state}, text)
    secret_kernel.execute("%myid_logout other")


def test_children(
    secret_kernel: LocalKernel, secrets: dict[str, str], sandbox_process: SandboxProcess
) -> None:
    """The sandbox that a kernel starts gets no secret: neither as argument nor in its environment,
    though the client secret stands in the kernel's own.
    """
    assert sandbox_process.url
    secret_kernel.execute("from myid_notebook.kernel.commands import registry")
    cell = secret_kernel.submit("%myid_login sandboxed --sandbox --no-wait")
    assert cell.link()
    outputs = cell.finish()
    assert [] == outputs.errors, outputs.traceback
    children = psutil.Process(secret_kernel.pid).children(recursive=True)
    # Private names, because the keys are secret: nothing public tells them.
    pending = secret_kernel.execute(
        "sign_in = registry.records['sandboxed'].pending.sign_in\n"
        "print(*map(str, (sign_in.request.state, sign_in.request.code_verifier,\n"
        "    sign_in.receiver._listener.relay_key, registry.sandbox._client_secret)))"
    ).text.split()

    said = " ".join(f"{child.cmdline()} {child.environ()}" for child in children)
    secret_kernel.execute("%myid_logout sandboxed")
    assert "myid_notebook.sandbox" in said
    assert [] == found(secrets, said)
    assert [] == found({f"no. {number}": text for number, text in enumerate(pending)}, said)
    assert 4 == len(pending)


PUBLIC = """
from myid_notebook import MyIDSession, login, login_async
from myid_notebook.kernel.commands import registry
try:
    login("other", server="ftp://x")
except Exception as error:
    failure = error
%myid_login other --no-wait
pending = registry.records["other"].pending.sign_in
answer = myid.get("people", params={"q": "jo"})
"""
"""Everything a user may have at hand: functions, a session, an error, an answer."""


@pytest.fixture
def at_hand(secret_kernel: LocalKernel, secrets: dict[str, str]) -> Iterator[dict[str, str]]:
    """The secrets of a sign-in that worked and of one that is pending."""
    outputs = secret_kernel.execute(PUBLIC)
    assert [] == outputs.errors, outputs.traceback
    wait_until(lambda: secret_kernel.value("pending.request is not None") == "True", 60)
    verifier = secret_kernel.value("str(pending.request.code_verifier)")
    yield {**secrets, "pending verifier": verifier}
    secret_kernel.execute("%myid_logout other")


@pytest.mark.parametrize(
    "expression",
    [
        *("myid", "myid.auth", "myid.bearer", "myid.bearer.token", "MyIDSession", "login"),
        *("login_async", "failure", "pending", "pending.request", "answer", "answer.request"),
    ],
)
def test_inspection(secret_kernel: LocalKernel, at_hand: dict[str, str], expression: str) -> None:
    """``?``, ``??`` and Shift-Tab show what an object is, and not what it keeps."""
    pages = "".join(secret_kernel.execute(expression + mark).pages for mark in ("?", "??"))
    asked = "".join(secret_kernel.inspect(expression, detail) for detail in (0, 1))

    assert "Type:" in pages or "Signature:" in pages or "Init signature:" in pages
    assert "'found': True" in asked
    assert [] == found(at_hand, pages + asked)


@pytest.mark.parametrize(
    "text",
    [
        *("myid.", "myid.auth.", "myid.headers[", "myid.bearer.token.", "login(", "login_async("),
        *("MyIDSession.", "failure.", "pending.", "pending.request.", "answer."),
        *("answer.request.headers[", "registry."),
    ],
)
def test_completion(secret_kernel: LocalKernel, at_hand: dict[str, str], text: str) -> None:
    """Tab completes names, and tells no values."""
    shown = secret_kernel.complete(text)

    assert "'matches': []" not in shown
    assert [] == found(at_hand, shown + secret_kernel.value(f"get_ipython().complete({text!r})"))
