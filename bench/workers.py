"""What workers bring where the target is slow. `python -m bench.workers [--write]` prints a table (docs/workers.md)."""

import argparse
import json
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
"""How long the target takes for each answer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A run by so many workers: its exchanges, and its seconds from the command to the last report."""

    workers: int
    exchanges: int
    seconds: float

    @property
    def rate(self) -> float:
        """Exchanges per second, everything included."""
        return self.exchanges / self.seconds


def main() -> None:
    """Measures one run after another, prints and, if asked to, writes the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.workers", description=__doc__)
    parser.add_argument("--profile", default="standard", help="what is sent (%(default)s)")
    parser.add_argument("--workers", type=int, nargs="+", default=(1, 2, 4, 8, 16), help="numbers of workers")
    parser.add_argument("--write", action="store_true", help="write docs/workers.md too")
    arguments = parser.parse_args()
    page = "\n".join(lines(measured(arguments.workers, arguments.profile), arguments.profile)) + "\n"
    print(page)
    if arguments.write:
        PAGE.write_text(page, "utf-8")


def measured(workers: Sequence[int], profile: str) -> list[Taken]:
    """The same run with each number of workers."""
    with EmbeddedTarget() as embedded:
        url = urlsplit(embedded.targets[SERVICE].url)
        with Served("bench.slow", url.port or 80, SECONDS) as slow:
            return [
                _taken(number, urlunsplit(url._replace(netloc=f"127.0.0.1:{slow.port}")), profile) for number in workers
            ]


def _taken(workers: int, url: str, profile: str) -> Taken:
    print(f"{workers} workers", file=sys.stderr, flush=True)
    with TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "soapstone.py"), "certify", "-t", f"{SERVICE}={url}"]
        begun = time.monotonic()
        done = subprocess.run(
            [*command, "--profile", profile, "-n", str(workers), "--out", folder],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        seconds = time.monotonic() - begun
        verdict = json.loads(Path(folder, "verdict.json").read_bytes())
        if done.returncode != 0:
            raise SystemExit(f"the run by {workers} workers ended with {done.returncode}: {verdict['verdict']}")
        return Taken(workers, read_run(Path(folder, "evidence.jsonl")).counts["exchanges"], seconds)


def lines(taken: Sequence[Taken], profile: str) -> Iterator[str]:
    """The page."""
    yield "# What workers bring"
    yield ""
    yield f"Made by `python -m bench.workers --write`: `soapstone certify -n WORKERS --profile {profile}` of {SERVICE},"
    yield "one run after another, before the reference target made slow: each answer takes"
    yield f"{SECONDS * 1000:.0f} ms more. Seconds are those of the whole command, from its start to the last report,"
    yield f"on {os.cpu_count()} processors that the target shares, with a load of {os.getloadavg()[0]:.1f} at the end."
    yield ""
    yield "| workers | exchanges | seconds | exchanges per second | times one |"
    yield "| --- | --- | --- | --- | --- |"
    for each in taken:
        times = each.rate / taken[0].rate
        yield f"| {each.workers} | {each.exchanges:,} | {each.seconds:.1f} | {each.rate:.1f} | {times:.1f} |"


if __name__ == "__main__":
    main()
