"""One session for each name: reused while it is valid, renewed in place, ended on demand."""

from collections.abc import Callable

from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.machine.threads import wait_until
from support.servers.http_server import RecordingServer
from support.servers.sandbox import Registration, SandboxProcess, client_entry


def test_valid_token_is_reused(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """While the token is valid a second %myid_login says so and asks nobody."""
    signed_in(kernel)

    outputs = kernel.execute("%myid_login")

    assert ("", True) == (outputs.link, "Signed in as Jane Doe" in outputs.shown)
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]
    assert 1 == sandbox.status()["authorize_requests"]


def test_force_asks_again(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """--force signs in again, into the same object."""
    signed_in(kernel)
    kernel.execute("held = myid")

    signed_in(kernel, "%myid_login --force")

    assert {"jane.doe": 2} == sandbox.status()["tokens_issued"]
    assert "True" == kernel.value("held is myid")
    assert "200" == kernel.value("held.get('people', params={'q': 'jo'}).status_code")


def test_expired_token_never_goes_out(
    start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess
) -> None:
    """After the expiry a request raises before it goes out; signing in renews the same object."""
    sandbox.faults(token_lifetime=6)
    with RecordingServer(sandbox.url) as api:
        kernel = start_kernel({"MYID_API_URL": f"{api.url}/rest.core/api/"})
        signed_in(kernel)
        kernel.execute("held = myid")
        wait_until(lambda: kernel.value("myid.signed_in") == "False")
        api.recorded.clear()

        outputs = kernel.execute('myid.get("people")')

        assert "SessionExpired" == outputs.errors[0][0]
        assert "%myid_login" in outputs.errors[0][1]
        assert [] == api.recorded
        assert "expired" in kernel.execute("%myid_status").shown
        sandbox.reset()
        signed_in(kernel)
        assert "200" == kernel.value("held.get('people', params={'q': 'jo'}).status_code")


def test_newer_sign_in_replaces_the_older(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """A newer %myid_login of the same name ends the older, whose answer is then nobody's."""
    older = kernel.submit("%myid_login --no-wait")
    redirect = finish_sign_in(older.link())
    older.finish()

    newer = kernel.submit("%myid_login --no-wait")
    newer.link()

    older.wait_for(lambda: "A newer sign-in" in older.outputs.shown)
    assert "" == older.outputs.link
    assert "This sign-in link is no longer active" == open_page(redirect).title
    assert 0 == sandbox.status()["token_requests"]
    assert "Signed in to MyID" == follow(newer).title


def test_logout_ends_a_pending_sign_in(kernel: LocalKernel) -> None:
    """%myid_logout ends what is pending and leaves nothing behind."""
    before = kernel.value("leftovers()")
    cell = kernel.submit("%myid_login --no-wait")
    cell.link()
    cell.finish()
    assert before != kernel.value("leftovers()")

    kernel.execute("%myid_logout")

    wait_until(lambda: kernel.value("leftovers()") == before)
    cell.wait_for(lambda: "%myid_logout ended this sign-in" in cell.outputs.shown)


def test_logout_forgets_the_token(kernel: LocalKernel) -> None:
    """After %myid_logout the session has no token, and says which command gets one."""
    signed_in(kernel)
    assert "Signed out." in kernel.execute("%myid_logout").shown

    outputs = kernel.execute('myid.get("people")')

    ((name, message),) = outputs.errors
    assert ("NotSignedIn", True) == (name, "%myid_login" in message)


def test_unloading_ends_what_is_pending(start_kernel: Callable[..., LocalKernel]) -> None:
    """%unload_ext ends every pending sign-in; sessions that exist go on working."""
    kernel = start_kernel()
    before = kernel.value("leftovers()")
    signed_in(kernel)
    kernel.execute("%myid_login audit --no-wait")

    kernel.execute("%unload_ext myid_notebook")

    wait_until(lambda: kernel.value("leftovers()") == before)
    assert "200" == kernel.value("myid.get('people', params={'q': 'jo'}).status_code")


def test_name_is_kept_until_another_server_has_signed_in(kernel: LocalKernel) -> None:
    """A sign-in at another server that fails leaves the name to the session that has it, so that
    %myid_logout forgets the token that ``myid`` goes out with.
    """
    signed_in(kernel)
    cell = kernel.submit("%myid_login --server http://127.0.0.1:9")
    cell.link()
    kernel.interrupt()
    assert ["SignInInterrupted"] == [name for name, _ in cell.finish().errors]
    assert "200" == kernel.value("myid.get('people').status_code")

    assert "Signed out." in kernel.execute("%myid_logout").shown

    assert "NotSignedIn" == kernel.execute("myid.get('people')").errors[0][0]


def test_replaced_session_is_signed_out(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """When a session of another server takes the name, the token of the older is forgotten."""
    signed_in(kernel)
    kernel.execute("import os\nolder = myid")

    with RecordingServer(sandbox.url) as other:
        kernel.execute(f"os.environ['MYID_API_URL'] = '{other.url}/rest.core/api/'")
        signed_in(kernel)
        kernel.execute("del os.environ['MYID_API_URL']")

    assert "True False" == kernel.value("myid.signed_in, older.signed_in, sep=' '")


CLIENT = "%myid_login --client-credentials"


def test_kind_of_a_session_is_what_was_asked_for(
    start_kernel: Callable[..., LocalKernel], client: Registration, sandbox: SandboxProcess
) -> None:
    """A person's session is not taken for the client's own, nor the other way round."""
    both = ["authorization_code", "client_credentials"]
    account = {"MyIDLogonName": "sam.self"}
    sandbox.register(
        client_entry(
            client.client_id,
            client.redirect_uri,
            client.client_secret,
            AllowedGrantTypes=both,
            Properties=account,
        )
    )
    kernel = start_kernel()
    signed_in(kernel)
    assert "Jane Doe" == kernel.value("myid.operator")

    assert f"Signed in as the client {client.client_id}" in kernel.execute(CLIENT).shown
    assert f"Signed in as the client {client.client_id}" in kernel.execute(CLIENT).shown
    assert {"jane.doe": 1, "sam.self": 1} == sandbox.status()["tokens_issued"]
    assert "Signed in as Jane Doe" in signed_in(kernel).shown
