"""What a cell shows of the session through a sign-in, and before its end."""

from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.machine.threads import wait_until

SOON = "now = __import__('time').time() + 3400\nmyid.bearer._clock = lambda: now"
"""Moves the session's clock to shortly before the end."""


def card(kernel: LocalKernel) -> str:
    """Return the HTML that a cell shows of the session."""
    (bundle,) = kernel.execute("myid").displays.values()
    assert str(bundle["text/plain"]).startswith("<MyIDSession ")
    return str(bundle["text/html"])


def test_through_a_sign_in(kernel: LocalKernel) -> None:
    """Pending, signed in, signed out; the card never has the link."""
    cell = kernel.submit("%myid_login --no-wait")
    cell.link()
    pending = card(kernel)
    follow(cell)
    cell.wait_for(lambda: "Signed in as Jane Doe" in cell.outputs.shown)
    signed = card(kernel)
    kernel.execute("%myid_logout")
    out = card(kernel)

    assert "Waiting for you to sign in: " in pending
    assert "connect/authorize" not in pending
    assert "Jane Doe" in signed
    assert "Waiting" not in signed
    assert "<code>%myid_login</code>; this session will then work as before" in out


def test_newer_sign_in(kernel: LocalKernel) -> None:
    """The end of an older sign-in does not hide that a newer one is pending."""
    older = kernel.submit("%myid_login --no-wait")
    older.link()
    newer = kernel.submit("%myid_login --no-wait")
    newer.link()
    older.wait_for(lambda: "A newer sign-in" in older.outputs.shown)

    assert "Waiting for you to sign in: " in card(kernel)
    kernel.execute("%myid_logout")
    wait_until(lambda: kernel.value("myid.pending") == "")


def test_before_the_end(kernel: LocalKernel) -> None:
    """Below the cell that sends the next request, once."""
    signed_in(kernel)
    kernel.execute(SOON)

    outputs = [kernel.execute("response = myid.get('people')") for _ in range(2)]

    line = "Your MyID session ends in 3 minutes. To renew it now: %myid_login --force\n"
    assert [line, ""] == [each.text for each in outputs]
    kernel.execute("myid.bearer._clock = __import__('time').time")


def test_run_says_nothing(kernel: LocalKernel) -> None:
    """The threads of myid.fetch print nothing; a run signs in again by itself."""
    signed_in(kernel)
    kernel.execute(SOON)

    paths = "[f'people?q=jo&x={n}' for n in range(3)]"
    outputs = kernel.execute(f"rows = myid.fetch({paths}, check=False)")

    assert [] == outputs.errors
    assert "ends in" not in outputs.text
    kernel.execute("myid.bearer._clock = __import__('time').time")
