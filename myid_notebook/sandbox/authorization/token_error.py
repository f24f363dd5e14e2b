"""Errors of the token endpoint (RFC 6749 section 5.2)."""


class TokenError(Exception):
    """The token request is refused.

    Attributes:
        code: the ``error`` of the answer.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
