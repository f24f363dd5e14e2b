"""Calls that block in an event loop that cannot be nested, such as uvloop's."""

import subprocess
import sys
from os import environ

from support.servers.sandbox import Registration

PROGRAM = """
import asyncio
import nest_asyncio2
from myid_notebook import MyIDError, login, login_async
def refuse(_):
    raise ValueError("not a loop of asyncio's own")
nest_asyncio2.apply = refuse
async def main():
    {before}
    try:
        login("other", wait=True, timeout=0.5)
    except MyIDError as error:
        print(type(error).__name__, error)
    {after}
asyncio.run(main())
"""


def _run(client: Registration, before: str = "", after: str = "") -> str:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before, after=after)],
        env={**environ, **client.environ},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return answer.stdout


def test_sign_in_of_its_own(client: Registration) -> None:
    """It waits for that, for nothing of the loop is needed to end it."""
    assert "SignInTimeout Nobody signed in" in _run(client)


def test_name_that_a_task_begins(client: Registration) -> None:
    """It says at once to await instead: the task could never go on; and the task goes on."""
    said = _run(
        client,
        "task = asyncio.create_task(login_async('other', wait=True, timeout=0.5))\n"
        "    await asyncio.sleep(0)",
        "print((await asyncio.wait([task]))[0].pop().exception())",
    )

    assert "SignInFailed" in said
    assert "await login_async()" in said
    assert "Nobody signed in" in said
