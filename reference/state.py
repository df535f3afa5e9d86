"""What the services remember between calls, and the secrets that open them."""

from __future__ import annotations

import secrets
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


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


class Memory:
    """What faults remember of earlier calls. Safe for use by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._kept: dict[str, Any] = {}
        self._present: Counter[str] = Counter()
        self._met: set[str] = set()

    def count(self, name: str) -> int:
        """How often this was asked under the name, this time included."""
        with self._lock:
            self._counts[name] += 1
            return self._counts[name]

    def exchange(self, name: str, value: T) -> T | None:
        """Keeps the value under the name, and gives the one that was kept before."""
        with self._lock:
            before: T | None = self._kept.get(name)
            self._kept[name] = value
            return before

    def kept(self, name: str, value: T) -> T:
        """The first value that was ever told under the name."""
        with self._lock:
            first: T = self._kept.setdefault(name, value)
            return first

    def latest(self, name: str, value: T) -> T:
        """The value last kept under the name; the one given where there is none."""
        with self._lock:
            latest: T = self._kept.get(name, value)
            return latest

    def alone(self) -> threading.Lock:
        """A lock that calls can take turns by."""
        return self._turn

    def enter(self, name: str) -> None:
        """A call begins; where another has not ended yet, they meet."""
        with self._lock:
            self._present[name] += 1
            if self._present[name] > 1:
                self._met.add(name)

    def leave(self, name: str) -> bool:
        """A call ends. False where calls have met since none was under way."""
        with self._lock:
            self._present[name] -= 1
            alone = name not in self._met
            if not self._present[name]:
                self._met.discard(name)
            return alone


@dataclass(frozen=True, slots=True)
class State:
    """The state of one running reference. Its secrets are new for each."""

    ecgridos_sessions: Sessions = field(default_factory=Sessions)
    partstream_sessions: Sessions = field(default_factory=Sessions)
    device_serial_number: str = field(default_factory=lambda: f"SN-{secrets.token_hex(8)}")
    session_uid: str = field(default_factory=lambda: str(uuid.UUID(bytes=secrets.token_bytes(16), version=4)))
    username: str = field(default_factory=lambda: f"user-{secrets.token_hex(8)}")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    memory: Memory = field(default_factory=Memory)
