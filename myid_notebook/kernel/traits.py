"""The traits of the settings, and secrets in IPython's configuration."""

from __future__ import annotations

from collections.abc import Iterator
from types import new_class
from typing import Any

from traitlets import CUnicode, HasTraits, Unicode
from traitlets.config import Config, Configurable

from myid_notebook.secret import Secret
from myid_notebook.settings.table import SECRET_SETTINGS, SETTINGS, Setting


def mask_secrets(magics: Configurable, *further: Config) -> None:
    """Replace the secrets in IPython's configuration with ``Secret`` objects.

    Args:
        magics: of this extension.
        further: configurations that are about to be merged into that of the magics.
    """
    # ipython_config.py leaves plain text in the configuration of the magics, of the shell and of
    # the kernel, which get_ipython().config shows; %config in that of every configurable.
    name = type(magics).__name__
    for configuration in (*further, *_configurations(magics)):
        section = configuration.get(name, {})
        for setting in SECRET_SETTINGS & section.keys():
            if isinstance(section[setting], str):
                section[setting] = Secret(section[setting])


def _configurations(magics: Configurable) -> Iterator[Config]:
    owner: Configurable | None = magics
    while owner is not None:
        yield owner.config
        for each in getattr(owner, "configurables", ()):
            yield each.config
        owner = owner.parent


class SecretTrait(Unicode[Any, Any]):
    """A text trait that ``%config`` and help show as asterisks."""

    info_text = "text (the value is not shown)"

    def validate(self, obj: Any, value: Any) -> Any:  # noqa: ANN401 - traitlets' own signature
        """Return the value as a ``Secret``; None stays None."""
        checked = super().validate(obj, value)
        return None if checked is None else Secret(checked)

    def error(self, obj: Any, value: Any, error: Any = None, info: Any = None) -> None:  # type: ignore[override] # noqa: ANN401, ARG002 - traitlets' own signature; its message shows the value
        """Refuse a value without showing it."""
        from traitlets import TraitError  # noqa: PLC0415

        raise TraitError(f"The {self.name} must be {self.info_text}.")


def _trait(setting: Setting) -> Unicode[Any, Any]:
    kind = SecretTrait if setting.secret else CUnicode if setting.also else Unicode
    return kind(None, allow_none=True, help=setting.meaning).tag(config=True)


# A base class, because traitlets collects traits when a class is made. Not a Configurable: that
# would add a section of its name to IPython's configuration.
SettingTraits: Any = new_class(
    "SettingTraits",
    (HasTraits,),
    exec_body=lambda body: body.update({name: _trait(SETTINGS[name]) for name in SETTINGS}),
)
