"""IdentityServer's limits, and settings that never show their secrets."""

from pathlib import Path

import pytest
from support.values.settings import ENVIRON, SECRET, settings_of

from myid_notebook.errors import SettingError


@pytest.mark.parametrize(
    ("name", "limit"), [("client_id", 100), ("client_secret", 100), ("scope", 300)]
)
def test_limit_of_identityserver(name: str, limit: int) -> None:
    """What MyID would refuse for its length is refused before a link is shown."""
    assert "x" * limit == getattr(settings_of(**{name: "x" * limit}), name)

    with pytest.raises(SettingError, match=f"longer than.*{limit}") as caught:
        settings_of(**{name: "x" * (limit + 1)})
    assert name == caught.value.setting


@pytest.mark.parametrize("name", ["client_id", "scope"])
@pytest.mark.parametrize("value", ["ä", "a\nb", "a\x00", "\ud800"])
def test_characters_that_myid_does_not_take(name: str, value: str) -> None:
    """Client id and scope are printable ASCII (RFC 6749 appendix A)."""
    with pytest.raises(SettingError, match="characters that MyID does not accept"):
        settings_of(**{name: value})


@pytest.mark.parametrize("value", ["of a\nfile", "\x00", "half \ud800", "a\ttab"])
def test_secret_that_is_no_text(value: str) -> None:
    """A line break comes from a file; half a character cannot be sent. It is not repeated."""
    with pytest.raises(SettingError, match="line break") as caught:
        settings_of({**ENVIRON, "MYID_CLIENT_SECRET": value})

    assert "client_secret" == caught.value.setting
    assert value not in str(caught.value)


def test_client_authentication_is_one_of_three() -> None:
    """An unknown way is refused with the names of the known ones."""
    with pytest.raises(SettingError, match="client_secret_post, client_secret_basic, none"):
        settings_of(client_authentication="private_key_jwt")


@pytest.mark.parametrize("name", ["ca.pem", "~nobody-of-this-name/ca.pem", "folder", "a\x00b"])
def test_ca_bundle_must_be_a_file(tmp_path: Path, name: str) -> None:
    """A bundle that is not there is named before a link is shown."""
    (tmp_path / "folder").mkdir()
    bundle = name if name.startswith("~") else str(tmp_path / name)

    with pytest.raises(SettingError, match="is not a file") as caught:
        settings_of(ca_bundle=bundle)

    assert "ca_bundle" == caught.value.setting


def test_representation_shows_no_secret() -> None:
    """Settings may be shown by a debugger without giving anything away."""
    environ = {**ENVIRON, "MYID_ACCESS_TOKEN": "the-token"}

    assert SECRET not in repr(settings_of())
    assert "'********'" == repr(settings_of().client_secret)
    assert "the-token" not in repr(settings_of(environ))
    assert "'********'" == repr(settings_of(environ).access_token)
