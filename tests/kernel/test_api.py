"""Signing in from Python code in a cell: ``login()`` and ``login_async()``."""

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import LINK
from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.machine.ports import listens
from support.machine.threads import wait_until
from support.servers.sandbox import Registration, SandboxProcess


def test_login(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """``login()`` shows the link, waits, and returns the session; then it returns it at once."""
    cell = kernel.submit(
        "from myid_notebook import login\nother = login('other')\nprint(other.operator)"
    )
    follow(cell)

    assert "Jane Doe\n" == cell.finish().text
    assert "True" == kernel.value("login('other') is other").splitlines()[-1]
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]


def test_login_async(kernel: LocalKernel) -> None:
    """``await login_async()`` does the same, while the cell's other coroutines go on."""
    cell = kernel.submit(
        "import asyncio\n"
        "from myid_notebook import login_async\n"
        "async def count():\n"
        "    for number in range(10):\n"
        "        await asyncio.sleep(0.01)\n"
        "    print('counted', waiting.done(), flush=True)\n"
        "waiting = asyncio.ensure_future(login_async('other'))\n"
        "await asyncio.gather(waiting, count())\n"
        "print(waiting.result().operator)"
    )
    cell.link()
    cell.wait_for(lambda: "counted" in cell.outputs.text)

    follow(cell)

    assert "counted False\nJane Doe\n" == cell.finish().text


def test_read_only(kernel: LocalKernel) -> None:
    """The session refuses to change anything, and says so in one line; a keyword lifts it."""
    follow(kernel.submit("%myid_login other --read-only"))
    assert "signed in (read-only)" in kernel.execute("%myid_status").shown
    for refused in ("other.post('people')", "other.send(other.prepare_request(deletion))"):
        kernel.execute("import requests; deletion = requests.Request('DELETE', 'people/1')")
        shown = kernel.execute(refused)
        assert "ReadOnlySession: This session is read-only" in shown.traceback
    assert "200" == kernel.value("other.get('people').status_code")

    kernel.execute("from myid_notebook import login; _ = login('other', read_only=False)")
    assert "False" == kernel.value("other.read_only")
    assert "POST" in kernel.value("other.post('people').request.method")


def test_read_only_that_is_set_later(kernel: LocalKernel) -> None:
    """A setting that is switched on counts at the next call; what the user has set stays as it is
    when the session asks for a new sign-in by itself.
    """
    follow(kernel.submit("%myid_login other"))
    kernel.execute("import os; os.environ['MYID_READ_ONLY'] = 'on'")
    assert "False" == kernel.value("other.read_only")

    kernel.execute("%myid_login other")
    assert "True" == kernel.value("other.read_only")
    kernel.execute("other.read_only = False; _ = other.host.sign_in_again()")
    assert "False" == kernel.value("other.read_only")

    kernel.execute("del os.environ['MYID_READ_ONLY']; other.read_only = True")
    kernel.execute("_ = other.host.sign_in_again()")
    assert "True" == kernel.value("other.read_only")


def test_cancelled_login_async(kernel: LocalKernel) -> None:
    """Cancelling the awaiting task ends the sign-in and leaves nothing."""
    before = kernel.value("leftovers()")
    cell = kernel.submit(
        "import asyncio\n"
        "from myid_notebook import login_async\n"
        "try:\n"
        "    await asyncio.wait_for(login_async('other'), 0.5)\n"
        "except TimeoutError:\n"
        "    print('gave up')"
    )

    assert "gave up\n" == cell.finish().text
    wait_until(lambda: kernel.value("leftovers()") == before)
    assert "" == cell.outputs.link


def test_two_at_once(kernel: LocalKernel, client: Registration) -> None:
    """Two ``login_async`` of different names wait side by side."""
    cell = kernel.submit(
        "import asyncio\n"
        "from myid_notebook import login_async\n"
        "pair = await asyncio.gather(login_async('audit'), login_async('other'))\n"
        "print(*(session.operator for session in pair))"
    )
    cell.wait_for(lambda: len(LINK.findall(cell.outputs.shown)) == 2)
    redirects = [finish_sign_in(link) for link in LINK.findall(cell.outputs.shown)]

    for redirect in redirects:  # whichever holds the address, the other one takes it over
        wait_until(lambda: listens(client.redirect_uri))
        assert "Signed in to MyID" == open_page(redirect).title
        cell.wait_for(lambda: "Signed in as Jane Doe" in cell.outputs.shown)

    assert "Jane Doe Jane Doe\n" == cell.finish().text


def test_same_settings_as_the_magic(kernel: LocalKernel) -> None:
    """What ``%config`` set holds for ``login()`` as well; a keyword comes before it."""
    kernel.execute("%config MyIDMagics.scope = 'from.the.configuration'")
    cell = kernel.submit("from myid_notebook import login\nlogin('other', wait=True, timeout=1)")
    assert "scope=from.the.configuration" in cell.link()
    cell.finish()
    cell = kernel.submit("login('other', timeout=1, scope='from.the.call')")
    assert "scope=from.the.call" in cell.link()
    cell.finish()
    kernel.execute("%config MyIDMagics.scope = None")


def test_session_of_the_magic_is_shared(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """``login()`` returns the session that ``%myid_login`` made under that name."""
    signed_in(kernel)

    assert "True" == kernel.value("__import__('myid_notebook').login() is myid").splitlines()[-1]
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]


def test_two_tasks_share_one_sign_in(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """Two ``login_async`` of one name show one link, and both get the session."""
    cell = kernel.submit(
        "import asyncio\n"
        "from myid_notebook import login_async\n"
        "pair = await asyncio.gather(login_async('other'), login_async('other'))\n"
        "print(pair[0] is pair[1], pair[0].operator)"
    )
    follow(cell)

    assert "True Jane Doe\n" == cell.finish().text
    assert 1 == sandbox.status()["authorize_requests"]


def test_cancelled_task_leaves_the_others(kernel: LocalKernel) -> None:
    """Of two tasks that wait for one sign-in one is cancelled: it goes on for the other."""
    cell = kernel.submit(
        "import asyncio\n"
        "from myid_notebook import login_async\n"
        "waiting = [asyncio.ensure_future(login_async('other')) for _ in range(2)]\n"
        "done, _ = await asyncio.wait(waiting[:1], timeout=1)\n"
        "waiting[0].cancel()\n"
        "await asyncio.wait(waiting[:1])\n"
        "print('cancelled', waiting[0].cancelled(), flush=True)\n"
        "print((await waiting[1]).operator)"
    )
    cell.wait_for(lambda: "cancelled True" in cell.outputs.text)

    follow(cell)

    assert "cancelled True\nJane Doe\n" == cell.finish().text


BEATING = """
import asyncio, time
from myid_notebook import login_async
async def beat():
    while not waiting.done():
        beats.append(time.monotonic())
        await asyncio.sleep(0.01)
beats = []
waiting = asyncio.ensure_future(login_async("other", client_credentials=True, timeout=1))
await asyncio.gather(waiting, beat(), return_exceptions=True)
print(type(waiting.exception()).__name__, len(beats) > 20)
"""


def test_event_loop_goes_on(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """``login_async`` does not hold up its event loop, not even for a token endpoint that hangs."""
    sandbox.faults(token_hang=True)

    assert "SignInTimeout True\n" == kernel.execute(BEATING).text


def test_call_while_a_task_begins(kernel: LocalKernel) -> None:
    """A cell that asks for the name which a task of its own event loop is just signing in shares
    that sign-in; neither waits for ever for the other.
    """
    cell = kernel.submit(
        "import asyncio\n"
        "from myid_notebook import login, login_async\n"
        "task = asyncio.ensure_future(login_async('other'))\n"
        "await asyncio.sleep(0)\n"
        "session = login('other')\n"
        "print(await task is session)"
    )
    follow(cell)

    assert "True\n" == cell.finish().text


ABANDONED = """
import asyncio, threading
from myid_notebook import login_async
from myid_notebook.kernel import person
from myid_notebook.kernel.commands import registry
opening, go_on, choose_route = threading.Event(), threading.Event(), person.choose_route
def slow(*args, **options):
    opening.set()
    go_on.wait()
    return choose_route(*args, **options)
person.choose_route = slow
registry.records.clear()
task = asyncio.ensure_future(login_async("other"))
while not opening.is_set():
    await asyncio.sleep(0.01)
task.cancel()
await asyncio.wait([task])
person.choose_route = choose_route
go_on.set()
while any(thread.name.startswith("myid-") for thread in threading.enumerate()):
    await asyncio.sleep(0.01)
print(task.cancelled(), [each.pending for each in registry.records.values()])
"""


def test_cancelled_while_the_route_is_chosen(kernel: LocalKernel) -> None:
    """What its thread goes on with takes no other sign-in's place under that name, and ends."""
    before = kernel.value("leftovers()")

    assert "True [None]\n" == kernel.execute(ABANDONED).text
    assert before == kernel.value("leftovers()")
