"""What holds a secret does not show it, and no file gets it."""

import copy
import json
import pickle
import pprint
import re
import reprlib
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from requests import Request
from rich.pretty import pretty_repr
from support.values.oauth import TOKEN, token_response

from myid_notebook.secret import Secret


def test_representation() -> None:
    """The repr is what tracebacks, containers and configuration show; the text is for sending."""
    assert TOKEN not in f"{Secret(TOKEN)!r} {[Secret(TOKEN)]} {token_response()}"
    assert f"Bearer {TOKEN}" == f"Bearer {Secret(TOKEN)}"


@pytest.mark.parametrize(
    "part",
    [
        lambda s: s[:20],
        lambda s: s[3],
        lambda s: s[::-1],
        list,
        lambda s: s.split("-"),
        lambda s: s.split("-", 1)[1],
        lambda s: s.rsplit("-", 1)[0],
        lambda s: s.splitlines(),
        lambda s: s.partition("-"),
        lambda s: s.rpartition("-"),
        lambda s: s.strip("s"),
        lambda s: s.lstrip("t"),
        lambda s: s.rstrip("s"),
        lambda s: s.removeprefix("the-"),
        lambda s: s.removesuffix("s"),
        lambda s: s.replace("x", ""),
        lambda s: s.translate({}),
        lambda s: s.upper().lower(),
        lambda s: s.swapcase().swapcase(),
        lambda s: s.ljust(80),
        lambda s: s.center(80),
        lambda s: s.zfill(80),
        lambda s: s + "…",
        lambda s: "Bearer " + s,
        lambda s: s[:9] + s[-9:],
        lambda s: s * 2,
        lambda s: 2 * s,
        lambda s: s.join(["", ""]),
        lambda s: (s + "{}").format("x"),
        lambda s: (s + "%s") % "x",
        lambda s: [f"{s!r:.5}", f"{s:.20}", f"{s:>60}", format(s, "40")],
        pytest.param(lambda s: pretty_repr([s], max_string=12), id="rich"),
        pytest.param(lambda s: reprlib.Repr().repr_str(s, 1), id="reprlib"),
        pytest.param(pprint.pformat, id="pprint"),
    ],
)
def test_parts(part: Callable[[Secret], object]) -> None:
    """Displays cut a long string before they show its repr: no part of a secret shows itself."""
    shown = repr(part(Secret(TOKEN)))

    pieces = {TOKEN[at : at + 4] for at in range(len(TOKEN) - 3)}
    assert not [piece for piece in pieces if piece in shown or piece[::-1] in shown]
    assert not re.search(r"'[a-z]'", shown)  # nor letter by letter
    assert "***" in shown


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (f"Bearer {TOKEN}", lambda s: f"Bearer {s}"),
        (TOKEN, lambda s: f"{s:s}"),
        (TOKEN, str),
        (TOKEN, lambda s: "%s" % s),  # noqa: UP031 - what others write
        (TOKEN, "{}".format),
        (TOKEN, "".join),
        (TOKEN, lambda s: s.encode().decode()),
        (f"token={TOKEN}%21", lambda s: urlencode({"token": s + "!"})),
        (TOKEN, lambda s: quote(s, safe="")),
        (f'"{TOKEN}"', json.dumps),
        (TOKEN, lambda s: Request("POST", "http://h", data={"t": s}).prepare().body[2:]),
        (TOKEN, lambda s: Request("GET", "http://h", headers={"A": s}).prepare().headers["A"]),
        ("dGhl", lambda s: b64encode(s[:3].encode()).decode()),
    ],
)
def test_whole_text(text: str, made: Callable[[Secret], str]) -> None:
    """Whoever sends it gets all of it."""
    assert text == made(Secret(TOKEN))


def test_other_types_are_added_as_to_any_string() -> None:
    """That is, not at all."""
    with pytest.raises(TypeError):
        Secret(TOKEN) + 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        1 + Secret(TOKEN)  # type: ignore[operator]


@pytest.mark.parametrize(
    "store", [pickle.dumps, lambda secret: pickle.dumps({"token": secret}, protocol=0)]
)
@pytest.mark.parametrize("secret", [Secret(TOKEN), token_response()], ids=["alone", "in a token"])
def test_no_pickle(secret: object, store: Callable[[object], object]) -> None:
    """A pickle may go to a disk or to another machine; the refusal says what to do instead."""
    with pytest.raises(TypeError, match="Sign in again in the other process"):
        store(secret)


def test_copy_in_memory() -> None:
    """A copy of what holds it keeps it: IPython copies its configuration."""
    secret = Secret(TOKEN)

    assert copy.deepcopy({"client_secret": secret})["client_secret"] is secret
    assert copy.copy(secret) is secret
