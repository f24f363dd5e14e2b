"""Kernels that are restarted or killed, and another that signs in at the same address."""

from collections.abc import Callable
from pathlib import Path

import requests
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel, follow
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess

LOGIN = "%myid_login\nprint(myid.operator)"


def title(url: str) -> str:
    """Return the heading of a page, once somebody listens there."""
    titles: list[str] = []

    def ask() -> bool:
        try:
            titles.append(open_page(url).title)
        except requests.ConnectionError:
            return False
        return True

    wait_until(ask)
    return titles[0]


def test_history_of_two_kernels(
    start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """Of a restarted or a killed kernel only its own sign-in is lost: its answer signs nobody in,
    another kernel has the address at once, and the kernel's next sign-in works.
    """
    first, second = (start_kernel(runtime_dir=tmp_path) for _ in range(2))
    lost = finish_sign_in(first.submit(LOGIN).link())
    first.restart()
    waiting = second.submit(LOGIN)
    answer = finish_sign_in(waiting.link())
    assert "This sign-in link is no longer active" == title(lost)
    assert "Signed in to MyID" == title(answer)
    assert "Jane Doe" == waiting.finish().text.splitlines()[-1]

    killed = finish_sign_in(second.submit("%myid_login --force").link())
    second.kill()
    first.execute("%load_ext myid_notebook")
    again = first.submit(LOGIN)
    again.link()
    assert title(killed) in {
        "This sign-in link is no longer active",  # swept already
        "The notebook is no longer waiting",
    }
    assert "Signed in to MyID" == follow(again).title
    assert "Jane Doe" == again.finish().text.splitlines()[-1]
    assert {"jane.doe": 2} == sandbox.status()["tokens_issued"]
