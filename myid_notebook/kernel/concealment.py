"""Secrets in the configuration of IPython."""

from __future__ import annotations

from traitlets.config import Configurable

from myid_notebook.secret import Secret
from myid_notebook.settings.source import SECRET_SETTINGS


def conceal_secrets(magics: Configurable) -> None:
    """Hold the secrets of the configuration as what does not show itself.

    ``ipython_config.py`` leaves them as plain text in the configuration of the magics, of the
    shell and of the kernel, which ``get_ipython().config`` shows.

    Args:
        magics: configured.
    """
    owner: Configurable | None = magics
    while owner is not None:
        section = owner.config.get(type(magics).__name__, {})
        for name in SECRET_SETTINGS:
            if isinstance(section.get(name), str):
                section[name] = Secret(section[name])
        owner = owner.parent
