"""A sign-in whose link could not be seen is refused at once, and says what to do instead."""

import time
from collections.abc import Callable

import pytest
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.servers.sandbox import Registration

LOGIN = "import myid_notebook\nmyid_notebook.login(wait=True)\n"
MAGIC = "%load_ext myid_notebook\n%myid_login --wait\n"
SCRIPT = f"""
import pathlib
path = pathlib.Path(__file__).with_name("script.py")
path.write_text({LOGIN!r})
c.InteractiveShellApp.exec_lines = [f"%run {{path}}"]
"""
CONFIGURATION = "profile_default/ipython_kernel_config.py"
STARTUP = {
    "startup file of magics": ("profile_default/startup/00.ipy", MAGIC),
    "not waiting": ("profile_default/startup/00.ipy", MAGIC.replace("wait", "no-wait")),
    "script": (CONFIGURATION, SCRIPT),
}


@pytest.mark.parametrize("kind", STARTUP)
def test_startup(client: Registration, kind: str) -> None:
    """The kernel starts at once; the error is in its log, and a cell can sign in."""
    name, code = STARTUP[kind]
    kernel = LocalKernel(client.environ)
    file = kernel.home / "ipython" / name
    file.parent.mkdir(parents=True)
    file.write_text(code, encoding="utf-8")
    with kernel:
        kernel.execute("%load_ext myid_notebook")
        assert "the kernel has not started yet" in kernel.log.read_text(encoding="utf-8")
        signed_in(kernel)


CAPTURE = """
from IPython.utils.capture import capture_output
with capture_output():
    get_ipython().run_line_magic('myid_login', '--timeout 200')
"""
CAPTURED = {
    "magic": ("%%capture\n%myid_login", "Sign in in a cell without it"),
    "context manager": (CAPTURE, "Sign in in a cell without it"),
}


@pytest.mark.parametrize("kind", CAPTURED)
def test_capture(kernel: LocalKernel, kind: str) -> None:
    """The error is not captured."""
    code, words = CAPTURED[kind]
    started = time.monotonic()
    outputs = kernel.execute(code)

    assert ["NobodyToSignIn"] == [name for name, _ in outputs.errors]
    assert words in outputs.errors[0][1]
    assert time.monotonic() - started < 30


def test_captured_link_without_waiting(kernel: LocalKernel) -> None:
    """With --no-wait the captured link can be shown later."""
    outputs = kernel.execute("%%capture kept\n%myid_login --no-wait")
    assert [] == outputs.errors

    follow(shown := kernel.submit("kept.show()"))
    shown.finish()
    kernel.execute("import time\nwhile not myid.signed_in: time.sleep(0.1)", timeout=20)


def test_voila(start_kernel: Callable[..., LocalKernel]) -> None:
    """Voilà shows the link too late, unless the cell does not wait."""
    kernel = start_kernel({"SERVER_SOFTWARE": "voila/0.5.10"})
    ((name, message),) = kernel.execute("%myid_login --wait", allow_stdin=False).errors
    assert "NobodyToSignIn" == name
    assert "Sign in without waiting (--no-wait" in message

    cell = kernel.submit("%myid_login --no-wait", allow_stdin=False)
    assert [] == cell.finish().errors
    finish_sign_in(cell.link())


def test_thread_is_cancelled_by_a_button(kernel: LocalKernel) -> None:
    """Where an interrupt does not arrive, a button ends the sign-in; nothing else is claimed."""
    kernel.execute(
        """
        import gc, ipywidgets, threading, myid_notebook
        def buttons():
            found = [each for each in gc.get_objects() if isinstance(each, ipywidgets.Button)]
            return [each.model_id for each in found if each.comm is not None]
        ended = []
        def sign_in():
            try:
                myid_notebook.login("other")
            except myid_notebook.MyIDError as error:
                ended.append(type(error).__name__)
        """
    )
    cell = kernel.submit("thread = threading.Thread(target=sign_in); thread.start()")
    cell.link()
    cell.wait_for(lambda: len(cell.outputs.displays) == 2)
    assert "interrupt the kernel" not in cell.outputs.shown

    (button,) = eval(kernel.value("buttons()"))  # noqa: S307 - a list of the test's own
    kernel.click(button)
    kernel.execute("thread.join(20)")
    assert "['SignInCancelled']" == kernel.value("ended")
