"""The connections of a run: as many to a target as messages are under way, and one proof of who calls for all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from suites.authentication import Authentication, Guard
from suites.client import Client, is_passed_on
from suites.configuration import Budget, Target


class Clients:
    """Clients of one target. One that is given back is lent again before another is made."""

    def __init__(self, target: Target, budget: Budget, guard: Guard, leave: Callable[[], bool]) -> None:
        self._target = target
        self._budget = budget
        self._leave = leave
        self._all: list[Client] = []
        self._idle: list[Client] = []
        is_plain = is_passed_on(target.url, target.access)
        self.authentication = Authentication(target.access, target.service, guard, is_plain=is_plain)

    @contextmanager
    def lent(self) -> Iterator[Client]:
        """A client for one exchange, whose connection may have been kept."""
        client = self._idle.pop() if self._idle else self.made()
        try:
            yield client
        finally:
            self._idle.append(client)

    def made(self) -> Client:
        """A client whose connection nobody used."""
        target = self._target
        client = Client(
            target.url,
            self._budget,
            target.access,
            service=target.service,
            leave=self._leave,
            authentication=self.authentication,
        )
        self._all.append(client)
        return client

    def drop(self, client: Client) -> None:
        """Closes a client for good."""
        self._all.remove(client)
        client.close()

    def renew(self) -> None:
        """Has the next messages open connections of their own."""
        for client in self._idle:
            client.renew()

    def close(self) -> None:
        """Closes every connection."""
        for client in self._all:
            client.close()
