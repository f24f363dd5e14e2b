"""What the system's table of connections means; written by the test, as Linux writes it."""

import os
from pathlib import Path

import pytest

from myid_notebook.redirects import peer

HEAD = (
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n"
)
BROWSER, OURS = "0100007F:9C40", "0100007F:22B8"
ME = os.getuid()
OTHER = ME + 1
ESTABLISHED, FIN_WAIT2, TIME_WAIT = "01", "05", "06"


def _row(local: str, remote: str, state: str, uid: int) -> str:
    return f"   0: {local} {remote} {state} 00000000:00000000 00:00000000 00000000 {uid} 0 1 1 0\n"


OUR_END = _row(OURS, BROWSER, ESTABLISHED, ME)
TABLES = {
    "one's own": (_row(BROWSER, OURS, ESTABLISHED, ME) + OUR_END, False),
    "root's": (_row(BROWSER, OURS, ESTABLISHED, 0) + OUR_END, False),
    "another's": (_row(BROWSER, OURS, ESTABLISHED, OTHER) + OUR_END, True),
    "another's, listed last": (OUR_END + _row(BROWSER, OURS, ESTABLISHED, OTHER), True),
    "hung up, so shown as root's": (OUR_END + _row(BROWSER, OURS, FIN_WAIT2, 0), True),
    "hung up and forgotten": (OUR_END, True),
    "another connection of another's": (
        OUR_END
        + _row(BROWSER, OURS, ESTABLISHED, ME)
        + _row(BROWSER, "0100007F:0050", "01", OTHER),
        False,
    ),
    "nobody is listed": ("", False),
    "a table of another make": (_row(BROWSER, OURS, TIME_WAIT, OTHER)[:40] + "\n" + OUR_END, False),
}


@pytest.mark.parametrize("name", TABLES)
def test_table(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another's connection is known by its owner; one that was left is nobody's answer."""
    rows, expected = TABLES[name]
    (tmp_path / "tcp").write_text(HEAD + rows)
    monkeypatch.setattr(peer, "_TCP", tmp_path / "tcp")

    assert expected == peer.is_another_users(("127.0.0.1", 40000), ("127.0.0.1", 8888))


def test_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not tell, nobody is kept out."""
    monkeypatch.setattr(peer, "_TCP", tmp_path / "not there")

    assert not peer.is_another_users(("127.0.0.1", 40000), ("127.0.0.1", 8888))
