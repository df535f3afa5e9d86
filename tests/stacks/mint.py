"""Prints a fresh session id of a 3DPartStream server: `python -I -S mint.py http://HOST:PORT/session`.

A certification run starts this once for each logout it sends, so it imports only what starts fast.
"""

import socket
import sys


def fetch(url: str) -> bytes:
    """The body of what `url` (http, with a port) answers. Raises ConnectionError unless the status is 200."""
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=5) as connection:
        connection.sendall(f"GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    status_line = head.partition(b"\r\n")[0]
    if status_line.split()[1:2] != [b"200"]:
        raise ConnectionError(f"{url} answered {status_line!r}, not 200")
    return body


if __name__ == "__main__":
    print(fetch(sys.argv[1]).decode("ascii"))
