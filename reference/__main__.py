"""`python -m reference`: serves until it is told to end, and says on one line of JSON where."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from reference import catalogue
from reference.catalogue import UnknownNameError
from reference.mint import mint
from reference.server import Running, start

USAGE = 4


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        print(f"{self.prog}: {message}", file=sys.stderr)
        sys.exit(USAGE)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"there is no port {port}")
    return port


def parser(prog: str) -> argparse.ArgumentParser:
    arguments = _Parser(prog=prog, description="Serves the five services on loopback.")
    arguments.add_argument("--port", type=_port, default=0, help="the port to listen on; 0 is any free one")
    arguments.add_argument("--fault", action="append", default=[], metavar="NAME", help="plant a fault")
    arguments.add_argument("--variant", action="append", default=[], metavar="NAME", help="choose a variation")
    arguments.add_argument("--with-parent", action="store_true", help="end when stdin ends")
    arguments.add_argument("--mint", metavar="URL", help="print a fresh session of a running reference, and end")
    arguments.add_argument("--list-faults", action="store_true")
    arguments.add_argument("--list-variants", action="store_true")
    return arguments


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m reference") -> int:
    """Serves until told to end. Gives the exit status; `prog` is the command that messages name."""
    options = parser(prog).parse_args(argv)
    if options.list_faults or options.list_variants:
        _list({**catalogue.faults(), **catalogue.equivalents()} if options.list_faults else {})
        _list(catalogue.variants() if options.list_variants else {})
        return 0
    if options.mint:
        return _mint(options.mint, prog)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        running = start(options.port, faults=tuple(options.fault), variants=tuple(options.variant))
    except UnknownNameError as error:
        return _refuse(prog, str(error))
    except OSError as error:
        return _refuse(prog, f"cannot listen on port {options.port}: {error}")
    _serve(running, ended, with_parent=options.with_parent)
    return 0


def _mint(url: str, prog: str) -> int:
    """Prints a session, as a command of a user's own would."""
    try:
        print(mint(url))
    except (OSError, ValueError, RuntimeError) as error:
        return _refuse(prog, f"no session from {url}: {error}")
    return 0


def _serve(running: Running, ended: threading.Event, *, with_parent: bool) -> None:
    ready = {"targets": {service: asdict(target) for service, target in running.targets.items()}}
    print(json.dumps(ready), flush=True)
    if with_parent:
        threading.Thread(target=_await_end_of_input, args=(ended,), daemon=True).start()
    ended.wait()
    running.stop()


def _await_end_of_input(ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    ended.set()


def _list(deviations: Mapping[str, catalogue.Deviation]) -> None:
    for name, deviation in deviations.items():
        told = deviation.breaks if isinstance(deviation, catalogue.Fault) else ""
        told = deviation.reason if isinstance(deviation, catalogue.Variant | catalogue.Equivalent) else told
        print(f"{name}\t{','.join(deviation.touches)}\t{told}\t{deviation.source}")


def _refuse(prog: str, message: str) -> int:
    print(f"{prog}: {message}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
