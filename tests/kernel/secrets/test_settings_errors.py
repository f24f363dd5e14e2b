"""Errors of a call show neither the settings nor the environment it worked with."""

import pytest
from support.jupyter.kernel import LocalKernel
from support.servers.sandbox import Registration
from support.values.secrets import found

SHOWN = """
import traceback
from myid_notebook import login, login_async

def everything(error):
    yield from traceback.TracebackException.from_exception(error, capture_locals=True).format()
    while error is not None:
        yield repr(error)
        frames = traceback.walk_tb(error.__traceback__)
        own = [frame for frame in frames if frame[0].f_globals is not globals()]
        yield from traceback.StackSummary.extract(own, capture_locals=True).format()
        error = error.__cause__ or error.__context__
"""
"""A cell that defines ``everything()``: an error with its chain and the variables of all frames."""


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("login('audit', server='ftp://x')", "SettingError"),
        ("await login_async('audit', server='ftp://x')", "SettingError"),
        ("await login_async('audit', timeout=-1)", "SettingError"),
        ("get_ipython().run_line_magic('myid_login', 'audit --server ftp://x')", "SettingError"),
        ("login('audit', timeout=-1)", "SettingError"),
        ("login('audit', client_credentials=True, token_url='https://a..b/x')", ""),
        ("login('audit', access_token=' '.join(['no', 'token', 'at', 'all']))", "SettingError"),
        ("get_ipython().run_line_magic('myid_login', '9')", "NameTaken"),
    ],
)
def test_error_of_a_call(
    secret_kernel: LocalKernel, client: Registration, call: str, error: str
) -> None:
    """What a call raises holds no frame of ours that shows settings or environment, in its chain
    neither; nor does the traceback that a cell shows.
    """
    secret_kernel.execute(SHOWN)
    outputs = secret_kernel.execute(
        f"try:\n    {call}\nexcept Exception as error:\n    failure = error\n"
        "print(*everything(failure))"
    )
    shown = secret_kernel.execute(call).traceback

    secrets = {"secret": client.client_secret, "token": "no token at all"}
    assert [] == outputs.errors
    assert error in outputs.text
    assert [] == found(secrets, outputs.text)
    assert [] == found({"secret": client.client_secret}, shown)


@pytest.mark.parametrize(
    ("keyword", "mode", "message"),
    [
        ("client_secert", "r", "client_secert"),
        ("client_secret", "rb", "client_secret must be text, not bytes"),
        ("access_token", "rb", "access_token must be text, not bytes"),
        ("timeout", "r", "timeout must be a number of seconds, not str"),
        ("sever='x', client_secret", "r", "sever"),
    ],
)
@pytest.mark.parametrize("function", ["login", "await login_async"])
def test_mistake_in_a_keyword(
    secret_kernel: LocalKernel, function: str, keyword: str, mode: str, message: str
) -> None:
    """A keyword that is misspelt, or holds no text, is named; its value is shown nowhere."""
    word = secret_kernel.home / "word"
    word.write_text("value-of-the-keyword")
    secret_kernel.execute(SHOWN)

    shown = secret_kernel.execute(f"{function}({keyword}=open('word', {mode!r}).read())")
    chain = secret_kernel.execute("import sys\nprint(*everything(sys.last_value))")

    word.unlink()
    assert ["TypeError"] == [name for name, _ in shown.errors]
    assert message in shown.errors[0][1]
    assert "TypeError" in chain.text
    assert [] == found({"value": "value-of-the-keyword"}, shown.traceback + chain.text)
