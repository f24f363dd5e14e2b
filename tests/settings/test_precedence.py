"""Option, then environment, configuration, default; and where each value came from."""

import pytest
from support.values.settings import ENVIRON, settings_of

from myid_notebook.errors import SettingError
from myid_notebook.settings.resolve import resolve, with_client_secret
from myid_notebook.settings.table import SETTINGS

PLACES = ["option", "environment", "configuration"]


def _values(name: str, places: list[str]) -> list[dict[str, str]]:
    values = {"option": {}, "environment": dict(ENVIRON), "configuration": {}}
    for place in places:
        key = SETTINGS[name].environment if place == "environment" else name
        values[place][key] = f"from.the.{place}"
    return [values[place] for place in PLACES]


@pytest.mark.parametrize("first", range(3))
def test_the_first_place_wins(first: int) -> None:
    """Every place beats those behind it."""
    values = _values("scope", PLACES[first:])

    settings = resolve(*values)

    assert f"from.the.{PLACES[first]}" == settings.scope
    assert ["--scope", "MYID_SCOPE", "c.MyIDMagics.scope"][first] == settings.sources["scope"]


AROUND = [" {}\t", "\ufeff {}\r\n", " \ufeff{}\ufeff "]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("place", ["option", "environment", "configuration", "keyring"])
def test_what_stands_around_a_secret(around: str, place: str) -> None:
    """Files and clipboards leave blanks, line ends and byte order marks: wherever a secret comes
    from, they do not belong to it, and those within do.
    """
    text = around.format("a b\ufeffc")
    environ = {name: ENVIRON[name] for name in ("MYID_SERVER", "MYID_CLIENT_ID")}
    in_environ = {"MYID_CLIENT_SECRET": text} if place == "environment" else {}

    settings = resolve(
        {"client_secret": text} if place == "option" else {},
        {**environ, **in_environ},
        {"client_secret": text} if place == "configuration" else {},
    )

    assert settings.needs_client_secret == (place == "keyring")
    if place == "keyring":
        settings = with_client_secret(settings, text)
    assert "a b\ufeffc" == settings.client_secret


@pytest.mark.parametrize("around", AROUND)
def test_nothing_but_surroundings(around: str) -> None:
    """That is an empty secret, which makes a public client, and otherwise no value."""
    environ = {**ENVIRON, "MYID_CLIENT_SECRET": around.format(""), "MYID_SCOPE": around.format("")}

    settings = settings_of(environ, found_secret="of the keyring")

    assert settings.client_secret is None
    assert "default" == settings.sources["scope"]


def test_secret_that_nothing_sets() -> None:
    """No setting that is wrong; who has none either is told the variable, and no option: what is
    typed into a magic stays in the history.
    """
    environ = {name: ENVIRON[name] for name in ("MYID_SERVER", "MYID_CLIENT_ID")}

    settings = resolve({}, environ, {})

    assert (None, True) == (settings.client_secret, settings.needs_client_secret)
    with pytest.raises(SettingError, match="MYID_CLIENT_SECRET") as caught:
        with_client_secret(settings, None)
    assert "client_secret" == caught.value.setting
    assert "%myid_login --client" not in str(caught.value)


def test_authentication_none_asks_for_no_secret() -> None:
    """A public client sends none, even where one lies about."""
    without = {name: ENVIRON[name] for name in ("MYID_SERVER", "MYID_CLIENT_ID")}
    for environ in (ENVIRON, without):
        settings = resolve({"client_authentication": "none"}, environ, {})

        assert settings.client_secret is None
        assert not settings.needs_client_secret


def test_given_token_makes_the_rest_unnecessary() -> None:
    """With ``MYID_ACCESS_TOKEN`` only the API must be known."""
    settings = settings_of({"MYID_SERVER": "https://h.example", "MYID_ACCESS_TOKEN": " token\n"})

    assert "token" == settings.access_token
    assert "https://h.example/rest.core/api/" == settings.api_url
    assert settings.client_secret is None


@pytest.mark.parametrize(
    ("without", "setting"),
    [("MYID_SERVER", "server"), ("MYID_CLIENT_ID", "client_id")],
)
def test_missing_setting_names_every_place(without: str, setting: str) -> None:
    """The message names the setting, each place, and the way without a MyID."""
    environ = {name: value for name, value in ENVIRON.items() if name != without}

    with pytest.raises(SettingError) as caught:
        settings_of(environ)

    said = str(caught.value)
    assert setting == caught.value.setting
    for place in (SETTINGS[setting].option, without, f"c.MyIDMagics.{setting}", "--sandbox"):
        assert str(place) in said


def test_every_missing_setting_at_once() -> None:
    """One message names all that is missing, and all that is malformed."""
    environ = {"MYID_SCOPE": "\u4e2d", "MYID_SHOW_ROWS": "many", "MYID_REDIRECT_URI": "http://x/"}

    with pytest.raises(SettingError) as caught:
        settings_of(environ)

    said = str(caught.value)
    assert said.startswith(
        "No MyID server and no client id are set. Set MYID_SERVER (for example "
        "https://myid.example.com) and MYID_CLIENT_ID or use --server and --client-id (in "
        "Python server=… and client_id=…). "
    )
    assert ("server", "client_id", "redirect_uri", "scope", "show_rows") == caught.value.settings
    for fault in ("must use https", "MyID does not accept", "must be a whole number"):
        assert 1 == said.count(fault)


@pytest.mark.parametrize(
    ("environ", "settings"),
    [
        ({"MYID_ACCESS_TOKEN": "t"}, ("server",)),
        ({"MYID_SERVER": "http://x", "MYID_SHARE": "all"}, ("client_id", "server", "share")),
        ({"MYID_TOKEN_URL": "nowhere"}, ("server", "client_id", "token_url")),
        ({"MYID_CLIENT_SECRET": "a\nb"}, ("server", "client_id", "client_secret")),
    ],
)
def test_what_is_wrong_together(environ: dict[str, str], settings: tuple[str, ...]) -> None:
    """Each setting counts once, and what an access token makes unnecessary does not count."""
    with pytest.raises(SettingError) as caught:
        resolve({}, environ, {})

    assert settings == caught.value.settings
    assert caught.value.setting == settings[0]
