"""Signing in from Python code in a cell: ``login()`` and ``login_async()``."""

from support.at_the_browser import follow, signed_in
from support.browserless import sign_in
from support.callback_page import open_page
from support.cell import LINK
from support.leftovers import wait_until
from support.listening import listens
from support.local_kernel import LocalKernel
from support.registration import Registration
from support.sandbox_process import SandboxProcess


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
    redirects = [sign_in(link) for link in LINK.findall(cell.outputs.shown)]

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


def test_unknown_keyword(kernel: LocalKernel) -> None:
    """A keyword that is no setting is a TypeError, before anything is shown."""
    outputs = kernel.execute("from myid_notebook import login\nlogin(sever='https://x')")

    assert ["TypeError"] == [name for name, _ in outputs.errors]
    assert "sever" in outputs.errors[0][1]


def test_setting_that_is_no_text(kernel: LocalKernel) -> None:
    """A setting of another type is a TypeError that names it, and not its value."""
    outputs = kernel.execute("from myid_notebook import login\nlogin(client_secret=4711)")

    assert [("TypeError", "client_secret must be text, not int")] == outputs.errors


def test_session_of_the_magic_is_shared(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """``login()`` returns the session that ``%myid_login`` made under that name."""
    signed_in(kernel)

    assert "True" == kernel.value("__import__('myid_notebook').login() is myid").splitlines()[-1]
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]
