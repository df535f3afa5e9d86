"""A witness on loopback: what a target asks it for, it asks because a message made it.

It answers every request with an empty document, and remembers the path. It listens on loopback alone, so that it can be
a witness against targets there alone.
"""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GRACE = 0.05
"""Seconds that a request may come after the answer to the message that made it."""


class Witness:
    """Listens from its making until `close`."""

    def __init__(self) -> None:
        self._asked: list[str] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="soapstone-witness")
        self._thread.daemon = True
        self._thread.start()

    def address(self, item: str) -> str:
        """The URL that the messages of a plan item name, to which they add a word of their own."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{_folder(item)}"

    def taken(self, item: str, *, grace: float = GRACE) -> tuple[str, ...]:
        """The paths asked for on account of an item since the last call, after a little wait for one under way."""
        if grace:
            time.sleep(grace)
        with self._lock:
            taken = tuple(path for path in self._asked if path.startswith(_folder(item)))
            self._asked = [path for path in self._asked if path not in taken]
        return taken

    def close(self) -> None:
        """Ends the listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _remember(self, path: str) -> None:
        with self._lock:
            self._asked.append(path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        witness = self

        class Handler(BaseHTTPRequestHandler):
            """Answers anything with nothing."""

            timeout = 2

            def handle_one_request(self) -> None:
                """Remembers what is asked for; whatever else is said is no request."""
                self.close_connection = True
                line = self.rfile.readline(8192).decode("latin-1").split()
                if len(line) > 1:
                    witness._remember(line[1][:200])
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

            def log_message(self, *_: Any) -> None:
                """Says nothing: what was asked stands in the evidence."""

        return Handler

    def __enter__(self) -> "Witness":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _folder(item: str) -> str:
    """A path of the item's own: messages of several items may be under way at once."""
    return f"/{hashlib.sha256(item.encode()).hexdigest()[:8]}/"
