"""A sign-in, and everything about it that nobody may see."""

from dataclasses import dataclass

from support.cell import Outputs


@dataclass(frozen=True)
class SecretSignIn:
    """A sign-in that worked.

    Args:
        secrets: everything secret about it by name.
        outputs: of its cell.
    """

    secrets: dict[str, str]
    outputs: Outputs
