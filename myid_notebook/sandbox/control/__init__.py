"""The sandbox's own endpoints, which MyID does not have: ``/sandbox/``."""
