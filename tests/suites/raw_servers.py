"""Servers on loopback that answer byte for byte what a test says, and remember what they were sent."""

import contextlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

Handler = Callable[[socket.socket], None]

CERTIFICATE = Path(__file__).parent / "assets" / "self-signed.pem"
"""A certificate for localhost that nobody vouches for, with its key. It is of no use to anybody."""

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>"


class RawServer:
    """Accepts connections until it is stopped; each is handled in a thread of its own.

    `requests` holds what was received, in order, with the number of the connection that it came over.
    """

    def __init__(self, handler: Callable[["RawServer", socket.socket], None], host: str = "127.0.0.1") -> None:
        self._handler = handler
        self._listening = socket.create_server(
            (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=16
        )
        self.port = int(self._listening.getsockname()[1])
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self.requests: list[tuple[int, bytes]] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def receive(self, connection: socket.socket) -> bytes:
        """The next request on a connection, up to the end of its body; empty once the peer has closed it."""
        data = read_message(connection)
        if data:
            self.requests.append((self.connections, data))
        return data

    def stop(self) -> None:
        """Closes every connection and waits for the threads."""
        self.stopped.set()
        for each in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._handle, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _handle(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._handler(self, connection)


def read_message(connection: socket.socket) -> bytes:
    """The next HTTP message on a connection whose length or chunks it tells; empty once the peer has closed it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    if data.startswith(b"HTTP/1.1 100"):
        return data + (b"" if body else read_message(connection))
    if re.search(rb"(?im)^transfer-encoding:[^\r\n]*chunked", head):
        return _with_chunks(connection, data, len(head) + 4)
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = (int(lengths[0].split(b":")[1]) if lengths else 0) - len(body)
    while missing > 0:
        more = connection.recv(65536)
        data, missing = data + more, missing - len(more)
    return data


def _with_chunks(connection: socket.socket, data: bytes, start: int) -> bytes:
    """A message up to the end of its last chunk, as far as its chunks can be read."""
    while not re.search(rb"(?:\A|\r\n)0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n\Z", data[start:]):
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    return data


@contextmanager
def serving(handler: Callable[[RawServer, socket.socket], None], host: str = "127.0.0.1") -> Iterator[RawServer]:
    """A server with that handler, stopped at the end."""
    server = RawServer(handler, host)
    try:
        yield server
    finally:
        server.stop()


def answering(*answers: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answers each request on a connection with the next answer, the last again and again."""

    def handle(server: RawServer, connection: socket.socket) -> None:
        number = 0
        while server.receive(connection):
            connection.sendall(answers[min(number, len(answers) - 1)])
            number += 1

    return handle


def relaying(port: int, answer: Callable[[bytes], bytes | None]) -> Callable[[RawServer, socket.socket], None]:
    """Stands before the server at a port: `answer` gives what to say in its place, b"" to close, None to pass on."""

    def handle(server: RawServer, connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port), 10) as upstream:
            while data := server.receive(connection):
                instead = answer(data)
                if instead is None:
                    upstream.sendall(data)
                    instead = read_message(upstream)
                if not instead:
                    return
                connection.sendall(instead)

    return handle


def answering_once(parts: Iterable[bytes], *, pause: float = 0.0) -> Callable[[RawServer, socket.socket], None]:
    """Answers the first request of a connection part by part, then closes it."""

    def handle(server: RawServer, connection: socket.socket) -> None:
        server.receive(connection)
        for part in parts:
            connection.sendall(part)
            if pause:
                time.sleep(pause)
            if server.stopped.is_set():
                return

    return handle


def silent(server: RawServer, connection: socket.socket) -> None:
    """Reads the request and never says anything."""
    server.receive(connection)
    server.stopped.wait(30)


def encrypted(answer: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answers over TLS with the certificate that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def handle(server: RawServer, connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            server.receive(wrapped)
            wrapped.sendall(answer)

    return handle
