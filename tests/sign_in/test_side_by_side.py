"""Many sign-ins that share one registered redirect URI."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, redirect
from support.machine.ports import listens
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

from myid_notebook.callback.route import RouteKind
from myid_notebook.errors import RedirectRefused
from myid_notebook.sign_in.messages import cancelled


def test_answers_find_their_own_sign_in(begin: Begin, sandbox: SandboxProcess) -> None:
    """Whichever of them the browser reaches, the right one decides; order does not matter."""
    logins = [begin() for _ in range(4)]

    titles = [open_page(redirect(login)).title for login in reversed(logins)]

    assert ["Signed in to MyID"] * 4 == titles
    assert {"jane.doe": 4} == sandbox.status()["tokens_issued"]


def test_address_outlives_each_of_them(begin: Begin) -> None:
    """The address is open without a gap until the last of them has ended."""
    first, second = begin(), begin()
    assert (2, 2) == (len(first.route.sockets), len(second.route.sockets))
    url = redirect(second)

    first.cancel(cancelled())
    assert listens(second.route.redirect_uri)
    third = begin()
    assert "Signed in to MyID" == open_page(url).title
    second.wait()

    assert "Signed in to MyID" == open_page(redirect(third)).title


def test_fifty_sign_ins_leave_nothing(
    begin: Begin, runtime_dir: Path, left_over: Callable[[], list[str]]
) -> None:
    """However many are pending, ending them leaves no thread, socket or file."""
    logins = [begin() for _ in range(50)]
    assert 50 == len(list((runtime_dir / "myid-notebook").glob("*.json")))

    for login in logins:
        login.cancel(cancelled())

    wait_until(lambda: left_over() == [])


def test_pasted_address_passes_the_same_checks(begin: Begin, sandbox: SandboxProcess) -> None:
    """A pasted address of another sign-in is refused, the right one signs in."""
    login, other = begin(paste=True), begin(paste=True)
    assert RouteKind.PASTE is login.route.kind

    with pytest.raises(RedirectRefused):
        login.paste(redirect(other))
    with pytest.raises(RedirectRefused):
        login.paste("https://myid.example.com/")
    login.paste(f"  {redirect(login)}#_=_\n")

    assert login.result().signed_in
    assert 1 == sandbox.status()["token_requests"]


def test_expired_files_are_swept_once_the_link_is_shown(begin: Begin, runtime_dir: Path) -> None:
    """What killed kernels left is removed; what others still wait for stays."""
    folder = runtime_dir / "myid-notebook"
    before = {*folder.glob("*")}
    begin(paste=True)
    (left,) = {*folder.iterdir()} - before
    members = json.loads(left.read_bytes())
    (folder / "killed.json").write_text(json.dumps({**members, "pid": 2**22 + 1}))

    begin(paste=True).prepare()

    wait_until(lambda: not (folder / "killed.json").exists())
    assert left.exists()
