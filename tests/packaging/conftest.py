"""The wheel, built from this folder."""

from pathlib import Path

import pytest
from support.values.project import ROOT, build_wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))
