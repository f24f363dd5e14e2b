"""Looking for secrets in what somebody can read."""

from collections.abc import Mapping


def found(secrets: Mapping[str, str], text: str) -> list[str]:
    """Return the names of the secrets that stand in a text.

    Args:
        secrets: by name.
        text: not empty.
    """
    assert text
    return [name for name, secret in secrets.items() if secret in text]
