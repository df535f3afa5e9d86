"""Messages in flight together: each over a connection of its own, all let go at once."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from contracts.judge.comparisons import TOGETHER
from contracts.judge.records import Failure, Message, Request, Response
from suites.client import Client


@dataclass(frozen=True, slots=True)
class Flight:
    """What became of one message: as it was sent, what came back, when it left, and the seconds that it took."""

    sent: Request
    outcome: Response | Failure
    started: float
    elapsed: float


def fly(clients: Sequence[Client], messages: Sequence[Message]) -> list[Flight]:
    """Sends each message over its own client, when all are ready; the flights in the order of the messages.

    Each connection is closed once it has its answer: a server that serves one at a time would wait for it.
    """
    start = threading.Barrier(len(messages))

    def one(client: Client, message: Message) -> Flight:
        start.wait()
        started = time.time()
        sent, outcome, elapsed = client.send(message.request)
        client.renew()
        return Flight(sent, outcome, started, elapsed)

    with ThreadPoolExecutor(len(messages)) as pool:
        return list(pool.map(one, clients, messages))


def batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """The messages in order: one by one, but those that are to be in flight together as one batch."""
    batch: list[Message] = []
    for message in messages:
        is_joined = any(change.kind == TOGETHER for change in message.changes)
        if batch and not is_joined:
            yield batch
            batch = []
        if is_joined:
            batch.append(message)
        else:
            yield [message]
    if batch:
        yield batch
