"""The client: exact bytes out, exact bytes in, within bounds. No redirect or cookie is followed; a proxy if told."""

import contextlib
import http.client
import io
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from contracts.judge.codings import CODINGS
from contracts.judge.records import Failure, FailureKind, Flaw, Headers, Request, Response
from suites.access import DIRECT, Access, Login, tls_context
from suites.authentication import Authentication, Guard, Proven
from suites.configuration import Budget
from suites.heads import Head, read_head
from suites.negotiation import Handshake, challenge_of

_CHUNK = 64 * 1024
_OWN_FIELDS: Headers = (("User-Agent", "soapstone"), ("Accept", "*/*"), ("Accept-Encoding", "identity"))
_UNAUTHORISED, _PROXY_AUTHENTICATION = 401, 407
_TICK = 0.2
"""Seconds between looks at the clock: a deadline need not be met to the millisecond, and exchanges stay cheap."""


class Client:
    """Sends requests to one target URL over one connection that is kept while answers are as hoped.

    One deadline holds for the whole exchange, whatever the target drips; answers are cut off at the budget's bytes,
    before and after removal of a content coding. `resent` counts the requests that went out twice, because the
    connection kept for them turned out to be closed (RFC 9112 section 9.3.1). `guard` takes note of each secret that
    goes out; `leave` is asked before each request beyond the first of an exchange, those that open a connection for a
    caller (NTLM, Negotiate) included, and waits or refuses. Clients may share what proves the caller.
    """

    def __init__(
        self,
        url: str,
        budget: Budget,
        access: Access = DIRECT,
        *,
        service: str = "",
        guard: Guard = str,
        leave: Callable[[], bool] = lambda: True,
        authentication: Authentication | None = None,
    ) -> None:
        self.resent = 0
        self._leave = leave
        self._url = url
        self._budget = budget
        self._exchange = _Exchange()
        proxy = access.proxy.url if access.proxy else ""
        self._prefix = url.removesuffix(urlsplit(url).path) if is_passed_on(url, access) else ""
        self.authentication = authentication or Authentication(
            access, service, guard, is_plain=is_passed_on(url, access)
        )
        self._is_entered = False
        self._is_repeatable = True
        self._adapter = _Adapter(self._exchange, tls_context(access.tls, service), self.authentication)
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}

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
        self._is_entered = False

    def send(self, request: Request, *, is_repeatable: bool = True) -> tuple[Request, Response | Failure, float]:
        """The request as it was sent, all fields included, what came back, and the seconds it took.

        One that is not repeatable, because it may have been carried out, is not sent again by itself. Stand-ins take
        the place of what proves who calls. Raises ValueUnavailableError where that cannot be had.
        """
        proof = self.authentication.proven(request)
        begun = time.perf_counter()
        self._is_repeatable = is_repeatable
        outcome, proof = self._within_deadline(proof)
        if isinstance(outcome, Failure):
            self.renew()
        shown = replace(proof.shown, headers=self._fields(proof.shown))
        return shown, outcome, time.perf_counter() - begun

    def _fields(self, request: Request) -> Headers:
        """The fields that are sent, in their order: ours, where the request does not give its own, and its own."""
        given = {name.lower() for name, _ in request.headers}
        fields = [("Host", host_of(self._url)), *_OWN_FIELDS]
        has_body = request.body is not None or request.method in ("POST", "PUT", "PATCH")
        has_body &= "transfer-encoding" not in given
        length = [("Content-Length", str(len(request.body or b"")))] if has_body else []
        ours = [[field for field in part if field[0].lower() not in given] for part in (fields, length)]
        return (*ours[0], *request.headers, *ours[1])

    def _prepare(self, request: Request) -> requests.PreparedRequest:
        """The request for the adapter; its URL only chooses the connection."""
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.url = self._url
        fields = self._fields(request)
        wire = [(name, value if value.isascii() else value.encode("utf-8")) for name, value in fields]
        prepared.headers = urllib3.HTTPHeaderDict(wire)  # type: ignore[assignment, arg-type]
        prepared.body = request.body
        return prepared

    def _within_deadline(self, proof: Proven) -> tuple[Response | Failure, Proven]:
        """What comes back before the deadline, and the request with what it took to be let in."""
        seconds = self._budget.seconds
        path = self._prefix + target_path(self._url, proof.request.path)
        try:
            with self._exchange.within(seconds, path):
                response, proof = self._answer(proof)
        except _TooLargeError as error:
            return Failure("too_large", str(error)), proof
        except _FAILURES as error:
            kind = "timeout" if self._exchange.is_late else _kind(error)
            by_whom = "of the proxy: " if self._proxies and kind == "refused" else ""
            return Failure(kind, f"after {seconds:g} seconds" if kind == "timeout" else by_whom + _words(error)), proof
        # A connection that the deadline shut looks like one that the target closed at the end of its answer.
        if self._exchange.is_late:
            return Failure("timeout", f"after {seconds:g} seconds"), proof
        if self._proxies and response.status_code == _PROXY_AUTHENTICATION:
            return Failure("refused", "the proxy asks for a user name and a password (407)"), proof
        return response, proof

    def _answer(self, proof: Proven) -> tuple[Response, Proven]:
        """The answer, over a connection that is the caller's where the target wants one."""
        login = self.authentication.is_by_connection
        if login is None:
            return self._read(self._open(self._prepare(proof.request))), proof
        entered = proof if self._is_entered else self._enter(login, proof)
        response = self._read(self._open(self._prepare(entered.request)))
        if response.status_code == _UNAUTHORISED and entered is proof and not self._exchange.is_on_kept_connection:
            # The connection that was entered had been closed, and the request opened one that was not.
            self.resent += 1
            self._take_leave()
            entered = self._enter(login, proof)
            response = self._read(self._open(self._prepare(entered.request)))
        self._is_entered = response.status_code != _UNAUTHORISED
        return response, entered

    def _enter(self, login: Login, proof: Proven) -> Proven:
        """The request with the last token of a handshake, whose earlier ones have gone out without a body."""
        user, password = (self.authentication.setting(login, name) for name in ("username", "password"))
        handshake = Handshake(login.scheme, user, password, urlsplit(self._url).hostname or "")
        token = handshake.first()
        if not handshake.is_complete:
            bare = replace(proof.request, body=b"" if proof.request.body is not None else None)
            asked = self.authentication.with_token(login, token, Proven(bare, bare))
            response = self._read(self._open(self._prepare(asked.request)))
            self._take_leave()
            word = "NTLM" if login.scheme == "ntlm" else "Negotiate"
            offered = [value for name, value in response.headers if name.lower() == "www-authenticate"]
            challenge = challenge_of(offered, word)
            if response.status_code != _UNAUTHORISED or not challenge:
                return proof
            token = handshake.next(challenge)
        return self.authentication.with_token(login, token, proof)

    def _open(self, prepared: requests.PreparedRequest) -> Any:
        """The answer up to its body. A kept connection that was closed meanwhile is replaced, once."""
        try:
            return self._send(prepared)
        except _FAILURES as error:
            is_stale = self._is_repeatable and self._exchange.is_on_kept_connection and not self._exchange.is_late
            if not is_stale or _kind(error) != "reset":
                raise
            self._take_leave()
        self.renew()
        self.resent += 1
        return self._send(prepared)

    def _take_leave(self) -> None:
        """Waits for leave to send once more, off the exchange's clock. Raises ConnectionError where there is none."""
        with self._exchange.paused():
            if not self._leave():
                raise ConnectionResetError("the budget of requests is used up: it is not sent again")

    def _send(self, prepared: requests.PreparedRequest) -> Any:
        seconds = self._budget.seconds
        return self._adapter.send(prepared, stream=True, timeout=seconds, verify=True, proxies=self._proxies).raw

    def _read(self, raw: Any) -> Response:
        """The answer with its body, whose connection is free again; where reading ends early it is closed."""
        try:
            body, flaws = _bounded(raw, self._budget.bytes)
            _check_decoded_size(body, raw, self._budget.bytes)
        except BaseException:
            raw.close()
            raise
        if self._exchange.is_late:
            flaws = ()
        framed = raw._original_response
        if framed.leftover:
            flaws = (*flaws, "bytes after the end")
        head: Head = framed.head
        if flaws or head.leaves_end_in_doubt:
            raw.close()
            self.renew()
        return Response(raw.status, raw.reason or "", head.fields, body, head.version, (*head.flaws, *flaws))


def is_passed_on(url: str, access: Access) -> bool:
    """Whether requests go to a proxy as they are, not through a tunnel."""
    return access.proxy is not None and bool(access.proxy.url) and url.lower().startswith("http:")


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


def _bounded(raw: Any, limit: int) -> tuple[bytes, tuple[Flaw, ...]]:
    """The body with the transfer coding removed and the content coding left in place, and what is wrong with its end.

    A body whose connection ends too early, in an orderly way, is what its sender made of it: TCP lets no one else end
    a stream so. A connection that breaks is a failure, as before an answer.
    """
    parts: list[bytes] = []
    size = 0
    flaws: tuple[Flaw, ...] = ()
    try:
        while chunk := raw.read(_CHUNK, decode_content=False):
            size += len(chunk)
            if size > limit:
                raise _TooLargeError(f"more than {limit:,} bytes")
            parts.append(chunk)
    except urllib3.exceptions.ProtocolError as error:
        if _kind(error) != "protocol":
            raise
        flaws = ("broken chunks" if raw.chunked else "cut short",)
        partial = next((each for each in _causes(error) if isinstance(each, http.client.IncompleteRead)), None)
        if partial is not None and isinstance(partial.partial, bytes):
            parts.append(partial.partial)
    return b"".join(parts), flaws


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

    def __init__(self, exchange: "_Exchange", tls: ssl.SSLContext | None, authentication: Authentication) -> None:
        self._exchange = exchange
        self._tls = tls
        self._authentication = authentication
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Where to connect and how: with the target's own TLS context, if it has one."""
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        if self._tls is not None:
            return host, {"ssl_context": self._tls, "cert_reqs": "CERT_REQUIRED"}
        return host, pool

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Sets the usual authorities, unless the target has a TLS context of its own."""
        if self._tls is None:
            super().cert_verify(*args, **kwargs)  # type: ignore[no-untyped-call]

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """The fields of the request that opens a tunnel; one that passes on what it reads finds them there."""
        blob = "" if self._authentication.is_plain else self._authentication.proxy_authorization
        return {"Proxy-Authorization": f"Basic {blob}"} if blob else {}

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """The pool that requests chose, with connections that report themselves."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if not issubclass(pool.ConnectionCls, _Watched):
            pool.ConnectionCls = type("WatchedConnection", (_Watched, pool.ConnectionCls), {"exchange": self._exchange})
        return pool


class _Framed(http.client.HTTPResponse):
    """An answer that remembers its head as it came, and the bytes that had come behind its end.

    `leftover` looks at what was received when the answer was complete, and waits for nothing.
    """

    head: Head | None = None
    leftover = b""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        self._socket = sock
        super().__init__(sock, *args, **kwargs)

    def begin(self) -> None:
        """Reads the head. http.client, which reads strictly and HTTP/1 alone, is shown a plain form of it."""
        if self.head is not None:
            return
        reader: Any = self.fp
        self.head = read_head(reader)
        self.fp = io.BytesIO(self.head.plain())  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            self.fp = reader

    def _close_conn(self) -> None:
        reader: Any = self.fp
        if reader is not None:
            self.leftover = _received(self._socket, reader)
        super()._close_conn()  # type: ignore[misc]


def _received(sock: Any, reader: Any) -> bytes:
    """What has been received and not been read."""
    timeout = sock.gettimeout()
    try:
        sock.setblocking(False)
        found: bytes = reader.peek(1)
    except (OSError, ValueError):
        return b""
    finally:
        with contextlib.suppress(OSError):
            sock.settimeout(timeout)
    return found


class _Watched:
    """A connection that shows itself to the exchange at hand, and asks for exactly what that names."""

    exchange: "_Exchange"
    response_class = _Framed

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

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The clock of the exchange stopped meanwhile."""
        with self._lock:
            left = None if self._end is None else self._end - time.monotonic()
            self._end = None
        try:
            yield
        finally:
            with self._lock:
                self._end = None if left is None else time.monotonic() + left

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
