"""Profiles of ``myid.toml``: which file counts, what a profile sets, and what is wrong with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.machine.other_user import UID, needs_other_user

from myid_notebook.errors import SettingError
from myid_notebook.settings.profiles import MAX_BYTES, find_profile
from myid_notebook.settings.resolve import Settings, resolve

SECRET = "secret-0815"
TWO = """
default = "test"

[profiles.test]
server = "https://test.example"
client_id = "of.the.test"

[profiles.production]
server = "https://production.example"
client_id = "of.production"
"""


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Three configuration folders, the one with the highest precedence first."""
    found = [tmp_path / name for name in ("user", "environment", "system")]
    for each in found:
        each.mkdir()
    # Jupyter looks into these before all others.
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", os.pathsep.join(map(str, found)))
    return found


def write(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """Write a ``myid.toml``."""
    file = folder / "myid.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    file.chmod(mode)
    return file


def refusal(**options: str) -> SettingError:
    """Return the error of settings that are refused, which is one line without the secret."""
    with pytest.raises(SettingError) as caught:
        resolve(options, {}, {})
    said = f"{caught.value} {vars(caught.value)}"
    assert SECRET not in said
    assert SECRET not in f"{caught.value.__cause__!r} {caught.value.__context__!r}"
    assert str(caught.value).isprintable()
    return caught.value


def of(settings: Settings) -> tuple[str, str]:
    """Return the client id and its source."""
    return settings.client_id, settings.sources["client_id"]


@pytest.mark.parametrize("place", ["option", "environment", "configuration", "default"])
def test_every_place_chooses(folders: list[Path], place: str) -> None:
    """Option, environment, configuration, and else the file's default; the first one wins. Byte
    order marks and line ends of the file do not matter.
    """
    file = write(folders[0], "\ufeff" + TWO.replace("\n", "\r\n"))
    at = ["option", "environment", "configuration", "default"].index(place)
    names = ["test" if place == "default" else "production"] + ["not-there"] * 3
    options, environ, configuration = [
        {key: names[number - at]} if number >= at else {}
        for number, key in enumerate(("profile", "MYID_PROFILE", "profile"))
    ]

    settings = resolve(options, environ, configuration)

    name = "test" if place == "default" else "production"
    assert f"https://{name}.example/rest.core/api/" == settings.api_url
    assert f"profile {name} in {file}" == settings.sources["server"]
    chosen_by = ["--profile", "MYID_PROFILE", "c.MyIDMagics.profile", f"default in {file}"][at]
    assert chosen_by == settings.sources["profile"]


def test_precedence(folders: list[Path]) -> None:
    """A profile comes after options and variables, and before configuration and default."""
    file = write(folders[0], TWO + "scope = 'a'\n")
    configuration = {"client_id": "of.the.configuration", "scope": "b"}

    from_file = resolve({"profile": "production"}, {}, configuration)
    from_environ = resolve({"profile": "production"}, {"MYID_CLIENT_ID": "e"}, configuration)
    from_option = resolve({"client_id": "o"}, {"MYID_CLIENT_ID": "e"}, configuration)

    assert ("of.production", f"profile production in {file}") == of(from_file)
    assert "a" == from_file.scope
    assert ("e", "MYID_CLIENT_ID") == of(from_environ)
    assert ("o", "--client-id") == of(from_option)


def test_whole_profile_of_the_first_file(folders: list[Path]) -> None:
    """Nothing of a profile of that name in another folder is mixed in; names come from all. What is
    wrong with another profile does not matter.
    """
    write(folders[0], "[profiles.mine]\nserver = 'https://mine.example'\nclient_id = 'mine'\n")
    write(folders[1], TWO + "unknown = []\n")
    write(
        folders[2],
        "default = 'production'\n[profiles.mine]\nscope = 'nor this'\n"
        "[profiles.far]\nserver = 'https://far.example'\nclient_id = 'far'\n",
    )

    assert "myid.rest.basic" == resolve({"profile": "mine"}, {}, {}).scope
    assert f"profile test in {folders[1] / 'myid.toml'}" == of(resolve({}, {}, {}))[1]
    assert (
        f"profile far in {folders[2] / 'myid.toml'}" == of(resolve({"profile": "far"}, {}, {}))[1]
    )
    assert "Known profiles: 'mine', 'test', 'production', 'far'." in str(refusal(profile="x"))


def test_default_for_a_profile_of_another_file(folders: list[Path]) -> None:
    """The default may name a profile of any folder; a user's own wins over the system's."""
    write(folders[0], TWO.replace('default = "test"', ""))
    write(folders[1], "[profiles.production]\nclient_id = 'not this'")
    file = write(folders[2], "default = 'production'")

    settings = resolve({}, {}, {})

    assert "of.production" == settings.client_id
    assert f"default in {file}" == settings.sources["profile"]


def test_file_that_is_not_needed(folders: list[Path]) -> None:
    """What is wrong with a file of lower precedence does not matter, unless it is needed."""
    write(folders[0], TWO)
    write(folders[1], "broken")

    assert "of.the.test" == resolve({}, {}, {}).client_id
    assert str(folders[1]) in str(refusal(profile="elsewhere"))


def test_values_that_are_no_text(folders: list[Path]) -> None:
    """A number of rows may be one in the file as well, and a switch true or false; a secret is
    masked from the start.
    """
    more = f"show_rows = 0\nread_only = true\nchecks = false\nclient_secret = '{SECRET}\\n'\n"
    write(folders[0], TWO + more.replace("'", '"'))

    settings = resolve({"profile": "production"}, {}, {})

    assert (0, SECRET) == (settings.show_rows, settings.client_secret)
    assert (True, False) == (settings.read_only, settings.checks)
    profile = find_profile("production", "")
    assert profile is not None
    assert SECRET not in f"{profile!r} {profile.values!r}"


@pytest.mark.parametrize("key", ["ca_bundle", "openapi"])
@pytest.mark.parametrize("value", [" file", "../user/file", "~/user/file", "/whole/path"])
def test_path(
    folders: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str, value: str
) -> None:
    """A path is relative to the file, unless it is one from the home folder or a whole one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    file = folders[0] / "file"
    file.touch()
    write(folders[0], TWO + f"{key} = '{value.replace('/whole/path', str(file))}'\n")

    found = getattr(resolve({"profile": "production"}, {}, {}), key)

    assert file.samefile(found)


@pytest.mark.parametrize("mode", [0o640, 0o602, 0o601])
def test_secret_that_others_can_read(folders: list[Path], mode: int) -> None:
    """Otherwise the message has the command to run. Profiles without a secret still work."""
    file = write(folders[0], TWO + f"client_secret = '{SECRET}'", mode)

    error = refusal(profile="production")

    assert "client_secret" == error.setting
    command = str(error).partition("Run: ")[2]
    assert f"chmod 600 {file}" == command
    assert "of.the.test" == resolve({}, {}, {}).client_id
    subprocess.run(command, shell=True, check=True)  # noqa: S602 - as a user runs it
    assert SECRET == resolve({"profile": "production"}, {}, {}).client_secret


@needs_other_user
def test_secret_in_a_file_of_somebody_else(folders: list[Path]) -> None:
    """A secret in another user's file is not taken, even if nobody else can read it."""
    file = write(folders[0], TWO + f"client_secret = '{SECRET}'")
    os.chown(file, UID, UID)

    error = refusal(profile="production")

    assert "belongs to another user" in str(error)
    assert "MYID_CLIENT_SECRET" in str(error)


def test_empty_secret_of_any_file(folders: list[Path]) -> None:
    """An empty secret, that of a public client, may stand where everybody can read it."""
    write(folders[0], TWO + "client_secret = ''", 0o644)

    settings = resolve({"profile": "production"}, {}, {"client_secret": "not this"})

    assert (None, False) == (settings.client_secret, settings.needs_client_secret)


@pytest.mark.parametrize("profile", ["test", "production"])
def test_access_token(folders: list[Path], profile: str) -> None:
    """A token in a file is refused, whichever profile has it."""
    write(folders[0], TWO + f"access_token = '{SECRET}'")

    error = refusal(profile=profile)

    assert "access_token" == error.setting
    assert "MYID_ACCESS_TOKEN" in str(error)


FAULTS = {
    "unknown key": (TWO + "sever = 'x'", "'production' has an unknown key 'sever'. Did you mean"),
    "unknown key unlike any": (TWO + "zzz = 'x'", "unknown key 'zzz'. Known keys: server, client_"),
    "profile in a profile": (TWO + "profile = 'x'", "unknown key 'profile'"),
    "section without profiles": ("[production]", "'production'. Settings belong in a section"),
    "misspelt section": ("[profile.production]", "unknown key 'profile'. Did you mean profiles?"),
    "key at the top": ("server = 'x'", "unknown key 'server'. Settings belong in a section"),
    "default": ("default = 1", "default must be the name of a profile, not a whole number"),
    "no sections": ("profiles = 'x'", "profiles must be sections [profiles.NAME], not text"),
    "no section": ("[profiles]\nproduction = []", "'production' must be a section"),
    "list": (TWO + "scope = ['a']", "scope must be text in quotes, not a list"),
    "boolean": (TWO + "show_rows = true", "or a whole number, not true or false"),
    "number for a switch": (TWO + "read_only = 1", "quotes or true or false, not a whole number"),
    "date": (TWO + "issuer = 2026-01-01", "text in quotes, not a date or time"),
    "secret of a wrong type": (TWO + f"client_secret = ['{SECRET}']", "client_secret must be text"),
    "without quotes": (TWO + f"client_secret = {SECRET}", "TOML mistake at line 11, column 17"),
    "without a quote": (TWO + f"client_secret = '{SECRET}", "TOML mistake at end of document"),
    "backslashes": (TWO + f'ca_bundle = "c:\\{SECRET}"', "a Windows path in single quotes"),
    "key twice": (TWO + "client_id = 'x'\n", "TOML mistake at line 11, column 16"),
    "digits": (TWO + "show_rows = " + "9" * 5_000, "TOML mistake. Text belongs"),
    "brackets": (TWO + "scope = " + "[" * 50_000, "TOML mistake: too many nested brackets"),
    "UTF-16": (TWO.encode("utf-16"), "it is not UTF-8 text"),
    "too large": ("#" * (MAX_BYTES + 1), "it is larger than 100 kB"),
    "not a number of rows": (TWO + "show_rows = -1", "The setting show_rows is '-1'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault(folders: list[Path], fault: str) -> None:
    """What is wrong is named in one line, with the file; its text is not repeated."""
    text, said = FAULTS[fault]
    file = write(folders[0], text)

    error = refusal(profile="production")

    assert said in str(error)
    assert str(file) in str(error) or fault == "not a number of rows"
    assert len(str(error)) < 500


def test_unknown_profile(folders: list[Path]) -> None:
    """The message has the known ones, one that is close, and what chose the profile."""
    assert str(folders[0] / "myid.toml") in str(refusal(profile="test"))
    file = write(folders[0], TWO.replace('"test"', '"tset"'))

    for error, chosen_by in [
        (refusal(profile="tset"), "--profile"),
        (refusal(), f"default in {file}"),
    ]:
        assert "profile" == error.setting
        assert f"'tset' (from {chosen_by})" in str(error)
        assert "Known profiles: 'test', 'production'. Did you mean 'test'?" in str(error)


def test_what_is_not_a_file(folders: list[Path]) -> None:
    """A folder, a pipe and a link to nowhere are named, and do not block."""
    file = folders[0] / "myid.toml"
    file.mkdir()
    assert f"{file}: it cannot be read (" in str(refusal())
    file.rmdir()
    os.mkfifo(file)
    assert f"{file}: it cannot be read (Not a file)" in str(refusal())
    file.unlink()
    file.symlink_to("nowhere")
    assert f"{file}: it cannot be read (No such file" in str(refusal())


def test_file_that_may_not_be_read(folders: list[Path]) -> None:
    """It is named; a folder that this user may not look into counts as one without a file."""
    program = """
import encodings.utf_8_sig, os, tomllib
from myid_notebook.settings.resolve import resolve
from jupyter_core.paths import jupyter_config_path
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    print(resolve({}, {}, {}).client_id)
except Exception as error:
    print(error)
"""

    def run() -> str:
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout

    for folder in (folders[0], *folders[0].parents):
        if folder.stat().st_uid == os.getuid() and folder != Path(folder.root):
            folder.chmod(folder.stat().st_mode | 0o111)
    write(folders[0], TWO, 0o000)
    write(folders[1], TWO.replace("of.the.test", "of.the.environment"), 0o644)
    assert "it cannot be read (Permission denied)" in run()

    folders[0].chmod(0o000)
    assert "of.the.environment\n" == run()
    folders[0].chmod(0o700)


def test_without_profiles(folders: list[Path]) -> None:
    """What needs no profile, as the sandbox, does not read the files."""
    write(folders[0], "broken")
    options = {"server": "https://h.example", "client_id": "c", "profile": "not-there"}

    assert "c" == resolve(options, {}, {}, profiles=False).client_id
