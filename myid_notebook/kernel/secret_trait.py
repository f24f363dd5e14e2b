"""A trait for secrets."""

from __future__ import annotations

from typing import Any

from traitlets import Unicode

from myid_notebook.secret import Secret


class SecretTrait(Unicode[Any, Any]):
    """Text that ``%config`` and help show as a row of asterisks."""

    info_text = "a text that is not shown"

    def validate(self, obj: Any, value: Any) -> Any:  # noqa: ANN401 - traitlets' own signature
        """Return the value as a ``Secret``; None stays None."""
        checked = super().validate(obj, value)
        return None if checked is None else Secret(checked)

    def error(self, obj: Any, value: Any, error: Any = None, info: Any = None) -> None:  # type: ignore[override] # noqa: ANN401, ARG002 - traitlets' own signature; its message shows the value
        """Refuse a value without showing it."""
        from traitlets import TraitError  # noqa: PLC0415

        raise TraitError(f"The {self.name} must be {self.info_text}.")
