"""Secrets in the configuration of IPython."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets.config import Config, Configurable

from myid_notebook.secret import Secret
from myid_notebook.settings.source import SECRET_SETTINGS


def conceal_secrets(magics: Configurable, *further: Config) -> None:
    """Hold the secrets of the configuration as what does not show itself.

    ``ipython_config.py`` leaves them as plain text in the configuration of the magics, of the
    shell and of the kernel, which ``get_ipython().config`` shows; ``%config`` in that of every
    configurable of the shell.

    Args:
        magics: configured.
        further: configurations that others will take over.
    """
    name = type(magics).__name__
    for configuration in (*further, *_configurations(magics)):
        if name not in configuration:
            continue
        section = configuration[name]
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
