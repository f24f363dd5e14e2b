"""What docs/security.md says that a test tries is what it tries."""

from collections.abc import Callable
from itertools import accumulate
from operator import mul

import pytest
from support.values.project import Proof, proofs
from support.values.secrets import forms

ODD = 'a secret\'s "text" \\ \u20ac +/~ ???>>>~~~'
"""A text that looks different in every encoding."""


def cases(proof: Proof) -> list[int]:
    """Return how often a test runs with other parameters."""
    return [proof.cases]


def echoes(proof: Proof) -> list[int]:
    """Return the payloads and parameters of the echoes."""
    return [len(proof.module.PAYLOADS), len(proof.module.PARAMETERS)]


SOURCES: dict[str, Callable[[Proof], list[int]]] = {
    "test_representations": lambda proof: [proof.cases, 5, len({*forms(ODD)})],
    "test_tracebacks": cases,
    "test_completion": cases,
    "test_copies_are_refused": cases,
    "test_after_any_end": lambda proof: [len(proof.module.ENDINGS)],
    "test_stranger_neither_ends_nor_harms_a_sign_in": cases,
    "test_callback_that_belongs_to_nobody": echoes,
    "test_words_of_a_denial": lambda proof: echoes(proof)[:1],
    "test_pasted_address": lambda proof: [2 * echoes(proof)[0]],
    "test_token_endpoint": cases,
    "test_session": cases,
    "test_name_of_the_operator": cases,
    "test_disk": lambda proof: [len(proof.module.FAULTS)],
    "test_disk_fails_meanwhile": lambda proof: [len(proof.module.FAULTS)],
    "test_each_gets_its_own_person": lambda proof: [
        proof.module.KERNELS * proof.module.EACH,
        proof.module.KERNELS,
    ],
}
"""Where the first numbers of a figure come from, by the name of the test."""


@pytest.mark.parametrize("name", SOURCES)
def test_figure(name: str) -> None:
    """A figure begins with the numbers that stand in the test."""
    (proof,) = (each for each in proofs("security") if each.test == name)

    expected = SOURCES[name](proof)

    assert expected == proof.numbers[: len(expected)], proof.row


def test_calls_of_the_api() -> None:
    """What explores the API is tried as often as the product of the first numbers says."""
    rows = [each for each in proofs("security") if each.file.startswith("tests/explore/")]
    counted = [each for each in rows if each.cases > 1]

    assert len(counted) > 10
    for proof in counted:
        assert proof.cases in accumulate(proof.numbers, mul), proof.row


def test_examples() -> None:
    """Where Hypothesis makes up the examples, the figure says how many."""
    counted = [each for each in proofs("security") if each.examples is not None]

    assert len(counted) > 10
    assert [each.examples for each in counted] == [each.numbers[0] for each in counted]


def test_names_at_addresses() -> None:
    """A figure of two numbers is their product."""
    name = "test_name_that_was_rebound_to_this_machine"
    (proof,) = (each for each in proofs("security") if each.test == name)
    names, addresses = proof.numbers

    assert proof.cases == names * addresses
