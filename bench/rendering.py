"""`python -m bench.rendering [--write]`: time and memory of rendering the reports of long runs, as a table in Markdown.

The logs are made from that of a real smoke run against the reference target with faults in it: its operations stand
there many times under names of their own, and its exchanges over and over, until there are as many as asked for.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.loader import load_services
from reports.chain import START, sealed
from suites.certification import Certification
from suites.configuration import Configuration
from suites.embedded import EmbeddedTarget
from suites.header import Settings

Json = dict[str, Any]

PAGE = Path(__file__).parent.parent / "docs" / "rendering.md"
EXCHANGES = (10_000, 30_000, 100_000)
CASES = 5_000
FAULTS = ("fault_with_status_200", "reads_text_as_zero", "refuses_least_number", "accepts_any_media_type")

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit of `ru_maxrss`: getrusage(2) counts kilobytes on Linux, bytes on macOS."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What rendering one log took: seconds and bytes."""

    exchanges: int
    cases: int
    seconds: float
    memory: int
    log: int
    page: int


def main() -> None:
    """Makes the logs, renders them, prints the table and, if asked to, writes the page."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="rendering-") as temporary:
        folder = options.keep or Path(temporary)
        seed = _seed_log(folder / "seed")
        page = markdown([_rendered(seed, folder, options.cases, count) for count in options.exchanges])
    print(page)
    if options.write:
        PAGE.write_text(page, "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.rendering", description=__doc__)
    parser.add_argument("--exchanges", type=int, nargs="+", default=EXCHANGES, help="exchanges of each log")
    parser.add_argument("--cases", type=int, default=CASES, help="requirements on bindings (%(default)s)")
    parser.add_argument("--keep", type=Path, default=None, metavar="DIR", help="where logs and reports stay")
    parser.add_argument("--write", action="store_true", help="write docs/rendering.md too")
    return parser.parse_args()


def _seed_log(folder: Path) -> Path:
    """The log of a run against the reference target with faults."""
    with EmbeddedTarget(tuple(word for name in FAULTS for word in ("--fault", name))) as embedded:
        settings = Settings(load_services(), Configuration(embedded.targets), folder, profile="smoke")
        certification = Certification(settings)
        certification.send_all()
        certification.run.close()
    return certification.run.log.path


def _rendered(seed: Path, folder: Path, cases: int, exchanges: int) -> Rendered:
    """Makes a log, has `soapstone report` render it in a process of its own, and says what that took."""
    log = folder / f"{exchanges}.jsonl"
    rows = write_log(log, multiplied(read_records(seed), cases, exchanges))
    out = folder / f"report-{exchanges}"
    command = [sys.executable, "-m", "soapstone", "report", str(log), "--out", str(out)]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    page = (out / "conformance.html").stat().st_size
    return Rendered(exchanges, rows, seconds, usage.ru_maxrss * _UNIT, log.stat().st_size, page)


def read_records(log: Path) -> list[Json]:
    """The records of a log, without their seals and the canaries."""
    records = [json.loads(line) for line in log.read_bytes().splitlines()]
    for each in records:
        del each["seal"]
    return [each for each in records if each["type"] != "canary"]


def multiplied(records: Sequence[Json], cases: int, exchanges: int) -> Iterator[Json]:
    """The records of a log with so many requirements on bindings, and so many exchanges."""
    header = records[0]
    copies = -(-cases // len(header["requirements"]))
    yield {
        **header,
        "contracts": {_named(key, copy): said for copy in range(copies) for key, said in header["contracts"].items()},
        "bindings": [_copied(row, copy) for copy in range(copies) for row in header["bindings"]],
        "requirements": [_copied(row, copy) for copy in range(copies) for row in header["requirements"]],
    }
    groups = list(_groups(records))
    counts = {"exchanges": 0, "groups": 0, "planned": 0}
    for turn, group in zip(itertools.count(), itertools.cycle(groups)):
        if counts["exchanges"] >= exchanges:
            break
        copy = turn // len(groups) % copies
        yield from _renumbered(group, counts, copy, copy * len(header["requirements"]))
    yield {"type": "footer", "counts": counts, "finished": header["started"]}


def _named(operation: str, copy: int) -> str:
    return f"{operation}{copy:02}" if copy else operation


def _copied(row: Json, copy: int) -> Json:
    return {**row, "operation": _named(row["operation"], copy)}


def _groups(records: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """The groups of one planned exchange, each with it."""
    exchanges: dict[int, Json] = {}
    for record in records:
        if record["type"] == "exchange" and record["purpose"] == "planned" and "response" in record:
            exchanges[record["number"]] = record
        if record["type"] == "group" and len(record["exchanges"]) == 1 and record["exchanges"][0] in exchanges:
            yield exchanges[record["exchanges"][0]], record


def _renumbered(group: tuple[Json, Json], counts: dict[str, int], copy: int, rows: int) -> Iterator[Json]:
    """A group once more, as that of another copy of its operation; counted."""
    exchange, judged = group
    for name in counts:
        counts[name] += 1
    number = counts["exchanges"]
    message = exchange["message"]
    item = message["item"].replace(message["operation"], _named(message["operation"], copy), 1)
    yield {**exchange, "number": number, "message": {**_copied(message, copy), "item": item}}
    yield {
        **_copied(judged, copy),
        "exchanges": [number],
        "observed": [row + rows for row in judged["observed"]],
        "inconclusive": [row + rows for row in judged["inconclusive"]],
        "findings": [
            {**each, "requirement": each["requirement"] + rows, "exchange": number} for each in judged["findings"]
        ],
    }


def write_log(path: Path, records: Iterable[Mapping[str, Any]]) -> int:
    """Writes a log of these records, chained, and gives back the number of requirements on bindings."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    rows, seal = 0, START
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for record in records:
            rows = rows or len(record["requirements"])
            line, seal = sealed(encode(record).encode("utf-8", "backslashreplace"), seal)
            file.write(line)
    return rows


def markdown(found: Sequence[Rendered]) -> str:
    """The page."""
    lines = [
        "# Rendering the reports of long runs",
        "",
        "Written by `python -m bench.rendering --write`: `soapstone report` on made-up logs, each in a process of its",
        "own. A case is a requirement on a binding. All files are rendered, the archive of exchanges included.",
        "",
        "| exchanges | cases | log | seconds | seconds per 10,000 | peak memory | conformance.html |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in found:
        lines.append(
            f"| {each.exchanges:,} | {each.cases:,} | {each.log / 2**20:.0f} MiB | {each.seconds:.1f} "
            f"| {each.seconds / each.exchanges * 10_000:.2f} | {each.memory / 2**20:.0f} MiB "
            f"| {each.page / 2**20:.2f} MiB |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
