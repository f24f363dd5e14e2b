"""A session shows who and until when, and never its token."""

import copy
import gc
import io
import multiprocessing
import pickle
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

import cloudpickle
import joblib
import psutil
import pytest
import requests
from support.machine.threads import wait_until
from support.servers.http_server import HttpServer
from support.values.oauth import TOKEN, signed_in_session, token_response

from myid_notebook.errors import SessionExpired
from myid_notebook.session.session import BearerSession
from myid_notebook.session.state import Operator
from myid_notebook.tracebacks import strip_frames

HIDDEN = (TOKEN, TOKEN.encode(), f"Bearer {TOKEN}")


def frames_of(error: BaseException) -> str:
    """Return every variable of every frame of an exception and of its chain, as debuggers do."""
    shown = []
    queue: list[BaseException | None] = [error]
    while queue:
        link = queue.pop()
        if link is not None:
            shown += [repr(link), str(link), repr(vars(link))]
            for frame, _ in traceback.walk_tb(link.__traceback__):
                if "/site-packages/_pytest/" not in frame.f_code.co_filename:
                    shown += [repr(value) for value in frame.f_locals.values()]
            queue += [link.__cause__, link.__context__]
    return "\n".join(shown)


def caught(call: Callable[[], object]) -> BaseException:
    """Return what a call raises, with its traceback."""
    try:
        call()
    except BaseException as error:  # noqa: BLE001 - the tests look at each of them
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("operator", "text"),
    [
        (Operator(id="8F1D", name="Jane Doe"), "Jane Doe"),
        (Operator(id="8F1D", client_id="myid.notebook"), "the client myid.notebook"),
        (Operator(id="8F1D"), "the user with id 8F1D"),
        (Operator(id=None), "an unnamed user"),
    ],
)
def test_operator_in_words(operator: Operator, text: str) -> None:
    """The name; else what the id is the id of; else neither."""
    assert text == str(operator)


@pytest.mark.parametrize("field", ["name", "id"])
def test_what_a_token_says_of_its_person(field: str) -> None:
    """A server may write what it likes there: it is one line, cut, of characters that print."""
    text = "\x1b[31mEVIL\r\n\u202e" + "long name " * 99
    operator = Operator(**{"id": None, field: text})

    assert str(operator).isprintable()
    assert "[31mEVIL long name" in str(operator)
    assert len(str(operator)) <= 200
    assert text == getattr(operator, field)


def test_no_attribute_shows_the_token(session: BearerSession, server: HttpServer) -> None:
    """Session, its parts, a request and an answer of it."""
    answer = session.get("people")
    parts = [session, session.bearer, session.bearer.token, session.operator, answer]
    parts += [session.headers, answer.request, answer.request.headers, vars(session)]
    parts += [vars(session.bearer), vars(answer), vars(answer.request), answer.request.hooks]

    shown = "\n".join(map(repr, parts))

    assert not [hidden for hidden in HIDDEN if str(hidden) in shown]
    assert server.seen[0].authorization == f"Bearer {TOKEN}"


def _in_another_process(session: BearerSession) -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as workers:
        workers.submit(len, [session]).result()


@pytest.mark.parametrize(
    "way",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        lambda session: session.__getstate__(),
        lambda session: pickle.dumps(session.bearer),
        lambda session: copy.copy(session.bearer),
        cloudpickle.dumps,
        lambda session: joblib.dump(session, io.BytesIO()),
        joblib.hash,
        _in_another_process,
    ],
)
def test_copies_are_refused(session: BearerSession, way: Callable[[BearerSession], object]) -> None:
    """The token must not leave this process in a file or a worker; the message says what to do."""
    with pytest.raises(TypeError, match="Sign in again in the other process"):
        way(session)


def test_frames_of_a_failed_connection() -> None:
    """``%xmode Verbose`` and error reporters print every variable of every frame."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with signed_in_session(f"http://127.0.0.1:{port}/api/") as nowhere:
        error = caught(lambda: nowhere.post("people", json={"a": 1}))

    assert isinstance(error, requests.ConnectionError)
    assert not [hidden for hidden in HIDDEN if str(hidden) in frames_of(error)]


def test_frames_of_an_expired_session(session: BearerSession) -> None:
    """Nor do the frames of this package's own errors."""
    session.sign_in(token_response(-1))

    error = caught(lambda: session.get("people"))

    assert isinstance(error, SessionExpired)
    assert not [hidden for hidden in HIDDEN if str(hidden) in frames_of(error)]


def _connecting() -> int:
    """Return how many connections of this process are being made."""
    found = psutil.Process().net_connections("tcp")
    return len([each for each in found if each.status == psutil.CONN_SYN_SENT])


def _interrupt_when(condition: Callable[[], bool]) -> None:
    wait_until(condition)
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Interrupts are heard, also where a shell started this in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(sys.platform != "linux", reason="fills a queue as Linux has it")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # urllib3's socket
def test_frames_of_an_interrupt() -> None:
    """Interrupting a request that hangs shows no more than an error does."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        before = _connecting()
        with signed_in_session(f"http://127.0.0.1:{full.getsockname()[1]}/api/") as session:
            interrupter = threading.Thread(
                target=_interrupt_when, args=[lambda: _connecting() > before]
            )
            interrupter.start()
            error = caught(lambda: session.get("people"))
            interrupter.join()
        for sock in waiting:
            sock.close()

    shown = frames_of(error)
    gc.collect()
    assert isinstance(error, KeyboardInterrupt)
    assert not [hidden for hidden in HIDDEN if str(hidden) in shown]


def test_exception_that_the_user_is_handling(session: BearerSession, server: HttpServer) -> None:
    """It keeps its traceback, and its chain theirs; what the session raises shows no token."""
    server.answers["/rest.core/api/people"] = lambda handler: handler.connection.close()
    cause = caught(lambda: {}["cause"])
    try:
        raise KeyError("handled") from cause  # noqa: TRY301 - as users do
    except KeyError as handled:
        error = caught(lambda: session.get("people"))
        kept = [each.__traceback__ is not None for each in (handled, cause)]

    assert [True, True] == kept
    assert isinstance(error, requests.ConnectionError)
    assert not [hidden for hidden in HIDDEN if str(hidden) in frames_of(error)]


def test_handled_exception_that_is_raised_again() -> None:
    """A call that raises the very exception its caller is handling has put its frames on it."""
    error = caught(lambda: {}["x"])

    assert strip_frames(error, error).__traceback__ is None


def test_frames_would_show_it_otherwise(server: HttpServer) -> None:
    """The search itself works: a bare session shows what ours does not."""
    server.answers["/people"] = lambda handler: handler.connection.close()
    with requests.Session() as bare:
        bare.headers["Authorization"] = f"Bearer {TOKEN}"
        error = caught(lambda: bare.get(f"{server.url}/people"))

    assert TOKEN in frames_of(error)


@pytest.mark.parametrize("number", ["5", None, -1, 2.5])
def test_number_of_rows_that_is_none(number: object) -> None:
    """It is refused where it is set, not by each result that is to be shown."""
    session = BearerSession("https://myid.example.com/rest.core/api/")

    with pytest.raises(ValueError, match="must be a whole number from 0"):
        session.show_rows = number  # type: ignore[assignment] # that is what is wrong with it

    assert 10 == session.show_rows
