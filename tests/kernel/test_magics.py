"""What the magics say when something is missing, misspelt or taken."""

import re
from collections.abc import Callable

import pytest
from support.jupyter.kernel import LocalKernel, follow, signed_in
from support.servers.sandbox import Registration, SandboxProcess

from myid_notebook.kernel.commands import login


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        ("%myid_login --server http://myid.example.com", "SettingError", ["server", "--server"]),
        ("%myid_login --ca-bundle /no/such.pem", "SettingError", ["ca_bundle", "is not a file"]),
        ("%myid_login --timeout 1e9", "SettingError", ["86400"]),
        ("%myid_login taken", "NameTaken", ["already holds a list", "del taken"]),
    ],
)
def test_mistake_is_one_line(
    kernel: LocalKernel, sandbox: SandboxProcess, line: str, error: str, words: list[str]
) -> None:
    """A setting or name that cannot be right is refused in one line, before any link is shown."""
    kernel.execute("taken = [1]")

    outputs = kernel.execute(line)

    ((name, message),) = outputs.errors
    assert (error, 1) == (name, len(outputs.traceback.splitlines()))
    assert [] == [word for word in words if word not in message]
    assert "" == outputs.link
    assert 0 == sandbox.status()["authorize_requests"]
    assert "[1]" == kernel.value("taken")


@pytest.mark.parametrize("name", ["MYID_SERVER", "MYID_CLIENT_ID"])
def test_missing_setting_names_every_place(kernel: LocalKernel, name: str) -> None:
    """A missing setting is named with each place where it can be set."""
    kernel.execute(f"import os\nkept = os.environ.pop({name!r})")

    outputs = kernel.execute("%myid_login audit")

    kernel.execute(f"os.environ[{name!r}] = kept")
    setting = name.removeprefix("MYID_").lower()
    ((error, message),) = outputs.errors
    places = (f"--{setting.replace('_', '-')}", name, f"c.MyIDMagics.{setting}")
    assert ("SettingError", []) == (error, [place for place in places if place not in message])


def test_secret_is_never_an_option(kernel: LocalKernel) -> None:
    """There is no option for the client secret: it would stay in the notebook. The message says
    where it is set, and does not repeat it.
    """
    outputs = kernel.execute("%myid_login --client-secret hush")

    shown = outputs.shown + str(outputs.errors)
    assert "%myid_login has no option --client-secret" in shown
    assert "MYID_CLIENT_SECRET" in shown
    assert "hush" not in shown


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%myid_login --sanbox", "%myid_login has no option --sanbox. Did you mean --sandbox?"),
        ("%myid_api --sesion x", "%myid_api has no option --sesion. Did you mean --session?"),
        ("%myid_logout --quux", "no option --quux. %myid_logout -h lists its options."),
        ("%myid_login --api-url x", "no option --api-url. It is set with the environment variable"),
        ("%myid_login one two", "Too many arguments for %myid_login. %myid_login -h lists them."),
        ("%myid_login --server='https://x", "a quotation mark is not closed."),
        ("%myid_login --server", "argument --server: expected one argument"),
    ],
)
def test_misspelt_option(kernel: LocalKernel, line: str, words: str) -> None:
    """The nearest option is named, in one line."""
    shown = kernel.execute(line).shown.strip()

    assert shown.startswith("UsageError: ")
    assert words in shown
    assert 1 == len(shown.splitlines())


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ('--ca-bundle "/My Company CA/ca.pem"', "/My Company CA/ca.pem"),
        ("--ca-bundle='/My Company CA/ca.pem'", "/My Company CA/ca.pem"),
        (r'--ca-bundle "C:\My CA\new.pem"', r"C:\My CA\new.pem"),
        ('--ca-bundle "C:\\CA\\"', "C:\\CA\\"),
        ('--ca-bundle "/O\'Brien.pem"', "/O'Brien.pem"),
        ("""--ca-bundle "'/ca.pem'\"""", "'/ca.pem'"),
    ],
)
def test_quotation_marks(kernel: LocalKernel, typed: str, path: str) -> None:
    """One pair of quotation marks around a value is not part of it; backslashes are."""
    ((_, message),) = kernel.execute(f"%myid_login {typed}").errors

    assert f"ca_bundle is {path!r}" in message


def test_quoted_options_sign_in(kernel: LocalKernel, client: Registration) -> None:
    """Addresses, numbers and names may be quoted as well."""
    server = client.environ["MYID_SERVER"]

    cell = kernel.submit(f"%myid_login --timeout '60' --server='{server}' \"myid\"")
    follow(cell)

    assert [] == cell.finish().errors
    assert "True" == kernel.value("myid.signed_in")


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("serve", "unexpected argument 'serve'. Did you mean 'server'?"),
        ("time_out", "unexpected argument 'time_out'. Did you mean 'timeout'?"),
        ("quux", "unexpected argument 'quux'. Valid arguments: server, client_id,"),
    ],
)
def test_misspelt_keyword(keyword: str, words: str) -> None:
    """``login()`` names the nearest keyword, or all of them."""
    with pytest.raises(TypeError, match=re.escape(words)):
        login(**{keyword: "x"})


def test_nobody_to_sign_in(kernel: LocalKernel, sandbox: SandboxProcess) -> None:
    """With nobody there it fails at once, unless told to wait."""
    outputs = kernel.execute("%myid_login", allow_stdin=False)
    told = kernel.execute("%myid_login --timeout 0.5", allow_stdin=False)

    assert ["NobodyToSignIn", "SignInTimeout"] == [outputs.errors[0][0], told.errors[0][0]]
    assert "MYID_ACCESS_TOKEN" in outputs.errors[0][1]
    assert 0 == sandbox.status()["authorize_requests"]
    assert 0 == sandbox.status()["token_requests"]  # it never becomes the client's own


def test_help_is_a_manual(kernel: LocalKernel) -> None:
    """%myid_login? shows every option, and examples."""
    outputs = kernel.execute("%myid_login?")

    words = ("--ca-bundle", "--no-wait", "Examples", "MYID_ACCESS_TOKEN")
    assert [] == [word for word in words if word not in outputs.pages]


@pytest.mark.parametrize("option", ["-h", "--sandbox --help"])
@pytest.mark.parametrize(
    ("magic", "words"),
    [
        ("myid_login", ["--timeout TIMEOUT", "default 300", "(MYID_SCOPE, default myid.rest."]),
        ("myid_status", ["%myid_status", "what is pending"]),
        ("myid_doctor", ["--server SERVER", "(MYID_SERVER)"]),
        ("myid_logout", ["[name]", "The variable that holds the session."]),
        ("myid_api", ["[word]", "--session SESSION"]),
    ],
)
def test_short_help(
    kernel: LocalKernel, sandbox: SandboxProcess, magic: str, words: list[str], option: str
) -> None:
    """Usage and options, in the cell; nothing is begun, and the manual is one more word."""
    outputs = kernel.execute(f"%{magic} {option}")

    shown = " ".join(outputs.shown.split())
    assert [] == [each for each in (f"%{magic}", *words, f"%{magic}?") if each not in shown]
    assert ([], "") == (outputs.errors, outputs.link)
    assert "Examples" not in shown
    assert "UsageError" not in shown
    assert 0 == sandbox.status()["authorize_requests"]


INVALID = "is not a valid name for a session. Choose another name, such as audit. Give a setting by"
OWN = "is a name of Python or IPython itself. Choose another name"
NAMES = {
    "https://jane:hush@x": f"This {INVALID}",
    "client_secret=hush": f"This {INVALID}",
    "hush-hush-hush-hush-hush-hush": f"This {INVALID}",
    "two-words": f"'two-words' {INVALID}",
    "class": f"'class' {INVALID}",
    "print": OWN,
    "_": OWN,
    "get_ipython": OWN,
    "myid_status": "is the name of a magic. Choose another name",
}
CALLS = [
    *(("%myid_login {}", name) for name in NAMES),
    ("%myid_logout {}", "client_secret=hush"),
    ("%myid_api --session {}", "two-words"),
    ("myid_notebook.login('{}')", "client_secret=hush"),
    ("await myid_notebook.login_async('{}')", "print"),
]


@pytest.mark.parametrize(("call", "name"), CALLS)
def test_what_is_no_name(
    kernel: LocalKernel, sandbox: SandboxProcess, call: str, name: str
) -> None:
    """It is refused in one line without what may be a secret, and nothing is begun."""
    kernel.execute("import myid_notebook\n0")  # so that _ is no session

    outputs = kernel.execute(call.format(name))

    ((error, message),) = outputs.errors
    assert ("NameTaken", 1, "") == (error, len(outputs.traceback.splitlines()), outputs.link)
    assert NAMES[name] in message
    assert "hush" not in message
    assert 0 == sandbox.status()["authorize_requests"]
    assert "False" == kernel.value(
        f"{name!r} in __import__('myid_notebook.kernel.commands').kernel.commands.registry.records"
    )


@pytest.mark.parametrize("value", ["None", "b'x'"])
def test_name_of_another_type(kernel: LocalKernel, value: str) -> None:
    """As for settings, that is a TypeError."""
    ((error, message),) = kernel.execute(
        f"import myid_notebook\nmyid_notebook.login({value})"
    ).errors

    assert error == "TypeError"
    assert message.startswith("The name of a session must be text, not ")


def test_logout_by_variable(kernel: LocalKernel) -> None:
    """The session that a variable holds is signed out, whichever name it was signed in under."""
    signed_in(kernel, "%myid_login audit")
    kernel.execute("held = audit")

    assert "Signed out." in kernel.execute("%myid_logout held").shown

    assert "False" == kernel.value("audit.signed_in")
    assert "not signed in" in kernel.execute("%myid_status").shown
    assert "held was not signed in." in kernel.execute("%myid_logout held").shown


def test_logout_of_a_pending_sign_in_by_variable(kernel: LocalKernel) -> None:
    """The same before somebody has signed in."""
    cell = kernel.submit("%myid_login audit --no-wait\nheld = audit")
    cell.link()
    cell.finish()

    assert "Signed out." in kernel.execute("%myid_logout held").shown

    cell.wait_for(lambda: "%myid_logout ended this sign-in" in cell.outputs.shown)


def test_logout_of_something_else(kernel: LocalKernel) -> None:
    """A variable without a session is told from a name that nobody has used."""
    kernel.execute("taken = [1]")

    taken = kernel.execute("%myid_logout taken").shown
    unused = kernel.execute("%myid_logout unused").shown

    assert "The variable taken does not hold a MyID session. Nobody was signed out." in taken
    assert "unused was not signed in." in unused


def test_operations(start_kernel: Callable[..., LocalKernel]) -> None:
    """It works before the sign-in, and after it; its value is rows."""
    kernel = start_kernel()

    before = kernel.execute("%myid_api people")
    signed_in(kernel)
    after = kernel.execute("found = %myid_api people\nfound[:2]")

    assert "Intercede's publications" in before.shown
    assert "people/{id}/devices" in before.shown
    assert "its own API description" in after.shown
    assert "True" == kernel.value("isinstance(found, __import__('myid_notebook').Rows)")
