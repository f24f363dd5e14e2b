"""Tab offers the options of the magics, and the variables that hold sessions."""

import json
from collections.abc import Callable

import pytest
from support.jupyter.kernel import LocalKernel, signed_in
from support.servers.sandbox import SandboxProcess

from myid_notebook.kernel.completion import options_of, parser_of
from myid_notebook.kernel.magics import MyIDMagics

JEDI = "get_ipython().Completer.use_jedi = {}"


def options(magic: object) -> list[str]:
    """Return every option of a magic, sorted."""
    return sorted(options_of(parser_of(magic)))


@pytest.mark.parametrize("jedi", [True, False])
@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("%myid_login --", options(MyIDMagics.myid_login)),
        ("%myid_login --cl", ["--client-credentials", "--client-id"]),
        ("%myid_login --sandbox --s", ["--scope", "--server", "--share", "--show-rows"]),
        ("myid_login --po", ["--post"]),
        ("found = %myid_api --", ["--session"]),
    ],
)
def test_options(kernel: LocalKernel, *, jedi: bool, code: str, offered: list[str]) -> None:
    """The options only, without the builtins; in JupyterLab as in a terminal."""
    kernel.execute(JEDI.format(jedi))

    matches = kernel.completions(code)

    kernel.execute(JEDI.format(True))
    assert offered == matches


PUBLISHED = ["q", "logonName", "employeeId", "name.first", "name.last"]


def test_parameters(start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess) -> None:
    """The parameters of a search: those of the publications, and of this MyID once it is read."""
    kernel = start_kernel()
    signed_in(kernel, "%myid_login audit")
    for jedi in (True, False):
        kernel.execute(JEDI.format(jedi))
        for code, offered in {
            'audit.search("people", {"': PUBLISHED,
            "rows = audit.search('People/', {'NA": ["name.first", "name.last"],
            'audit.search(\n    path="people",\n    limit=1, # 1\n params={"name.l': ["name.last"],
            'audit.search("people", {"q": f(x, [1]), "employeeId": "a, b", "name.f': ["name.first"],
            'audit.search("devices", {"sn": "1"}) and audit.search("groups", {"': ["q"],
        }.items():
            assert offered == kernel.completions(code), code
        for code in (
            'audit.search("people", {"q": "',
            'audit.search("people", {"q": ["',
            'audit.search("people", {"q": 1}, "',
            'audit.search("people", "',
            'audit.search("roles", {"',
            'audit.fetch("people", {"',
            'other.search("people", {"',
            'audit.search("people", {}), print({"',
            'audit.search("people", {"q"',
            'audit.search("//[", {"',
        ):
            assert not {*PUBLISHED} & {*kernel.completions(code)}, code

    kernel.execute("%myid_api --session audit")
    operation = {"method": "GET", "path": "odd", "parameters": 'q"}); print(1) #, qq'}
    kernel.execute(f"audit.description.append({operation})")

    assert ["qq"] == kernel.completions('audit.search("odd", {"q')
    assert ["expiresBefore"] == kernel.completions('audit.search("devices", {"expiresb')
    assert sandbox.url


@pytest.mark.parametrize("jedi", [True, False])
def test_keywords(start_kernel: Callable[..., LocalKernel], *, jedi: bool) -> None:
    """The keywords of ``login()`` and ``login_async()``, wherever one may stand."""
    kernel = start_kernel()
    kernel.execute("import myid_notebook as m; from myid_notebook import login, login_async")
    kernel.execute(JEDI.format(jedi))

    for code, offered in {
        "login(ser": ["server="],
        'audit = login("audit", rea': ["read_only="],
        "await login_async(\n    timeout=5,\n    s": [
            "server=",
            "scope=",
            "show_rows=",
            "share=",
            "sandbox=",
        ],
        "m.login(server=f(1), re": ["redirect_uri=", "read_only="],
    }.items():
        assert offered == [each.split(".")[-1] for each in kernel.completions(code)], code
    for code in ("login(server=s", "login('ser", "x.login(ser", "login(f(ser", "login() + ser"):
        assert "server=" not in kernel.completions(code), code


def test_sessions(start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess) -> None:
    """The first argument of %myid_login and %myid_logout, and of --session; no other one."""
    kernel = start_kernel()
    signed_in(kernel, "%myid_login audit")
    kernel.execute("held, other = audit, 1")

    assert ["audit", "held", *options(MyIDMagics.myid_login)] == kernel.completions("%myid_login ")
    assert ["audit", "held", "--all"] == kernel.completions("%myid_logout ")
    assert ["audit"] == kernel.completions("%myid_logout au")
    assert ["audit", "held"] == kernel.completions("%myid_api people --session ")
    assert "held" not in kernel.completions("%myid_login --post ")
    assert sandbox.url


@pytest.mark.parametrize("jedi", [True, False])
def test_rows(
    start_kernel: Callable[..., LocalKernel], sandbox: SandboxProcess, *, jedi: bool
) -> None:
    """Between brackets, columns of rows and members of a row."""
    kernel = start_kernel()
    signed_in(kernel, "%myid_login")
    kernel.execute(JEDI.format(jedi))
    kernel.execute('people = myid.search("people", limit=5)')

    for code in ('people["logon', 'people[0]["logon'):
        assert ["logonName"] == kernel.completions(code)
    assert sandbox.url


def test_unloaded(start_kernel: Callable[..., LocalKernel]) -> None:
    """%unload_ext takes it away; loading again brings it back, once."""
    kernel = start_kernel()
    matchers = "len(get_ipython().Completer.custom_matchers)"
    before = kernel.value(matchers)

    kernel.execute("%unload_ext myid_notebook")
    gone = kernel.value(matchers)
    offered = kernel.completions("%myid_login --pos")
    kernel.execute("%load_ext myid_notebook\n%reload_ext myid_notebook")

    assert ("1", "0", "1") == (before, gone, kernel.value(matchers))
    assert "--post" not in offered
    assert ["--post"] == kernel.completions("%myid_login --pos")


def test_package(kernel: LocalKernel) -> None:
    """``myid_notebook.<Tab>`` offers the public names and nothing else."""
    kernel.execute("import myid_notebook")

    names = json.loads(kernel.value("__import__('json').dumps(myid_notebook.__all__)"))

    offered = [each.removeprefix("myid_notebook.") for each in kernel.completions("myid_notebook.")]
    assert sorted(each for each in names if not each.startswith("_")) == sorted(offered)
