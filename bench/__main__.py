"""`python -m bench [--write]`: measures everything against one static target, and prints the table as Markdown."""

import argparse
import dataclasses
import json
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.measures import MEASURES, Measure
from bench.serving import Served
from bench.table import Peak, Results, markdown

PAGE = Path(__file__).parent.parent / "docs" / "bench.md"

COUNTS: Mapping[str, int] = {
    "bare": 2_000,
    "bare_alone": 2_000,
    "suite": 2_000,
    "schemathesis": 500,
    "schemathesis_alone": 500,
    "parts": 2_000,
}
"""Messages of each measure, in the order in which a round takes them: long enough to outlast a hiccup."""

LENGTHS = (1_000, 10_000, 100_000)
"""Exchanges of the runs whose memory is compared."""

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit of `ru_maxrss`: getrusage(2) counts kilobytes on Linux, bytes on macOS."""


def main() -> None:
    """Measures, prints and, if asked to, writes the page."""
    arguments = _arguments()
    if arguments.measure:
        _measure_here(arguments.measure, arguments.url, arguments.count)
        return
    page = markdown(_results(arguments.rounds, arguments.lengths))
    print(page)
    if arguments.write:
        PAGE.write_text(page, "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="times each rate is taken (%(default)s)")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, help="exchanges of the runs for memory")
    parser.add_argument("--write", action="store_true", help="write docs/bench.md too")
    parser.add_argument("--measure", choices=sorted(MEASURES), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _results(rounds: int, lengths: Sequence[int]) -> Results:
    with Served("bench.server") as server:
        url = f"http://127.0.0.1:{server.port}"
        taken = [_round(url, number) for number in range(1, rounds + 1)]
        return Results(taken, [_peak(url, length) for length in lengths])


def _round(url: str, number: int) -> dict[str, Measure]:
    """Each rate once, one straight after another."""
    _tell(f"round {number}")
    return {name: _measured(name, url, count)[0] for name, count in COUNTS.items()}


def _peak(url: str, length: int) -> Peak:
    _tell(f"memory of {length:,} exchanges")
    measure, memory = _measured("suite", url, length)
    return Peak(measure.sent, memory, measure.log_bytes)


def _measured(name: str, url: str, count: int) -> tuple[Measure, int]:
    """A measure taken in a process of its own, and that process's peak memory in bytes."""
    command = [sys.executable, "-m", "bench", f"--measure={name}", f"--url={url}", f"--count={count}"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    record = json.loads(done.stdout)
    return Measure(**record["measure"]), record["memory"]


def _measure_here(name: str, url: str, count: int) -> None:
    """What the process of a measure does: prints the measure and its own peak memory as JSON."""
    measure = MEASURES[name](url, count)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
    print(json.dumps({"measure": dataclasses.asdict(measure), "memory": memory}))


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
