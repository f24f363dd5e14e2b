"""Read profiles, which are named groups of settings, from Jupyter's configuration folders."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from myid_notebook.errors import SettingError, closest
from myid_notebook.secret import Secret
from myid_notebook.settings.messages import presentable
from myid_notebook.settings.table import SETTINGS
from myid_notebook.untrusted_text import one_line, outside_text

FILE_NAME = "myid.toml"

MAX_BYTES = 100_000
"""Bytes of a file; larger ones are refused."""

_KEYS = tuple(name for name, setting in SETTINGS.items() if setting.in_profiles)
"""The keys of a profile."""

_TOP_KEYS = ("default", "profiles")

_POSITION = re.compile(r"\((at line \d+, column \d+|at end of document)\)")
"""Where ``tomllib`` found a mistake; the rest of its message may repeat the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFile:
    """A ``myid.toml``; of its profiles, only that they are tables is checked.

    Args:
        default: the profile to use if nothing chooses one; None if the file does not say.
        profiles: profile name to its entries.
        secret_fault: why no client secret is taken from the file; empty if there is no reason.
    """

    path: Path
    default: str | None
    profiles: Mapping[str, Mapping[str, Any]] = field(repr=False)
    secret_fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The settings of one profile, unchecked.

    Args:
        chosen_by: the place that names it, such as ``MYID_PROFILE``.
        values: setting name to value.
    """

    name: str
    path: Path
    chosen_by: str
    values: Mapping[str, str] = field(repr=False)

    @property
    def place(self) -> str:
        """Where its settings come from, as ``Settings.sources`` says it."""
        return one_line(f"profile {self.name} in {self.path}")


def find_profile(wanted: str | None, chosen_by: str) -> Profile | None:
    """Return a profile from the first file that has it.

    Files of folders with lower precedence are not read, so their faults do not matter.

    Args:
        wanted: its name; None for the ``default`` of the first file that has one.
        chosen_by: the place that names it.

    Returns:
        The profile; None if nothing chooses one.

    Raises:
        SettingError: no file has it, or something is wrong with a file that was read.
    """
    read = []
    for path in profile_paths():
        file = read_file(path)
        if file is None:
            continue
        read.append(file)
        if wanted is None and file.default is not None:
            wanted, chosen_by = file.default, one_line(f"default in {path}")
        has_it = [each for each in read if wanted in each.profiles]
        if wanted is not None and has_it:
            return checked_profile(has_it[0], wanted, chosen_by)
    if wanted is None:
        return None
    raise _unknown_profile(wanted, chosen_by, read)


def every_profile() -> tuple[list[str], list[SettingError]]:
    """Return the names of all profiles of all files, and what is wrong with files and profiles."""
    names: list[str] = []
    faults = []
    for path in profile_paths():
        try:
            file = read_file(path)
        except SettingError as error:
            faults.append(error.with_traceback(None))  # whose frames hold what the file says
            continue
        if file is None:
            continue
        for name in file.profiles:
            names.append(name)
            try:
                checked_profile(file, name, "")
            except SettingError as error:
                faults.append(error.with_traceback(None))  # the same
    return list(dict.fromkeys(names)), faults


def profile_paths() -> list[Path]:
    """Return where the files may be, the one with the highest precedence first."""
    from jupyter_core.paths import jupyter_config_path  # noqa: PLC0415 - only a sign-in needs it

    # Without duplicates: folders of the environment and of the system may be the same.
    return list(dict.fromkeys(Path(each).absolute() / FILE_NAME for each in jupyter_config_path()))


def read_file(path: Path) -> ProfileFile | None:
    """Return what a file says; None if there is no file.

    Raises:
        SettingError: it cannot be read, or is malformed.
    """
    found = _read(path)
    if found is None:
        return None
    data, secret_fault = found
    content = _parse(path, data)
    _check_keys(path, "", content, _TOP_KEYS)
    default, profiles = content.get("default"), content.get("profiles", {})
    if default is not None and not isinstance(default, str):
        raise _file_error(path, f"default must be the name of a profile, not {_kind(default)}.")
    if not isinstance(profiles, dict):
        fault = f"profiles must be sections [profiles.NAME], not {_kind(profiles)}."
        raise _file_error(path, fault)
    for name, entries in profiles.items():
        if not isinstance(entries, dict):
            fault = f"the profile {_shown(name)} must be a section [profiles.NAME]"
            raise _file_error(path, f"{fault}, not {_kind(entries)}.")
        if "access_token" in entries:
            fault = "has an access_token, which must not be stored in a file. Remove it, and set"
            fault = f"the profile {_shown(name)} {fault} {SETTINGS['access_token'].environment}"
            raise _file_error(path, f"{fault} where it is needed.", "access_token")
    default = default.strip() or None if default else None
    return ProfileFile(path=path, default=default, profiles=profiles, secret_fault=secret_fault)


def checked_profile(file: ProfileFile, name: str, chosen_by: str) -> Profile:
    """Return a profile of a file with its entries as text.

    Raises:
        SettingError: it has an unknown key or a value of a wrong type, or a client secret that
            other users can read.
    """
    entries = file.profiles[name]
    _check_keys(file.path, f"the profile {_shown(name)} has an ", entries, _KEYS)
    values = {key: _text(file, name, key) for key in entries}
    if values.get("client_secret") and file.secret_fault:
        raise _file_error(file.path, file.secret_fault, "client_secret")
    return Profile(name=name, path=file.path, chosen_by=chosen_by, values=values)


def _read(path: Path) -> tuple[bytes, str] | None:
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            regular = stat.S_ISREG(status.st_mode)
            data = file.read(MAX_BYTES + 1) if regular else b""
    except OSError as error:
        if not os.path.lexists(path):  # or this user may not look into the folder
            return None
        reason = error.strerror or type(error).__name__
    else:
        reason = "" if regular else "Not a file"
    if reason:
        raise _file_error(path, f"it cannot be read ({reason}).")
    if len(data) > MAX_BYTES:
        raise _file_error(path, f"it is larger than {MAX_BYTES // 1000} kB.")
    return data, _secret_fault(path, status)


def _open_without_waiting(path: str, flags: int) -> int:
    # Does not wait for a pipe's other end. Windows has no such flag.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _secret_fault(path: Path, status: os.stat_result) -> str:
    if not hasattr(os, "getuid"):
        return ""  # elsewhere, the mode does not say who can read a file
    if status.st_uid != os.getuid():
        return (
            "it has a client_secret, but belongs to another user. Remove the secret, and set "
            f"{SETTINGS['client_secret'].environment} or use the keyring."
        )
    if status.st_mode & 0o077:
        command = f"chmod 600 {shlex.quote(str(path))}"
        return f"it has a client_secret, but other users can read or change it. Run: {command}"
    return ""


def _parse(path: Path, data: bytes) -> dict[str, Any]:
    from tomllib import loads  # noqa: PLC0415 - only who has a file needs it

    try:
        return loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        mistake = "it is not UTF-8 text. Save it as UTF-8."
    except ValueError as error:
        found = _POSITION.search(str(error))
        where = f" {found[1]}" if found else ""
        mistake = f"TOML mistake{where}. Text belongs in quotes, a Windows path in single quotes."
    except RecursionError:
        mistake = "TOML mistake: too many nested brackets."
    # Here, because the exceptions hold the text of the file, and that may hold a secret.
    raise _file_error(path, mistake)


def _check_keys(path: Path, where: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key in known:
            continue
        near = closest(key, known)
        if near:
            hint = f"Did you mean {near}?"
        elif known is _TOP_KEYS:
            hint = "Settings belong in a section [profiles.NAME]."
        else:
            hint = f"Known keys: {', '.join(known)}."
        raise _file_error(path, f"{where}unknown key {_shown(key)}. {hint}")


def _text(file: ProfileFile, name: str, key: str) -> str:
    value, setting = file.profiles[name][key], SETTINGS[key]
    if isinstance(value, str):
        if setting.file:
            return _absolute(file.path.parent, value.strip())
        return Secret(value) if setting.secret else value
    if type(value) is setting.also:
        return str(value)
    expected = f"text in quotes{f' or {_KINDS[setting.also]}' if setting.also else ''}"
    fault = f"in the profile {_shown(name)}, {key} must be {expected}, not {_kind(value)}."
    raise _file_error(file.path, fault, key)


def _absolute(folder: Path, value: str) -> str:
    if not value or value.startswith("~") or value.lower().startswith(("https:", "http:")):
        return value
    return str(folder / value)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a date or time")


_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a decimal number",
    str: "text",
    list: "a list",
    dict: "a table",
}


def _unknown_profile(wanted: str, chosen_by: str, read: list[ProfileFile]) -> SettingError:
    known = list(dict.fromkeys(name for file in read for name in file.profiles))
    if known:
        fault = f"no {FILE_NAME} has that profile. Known profiles: "
        fault += ", ".join(map(_shown, known))
        near = closest(wanted, known)
        hint = f" Did you mean {_shown(near)}?" if near else ""
    else:
        fault = f"there are no profiles in {', '.join(map(str, profile_paths()))}"
        hint = ""
    return SettingError(
        "profile",
        one_line(
            f"The setting profile is {presentable('profile', wanted)!r} (from {chosen_by}), but "
            f"{fault}.{hint}"
        ),
    )


def _file_error(path: Path, fault: str, setting: str = "profile") -> SettingError:
    return SettingError(setting, one_line(f"Settings file {path}: {fault}"))


def _shown(name: str) -> str:
    return repr(outside_text(name))
