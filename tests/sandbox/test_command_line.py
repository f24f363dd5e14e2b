"""The process: how it starts, what it refuses, how it ends."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from support.browser.login_pages import finish_sign_in, shown_error
from support.servers.sandbox import SandboxProcess, client_entry
from support.servers.sandbox_client import REDIRECT_URI, SECRET, HandmadeClient
from support.servers.tls import CompanyCA

from myid_notebook.sandbox import command_line

COMMAND = [sys.executable, "-m", "myid_notebook.sandbox"]
ENTRY = client_entry("folder.client", REDIRECT_URI, SECRET)


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Returns the one line with which the sandbox refuses to start, exit code 2."""

    def refused(*arguments: str) -> str:
        assert command_line.main(arguments) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)
        return said.err

    return refused


def answers(url: str) -> bool:
    """Tell whether a sandbox is there."""
    try:
        return HandmadeClient.send("GET", f"{url}/sandbox/status").ok
    except requests.ConnectionError:
        return False


def test_ready_means_ready() -> None:
    """The first line comes when connections are accepted; then it tells how to sign in."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--exit-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        prefix, url = line.strip().rsplit(" ", 1)
        response = HandmadeClient.send("GET", f"{url}/sandbox/status")
        process.stdin.close()
        rest, errors = process.stdout.read(), process.stderr.read()

    assert (prefix, response.status_code) == ("MyID sandbox ready at", 200)
    assert all(word in rest for word in ("jane.doe", "blue", "rover", "Ctrl-C"))
    assert (process.returncode, errors) == (0, "")


def test_interrupt_ends_it_cleanly() -> None:
    """Ctrl-C is exit code 0 and no traceback, even while a request hangs."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        url = process.stdout.readline().strip().rsplit(" ", 1)[1]
        control = {"X-Sandbox-Control": "1"}
        faults = {"token_hang": True}
        HandmadeClient.send("PUT", f"{url}/sandbox/faults", json=faults, headers=control)
        port = int(url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), 10) as hanging:
            hanging.sendall(
                b"POST /web.oauth2/connect/token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=b"
            )
            status = HandmadeClient.send("GET", f"{url}/sandbox/status").json()
            while not status["token_requests"]:
                status = HandmadeClient.send("GET", f"{url}/sandbox/status").json()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=100)

    assert (process.returncode, errors) == (0, "")


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    """With --exit-with-stdin nothing is left when the parent is killed."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({[*COMMAND, '--port', '0', '--exit-with-stdin']!r},"
        " stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline().split()[-1], flush=True)\n"
        "time.sleep(60)\n",
        encoding="utf-8",
    )
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        url = parent.stdout.readline().strip()
        assert answers(url)
        parent.kill()
    deadline = time.monotonic() + 10
    while answers(url) and time.monotonic() < deadline:
        pass

    assert not answers(url)


def test_a_taken_port(sandbox_process: SandboxProcess) -> None:
    """A port in use is one line that names it, and exit code 2."""
    port = sandbox_process.url.rsplit(":", 1)[1]
    ended = subprocess.run(
        [*COMMAND, "--port", port], capture_output=True, text=True, timeout=100, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert f"port {port}" in ended.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org"])  # noqa: S104 - to be refused
def test_no_plain_http_for_the_network(refusal: Callable[..., str], host: str) -> None:
    """Without TLS only a loopback address is served."""
    assert "--certfile" in refusal("--host", host, "--port", "0")


def test_tls(tmp_path: Path) -> None:
    """With a certificate everything is served under https, its own addresses too."""
    company = CompanyCA.create(tmp_path)
    bundle = str(company.bundle)
    with company.sandbox() as sandbox:
        client = HandmadeClient(sandbox)
        location = finish_sign_in(client.authorize_url(), verify=bundle)
        url = f"{sandbox.url}/web.oauth2/.well-known/openid-configuration"
        document = client.send("GET", url, verify=bundle).json()
        sandbox.faults(token_drop=True)
        with pytest.raises(requests.ConnectionError, match=r"Remote end closed|reset|EOF"):
            client.send("POST", client.token_endpoint, data={"a": "b"}, verify=bundle)

    assert sandbox.url.startswith("https://127.0.0.1:")
    assert location.startswith(REDIRECT_URI)
    assert document["issuer"] == f"{sandbox.url}/web.oauth2"


def test_unusable_tls_files(refusal: Callable[..., str], tmp_path: Path) -> None:
    """TLS files that cannot be used, or half of them, are one line."""
    (tmp_path / "broken.pem").write_text("nonsense")

    assert "broken.pem" in refusal("--certfile", str(tmp_path / "broken.pem"))
    assert "missing.pem" in refusal("--certfile", str(tmp_path / "missing.pem"))
    assert "--certfile" in refusal("--keyfile", str(tmp_path / "broken.pem"))


def test_clients_of_a_folder(tmp_path: Path) -> None:
    """--clients serves the clients of a folder, one per .json file, and no others."""
    (tmp_path / "one.json").write_text("\ufeff" + json.dumps(ENTRY), encoding="utf-8")
    other = json.dumps({**ENTRY, "ClientId": "folder.other"})
    (tmp_path / "two.json").write_text(other, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a client", encoding="utf-8")
    with SandboxProcess.start(["--clients", str(tmp_path)]) as sandbox:
        client = HandmadeClient(sandbox, "folder.client")

        assert client.exchange(client.code()).ok
        assert not shown_error(HandmadeClient(sandbox, "folder.other").authorize().text)
        assert shown_error(HandmadeClient(sandbox).authorize().text) == "unauthorized_client"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "b.json"),
        ("[]", "b.json"),
        (json.dumps({**ENTRY, "ClientId": ""}), "ClientId"),
        (json.dumps({"ClientName": "nobody"}), "ClientId"),
        (json.dumps(ENTRY), "a.json"),
        (json.dumps({**ENTRY, "ClientId": "x" * 101}), "ClientId"),
    ],
)
def test_a_wrong_client_file(
    refusal: Callable[..., str], tmp_path: Path, text: str, named: str
) -> None:
    """A file that is no client, or a ClientId that is there twice, is one line."""
    (tmp_path / "a.json").write_text(json.dumps(ENTRY), encoding="utf-8")
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    message = refusal("--clients", str(tmp_path), "--port", "0")

    assert "b.json" in message
    assert named in message


def test_people_and_today() -> None:
    """--people makes a smaller organisation; --today counts its dates from another day."""
    ends = []
    for day in ("2030-01-15", "2040-01-15"):
        with SandboxProcess.start(["--people", "100", "--today", day]) as sandbox:
            client = HandmadeClient(sandbox)
            token = client.access_token()
            people = client.call(token, "people?name.last=Smith").json()["results"]
            devices = client.call(token, "devices?owner=jane.doe").json()["results"]
            ends.append([(row["id"], int(row["validUntil"][:4])) for row in devices])

    assert len(people) == 13
    assert [device for device, _ in ends[0]] == [device for device, _ in ends[1]]
    assert all(2030 <= year <= 2033 for _, year in ends[0])
    assert all(2040 <= year <= 2043 for _, year in ends[1])


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        *(("--people", value, "from 100 to 200,000") for value in ("99", "200001", "-1", "many")),
        *(("--today", value, "a day such as 2026-11-25") for value in ("1999-12-31", "soon")),
    ],
)
def test_a_wrong_organisation(
    capsys: pytest.CaptureFixture[str], option: str, value: str, expected: str
) -> None:
    """A number or day that is out of range is refused with what is allowed."""
    with pytest.raises(SystemExit, match="2"):
        command_line.main([f"{option}={value}"])

    assert f"{option}: must be {expected}" in capsys.readouterr().err


def test_without_its_requirements() -> None:
    """Without a requirement the sandbox says what to install."""
    code = "import sys, runpy; sys.modules['fastapi'] = None\n"
    code += "runpy.run_module('myid_notebook.sandbox', run_name='__main__')"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=False
    )

    expected = (
        "The sandbox needs fastapi, which is not installed. In a clone of this project "
        'run: pip install ".[sandbox]"\n'
    )
    assert (ended.returncode, ended.stderr) == (2, expected)


def test_a_sign_in_prints_nothing(tmp_path: Path) -> None:
    """A whole sign-in, with failures, leaves no line on standard output or error."""
    with (tmp_path / "errors").open("w+", encoding="utf-8") as errors:
        with SandboxProcess.start(errors=errors) as sandbox:
            client = HandmadeClient(sandbox)
            client.call(client.access_token(), "people")
            client.exchange(client.code(), redirect_uri="http://127.0.0.1/")
            client.call("nonsense", "people")
            printed = sandbox.stop()
        errors.seek(0)

        assert errors.read() == ""
    assert "Ctrl-C" in printed
    assert printed.count("\n") == 2
