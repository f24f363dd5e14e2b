"""What the kernel still holds, and what its objects show, while a sign-in runs and afterwards."""

import json
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.browser.callback_page import Visit, open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.cell import LINK
from support.jupyter.kernel import LocalKernel
from support.jupyter.kernel_memory import IN_KERNEL, held, held_by_hash, owners
from support.machine.threads import wait_until
from support.servers.http_server import RecordingServer
from support.servers.sandbox import Registration, SandboxProcess
from support.values.secrets import found

OURS = "'myid_notebook', 'requests', 'urllib3', 'http', 'asyncio', 'concurrent', 'threading'"
HASHES = """
ended = registry.records["other"].pending.sign_in  # held on, as a traceback may hold it
print(*[_sha256(str(text).encode()).hexdigest() for text in (
    ended.request.state, ended.request.code_verifier)])
"""
START = "%myid_login other --checks on --force --no-wait --timeout {seconds}"
ENDINGS = {
    "signed in": {},
    "denied": {"denied": True},
    "answer of another issuer": {"iss": "https://another.example"},
    "exchange refused": {"token_status": 400, "token_error": "invalid_grant"},
    "exchange broken off": {"token_drop": True},
    "pasted": {},
    "logged out": None,
    "replaced": None,
    "timed out": None,
}
"""What the sandbox does; None where nobody goes there."""

BY_HAND = {
    "signed in": "%myid_logout other",  # else it holds the client secret, to renew itself
    "pasted": "%myid_logout other",
    "logged out": "%myid_logout other",
    "replaced": f"{START.format(seconds=60)}\n%myid_logout other",
}
"""What ends a sign-in in the kernel."""


@pytest.fixture
def inspected(secret_kernel: LocalKernel, sandbox: SandboxProcess) -> LocalKernel:
    """The kernel, which can look into its own memory."""
    assert sandbox.url
    secret_kernel.execute(f"{IN_KERNEL}\nfrom myid_notebook.kernel.commands import registry")
    return secret_kernel


@pytest.mark.parametrize("name", ["code", "state", "verifier"])
def test_after_a_sign_in(inspected: LocalKernel, secrets: dict[str, str], name: str) -> None:
    """Nothing in memory holds what was good for one sign-in, in whatever object, cache or frame."""
    assert [] == held(inspected, secrets[name])


def test_token_is_held_as_secret_only(inspected: LocalKernel, secrets: dict[str, str]) -> None:
    """The token lives on in what does not show it, also after requests were made with it."""
    inspected.execute("answer = myid.get('people', params={'q': 'jo'})")

    assert ["Secret"] == held(inspected, secrets["token"])


@pytest.mark.parametrize("ending", ENDINGS)
def test_after_any_end(
    inspected: LocalKernel,
    sandbox: SandboxProcess,
    client: Registration,
    passing_on: RecordingServer,
    secrets: dict[str, str],
    ending: str,
) -> None:
    """However a sign-in ends, its state, verifier, code and refresh token are gone from memory, and
    no object of the package holds the client secret.
    """
    sandbox.faults(**(ENDINGS[ending] or {}))
    seconds = 3 if ending == "timed out" else 60
    start = START.format(seconds=seconds)
    if ending == "pasted":  # a second call of the same kind joins the pending sign-in
        start = start.replace("--force", "--paste")
        inspected.execute("%myid_logout other")
    link = inspected.submit(start).link()
    hashes = inspected.execute(HASHES).text.split()
    assert 2 == len(hashes)
    assert [] != held_by_hash(inspected, hashes[0])
    assert [] != owners(inspected, client.client_secret)
    if ENDINGS[ending] is not None:
        redirect = finish_sign_in(link)
        code = dict(parse_qsl(urlsplit(redirect).query)).get("code", "")
        hashes.append(sha256(code.encode()).hexdigest())
        if ending == "pasted":
            inspected.on_input = lambda _: redirect
            assert [] == inspected.execute(start.replace("--no-wait", "")).errors
        else:
            open_page(redirect)
    inspected.execute(f"ended.wait(0 if {ENDINGS[ending] is None} else None)")
    inspected.execute(f"{BY_HAND.get(ending, '')}\nended.wait()")

    answers = [each.answer for each in passing_on.recorded if '"refresh_token"' in each.answer]
    assert secrets["refresh token"] in "".join(answers)
    hashes += [sha256(json.loads(each)["refresh_token"].encode()).hexdigest() for each in answers]
    assert [] == [digest for digest in hashes if held_by_hash(inspected, digest)]
    assert [] == owners(inspected, client.client_secret)
    assert "True" == inspected.value("registry.records['other'].pending is None")


CALL = """
import asyncio, os
from myid_notebook import login_async
task = asyncio.ensure_future(
    login_async("other", force=True, client_secret=os.environ["MYID_CLIENT_SECRET"]))
"""


def test_secret_of_a_call_that_failed(inspected: LocalKernel, client: Registration) -> None:
    """A client secret that was an argument is held no longer than one of the environment."""
    inspected.submit(CALL).link()
    inspected.execute(HASHES)
    assert [] != owners(inspected, client.client_secret)

    inspected.execute("%myid_logout other\nawait asyncio.wait([task])")

    assert "SignInCancelled" in inspected.value("repr(task.exception())")
    assert [] == owners(inspected, client.client_secret)


def test_objects_while_pending(inspected: LocalKernel, secrets: dict[str, str]) -> None:
    """While a sign-in waits, no object shows its verifier, its keys or anything of another
    sign-in; its state in the link only.
    """
    inspected.submit(START.format(seconds=60)).link()
    inspected.execute(f"answer = myid.get('people')\nopen('faces', 'w').write(faces({OURS}))")
    # Private names, because the keys are secret: nothing public tells them.
    pending = inspected.execute(
        "sign_in = registry.records['other'].pending.sign_in\n"
        "print(*map(str, (sign_in.request.state, sign_in.request.code_verifier,\n"
        "    sign_in.receiver._listener.relay_key, sign_in.receiver.start_url.rpartition('/')[2])))"
    ).text.split()
    assert 4 == len(pending)
    inspected.execute("%myid_logout other")

    file = inspected.home / "faces"
    shown = LINK.sub("", file.read_text(encoding="utf-8"))
    file.unlink()
    assert "AuthorizationRequest(" in shown
    assert [] == found({**secrets, **{f"no. {i}": text for i, text in enumerate(pending)}}, shown)


def test_objects_in_mid_exchange(
    inspected: LocalKernel, secrets: dict[str, str], sandbox: SandboxProcess, client: Registration
) -> None:
    """While the code is exchanged, no object shows the code, the verifier, the client secret, the
    keys or anything of another sign-in, nor the state outside the link.
    """
    sandbox.faults(token_hang=True)
    before = sandbox.status()["token_requests"]
    redirect = finish_sign_in(inspected.submit(START.format(seconds=60)).link())
    # Private names, because the keys are secret: nothing public tells them.
    pending = inspected.execute(
        "sign_in = registry.records['other'].pending.sign_in\n"
        "print(*map(str, (sign_in.request.state, sign_in.request.code_verifier,\n"
        "    sign_in.receiver._listener.relay_key, sign_in.receiver.start_url.rpartition('/')[2])))"
    ).text.split()
    assert 4 == len(pending)
    visit = Visit(redirect)
    wait_until(lambda: sandbox.status()["token_requests"] > before)
    phase = inspected.value("registry.records['other'].pending.sign_in.stage.name")
    inspected.execute(f"open('faces', 'w').write(faces({OURS}))")
    inspected.execute("%myid_logout other")

    file = inspected.home / "faces"
    shown = LINK.sub("", file.read_text(encoding="utf-8"))
    file.unlink()
    hidden = {f"no. {number}": text for number, text in enumerate(pending)}
    hidden["code"] = dict(parse_qsl(urlsplit(redirect).query))["code"]
    assert "Not signed in" == visit.page.title
    assert "EXCHANGING" == phase
    assert "TokenEndpoint" in shown
    assert [] == found({**secrets, **hidden, "client secret": client.client_secret}, shown)
