"""How one ``%myid_login`` or ``login()`` is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from myid_notebook.login.deadline import DEFAULT_TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginOptions:
    """What the user asked for.

    Args:
        settings: setting name to value; None or missing where not given.
        configuration: trait name to value, from IPython's configuration.
        timeout: seconds to wait; None for the default.
        wait: whether the cell waits for the end. None for "yes, if there is a person".
        paste: ask for the address of the page the browser ended on.
        force: sign in again although the token is still valid.
        post: send the authorization request as a form.
        sandbox: sign in to the sandbox instead of a MyID.
        client_credentials: sign in as the client itself, without a person.
    """

    settings: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    configuration: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    timeout: float | None = None
    wait: bool | None = None
    paste: bool = False
    force: bool = False
    post: bool = False
    sandbox: bool = False
    client_credentials: bool = False

    @property
    def seconds(self) -> float:
        """The seconds the sign-in has."""
        return DEFAULT_TIMEOUT if self.timeout is None else self.timeout

    @property
    def waits(self) -> bool:
        """Whether the cell waits for the end."""
        return self.wait is not False

    @property
    def told_to_wait(self) -> bool:
        """Whether the user asked for a wait in so many words, so that nobody need be there."""
        return self.wait is True or self.timeout is not None
