"""What holds a secret does not show it, and no file gets it."""

import copy
import pickle
from collections.abc import Callable

import pytest
from support.signed_in import TOKEN, token_response

from myid_notebook.secret import Secret


def test_representation() -> None:
    """The repr is what tracebacks, containers and configuration show; the text is for sending."""
    assert TOKEN not in f"{Secret(TOKEN)!r} {[Secret(TOKEN)]} {token_response()}"
    assert f"Bearer {TOKEN}" == f"Bearer {Secret(TOKEN)}"


@pytest.mark.parametrize(
    "store", [pickle.dumps, lambda secret: pickle.dumps({"token": secret}, protocol=0)]
)
@pytest.mark.parametrize("secret", [Secret(TOKEN), token_response()], ids=["alone", "in a token"])
def test_no_pickle(secret: object, store: Callable[[object], object]) -> None:
    """A pickle may go to a disk or to another machine; the refusal says what to do instead."""
    with pytest.raises(TypeError, match="Sign in where it is needed"):
        store(secret)


def test_copy_in_memory() -> None:
    """A copy of what holds it keeps it: IPython copies its configuration."""
    secret = Secret(TOKEN)

    assert copy.deepcopy({"client_secret": secret})["client_secret"] is secret
    assert copy.copy(secret) is secret
