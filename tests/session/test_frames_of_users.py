"""The frames of a user's own code stay in a traceback, and those with the token do not."""

import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
import requests
from requests.adapters import HTTPAdapter
from support.servers.http_server import HttpServer
from support.values.oauth import TOKEN

from myid_notebook.session.session import BearerSession


def names(error: BaseException) -> list[str]:
    """Return the functions in a traceback, from the session's ``send`` on."""
    found = [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)]
    return found[found.index("send") :]


def variables(error: BaseException) -> str:
    """Return every variable of the functions in a traceback but the test's, and of its chain."""
    shown = ""
    link: BaseException | None = error
    while link is not None:
        for frame, _ in traceback.walk_tb(link.__traceback__):
            shown += "".join(map(repr, frame.f_locals.values()))
        link = link.__context__
    return shown


def _inner(response: requests.Response) -> NoReturn:
    raise LookupError(response.content)


def failing_hook(response: requests.Response, **_options: object) -> NoReturn:
    """Fail as a user's hook may, two functions deep."""
    _inner(response)


def hook_with_a_chain(response: requests.Response, **_options: object) -> NoReturn:
    """Fail while another error is handled."""
    try:
        _inner(response)
    except LookupError as error:
        raise ValueError from error


def hook_that_uses_the_library(response: requests.Response, **_options: object) -> None:
    """Fail in the library that is below the session too."""
    assert response.content
    requests.get("nowhere", timeout=1)


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (failing_hook, ["send", "failing_hook", "_inner"]),
        (hook_with_a_chain, ["send", "hook_with_a_chain"]),
        (hook_that_uses_the_library, ["send", "hook_that_uses_the_library"]),
    ],
)
def test_response_hook(
    session: BearerSession, hook: Callable[..., Any], expected: list[str]
) -> None:
    """File, line and variables of a hook are there, so that the user finds the mistake."""
    with pytest.raises((LookupError, ValueError)) as caught:
        session.get("people", hooks={"response": hook})

    assert expected == names(caught.value)
    assert TOKEN not in variables(caught.value)
    if caught.value.__cause__ is not None:
        inner = traceback.extract_tb(caught.value.__cause__.__traceback__)
        assert ["hook_with_a_chain", "_inner"] == [each.name for each in inner]


def test_auth_of_the_user(session: BearerSession) -> None:
    """The same for what a user gives as ``auth``."""

    def failing_auth(request: requests.PreparedRequest) -> NoReturn:
        raise LookupError(request.method)

    with pytest.raises(LookupError) as caught:
        session.get("people", auth=failing_auth)

    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert "failing_auth" == last.name


class _CopyingAdapter(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> NoReturn:  # type: ignore[override] # noqa: ANN401 - as it is called
        headers = dict(request.headers)
        raise LookupError(len(headers))


def test_adapter_that_copies_headers(session: BearerSession) -> None:
    """An adapter gets the token, so its frames are removed."""
    session.mount("http://", _CopyingAdapter())

    with pytest.raises(LookupError) as caught:
        session.get("people")

    assert ["send"] == names(caught.value)
    assert TOKEN not in variables(caught.value)


def test_function_around_send(
    session: BearerSession, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others put around ``requests.Session.send`` gets the token, and a hook below it not."""
    original = requests.Session.send

    def traced(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:  # noqa: ANN401 - as it is called
        headers = dict(request.headers)
        assert headers
        return original(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", traced)

    with pytest.raises(LookupError) as caught:
        session.get("people", hooks={"response": failing_hook})

    assert ["send", "failing_hook", "_inner"] == names(caught.value)
    assert TOKEN not in variables(caught.value)
    assert 1 == len(server.seen)
