"""A sign-in with other settings than those of the session, which is still valid."""

from pathlib import Path

import pytest
import trustme
from support.jupyter.kernel import LocalKernel, signed_in
from support.servers.sandbox import Registration, SandboxProcess, client_entry
from support.servers.tls import bundle_of

from myid_notebook.settings.table import SETTINGS, Effect

CHANGED = {
    "server": "http://localhost:9",
    "client_id": "another.client",
    "client_secret": "another",
    "redirect_uri": "http://localhost:9/elsewhere",
    "scope": "myid.rest.basic openid",
    "ca_bundle": "…",
    "access_token": "given",
    "authorize_url": "http://localhost:9/authorize",
    "token_url": "http://localhost:9/token",
    "api_url": "http://localhost:9/api/",
    "issuer": "https://another.example.com",
    "client_authentication": "client_secret_basic",
    "show_rows": "3",
    "read_only": "on",
    "share": "off",
    "checks": "on",
    "openapi": "http://localhost:9/openapi.json",
    "profile": "basic",
}
"""Another value for each setting."""

NOTICE = "will be used at the next sign-in. To sign in again now: %myid_login --force"
DIFFERS = "of your current session. It keeps working until you have signed in again."


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "profile"])
def test_each_setting(
    kernel: LocalKernel, sandbox: SandboxProcess, tmp_path: Path, name: str
) -> None:
    """A changed setting has the effect that the table says, or the line says when it will."""
    signed_in(kernel)
    token = kernel.value("hash(myid.bearer.token.access_token)")
    path = bundle_of(trustme.CA(), tmp_path / "ca.pem")
    value = path if name == "ca_bundle" else CHANGED[name]
    call = f"import myid_notebook; _ = myid_notebook.login({name}={value!r}, timeout=60)"

    cell = kernel.submit(call)
    cell.wait_for(lambda: cell.done or bool(cell.outputs.link), 60)
    outputs, shown = cell.outputs, cell.outputs.shown
    link = outputs.link
    if link:
        kernel.interrupt()
        cell.finish()

    effect, words = SETTINGS[name].effect, f"the {SETTINGS[name].words}"
    asked_a_person = effect is Effect.SIGN_IN and name != "access_token"
    assert asked_a_person is bool(link), shown
    told = effect is Effect.LATER and not SETTINGS[name].secret
    assert told is (f"{words} of this call {NOTICE}" in shown), shown
    assert told is ("next sign-in" in shown)
    assert asked_a_person is (DIFFERS in shown), shown
    is_new = str(token != kernel.value("hash(myid.bearer.token.access_token)"))
    assert str(name == "access_token") == is_new
    if effect is Effect.NOW:
        switch = "'on' if myid.read_only else 'off'"
        now = kernel.value(f"[myid._trusted[0], str(myid.show_rows), myid.openapi, {switch}]")
        assert repr(value) in now
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]
    kernel.execute("myid.set_ca_bundle(None); myid.show_rows = 10; myid.read_only = False")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("import os; os.environ['MYID_SCOPE'] = 'myid.rest.basic openid'\n%myid_login", True),
        ("%config MyIDMagics.scope = 'myid.rest.basic openid'\n%myid_login", True),
        ("%myid_login --scope myid.rest.basic", False),
        ("import os; os.environ['MYID_REDIRECT_URI'] = 'http://localhost:9/x'\n%myid_login", False),
    ],
)
def test_every_place(kernel: LocalKernel, change: str, *, expected: bool) -> None:
    """It does not matter where the changed setting is set; the same value changes nothing."""
    signed_in(kernel)
    uri = kernel.value("__import__('os').environ['MYID_REDIRECT_URI']")
    try:
        cell = kernel.submit(f"{change} --no-wait")
        outputs = cell.finish()
        assert [] == outputs.errors, outputs.traceback
        assert expected is bool(outputs.link)
        assert "next sign-in" not in outputs.shown
        assert "200" == kernel.value("myid.get('people').status_code")
    finally:
        kernel.execute(
            f"import os; os.environ['MYID_REDIRECT_URI'] = {uri!r}\n"
            "os.environ.pop('MYID_SCOPE', None)\n%config MyIDMagics.scope = None"
        )


def test_new_sign_in_renews_the_object(
    kernel: LocalKernel, client: Registration, sandbox: SandboxProcess
) -> None:
    """After the sign-in with the changed setting, the same call signs in no more."""
    entry = client_entry("second", client.redirect_uri, client.client_secret)
    sandbox.register(entry)
    signed_in(kernel)
    kernel.execute("held = myid")

    shown = signed_in(kernel, "%myid_login --client-id second").shown

    assert "Signed in as Jane Doe" in shown
    assert "" == kernel.execute("%myid_login --client-id second").link
    assert "True" == kernel.value("held is myid")
    assert {"jane.doe": 2} == sandbox.status()["tokens_issued"]


TASKS = """
import asyncio, myid_notebook
first = asyncio.create_task(myid_notebook.login_async("other"))
await asyncio.sleep(1)
second = asyncio.create_task(myid_notebook.login_async("other", {}))
await asyncio.sleep(1)
print(first.done())
second.cancel(), first.cancel()
print(*[type(each) for each in await asyncio.gather(first, second, return_exceptions=True)])
"""


@pytest.mark.parametrize(
    ("changed", "joins"),
    [
        ("show_rows=3", True),
        ("scope='myid.rest.basic'", True),
        ("scope='another'", False),
    ],
)
def test_joining_a_pending_sign_in(kernel: LocalKernel, changed: str, *, joins: bool) -> None:
    """A pending sign-in is joined by one with the same settings, and replaced by any other."""
    shown = kernel.execute(TASKS.format(changed)).text

    assert str(not joins) in shown.splitlines()[0]
    assert joins is ("SignInCancelled" not in shown)
