"""Query strings as OAuth 2.0 reads them."""

import contextlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myid_notebook.oauth.query import MAX_PARAMETERS, parse_query

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(names, names, max_size=8))
def test_what_was_encoded_comes_back(parameters: dict[str, str]) -> None:
    """Every name and value survives, empty ones too."""
    assert parameters == parse_query(urlencode(parameters))


@given(st.dictionaries(names, names, min_size=1, max_size=5))
def test_any_name_twice_is_refused(parameters: dict[str, str]) -> None:
    """RFC 6749 section 3.1; percent-encoding does not make it another name."""
    name = next(iter(parameters))
    again = "".join(f"%{byte:02X}" for byte in name.encode())

    with pytest.raises(ValueError, match="more than once"):
        parse_query(f"{urlencode(parameters)}&{again}=")


@pytest.mark.parametrize(
    "query", ["a=%FF", "%C0%AF=1", "a=%ED%A0%80", "&".join(f"p{n}=" for n in range(51))]
)
def test_malformed_query_is_refused(query: str) -> None:
    """Not UTF-8, or more parameters than any server sends."""
    assert 51 == MAX_PARAMETERS + 1
    with pytest.raises(ValueError, match=r"decode|fields"):
        parse_query(query)


@given(st.text())
def test_query_of_any_content(query: str) -> None:
    """Parameters or a ``ValueError``, nothing else."""
    with contextlib.suppress(ValueError):
        assert all(isinstance(value, str) for value in parse_query(query).values())
