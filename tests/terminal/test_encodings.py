"""A terminal or a file that takes few characters, in plain Python and in IPython."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.servers.http_server import HttpServer, json_body

PROGRAM = """
import sys; sys.path.append({tests!r})
from myid_notebook.explore.session import MyIDSession
from myid_notebook.front_end import publish
from support.values.oauth import token_response
publish({{"text/plain": "the user name \\u201cjane\\u2019s\\u201d \\u4e2d\\u2026"}})
myid = MyIDSession({url!r})
myid.sign_in(token_response())
myid.search("people/\\u4e2d/x", {{"q": "a*"}})
print("done")
"""
IPYTHON = "from IPython.core.interactiveshell import InteractiveShell as S\nS.instance()\n"


def _program(url: str) -> str:
    tests = str(Path(__file__).parents[1])
    return PROGRAM.format(tests=tests, url=f"{url}/rest.core/api/")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("shell", ["", IPYTHON])
def test_messages(tmp_path: Path, encoding: str, shell: str) -> None:
    """What is shown is written in characters that the output takes."""
    with HttpServer(lambda handler: json_body(handler, b'{"results": []}')) as server:
        done = subprocess.run(
            [sys.executable, "-c", shell + _program(server.url)],
            capture_output=True,
            text=True,
            encoding=encoding,
            check=False,
            timeout=60,
            env={
                **os.environ,
                "PYTHONIOENCODING": encoding,
                "PYTHONUTF8": "0",
                "IPYTHONDIR": str(tmp_path),
            },
        )

    assert "" == done.stderr
    first, second, last = done.stdout.splitlines()
    assert first.endswith("\\u4e2d...")
    assert 'the user name "jane\'s"' in first
    assert second.startswith("people/\\u4e2d/x: no rows.")
    assert "done" == last
