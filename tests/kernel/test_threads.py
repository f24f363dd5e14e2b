"""Many threads of a kernel ask for the same session at the same time."""

import re
from collections.abc import Callable

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

FIFTY = """
import threading
from myid_notebook import login
from myid_notebook.errors import SessionExpired

start, ended, expired = threading.Barrier(50), [], []

def work():
    start.wait()
    try:
        session.get("people", params={"q": "jo"})
    except SessionExpired:
        expired.append(1)
    if start.wait() == 0:
        print("all of them")
    renewed = login("audit")
    ended.append((renewed, renewed.get("people", params={"q": "jo"}).status_code))

threads = [threading.Thread(target=work) for _ in range(50)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
statuses, sessions = {status for _, status in ended}, {each is session for each, _ in ended}
print(len(expired), len(ended), statuses, sessions)
"""


def test_fifty_threads_renew_once(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """All find the session expired, one link is shown, one sign-in renews it for all of them."""
    sandbox.faults(token_lifetime=1)
    cell = kernel.submit("from myid_notebook import login\nsession = login('audit')")
    open_page(finish_sign_in(cell.link()))
    assert [] == cell.finish().errors
    sandbox.faults(token_lifetime=3600)
    before = sandbox.status()["token_requests"]

    cell = kernel.submit(FIFTY)
    cell.wait_for(lambda: "all of them" in cell.outputs.text)
    open_page(finish_sign_in(cell.link()))
    outputs = cell.finish()

    assert [] == outputs.errors
    assert "all of them\n50 50 {200} {True}\n" == outputs.text
    assert 1 == sandbox.status()["token_requests"] - before
    shown = "".join(str(message["content"]) for message in outputs.messages)
    assert 1 == len(set(re.findall(r"state=([\w-]+)", shown)))


def test_magic_that_waits_for_a_thread(kernel: LocalKernel) -> None:
    """A magic that waits for the sign-in of another thread leaves the session in its variable."""
    cell = kernel.submit(
        "import threading\n"
        "from myid_notebook import login\n"
        "thread = threading.Thread(target=login, args=('audit',))\n"
        "thread.start()"
    )
    cell.wait_for(lambda: cell.outputs.link)
    link = cell.outputs.link
    cell = kernel.submit("print('first')\n%myid_login audit")
    cell.wait_for(lambda: "first" in cell.outputs.text)

    open_page(finish_sign_in(link))

    assert [] == cell.finish().errors
    assert "200" == kernel.value("audit.get('people').status_code")


HANGING = """
import threading
from myid_notebook import login
thread = threading.Thread(
    target=lambda: login("other", client_credentials=True, timeout=60), daemon=True)
thread.start()
"""


def test_names_do_not_wait_for_each_other(
    start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess
) -> None:
    """A token endpoint that hangs keeps a thread waiting, and no other name."""
    kernel = start_kernel()
    sandbox.faults(token_hang=True)
    kernel.execute(HANGING)
    wait_until(lambda: sandbox.status()["token_requests"])

    assert kernel.submit("%myid_login --no-wait").link()
    assert "True" == kernel.value("thread.is_alive()")
