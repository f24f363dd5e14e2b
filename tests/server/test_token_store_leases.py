"""A refresh token leaves the store once, whatever becomes of the kernel, the store or the time."""

import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.machine.threads import LoopThread, wait_until
from support.values.settings import settings_of

from myid_notebook.machine import private_files
from myid_notebook.machine.private_files import CLOCK_SKEW, Address
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.server import token_store
from myid_notebook.server.token_store import TokenStore, serve
from myid_notebook.token_store.client import Chain, Ended, Found, Lease, StoreClient

SETTINGS = settings_of(share="server")
BROKEN_OFF = "A renewal broke off, so its refresh token may be used up."

pytestmark = pytest.mark.usefixtures("runtime_dir")


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    """An event loop in a thread, as that of a Jupyter server."""
    with LoopThread() as running:
        yield running
        running.call(end_stores())


async def end_stores() -> None:
    """End what Jupyter ends with its process."""
    while token_store._tasks:  # noqa: SLF001 - nothing else keeps them
        token_store._tasks.pop().cancel()  # noqa: SLF001 - the same


async def path_of(kernel: str) -> str:
    """Return the notebook of a kernel."""
    return f"{kernel}.ipynb"


@pytest.fixture
def path(loop: LoopThread) -> Path:
    """The address of a store that serves."""
    return loop.call(serve(TokenStore(), path_of))


def token(number: int, *, refresh: bool = True, expires_in: float = 3600) -> TokenResponse:
    """Return a token, with a refresh token of the same number."""
    return TokenResponse(
        access_token=Secret(f"access-{number}"),
        expires_at=time.time() + expires_in,
        subject="jane",
        lifetime=3600.0,
        refresh_token=Secret(f"refresh-{number}") if refresh else None,
    )


def kept(store: StoreClient) -> Chain:
    """Put a sign-in into a store."""
    chain = store.keep("myid", SETTINGS, token(1), "Jane Doe")
    assert chain is not None
    return chain


def lent(store: StoreClient, chain: Chain) -> Lease:
    """Take the refresh token out of a store."""
    lease = store.renew(chain)
    assert isinstance(lease, Lease)
    return lease


def test_renewal_for_all(path: Path) -> None:
    """One renews while the other waits; the other then gets the new token, and renews on."""
    one, other = StoreClient("one", path), StoreClient("other", path)
    chain = kept(one)
    found = other.find("myid", SETTINGS)
    assert found is not None
    assert (found.chain, found.renewable, found.token.refresh_token) == (chain, True, None)

    with closing(lent(one, chain)) as lease:
        assert "refresh-1" == lease.refresh_token
        assert other.renew(chain) is None
        renewed = lease.renewed(token(2))

    assert "" == lease.refresh_token
    newer = other.renew(chain)
    assert isinstance(newer, Found)
    assert ("access-2", 3600.0) == (newer.token.access_token, newer.token.lifetime)
    assert (chain.id, 1) == newer.chain == renewed
    with closing(lent(other, newer.chain)) as lease:
        assert "refresh-2" == lease.refresh_token
        lease.renewed(token(3, refresh=False))
    with closing(lent(one, Chain(chain.id, 2))) as lease:
        assert "refresh-2" == lease.refresh_token  # a reusable one stays


def test_unused(path: Path) -> None:
    """What was given back is lent again."""
    store = StoreClient("one", path)
    chain = kept(store)
    lent(store, chain).give_back()

    with closing(lent(store, chain)) as lease:
        assert "refresh-1" == lease.refresh_token


@pytest.mark.parametrize("how", ["close", "connection"])
def test_connection_that_ends(path: Path, how: str) -> None:
    """Nobody can know whether MyID saw the refresh token, so the chain ends."""
    store = StoreClient("one", path)
    chain = kept(store)
    lease = lent(store, chain)
    if how == "close":
        lease.close()
    else:  # as of a kernel that is killed
        assert lease._connection is not None  # noqa: SLF001 - what the system closes
        lease._connection.close()  # noqa: SLF001 - the same

    wait_until(lambda: store.ended(chain) == BROKEN_OFF)
    assert lease.renewed(token(2)) is None
    assert store.renew(chain) == Ended(BROKEN_OFF)
    assert store.find("myid", SETTINGS, renewable=True) is None


def test_time_of_a_lease(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is limited; a pair that comes later is refused."""
    monkeypatch.setattr(token_store, "LEASE_TIMEOUT", 0.1)
    store = StoreClient("one", path)
    chain = kept(store)
    lease = lent(store, chain)

    wait_until(lambda: store.ended(chain) == BROKEN_OFF)
    assert lease.renewed(token(2)) is None


def test_signed_out_meanwhile(path: Path) -> None:
    """The pair of a chain that was signed out is refused."""
    one, other = StoreClient("one", path), StoreClient("other", path)
    chain = kept(one)
    lease = lent(one, chain)

    assert other.forget(chain) == (True, ["one.ipynb"], [])
    assert lease.renewed(token(2)) is None
    assert "You signed out in other.ipynb." == one.ended(chain)


def test_another_store(path: Path, loop: LoopThread) -> None:
    """After a restart of the server, a pair is refused, and a renewal says why."""
    store = StoreClient("one", path)
    chain = kept(store)
    later = StoreClient("one", loop.call(serve(TokenStore(), path_of)))

    response = later.renew(chain)
    assert isinstance(response, Ended)
    assert "ended or does not have it" in response.reason
    assert later.find("myid", SETTINGS) is None


def test_asking(path: Path) -> None:
    """While one asks a person, the other waits; closing it, or its end, lets the other ask."""
    one, other = StoreClient("one", path), StoreClient("other", path)
    asking = one.ask_person("myid", SETTINGS, "jane")
    assert asking is not None

    def may_ask(subject: str | None) -> bool:
        asked = other.ask_person("myid", SETTINGS, subject)
        if asked is not None:
            asked.close()
        return asked is not None

    assert [True, False] == [may_ask(None), may_ask("jane")]
    asking.close()
    wait_until(lambda: may_ask("jane"))


def test_folder_that_was_cleaned(loop: LoopThread, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that knows the store still finds it; the server makes the file again."""
    monkeypatch.setattr(token_store, "LOOK_INTERVAL", 0.3)
    path = loop.call(serve(TokenStore(), path_of))
    store = StoreClient("one", path)
    kept(store)
    shutil.rmtree(private_files.folder())
    assert store.find("myid", SETTINGS)

    wait_until(path.exists)
    assert StoreClient("one", path).find("myid", SETTINGS)


def test_files_of_ended_servers(loop: LoopThread) -> None:
    """Where nobody can know whether a server has ended, its file goes by its own time."""
    now = time.time()
    for name, end in (("over", now - CLOCK_SKEW - 1), ("valid", now)):
        away = Address(port=1, key="k", valid_until=end, machine="another", pid_namespace="pid:[1]")
        away.write_to(private_files.folder() / f"{name}.store")

    path = loop.call(serve(TokenStore(), path_of))

    left = {each.name for each in private_files.folder().iterdir()}
    assert {"valid.store", path.name} == left
