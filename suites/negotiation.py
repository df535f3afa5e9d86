"""NTLM and Negotiate: the tokens by which a connection, once opened, is the caller's (RFC 4559; MS-NTHT).

They need pyspnego, which `pip install soapstone[ntlm]` brings; Kerberos needs the system's own libraries too.
"""

import base64
import binascii
import importlib.util
import re
from collections.abc import Callable
from typing import Any

from suites.sources import ValueUnavailableError


def is_available() -> bool:
    """Whether the library for it is installed."""
    return importlib.util.find_spec("spnego") is not None


class Handshake:
    """A handshake by pyspnego. `username` may be `DOMAIN\\user`; empty for the ticket of whoever is logged in."""

    def __init__(self, scheme: str, username: str, password: str, host: str) -> None:
        import spnego

        self._refused: Callable[[Exception], ValueUnavailableError] = lambda error: ValueUnavailableError(
            f"{scheme}: no token could be made: {' '.join(str(error).split())[:200]}"
        )
        try:
            self._context: Any = spnego.client(
                username or None,
                password or None,
                hostname=host,
                service="HTTP",
                protocol="ntlm" if scheme == "ntlm" else "negotiate",
                context_req=spnego.ContextReq.none,
            )
        except (spnego.exceptions.SpnegoError, ImportError, ValueError) as error:
            raise self._refused(error) from error

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is expected of the target, as with a Kerberos ticket."""
        return bool(self._context.complete)

    def first(self) -> str:
        """The token that opens it, in base64. Raises ValueUnavailableError."""
        return self._step(None)

    def next(self, challenge: str) -> str:
        """The token that answers a challenge, in base64. Raises ValueUnavailableError."""
        try:
            return self._step(base64.b64decode(challenge, validate=True))
        except binascii.Error as error:
            raise self._refused(error) from error

    def _step(self, token: bytes | None) -> str:
        import spnego

        try:
            made = self._context.step(token)
        except (spnego.exceptions.SpnegoError, ValueError) as error:
            raise self._refused(error) from error
        return base64.b64encode(made or b"").decode()


def challenge_of(fields: list[str], word: str) -> str:
    """The token that a WWW-Authenticate field holds for a scheme; empty if none does."""
    for field in fields:
        for each in field.split(","):
            found = re.fullmatch(rf"\s*{word}\s+([A-Za-z0-9+/=]+)\s*", each, re.IGNORECASE)
            if found:
                return found.group(1)
    return ""
