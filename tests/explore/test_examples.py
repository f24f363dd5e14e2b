"""The examples in the docstrings of what users call."""

import doctest

import pytest

from myid_notebook.explore.session import MyIDSession

EXAMPLES = [
    example for example in doctest.DocTestFinder().find(MyIDSession, globs={}) if example.examples
]


def test_there_are_some() -> None:
    """The class and both of its methods have them."""
    names = {example.name for example in EXAMPLES}

    assert {"MyIDSession", "MyIDSession.search", "MyIDSession.fetch"} == names


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example(myid: MyIDSession, example: doctest.DocTest) -> None:
    """It runs as it stands, with a session that is signed in."""
    example.globs = {"myid": myid}

    assert 0 == doctest.DocTestRunner().run(example, clear_globs=False).failed
