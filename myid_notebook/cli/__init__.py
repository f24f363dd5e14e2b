"""The command ``myid-notebook``."""

from myid_notebook.cli.main import main as main

__all__ = ["main"]
