"""A running reference: the application behind waitress on loopback, and what a run has to know to test it."""

from __future__ import annotations

import logging
import shlex
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from waitress.server import create_server

from reference import ecgridos, mobileconnect, partstream, planted, studebaker, utws, variations
from reference.app import Application
from reference.calls import changes_for
from reference.catalogue import needs_relay, selected
from reference.relay import Relay
from reference.state import State

HOST = "127.0.0.1"
THREADS = 8
PLANTED = (planted, variations)
"""The modules whose import registers what can be planted."""
MINT = Path(__file__).with_name("mint.py")

# Requests wait for a thread as a matter of course when a run is eager; waitress warns of each.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a service is, and the values that only its owner can supply."""

    url: str
    values: Mapping[str, str]


@dataclass(slots=True)
class Running:
    """A reference that serves until it is stopped. It is a context manager too."""

    port: int
    targets: Mapping[str, Target]
    _server: Any = field(repr=False)
    _sockets: dict[int, Any] = field(repr=False)
    _thread: threading.Thread = field(repr=False)
    _relay: Relay | None = field(repr=False)

    def stop(self) -> None:
        """Closes every connection and waits until nothing of the server is left."""
        if self._relay is not None:
            self._relay.stop()
        # Workers first: one that ends its task later would wake a loop that is closed already.
        self._server.task_dispatcher.shutdown()
        # The sockets belong to the thread that serves: it has to close them itself.
        self._server.trigger.pull_trigger(self._close)
        self._thread.join()

    def _close(self) -> None:
        for dispatcher in list(self._sockets.values()):
            dispatcher.close()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(port: int = 0, *, faults: tuple[str, ...] = (), variants: tuple[str, ...] = ()) -> Running:
    """A reference that listens on the port; 0 is any free one.

    Raises UnknownNameError for a name that no planted fault or variant has, OSError if the port is taken.
    """
    deviations = selected(faults=faults, variants=variants)
    relay = Relay(HOST, port) if needs_relay(deviations) else None
    # Bound by us, since waitress leaves its sockets open when the port is taken.
    listening = socket.create_server((HOST, 0 if relay else port))
    behind = int(listening.getsockname()[1])
    state = State()
    sockets: dict[int, Any] = {}
    server = create_server(
        Application(state, changes_for((one.name, one.touches) for one in deviations)),
        map=sockets,
        sockets=[listening],
        threads=THREADS,
        ident=None,
        connection_limit=1000,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=True,
    )
    if relay is not None:
        relay.serve(behind)
    public = relay.port if relay else behind
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    return Running(public, targets(public, state), server, sockets, thread, relay)


def targets(port: int, state: State) -> Mapping[str, Target]:
    """The five services as the configuration of a run wants them, by their keys."""
    base = f"http://{HOST}:{port}"
    minting = shlex.join((sys.executable, "-I", "-S", str(MINT), f"{base}/mint/partstream"))
    return {
        "utws": Target(f"{base}{utws.PATH}", {}),
        "ecgridos": Target(f"{base}{ecgridos.PATH}", {"SessionID": state.ecgridos_sessions.mint()}),
        "mobileconnect": Target(
            f"{base}{mobileconnect.ROOT}",
            {"DeviceSerialNumber": state.device_serial_number, "SessionUid": state.session_uid},
        ),
        "studebaker": Target(f"{base}{studebaker.ROOT}", {"Username": state.username, "Password": state.password}),
        "partstream": Target(f"{base}{partstream.PATH}", {"sessionid": f"command:{minting}"}),
    }
