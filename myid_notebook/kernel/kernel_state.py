"""What the sign-ins of one kernel have in common."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from myid_notebook.kernel.held_sessions import HeldSessions
from myid_notebook.kernel.sandbox_process import SandboxProcess
from myid_notebook.kernel.turns import Turns
from myid_notebook.kernel.typed_secrets import TypedSecrets
from myid_notebook.kernel.waiters import Waiters
from myid_notebook.login import Login


@dataclass(slots=True)
class KernelState:
    """Sessions, pending sign-ins and what belongs to them, by name.

    Args:
        sessions: the sessions.
        pending: the newest sign-in of a name; ended ones may linger.
        waiters: who waits for it.
        turns: whose turn it is to begin one.
        opening: held while a door is opened: who finds the address taken looks for the sign-in that
            has it, which must be there to be found.
        typed: client secrets that the user typed.
        sandbox: of this kernel.
    """

    sessions: HeldSessions = field(default_factory=HeldSessions)
    pending: dict[str, Login] = field(default_factory=dict)
    waiters: dict[str, Waiters] = field(default_factory=dict)
    turns: Turns = field(default_factory=Turns)
    opening: threading.Lock = field(default_factory=threading.Lock)
    typed: TypedSecrets = field(default_factory=TypedSecrets)
    sandbox: SandboxProcess = field(default_factory=SandboxProcess)

    def keep_what_a_fork_keeps(self) -> None:
        """Forget what the threads and processes of the parent did: none of them is here."""
        self.pending.clear()
        self.waiters.clear()
        self.turns = Turns()
        self.opening = threading.Lock()
        self.sandbox.leave_to_parent()
