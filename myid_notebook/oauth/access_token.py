"""Reading an access token's claims without verifying it (RFC 7519 section 3).

Good enough to show who signed in and until when; the API does the checking (RFC 9068).
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from typing import Any


def claims(access_token: str) -> dict[str, Any]:
    """Return the claims of a JWT, or an empty dict for a token of any other kind.

    Args:
        access_token: as the token endpoint sent it.
    """
    try:
        _header, payload, _signature = access_token.split(".")
        value = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
