"""What workers bring before slow targets and fast ones. `python -m bench.workers [--write]` prints docs/workers.md."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

from bench.serving import Served
from reports.reading import read_run
from suites.embedded import EmbeddedTarget

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "workers.md"
SERVICE = "utws"
SECONDS = 0.1
"""How long the slow target takes for each answer."""

SLOW = ((1, 1), (2, 1), (4, 1), (8, 1), (16, 1))
FAST = ((1, 1), (2, 1), (8, 1), (1, 2))
"""Workers and shards of each run."""

CERTIFIED, INCOMPLETE = 0, 6
"""What a whole run ends with, and a shard."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A run by so many workers in each of so many shards, side by side: exchanges, and seconds from the first command
    to the last report.
    """

    workers: int
    shards: int
    exchanges: int
    seconds: float

    @property
    def rate(self) -> float:
        """Exchanges per second, everything included."""
        return self.exchanges / self.seconds

    @property
    def named(self) -> str:
        """What the first column says."""
        return f"{self.workers}" if self.shards == 1 else f"{self.workers} in each of {self.shards} shards"


def main() -> None:
    """Measures one run after another, prints and, if asked to, writes the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.workers", description=__doc__)
    parser.add_argument("--profile", default="standard", help="what is sent (%(default)s)")
    parser.add_argument("--write", action="store_true", help="write docs/workers.md too")
    arguments = parser.parse_args()
    with EmbeddedTarget() as embedded:
        url = embedded.targets[SERVICE].url
        fast = [_taken(*each, url, arguments.profile) for each in FAST]
        parts = urlsplit(url)
        with Served("bench.slow", parts.port or 80, SECONDS) as server:
            there = urlunsplit(parts._replace(netloc=f"127.0.0.1:{server.port}"))
            slow = [_taken(*each, there, arguments.profile) for each in SLOW]
    page = "\n".join(lines(slow, fast, arguments.profile)) + "\n"
    print(page)
    if arguments.write:
        PAGE.write_text(page, "utf-8")


def _taken(workers: int, shards: int, url: str, profile: str) -> Taken:
    print(f"{workers} workers, {shards} shards", file=sys.stderr, flush=True)
    with TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "soapstone.py"), "certify", "-t", f"{SERVICE}={url}"]
        outs = [Path(folder, str(number)) for number in range(1, shards + 1)]
        begun = time.monotonic()
        runs = [
            subprocess.Popen(
                [*command, "--profile", profile, "-n", str(workers), *_share(out.name, shards), "--out", out],
                stdout=subprocess.DEVNULL,
            )
            for out in outs
        ]
        statuses = [each.wait() for each in runs]
        seconds = time.monotonic() - begun
        if not set(statuses) <= {CERTIFIED, INCOMPLETE}:
            raise SystemExit(f"the run by {workers} workers ended with {statuses}")
        exchanges = sum(read_run(out / "evidence.jsonl").counts["exchanges"] for out in outs)
        return Taken(workers, shards, exchanges, seconds)


def _share(part: str, shards: int) -> list[str]:
    """The option that makes a run one of several shards."""
    return ["--shard", f"{part}/{shards}"] if shards > 1 else []


def lines(slow: Sequence[Taken], fast: Sequence[Taken], profile: str) -> Iterator[str]:
    """The page."""
    yield "# What workers bring"
    yield ""
    yield f"Made by `python -m bench.workers --write`: `soapstone certify -n WORKERS --profile {profile}` of {SERVICE},"
    yield "one run after another, before the reference target. Seconds are those of the whole command, from its start"
    yield f"to the last report, on {os.cpu_count()} processors that the target shares, with a load of"
    yield f"{os.getloadavg()[0]:.1f} at the end."
    yield ""
    yield f"Where the target is slow, and each answer takes {SECONDS * 1000:.0f} ms more, workers wait for it together:"
    yield ""
    yield from _table(slow)
    yield ""
    yield "Workers are threads, which share one processor for all that is computed: where the target answers at once,"
    yield "they bring its own small time and no more, whatever their number. Shards are processes, and bring as much as"
    yield "there are idle processors; each has a rate, a budget and a login of its own: divide what the vendor allows."
    yield ""
    yield from _table(fast)


def _table(taken: Sequence[Taken]) -> Iterator[str]:
    yield "| workers | exchanges | seconds | exchanges per second | times one |"
    yield "| --- | --- | --- | --- | --- |"
    for each in taken:
        times = each.rate / taken[0].rate
        yield f"| {each.named} | {each.exchanges:,} | {each.seconds:.1f} | {each.rate:.1f} | {times:.1f} |"


if __name__ == "__main__":
    main()
