"""What a diagnosis is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a sign-in would happen, and with what settings.

    Args:
        options: setting name to value, as given with the command.
        environ: the environment variables.
        configuration: trait name to value, from IPython's configuration.
        in_kernel: whether a Jupyter kernel asks, and not a terminal.
    """

    options: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    environ: Mapping[str, str] = field(repr=False)
    configuration: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    in_kernel: bool = False
