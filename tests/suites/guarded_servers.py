"""Doors before the reference target, as vendors have them: TLS with all kinds of certificates, logins, a real proxy."""

import base64
import contextlib
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import proxy
import spnego
import trustme
from raw_servers import RawServer, read_message

from contracts.loader import load_services, pick
from contracts.model import Protocol
from reports.reading import read_run
from reports.run import Run as ReportedRun
from suites.configuration import Budget, Configuration, Target
from suites.header import Settings
from suites.plan import Profile
from suites.run import Run
from suites.runner import Runner

Answer = Callable[[bytes], bytes | None]
Handler = Callable[[RawServer, socket.socket], None]

SHORT = ("known_good", "spellings", "missing_body")
"""Cases of a run that is over in a moment: messages to accept, and some to refuse."""


def status(code: int, *fields: str, body: bytes = b"") -> bytes:
    """An answer of a gateway: a status, fields, a body of its own."""
    head = [f"HTTP/1.1 {code} Word", *fields, f"Content-Length: {len(body)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def field(data: bytes, name: str) -> str:
    """The value of a request's field; empty if it has none."""
    found = re.search(rb"(?im)^" + name.encode() + rb":[ \t]*([^\r]*)\r$", data.partition(b"\r\n\r\n")[0] + b"\r")
    return found.group(1).decode() if found else ""


def before(port: int, answer: Answer, context: ssl.SSLContext | None = None) -> Handler:
    """Stands before the server at a port, over TLS where a context is given.

    `answer` gives what to say in its place, b"" to close, None to pass on. What says `Connection: close` is the last
    thing said on a connection.
    """

    def handle(server: RawServer, connection: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            if context is not None:
                connection = stack.enter_context(context.wrap_socket(connection, server_side=True))
            upstream = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            while data := server.receive(connection):
                instead = answer(data)
                if instead is None:
                    upstream.sendall(data)
                    instead = read_message(upstream)
                if not instead:
                    return
                connection.sendall(instead)
                if b"\r\nConnection: close\r\n" in instead:
                    return

    return handle


class Negotiating:
    """A door that opens for a connection which has proved its caller by NTLM, as IIS has it."""

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        users = folder / "users"
        users.write_text("WORLD:caller:s3cret-of-the-caller\n")
        monkeypatch.setenv("NTLM_USER_FILE", str(users))
        self.entered = 0
        self.asked = 0

    def handler(self, port: int) -> Handler:
        """The door before the server at a port: each connection has a handshake of its own."""

        def handle(server: RawServer, connection: socket.socket) -> None:
            context: Any = None
            is_open = False
            with socket.create_connection(("127.0.0.1", port), 10) as upstream:
                while data := server.receive(connection):
                    _, _, token = field(data, "Authorization").partition(" ")
                    if token:
                        context = context or spnego.server(protocol="ntlm")
                        try:
                            said = context.step(base64.b64decode(token))
                        except spnego.exceptions.SpnegoError:
                            context, said = None, None
                        is_open = context is not None and context.complete
                        self.entered += is_open
                    if not is_open:
                        self.asked += 1
                        more = f" {base64.b64encode(said).decode()}" if token and said else ""
                        connection.sendall(status(401, f"WWW-Authenticate: NTLM{more}"))
                        continue
                    upstream.sendall(data)
                    connection.sendall(read_message(upstream))

        return handle


class Certificates:
    """A private authority, and certificates of every kind made by it."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(self.ca)
        self.folder = folder

    def server(self, *names: str, asks: bool = False, **more: Any) -> ssl.SSLContext:
        """The context of a server for those names; with `asks` it wants a certificate of its caller."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*(names or ("127.0.0.1",)), **more).configure_cert(context)
        if asks:
            self.authority.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def expired(self) -> ssl.SSLContext:
        """The context of a server whose certificate's last day is past."""
        return self.server(not_after=datetime.now(UTC) - timedelta(days=1))

    def client(self) -> Path:
        """A client certificate with its key."""
        made, path = self.authority.issue_cert("caller@example.test"), self.folder / "client.pem"
        made.private_key_and_cert_chain_pem.write_to_path(path)
        return path


@contextmanager
def proxying(*options: str) -> Iterator[int]:
    """The port of a real proxy (proxy.py) on loopback."""

    with proxy.Proxy(
        [*options, "--hostname", "127.0.0.1", "--port", "0", "--num-workers", "1", "--log-level", "c"]
    ) as it:
        yield it.flags.port


class Ended:
    """A short run that has ended: what its log tells."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.reported: ReportedRun = read_run(run.log.path)
        self.text = run.log.path.read_text("utf-8")

    def events(self, name: str) -> list[str]:
        """The details of the events of that name."""
        return [each.detail for each in self.reported.events if each.name == name]

    @property
    def given_up(self) -> str:
        """Why nothing more was sent; empty if nothing kept the run from its end."""
        return " ".join(self.events("target given up"))

    @property
    def violated(self) -> list[str]:
        """Ids of the requirements that are violated."""
        return [each.requirement.id for each in self.reported.verdicts if each.verdict == "violated"]

    def verdict(self, case: str) -> str:
        """The verdict of the requirement that sends a case."""
        return next(each.verdict for each in self.reported.verdicts if each.requirement.sends == case)


def short_run(
    out: Path,
    targets: Mapping[str, Target] | Target,
    *,
    cases: Iterable[str] = SHORT,
    protocols: tuple[Protocol, ...] = ("soap11",),
    budget: Budget = Budget(patience=0),  # noqa: B008 - frozen
    between: Callable[[Run, int], None] = lambda run, number: None,
    profile: Profile = "smoke",
) -> Ended:
    """A run of some cases of a plan, by default the smoke plan. `between` is called before each item, with its
    number.
    """
    named = {targets.service: targets} if isinstance(targets, Target) else targets
    settings = Settings(
        services=pick(load_services(), list(named)),
        configuration=Configuration(named, budget),
        out=out,
        protocols=protocols,
        profile=profile,
    )
    run = Run(settings)
    runner, wanted = Runner(run), tuple(cases)
    for number, item in enumerate(each for each in settings.items if each.case in wanted):
        between(run, number)
        if run.may_send(item):
            runner.run(item)
    run.close()
    return Ended(run)
