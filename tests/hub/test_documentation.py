"""docs/jupyterhub.md shows what these tests run."""

from support.jupyter.hub import CONFIGURATION
from support.values.project import documented


def test_configuration() -> None:
    """The configuration in the text is the file with which these tests start their hubs."""
    assert documented("python") == CONFIGURATION.read_text(encoding="utf-8")
