"""The static target: a process that answers every POST with fixed bytes. `python -m bench.server` prints its port."""

import asyncio
import re
import sys

from bench.answers import JSON_PATH, json_answer, soap_answer

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def _response(media_type: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


_SOAP = _response("text/xml; charset=utf-8", soap_answer())
_JSON = _response("application/json", json_answer())


class _Static(asyncio.Protocol):
    """One connection, kept: reads whole requests, writes the answer of their path."""

    def __init__(self) -> None:
        self._waiting = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (size := _size(self._waiting)) is not None:
            request, self._waiting = self._waiting[:size], self._waiting[size:]
            assert self._transport is not None
            self._transport.write(_JSON if request.partition(b"\r\n")[0].find(JSON_PATH.encode()) >= 0 else _SOAP)


def _size(data: bytes) -> int | None:
    """Bytes of the first request in the data; None if it is not there to its end."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    found = _LENGTH.search(data, 0, end + 2)
    size = end + 4 + (int(found.group(1)) if found else 0)
    return size if size <= len(data) else None


async def _serve() -> None:
    """Serves until standard input ends, which it does with the process that started this one."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Static, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
