"""A relay of TCP in front of the server, for what a WSGI application cannot do to the bytes of its answer.

The application marks an answer with the name of an action; the relay takes the mark off and acts. It runs
only while such a fault or variant is planted.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import BinaryIO

from reference.http import WIRE_FIELD
from reference.wire import ACTIONS, Answer


def read_head(stream: BinaryIO) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]] | None:
    """The first line and the fields of an HTTP message; None at the end of the stream."""
    first = stream.readline()
    if not first:
        return None
    fields = []
    while (line := stream.readline()) not in (b"\r\n", b"\n", b""):
        key, _, value = line.partition(b":")
        fields.append((key.strip(), value.strip()))
    return first.strip(), tuple(fields)


def read_answer(stream: BinaryIO) -> Answer | None:
    """An answer of the server behind, its body in one piece; None at the end of the stream."""
    head = read_head(stream)
    if head is None:
        return None
    answer = Answer(*head, body=b"")
    if answer.field(b"Transfer-Encoding"):
        return Answer(*head, body=b"".join(data for _, data in _chunks(stream)))
    return Answer(*head, body=stream.read(int(answer.field(b"Content-Length") or 0)))


def read_request(stream: BinaryIO) -> bytes | None:
    """A request byte for byte; None at the end of the stream."""
    head = read_head(stream)
    if head is None:
        return None
    first, fields = head
    values = {key.lower(): value for key, value in fields}
    lines = b"\r\n".join((first, *(key + b": " + value for key, value in fields), b"", b""))
    if values.get(b"transfer-encoding", b"").lower() == b"chunked":
        return lines + b"".join(size + data + b"\r\n" for size, data in _chunks(stream))
    return lines + stream.read(int(values.get(b"content-length") or 0))


def _chunks(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk: its first line, which tells the size, and its data. The last has none."""
    size = -1
    while size:
        size_line = stream.readline()
        size = int(size_line.partition(b";")[0].strip() or b"0", 16)
        data = stream.read(size)
        stream.readline()
        yield size_line, data


class Relay:
    """Listens on the port and speaks with the server behind it, a thread for each connection."""

    def __init__(self, host: str, port: int) -> None:
        self._listening = socket.create_server((host, port))
        self.port: int = self._listening.getsockname()[1]
        self._stopped = threading.Event()
        self._connections: set[socket.socket] = set()
        self._conversations: list[threading.Thread] = []
        self._acceptor: threading.Thread | None = None
        self._behind: tuple[str, int] = (host, 0)

    def serve(self, behind: int) -> None:
        """Begins to relay to the server on that port."""
        self._behind = (self._behind[0], behind)
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """Breaks off every conversation. No new one can begin once the acceptor has ended."""
        self._stopped.set()
        _shut_down(self._listening)
        if self._acceptor is not None:
            self._acceptor.join()
        self._listening.close()
        for connection in tuple(self._connections):
            _shut_down(connection)
        for conversation in self._conversations:
            conversation.join()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            conversation = threading.Thread(target=self._converse, args=(client,), daemon=True)
            self._conversations = [other for other in self._conversations if other.is_alive()]
            self._conversations.append(conversation)
            conversation.start()

    def _converse(self, client: socket.socket) -> None:
        broken_off = contextlib.suppress(OSError, ValueError)
        with broken_off, client, socket.create_connection(self._behind) as server:
            self._connections.update((client, server))
            try:
                # Asked after the connections are known: either this sees the stop, or the stop sees them.
                if not self._stopped.is_set():
                    self._pass_on(client, server)
            finally:
                self._connections.difference_update((client, server))

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with client.makefile("rb") as requests, server.makefile("rb") as answers:
            while (request := read_request(requests)) is not None:
                server.sendall(request)
                answer = read_answer(answers)
                if answer is None:
                    return
                action = ACTIONS.get(answer.field(WIRE_FIELD.encode()).decode())
                if action is not None:
                    for piece in action(_unmarked(answer), self._stopped):
                        client.sendall(piece)
                    return
                client.sendall(answer.framed(len(answer.body)))
                if answer.field(b"Connection").lower() == b"close":
                    return


def _shut_down(connection: socket.socket) -> None:
    """Wakes whoever waits for the socket; closing it alone does not."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _unmarked(answer: Answer) -> Answer:
    fields = tuple(field for field in answer.fields if field[0].lower() != WIRE_FIELD.lower().encode())
    return Answer(answer.status_line, fields, answer.body)
