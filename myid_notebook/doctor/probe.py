"""Send one request to MyID's server and return its response, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import requests

from myid_notebook.doctor import check
from myid_notebook.transport.adapter import CONNECT_TIMEOUT
from myid_notebook.transport.client import AbortableAdapter
from myid_notebook.transport.messages import reason_of
from myid_notebook.transport.tls import shared_tls_context

MAX_TEXT = 200_000
"""Bytes of an answer that are looked at."""

_PIECE = 16_384


class NoAnswerError(Exception):
    """The server gave no answer.

    Args:
        reason: what happened, in words that complete "the server …".
        distrusted: whether TLS was what failed.
    """

    def __init__(self, reason: str, *, distrusted: bool = False) -> None:
        super().__init__(reason)
        self.distrusted = distrusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request that spends nothing.

    Args:
        method: HTTP method; redirects are followed for ``GET`` only.
        url: absolute.
        form: the body, as form fields.
        headers: beside those of any request.
    """

    method: str
    url: str
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAnswer:
    """What the server answered.

    Args:
        status: HTTP status.
        url: where redirects within the server led.
        headers: names in any case.
        text: the beginning of the body.
    """

    status: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)


def ask(question: Question, ca_bundle: str | None) -> ServerAnswer:
    """Ask the server, and wait for the whole answer, redirects included, only so long.

    Args:
        question: what to ask.
        ca_bundle: path of a PEM file to trust instead of the system's store.

    Raises:
        NoAnswerError: there was no answer, or none within ``check.CHECK_TIMEOUT`` seconds.
        SettingError: the CA bundle holds no certificate.
    """
    adapter = AbortableAdapter(shared_tls_context(ca_bundle, question.url))
    try:
        answer = check.within_check_timeout(lambda: _attempt(question, adapter))
    except TimeoutError:
        answer = NoAnswerError(f"did not respond within {check.CHECK_TIMEOUT:.0f} seconds")
    finally:
        adapter.abort()
    if isinstance(answer, NoAnswerError):
        raise answer
    return answer


def _attempt(question: Question, adapter: AbortableAdapter) -> ServerAnswer | NoAnswerError:
    # The error goes back without the exception it stands for, whose frames hold what was sent.
    try:
        return _exchange(question, adapter)
    except requests.exceptions.SSLError as error:
        return NoAnswerError(reason_of(error), distrusted=True)
    except requests.RequestException as error:
        return NoAnswerError(reason_of(error))
    except Exception as error:  # noqa: BLE001 - urllib3 and codecs let a few of their own through
        return NoAnswerError(f"could not be checked ({type(error).__name__})")


def _exchange(question: Question, adapter: AbortableAdapter) -> ServerAnswer:
    with requests.Session() as http:
        http.mount("https://", adapter)
        http.mount("http://", adapter)
        http.auth = lambda request: request  # no .netrc
        response = http.request(
            question.method,
            question.url,
            data=question.form,
            headers=question.headers,
            timeout=(min(CONNECT_TIMEOUT, check.CHECK_TIMEOUT), check.CHECK_TIMEOUT),
            allow_redirects=question.method == "GET",
            stream=True,
        )
        with response:
            return ServerAnswer(
                status=response.status_code,
                url=response.url,
                headers=response.headers,
                text=_beginning(response).decode(errors="replace"),
            )


def _beginning(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) >= MAX_TEXT:
            break
    return bytes(body[:MAX_TEXT])
