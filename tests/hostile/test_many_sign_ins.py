"""Many sign-ins at once, in any order, with everything that can come between."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from support.browser.sign_in_history import History, Stage
from support.servers.sandbox import Registration, SandboxProcess

EXAMPLES = int(os.environ.get("MYID_TEST_EXAMPLES", "16"))
"""How many histories; a long run sets more."""

EVENTS = {
    *("delivered", "pasted", "swapped", "denied", "cancelled", "expired", "late"),
    *("superseded", "renewed", "restarted", "replayed", "strayed"),
}
"""What comes about in histories."""

OFTEN = max(1, EXAMPLES // 8)
"""How often each has to, at the least."""

ROUNDS = 3
"""How many times as many histories may be needed for that."""


@pytest.mark.timeout(120 + 20 * EXAMPLES)
def test_histories(
    sandbox: SandboxProcess,
    registration: Registration,
    runtime_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In every history each sign-in ends as it must, for whoever used its own link; and each kind
    of end comes about often enough to mean something.
    """
    monkeypatch.setattr(sys.modules["myid_notebook.sign_in.sign_in"], "REPORT_INTERVAL", 0.25)
    stage = Stage(sandbox, registration, runtime_dir)

    for _ in range(ROUNDS):
        run_state_machine_as_test(  # type: ignore[no-untyped-call] # hypothesis leaves it so
            lambda: History(stage),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        rare = {event for event in EVENTS if stage.happened[event] < OFTEN}
        if not rare:
            break

    assert set() == rare
    assert stage.happened["delivered"] + stage.happened["pasted"] >= EXAMPLES
