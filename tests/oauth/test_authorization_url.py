"""The link that starts a sign-in (RFC 6749 section 4.1.1)."""

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from support.values.oauth import CHALLENGE, ISSUER, STATE, VERIFIER, authorization_request

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def test_parameters_of_a_link() -> None:
    """Exactly the parameters MyID documents, each once, and no secret among them. Verifier and
    challenge are the pair of MyID's Core API guide 4.2.1.
    """
    url = authorization_request().url

    assert url.startswith(f"{ISSUER}/connect/authorize?")
    assert [
        ("response_type", "code"),
        ("client_id", "myid.notebook"),
        ("redirect_uri", "http://localhost:8888/myid/callback"),
        ("scope", "myid.rest.basic"),
        ("state", STATE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ] == parse_qsl(urlsplit(url).query, strict_parsing=True)


def test_query_of_the_endpoint_is_kept() -> None:
    """An endpoint may have a query of its own, which stays (RFC 6749 section 3.1)."""
    request = authorization_request(authorize_url="https://h.example/a?tenant=a%20b&empty=")

    pairs = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)

    assert [("tenant", "a b"), ("empty", ""), ("response_type", "code")] == pairs[:3]


@given(client_id=texts, redirect_uri=texts, scope=texts, state=texts)
def test_every_value_survives_the_url(**values: str) -> None:
    """What goes into a link comes out of it, whatever characters it has."""
    pairs = parse_qsl(urlsplit(authorization_request(**values).url).query, keep_blank_values=True)

    assert values == {name: value for name, value in pairs if name in values}


def test_representation_shows_no_state_and_no_verifier() -> None:
    """A request may be shown, by a debugger or a traceback, without giving anything away."""
    request = authorization_request()
    plain = authorization_request(state=str(STATE), code_verifier=str(VERIFIER))

    for shown in (repr(request), repr(request.parameters), repr(plain)):
        assert STATE not in shown
        assert VERIFIER not in shown
