"""What the services remember between calls, and the secrets that open them."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field


class Sessions:
    """Session identifiers in force. Safe for use by several threads."""

    def __init__(self) -> None:
        self._open: set[str] = set()

    def mint(self) -> str:
        session = secrets.token_hex(16)
        self._open.add(session)
        return session

    def __contains__(self, session: object) -> bool:
        return session in self._open

    def consume(self, session: str) -> bool:
        """Ends the session. False if there is no such session: of two calls at once only one ends it."""
        try:
            self._open.remove(session)
        except KeyError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class State:
    """The state of one running reference. Its secrets are new for each."""

    ecgridos_sessions: Sessions = field(default_factory=Sessions)
    partstream_sessions: Sessions = field(default_factory=Sessions)
    device_serial_number: str = field(default_factory=lambda: f"SN-{secrets.token_hex(8)}")
    session_uid: str = field(default_factory=lambda: str(uuid.UUID(bytes=secrets.token_bytes(16), version=4)))
    username: str = field(default_factory=lambda: f"user-{secrets.token_hex(8)}")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
