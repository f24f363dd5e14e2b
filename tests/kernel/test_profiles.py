"""Profiles of ``myid.toml`` in a real kernel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.jupyter.kernel import LocalKernel, signed_in
from support.machine.leftovers import IN_KERNEL
from support.servers.sandbox import Registration, SandboxProcess, register


def _profile(name: str, client: Registration) -> str:
    return f"""
[profiles.{name}]
server = "{client.server}"
client_id = "{client.client_id}"
client_secret = "{client.client_secret}"
redirect_uri = "{client.redirect_uri}"
"""


@pytest.fixture
def kernel(config_dir: Path) -> Iterator[LocalKernel]:
    """A kernel without any setting, which reads the test's configuration folder."""
    environ = {"JUPYTER_CONFIG_DIR": str(config_dir)}
    with LocalKernel(environ) as found:
        found.execute(f"%load_ext myid_notebook\n{IN_KERNEL}")
        yield found


def _write(config_dir: Path, text: str) -> None:
    file = config_dir / "myid.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)


def test_test_and_production(
    kernel: LocalKernel, sandbox: SandboxProcess, config_dir: Path
) -> None:
    """One notebook is signed in to two servers at once, with a profile for each."""
    with SandboxProcess.start() as other:
        test, production = register(sandbox), register(other)
        _write(config_dir, _profile("test", test) + _profile("production", production))

        outputs = [
            signed_in(kernel, "%myid_login prod --profile production"),
            signed_in(kernel, "%myid_login test --profile test"),
        ]

        urls = [f"{each.server}/rest.core/api/" for each in (production, test)]
        assert f"{urls}" == kernel.value("[prod.api_url, test.api_url]")
        assert "200 200" == kernel.value(
            "prod.get('people').status_code, test.get('people').status_code, sep=' '"
        )
        assert [{"jane.doe": 1}] * 2 == [s.status()["tokens_issued"] for s in (sandbox, other)]
        status = kernel.execute("%myid_status").shown
        assert all(url in status for url in urls)
        assert production.client_secret not in f"{outputs} {status}"


def test_default_and_sandbox(
    kernel: LocalKernel, sandbox: SandboxProcess, config_dir: Path
) -> None:
    """The default needs no option; the sandbox takes nothing of a profile, nor its faults."""
    client = register(sandbox)
    _write(config_dir, "default = 'test'" + _profile("test", client))
    assert "Jane Doe" in signed_in(kernel, "%myid_login").shown
    assert f"{client.server}/rest.core/api/" == kernel.value("myid.api_url")

    _write(config_dir, "broken")

    signed_in(kernel, "%myid_login audit --sandbox --profile nowhere")
    assert client.server not in kernel.value("audit.api_url")


def test_fault_is_one_line(kernel: LocalKernel, config_dir: Path) -> None:
    """A notebook shows what is wrong with the file in one line, and no secret of it."""
    _write(config_dir, "[profiles.test]\nclient_secret = secret-0815\n")

    outputs = kernel.execute("%myid_login --profile test")

    assert 1 == len(outputs.traceback.strip().splitlines())
    assert "myid.toml: TOML mistake at line 2, column 17." in outputs.traceback
    assert "0815" not in f"{outputs.traceback} {kernel.execute('%tb').shown}"
    assert "0815" not in kernel.value("repr(__import__('sys').last_value.__dict__)")
