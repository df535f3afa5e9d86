"""Whose turn it is in a run that sends several messages at once.

All that a run knows belongs to the thread whose turn it is. Turns are lent out while a thread waits for the network or
the clock, and then only: between two waits one thread alone acts, so that nothing else needs a lock.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turn:
    """The one turn of a run. A run with one thread has it throughout."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._holder: int | None = None
        self._stopped = threading.Event()

    @property
    def is_stopped(self) -> bool:
        """Whether the run is to end before its time."""
        return self._stopped.is_set()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """The turn, waited for; a thread that has it keeps it."""
        if self._is_mine():
            yield
            return
        self._lock.acquire()
        self._holder = threading.get_ident()
        try:
            yield
        finally:
            if self._is_mine():  # an interrupt may come before the turn is back
                self._holder = None
                self._lock.release()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The turn given away meanwhile, by a thread that has it."""
        if not self._is_mine():
            yield
            return
        self._holder = None
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self._holder = threading.get_ident()

    def wait(self) -> None:
        """Lends the turn out until another thread has news; the thread has it."""
        self._holder = None
        try:
            self._news.wait()
        finally:
            self._holder = threading.get_ident()

    def tell(self) -> None:
        """Wakes those who wait for news. They act when this thread lends the turn out."""
        self._news.notify_all()

    def pause(self, seconds: float) -> None:
        """Lends the turn out for so many seconds, or until the run is stopped."""
        with self.lent():
            self._stopped.wait(seconds)

    def stop(self) -> None:
        """Has every pause end, and whoever waits look around; the thread has the turn."""
        self._stopped.set()
        self.tell()

    def _is_mine(self) -> bool:
        return self._holder == threading.get_ident()
