"""The pages that a person walks through to sign in."""

import base64
import hashlib
import re

import pytest
from support.browser.login_pages import BrowserlessVisit, SignInStoppedError, finish_sign_in
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import HandmadeClient, query_of

COLOUR = "What is your favourite colour?"
PET = "What was the name of your first pet?"
SCHOOL = "What was the name of your first school?"
WRONG = "OA10002: Invalid credentials."


@pytest.fixture
def visit(client: HandmadeClient) -> BrowserlessVisit:
    """A visit that has opened the sign-in page."""
    return BrowserlessVisit(client.authorize_url())


def named(visit: BrowserlessVisit, username: str) -> BrowserlessVisit:
    """Go on to the page that asks for the answers of ``username``."""
    visit.press("Security Questions")
    visit.press("Next", username=username)
    return visit


def test_the_way_in(visit: BrowserlessVisit) -> None:
    """Security Questions comes first; then Username, Next, two questions, Sign In."""
    assert list(visit.page.buttons) == [
        "Security Questions",
        "Authentication Code",
        "Smart Card",
        "Cancel",
    ]
    page = visit.press("Security Questions")
    assert (page.labels, list(page.buttons)) == ({"username": "Username"}, ["Next", "Cancel"])
    page = visit.press("Next", username="jane.doe")
    assert page.labels == {"answer1": COLOUR, "answer2": PET}
    assert list(page.buttons) == ["Sign In", "Cancel"]
    visit.press("Sign In", answer1="blue", answer2="rover")
    assert visit.response.status_code == 302


def test_one_question_is_asked_of_who_has_one(client: HandmadeClient) -> None:
    """A person with a single question signs in with one."""
    assert "code" in query_of(finish_sign_in(client.authorize_url(), "olga.one", ["green"]))


def test_two_of_three_questions_by_chance(client: HandmadeClient) -> None:
    """Of three enrolled questions two are asked, not always the same."""
    answers = {COLOUR: "blue", PET: "rover", SCHOOL: "hill road"}
    asked = set()
    for _ in range(40):
        visit = named(BrowserlessVisit(client.authorize_url()), "theo.three")
        asked.add(tuple(visit.page.labels.values()))

    assert asked == {(COLOUR, PET), (COLOUR, SCHOOL), (PET, SCHOOL)}
    assert "code" in query_of(finish_sign_in(client.authorize_url(), "theo.three", answers))


def test_too_few_questions(client: HandmadeClient) -> None:
    """A person with no question enrolled is told OA10003."""
    with pytest.raises(SignInStoppedError, match="OA10003"):
        finish_sign_in(client.authorize_url(), "fiona.few")


@pytest.mark.parametrize("answers", [("BLUE ", " Rover"), ("blue", "rover")])
def test_answers_ignore_case_and_outer_spaces(
    client: HandmadeClient, answers: tuple[str, str]
) -> None:
    """Answers are compared without regard to case and outer spaces (assumption)."""
    assert "code" in query_of(finish_sign_in(client.authorize_url(), "Jane.Doe", answers))


@pytest.mark.parametrize("answers", [("rover", "blue"), ("blue", ""), ("", ""), ("blue", "x")])
def test_a_wrong_answer_stays_on_the_page(
    visit: BrowserlessVisit, answers: tuple[str, str]
) -> None:
    """One wrong answer is OA10002 on the same page, and the right ones still sign in."""
    page = named(visit, "jane.doe").press("Sign In", answer1=answers[0], answer2=answers[1])

    assert (page.alert, page.labels) == (WRONG, {"answer1": COLOUR, "answer2": PET})
    visit.press("Sign In", answer1="blue", answer2="rover")
    assert visit.location


def test_three_failures_lock_the_account(client: HandmadeClient) -> None:
    """After 3 failures, in whichever sign-ins, the right answers do not help any more."""
    alerts = []
    for _ in range(3):
        visit = named(BrowserlessVisit(client.authorize_url()), "jane.doe")
        alerts.append(visit.press("Sign In", answer1="x", answer2="y").alert)

    assert alerts[:2] == [WRONG, WRONG]
    assert "locked" in alerts[2]
    with pytest.raises(SignInStoppedError, match="locked"):
        finish_sign_in(client.authorize_url())
    client.sandbox.reset()
    assert finish_sign_in(client.authorize_url())


def test_an_unknown_user_looks_like_a_known_one(client: HandmadeClient) -> None:
    """Nobody of that name: the same two questions every time, OA10002, and the lock too."""
    asked = set()
    for alert in (WRONG, WRONG, "Your account is locked. Ask an operator to unlock it."):
        visit = named(BrowserlessVisit(client.authorize_url()), "no.body")
        asked.add(tuple(visit.page.labels.values()))
        assert visit.press("Sign In", answer1="a", answer2="b").alert == alert

    assert [len(questions) for questions in asked] == [2]


def test_cancel_goes_back_to_the_client(client: HandmadeClient) -> None:
    """Cancel is a 302 with access_denied and the state, on every page."""
    expected = {"error": "access_denied", "state": "the-state"}
    first = query_of(finish_sign_in(client.authorize_url(), cancel=True))
    visit = named(BrowserlessVisit(client.authorize_url()), "jane.doe")
    visit.press("Cancel")

    assert (first, query_of(visit.location)) == (expected, expected)


def test_a_smart_card_is_never_found(visit: BrowserlessVisit) -> None:
    """The Smart Card button shows OA10001 and leaves the choice open."""
    page = visit.press("Smart Card")

    assert page.alert.startswith("OA10001")
    assert "Security Questions" in page.buttons


@pytest.mark.parametrize(
    ("username", "code", "status"),
    [("jane.doe", "123456", 302), ("jane.doe", "654321", 200), ("theo.three", "", 200)],
)
def test_authentication_code(
    visit: BrowserlessVisit, username: str, code: str, status: int
) -> None:
    """An authentication code signs in who was sent one."""
    visit.press("Authentication Code")
    visit.press("Next", username=username)
    visit.press("Sign In", code=code)

    assert visit.response.status_code == status


def with_code(client: HandmadeClient) -> BrowserlessVisit:
    """Go on to the page that asks jane.doe for her authentication code."""
    visit = BrowserlessVisit(client.authorize_url())
    visit.press("Authentication Code")
    visit.press("Next", username="jane.doe")
    return visit


def test_an_authentication_code_is_good_once(client: HandmadeClient) -> None:
    """A used code is a wrong code; the person can still sign in otherwise."""
    first, second = with_code(client), with_code(client)
    first.press("Sign In", code="123456")
    alerts = [second.press("Sign In", code="123456").alert for _ in range(6)]

    assert "code" in query_of(first.location)
    assert alerts == [WRONG] * 6
    assert "code" in query_of(finish_sign_in(client.authorize_url()))
    client.sandbox.reset()
    assert with_code(client).press("Sign In", code="123456").alert == ""


@pytest.mark.parametrize(("failures", "alert"), [(4, ""), (5, WRONG), (6, WRONG)])
def test_wrong_codes_end_the_code_and_not_the_account(
    client: HandmadeClient, failures: int, alert: str
) -> None:
    """After 5 wrong codes, MyID's default, the right one does not help any more."""
    visit = with_code(client)
    assert [visit.press("Sign In", code="0").alert for _ in range(failures)] == [WRONG] * failures

    assert visit.press("Sign In", code="123456").alert == alert
    assert "code" in query_of(finish_sign_in(client.authorize_url()))


@pytest.mark.parametrize("login", ["", "unknown"])
def test_an_unknown_sign_in_is_an_error_page(client: HandmadeClient, login: str) -> None:
    """A page whose sign-in is gone leads nowhere."""
    url = f"{client.sandbox.url}/web.oauth2/account/login"
    response = client.send("POST", url, data={"login": login, "action": "cancel"})

    assert (response.status_code, "Location" in response.headers) == (400, False)


def test_text_from_outside_is_escaped(client: HandmadeClient) -> None:
    """What a person types comes back as text, never as HTML."""
    visit = named(BrowserlessVisit(client.authorize_url()), "<b onclick='x'>\"&")

    assert "<b onclick" not in visit.response.text
    assert "&lt;b onclick=&#x27;x&#x27;&gt;&quot;&amp;" in visit.response.text


def test_pages_are_sealed(client: HandmadeClient) -> None:
    """No page is cached, leaks its address or loads anything; its own style is allowed."""
    for response in (client.authorize(), client.authorize(client_id="nobody")):
        style = response.text.split("<style>")[1].split("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = response.headers["Content-Security-Policy"]

        assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
        assert "form-action" not in policy
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert not re.search(r"https?://|<script|<img|<link", response.text)


def test_each_sign_in_is_its_own(sandbox: SandboxProcess, client: HandmadeClient) -> None:
    """Two sign-ins at a time do not mix, and the redirect is not cached."""
    one = named(BrowserlessVisit(client.authorize_url(state="one")), "jane.doe")
    two = named(BrowserlessVisit(client.authorize_url(state="two")), "jane.doe")
    two.press("Sign In", answer1="blue", answer2="rover")
    one.press("Sign In", answer1="blue", answer2="rover")

    assert [query_of(each.location)["state"] for each in (one, two)] == ["one", "two"]
    assert one.response.headers["Cache-Control"] == "no-store"
    assert sandbox.status()["authorize_requests"] == 2
