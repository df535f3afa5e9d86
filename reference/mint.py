"""Prints a fresh session of a running reference: `python -I -S mint.py URL`.

It is started once for each message that consumes a session, so it imports a socket and little else.
"""

import socket
import sys


def mint(url: str) -> str:
    """A fresh session from the address of a mint, such as `http://127.0.0.1:8080/mint/partstream`."""
    authority, _, path = url.removeprefix("http://").partition("/")
    host, _, port = authority.partition(":")
    request = f"GET /{path} HTTP/1.0\r\nHost: {authority}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request.encode())
        with connection.makefile("rb") as stream:
            head, _, session = stream.read().partition(b"\r\n\r\n")
    if b" 200 " not in head.splitlines()[0]:
        raise RuntimeError(head.splitlines()[0].decode())
    if len(session.split()) != 1:
        raise RuntimeError("no session is given out there, but a page")
    return session.decode()


if __name__ == "__main__":
    print(mint(sys.argv[1]))
