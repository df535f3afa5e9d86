"""Messages in flight together, and the witness that probes name."""

import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from contracts.judge.comparisons import TOGETHER
from contracts.judge.records import Change, Message, Request, Response
from suites.client import Client
from suites.configuration import Budget
from suites.together import batches, fly
from suites.witness import Witness


def message(index: int, *, together: bool = False) -> Message:
    changes = (Change(TOGETHER, "connection", "", after="together"),) if together else ()
    sent = Request("GET", f"/{index}", (), None)
    return Message("item", index, "s", "o", "soap11", "a/1/b", "valid", "process", sent, changes)


@contextmanager
def meeting(count: int) -> Iterator[str]:
    """A server that answers a request with its path once so many of them are there at the same time."""
    barrier = threading.Barrier(count)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            barrier.wait(timeout=10)
            body = self.path.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_messages_are_in_flight_at_once_and_get_their_own_answers() -> None:
    with meeting(8) as url:
        clients = [Client(url, Budget()) for _ in range(8)]
        flights = fly(clients, [message(index) for index in range(8)])
        for client in clients:
            client.close()
    bodies = [each.outcome.body for each in flights if isinstance(each.outcome, Response)]
    assert bodies == [f"/{index}".encode() for index in range(8)]
    assert all(each.started > 0 and each.elapsed > 0 for each in flights)


def test_only_messages_marked_so_go_together() -> None:
    planned = [message(0), message(1, together=True), message(2, together=True), message(3)]
    assert [[each.index for each in batch] for batch in batches(planned)] == [[0], [1, 2], [3]]
    assert [[each.index for each in batch] for batch in batches(planned[1:3])] == [[1, 2]]
    assert list(batches([])) == []


def _asked_for(url: str) -> None:
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b""


def test_witness_remembers_what_it_is_asked_for_once_and_on_whose_account() -> None:
    with Witness() as witness:
        assert witness.address("one").startswith("http://127.0.0.1:")
        _asked_for(f"{witness.address('one')}entity")
        assert witness.taken("another", grace=0) == ()
        (asked,) = witness.taken("one")
        assert witness.address("one").endswith(asked.removesuffix("entity"))
        assert witness.taken("one", grace=0) == ()


def test_witness_waits_for_a_request_that_is_under_way() -> None:
    with Witness() as witness:
        late = threading.Timer(0.02, lambda: _asked_for(f"{witness.address('one')}late"))
        late.start()
        asked: tuple[str, ...] = ()
        until = time.monotonic() + 5
        while not asked and time.monotonic() < until:
            asked = witness.taken("one")
        late.join()
    assert [each.rpartition("/")[2] for each in asked] == ["late"]
