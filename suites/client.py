"""The client: exact bytes out, exact bytes in, within bounds. Redirects, proxies and cookies are never followed."""

import contextlib
import http.client
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from contracts.judge.codings import CODINGS
from contracts.judge.records import Failure, FailureKind, Headers, Request, Response
from suites.configuration import Budget

_CHUNK = 64 * 1024
_OWN_FIELDS: Headers = (("User-Agent", "soapstone"), ("Accept", "*/*"), ("Accept-Encoding", "identity"))
_TICK = 0.2
"""Seconds between looks at the clock: a deadline need not be met to the millisecond, and exchanges stay cheap."""


class Client:
    """Sends requests to one target URL over one connection that is kept while answers are as hoped.

    One deadline holds for the whole exchange, whatever the target drips; answers are cut off at the budget's bytes,
    before and after removal of a content coding. `resent` counts the requests that went out twice, because the
    connection kept for them turned out to be closed (RFC 9112 section 9.3.1).
    """

    def __init__(self, url: str, budget: Budget) -> None:
        self.resent = 0
        self._url = url
        self._budget = budget
        self._exchange = _Exchange()
        self._adapter = _Adapter(self._exchange)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection and ends the watch."""
        self._adapter.close()
        self._exchange.stop()

    def renew(self) -> None:
        """Has the next request open a connection of its own."""
        self._adapter.close()

    def send(self, request: Request) -> tuple[Request, Response | Failure, float]:
        """The request as it was sent, all fields included, what came back, and the seconds it took."""
        fields = self._fields(request)
        begun = time.perf_counter()
        outcome = self._within_deadline(self._prepare(request, fields), target_path(self._url, request.path))
        if isinstance(outcome, Failure):
            self.renew()
        sent = Request(request.method, request.path, fields, request.body, request.encoding)
        return sent, outcome, time.perf_counter() - begun

    def _fields(self, request: Request) -> Headers:
        """The fields that are sent, in their order: ours, where the request does not give its own, and its own."""
        given = {name.lower() for name, _ in request.headers}
        fields = [("Host", host_of(self._url)), *_OWN_FIELDS]
        has_body = request.body is not None or request.method in ("POST", "PUT", "PATCH")
        length = [("Content-Length", str(len(request.body or b"")))] if has_body else []
        ours = [[field for field in part if field[0].lower() not in given] for part in (fields, length)]
        return (*ours[0], *request.headers, *ours[1])

    def _prepare(self, request: Request, fields: Headers) -> requests.PreparedRequest:
        """The request for the adapter; its URL only chooses the connection."""
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.url = self._url
        wire = [(name, value if value.isascii() else value.encode("utf-8")) for name, value in fields]
        prepared.headers = urllib3.HTTPHeaderDict(wire)  # type: ignore[assignment, arg-type]
        prepared.body = request.body
        return prepared

    def _within_deadline(self, prepared: requests.PreparedRequest, path: str) -> Response | Failure:
        seconds = self._budget.seconds
        try:
            with self._exchange.within(seconds, path):
                response = self._read(self._open(prepared))
        except _TooLargeError as error:
            return Failure("too_large", str(error))
        except _FAILURES as error:
            kind = "timeout" if self._exchange.is_late else _kind(error)
            return Failure(kind, f"after {seconds:g} seconds" if kind == "timeout" else _words(error))
        # A connection that the deadline shut looks like one that the target closed at the end of its answer.
        return Failure("timeout", f"after {seconds:g} seconds") if self._exchange.is_late else response

    def _open(self, prepared: requests.PreparedRequest) -> Any:
        """The answer up to its body. A kept connection that was closed meanwhile is replaced, once."""
        try:
            return self._send(prepared)
        except _FAILURES as error:
            if not self._exchange.is_on_kept_connection or self._exchange.is_late or _kind(error) != "reset":
                raise
        self.renew()
        self.resent += 1
        return self._send(prepared)

    def _send(self, prepared: requests.PreparedRequest) -> Any:
        return self._adapter.send(prepared, stream=True, timeout=self._budget.seconds, verify=True).raw

    def _read(self, raw: Any) -> Response:
        """The answer with its body, whose connection is free again; where reading ends early it is closed."""
        try:
            body = _bounded(raw, self._budget.bytes)
            _check_decoded_size(body, raw, self._budget.bytes)
        except BaseException:
            raw.close()
            raise
        fields: Headers = tuple((str(name), str(value).strip(" \t")) for name, value in raw.headers.items())
        return Response(raw.status, raw.reason or "", fields, body)


def host_of(url: str) -> str:
    """Host and port of a URL, without user information."""
    return urlsplit(url).netloc.rpartition("@")[2]


def target_path(url: str, path: str) -> str:
    """What the request line names for a path relative to a target's URL. Nothing is encoded anew."""
    base = urlsplit(url).path
    joined = (base.rstrip("/") if path.startswith("/") else base) + path
    return joined if joined.startswith("/") else f"/{joined}"


class _TooLargeError(Exception):
    """The answer is larger than the budget allows."""


def _bounded(raw: Any, limit: int) -> bytes:
    """The body with the transfer coding removed and the content coding left in place."""
    parts, size = [], 0
    while chunk := raw.read(_CHUNK, decode_content=False):
        size += len(chunk)
        if size > limit:
            raise _TooLargeError(f"more than {limit:,} bytes")
        parts.append(chunk)
    return b"".join(parts)


def _check_decoded_size(body: bytes, raw: Any, limit: int) -> None:
    """Refuses a body that grows past the limit when its content coding is undone. The body itself stays coded."""
    if raw.headers.get("Content-Encoding", "").strip().lower() in CODINGS:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        with contextlib.suppress(zlib.error):
            if len(unpacker.decompress(body, limit + 1)) > limit:
                raise _TooLargeError(f"more than {limit:,} bytes after decompression")


class _Adapter(HTTPAdapter):
    """An adapter whose connections send and report as the exchange at hand says, and that never tries twice.

    It is used without a session: a session would read the body of a redirect, unbounded, to see where it leads.
    """

    def __init__(self, exchange: "_Exchange") -> None:
        self._exchange = exchange
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """The pool that requests chose, with connections that report themselves."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if not issubclass(pool.ConnectionCls, _Watched):
            pool.ConnectionCls = type("WatchedConnection", (_Watched, pool.ConnectionCls), {"exchange": self._exchange})
        return pool


class _Watched:
    """A connection that shows itself to the exchange at hand, and asks for exactly what that names."""

    exchange: "_Exchange"

    def connect(self) -> None:
        """Opens the connection."""
        self.exchange.is_on_kept_connection = False
        super().connect()  # type: ignore[misc]
        self.exchange.watch(self)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """Sends a request; urllib3 has normalised `url`, which is passed over."""
        self.exchange.watch(self)
        return super().request(method, self.exchange.path, *args, **kwargs)  # type: ignore[misc]

    def _encode_request(self, line: str) -> bytes:
        """The request line as bytes. http.client takes ASCII only; a target's URL may hold more."""
        return line.encode("utf-8")


class _Exchange:
    """The exchange at hand: what it asks for, and its deadline, at which a thread of its own shuts the socket.

    `is_late` says that the deadline has passed, `is_on_kept_connection` that no connection was opened for it.
    """

    def __init__(self) -> None:
        self.path = ""
        self.is_late = False
        self.is_on_kept_connection = True
        self._socket: Any = None
        self._end: float | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, connection: Any) -> None:
        """Names the connection in use, whose socket outlives it where the target closes after its answer.

        Raises TimeoutError where the deadline passed before there was one to shut.
        """
        self._socket = connection.sock
        if self.is_late:
            raise TimeoutError

    @contextmanager
    def within(self, seconds: float, path: str) -> Iterator[None]:
        """A new exchange, whose socket is shut after so many seconds."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="soapstone-deadline", daemon=True)
            self._thread.start()
        with self._lock:
            self.path, self.is_late, self.is_on_kept_connection = path, False, True
            self._end = time.monotonic() + seconds
        try:
            yield
        finally:
            with self._lock:
                self._end = None

    def stop(self) -> None:
        """Ends the thread, and waits for its end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(_TICK):
            with self._lock:
                if self._end is not None and time.monotonic() > self._end:
                    self.is_late = True
                    self._end = None
                    if self._socket is not None:
                        _shut(self._socket)


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        sock.close()


_FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,  # ssl's word for a socket that the deadline has shut in mid-read
)

_KINDS: tuple[tuple[FailureKind, tuple[type[BaseException], ...]], ...] = (
    ("timeout", (requests.Timeout, TimeoutError)),
    ("tls", (requests.exceptions.SSLError, urllib3.exceptions.SSLError)),
    ("refused", (ConnectionRefusedError, urllib3.exceptions.NewConnectionError)),
    ("reset", (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected)),
)


def _kind(error: BaseException) -> FailureKind:
    """What kind of failure an exception of requests, urllib3 or the socket is."""
    chain = list(_causes(error))
    for kind, types in _KINDS:
        if any(isinstance(each, types) for each in chain):
            return kind
    return "protocol"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, what it wraps in its arguments, and what it came from."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [arg for arg in each.args if isinstance(arg, BaseException)]
        waiting += [
            other
            for other in (each.__cause__, each.__context__, getattr(each, "reason", None))
            if isinstance(other, BaseException)
        ]


def _words(error: BaseException) -> str:
    """The innermost cause in a few words; of the libraries' own errors, which may quote the URL, the name alone."""
    causes = list(_causes(error))
    plain = [each for each in causes if isinstance(each, OSError | http.client.HTTPException)]
    quoting = (requests.RequestException, http.client.InvalidURL)
    for each in reversed(plain):
        if not isinstance(each, quoting) and str(each):
            return f"{type(each).__name__}: {each}"[:200]
    return type(causes[-1]).__name__
