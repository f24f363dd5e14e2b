"""The listener answers no other user of this machine."""

from collections.abc import Iterator

import pytest
from support.browser.raw_http import exchange, head, status
from support.machine.other_user import as_other_user, needs_other_user
from support.machine.threads import LoopThread
from support.servers.listener import LINK, START_KEY, ServedListener

ASK = """
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as sock:
    sock.sendall(sys.argv[3].encode())
    if sys.argv[4] == "waits":
        print(b"".join(iter(lambda: sock.recv(9999), b"")).decode("latin-1"))
    if sys.argv[4] == "resets":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
"""
MANNERS = ["waits", "hangs up", "resets"]


@pytest.fixture
def served(loop: LoopThread) -> Iterator[ServedListener]:
    """A listener."""
    with ServedListener(loop) as listener:
        yield listener


@needs_other_user
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("manner", MANNERS)
def test_redirect_of_another_user(served: ServedListener, host: str, manner: str) -> None:
    """It is refused, whether they wait for the page or hang up first; the user's own is not."""
    request = head("/myid/callback?code=c&state=s", Host=f"localhost:{served.port}").decode()

    page = as_other_user(ASK, host, str(served.port), request, manner)

    if manner == "waits":
        assert "This response came from another user" in page
    assert 200 == status(served.redirect("state=own"))
    assert ["state=own"] == served.heard


@needs_other_user
@pytest.mark.parametrize("manner", MANNERS)
def test_start_address_of_another_user(served: ServedListener, manner: str) -> None:
    """Who reads the address from a browser's command line does not get the link, nor spend it."""
    request = head(f"/start/{START_KEY}", Host=f"127.0.0.1:{served.relay_port}")

    stolen = as_other_user(ASK, "127.0.0.1", str(served.relay_port), request.decode(), manner)

    assert LINK not in stolen
    assert LINK.encode() in exchange(served.relay_port, request)
