"""What of a session may be stored, and what may not."""

import copy
import dataclasses
import io
import pickle
from collections.abc import Callable

import cloudpickle
import joblib
import pytest
import requests
from support.servers.http_server import HttpServer
from support.values.oauth import TOKEN, token_response
from support.values.secrets import found

import myid_notebook
from myid_notebook.errors import SessionExpired
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.tables import LibraryNotInstalled
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session.session import BearerSession

Way = Callable[[TokenResponse | None], object]


@pytest.mark.parametrize(
    "way",
    [
        pickle.dumps,
        cloudpickle.dumps,
        lambda token: joblib.dump(token, io.BytesIO()),
        lambda token: pickle.dumps([token.access_token]),
        lambda token: pickle.dumps(dataclasses.asdict(token)),
        lambda token: pickle.dumps(copy.deepcopy(token)),
    ],
)
def test_token_is_not_pickled(session: BearerSession, way: Way) -> None:
    """The token refuses to be stored, also by itself, copied or taken apart."""
    with pytest.raises(TypeError, match="Sign in again in the other process"):
        way(session.bearer.token)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, dataclasses.asdict, dataclasses.astuple])
def test_copy_of_a_token(session: BearerSession, way: Way) -> None:
    """In memory a token may be copied and taken apart; what comes of it does not show it either."""
    assert [] == found({"token": TOKEN}, repr(way(session.bearer.token)))


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda session: session.get("people").raise_for_status(), requests.HTTPError),
        (lambda session: session.get("people").json(), requests.JSONDecodeError),
        (lambda session: session.get("closed"), requests.ConnectionError),
        (lambda session: session.sign_in(token_response(-1)) or session.get("x"), SessionExpired),
        (pickle.dumps, TypeError),
    ],
)
def test_exception_can_be_stored(
    session: BearerSession,
    server: HttpServer,
    call: Callable[[BearerSession], object],
    kind: type[Exception],
) -> None:
    """Workers send exceptions home as pickles, with the request and the answer that belong to them:
    without the token.
    """
    server.answers["/rest.core/api/closed"] = lambda handler: handler.connection.close()
    server.answers["/rest.core/api/people"] = lambda handler: handler.send_error(404)
    with pytest.raises(kind) as caught:
        call(session)

    stored = pickle.dumps(caught.value)

    assert str(caught.value) == str(pickle.loads(stored))  # noqa: S301 - written right here
    assert [] == found({"token": TOKEN}, stored.decode("latin-1"))


_ROWS = Rows([{"id": "1"}])
_ARGUMENTS: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
    "FetchInterrupted": ((), {"rows": _ROWS}),
    "FilterIgnored": ((), {"parameter": "q", "path": "people"}),
    "LibraryNotInstalled": ((), {"name": "pandas"}),
    "MyIDAPIError": ((), {"path": "people", "status": 404, "code": "WS90404", "text": "nobody"}),
    "SearchInterrupted": ((), {"rows": _ROWS}),
    "SearchStopped": ((), {"rows": _ROWS}),
    "SettingError": (("redirect_uri",), {}),
    "SignInDenied": (("access_denied",), {}),
    "SomeFailed": ((), {"rows": _ROWS, "failed": {"people/2": SessionExpired("Expired.")}}),
    "TokenRefused": (("invalid_client", 400), {}),
}
"""What errors take before their message, and after it."""

_PUBLIC = [getattr(myid_notebook, name) for name in myid_notebook.__all__]
_ERRORS = [each for each in _PUBLIC if isinstance(each, type) and issubclass(each, BaseException)]


@pytest.mark.parametrize("kind", [*_ERRORS, LibraryNotInstalled])
def test_every_error_can_be_stored(kind: type[BaseException]) -> None:
    """An error comes back from a pickle with its message and its attributes."""
    before, arguments = _ARGUMENTS.get(kind.__name__, ((), {}))
    error = kind(*before, "Message.", **arguments)

    stored = pickle.loads(pickle.dumps(error))  # noqa: S301 - written right here

    assert (type(error), str(error)) == (type(stored), str(stored))
    assert repr(vars(error)) == repr(vars(stored))
    assert all(hasattr(stored, name) for name in arguments)
