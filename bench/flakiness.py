"""`python -m bench.flakiness [--runs N] [--write]`: certification after certification while others load the target.

Every run is of profile standard, seed 0, against one reference target, to which the second process sends known-good
messages all the while, several at a time. What the runs say has to be equal: the verdict of the run, and that of each
requirement on each binding. Prints the table as Markdown; a difference makes the exit status 1.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import requests

from contracts.judge.records import Request
from contracts.loader import load_services
from contracts.values import fill
from strategies.templates import deepcopy_of, template_of
from strategies.wire import request
from suites.configuration import Target
from suites.embedded import EmbeddedTarget

PAGE: Final = Path(__file__).parent.parent / "docs" / "flakiness.md"
AT_A_TIME: Final = 2
"""Requests of the load in flight, beside the run's own."""

PAUSE: Final = 0.01
"""Seconds between the load's requests: it is to disturb the runs, not to starve them."""

PATIENCE: Final = 60.0
"""Seconds after which the load calls a request lost."""

Row: TypeAlias = tuple[str, str, str, str]
"""Service, operation, binding, requirement."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run: what it says of itself and of each requirement, and what went on meanwhile."""

    verdict: str
    verdicts: Mapping[Row, str]
    seconds: float
    exchanges: int
    load: int

    def differs_from(self, other: "Turn") -> Sequence[Row]:
        """The requirements whose verdict is another one there."""
        rows = {**self.verdicts, **other.verdicts}
        return [row for row in rows if self.verdicts.get(row) != other.verdicts.get(row)]


def main() -> None:
    """Runs, prints and, if asked to, writes the page. Exit status 1 where two runs differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.flakiness", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="certifications (default %(default)s)")
    parser.add_argument("--profile", default="standard", help="their profile (default %(default)s)")
    parser.add_argument("--write", action="store_true", help="write docs/flakiness.md too")
    arguments = parser.parse_args()
    turns = list(_turns(arguments.runs, arguments.profile))
    page = markdown(turns, arguments.profile)
    print(page)
    if arguments.write:
        PAGE.write_text(page, "utf-8")
    sys.exit(not are_equal(turns))


def are_equal(turns: Sequence[Turn]) -> bool:
    """Whether every run says what the first says."""
    return all(turn.verdict == turns[0].verdict and not turn.differs_from(turns[0]) for turn in turns)


def _turns(runs: int, profile: str) -> Iterator[Turn]:
    processes = multiprocessing.get_context("spawn")
    answered, has_ended = processes.Value("L", 0), processes.Event()
    with EmbeddedTarget() as target, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "targets.toml"
        config.write_text(_as_toml(target.targets.values()), "utf-8")
        load = processes.Process(target=_load, args=(dict(target.targets), answered, has_ended))
        load.start()
        try:
            for number in range(runs):
                yield _turn(config, Path(folder) / str(number), profile, answered)
                print(f"run {number + 1} of {runs} has ended", file=sys.stderr, flush=True)
        finally:
            has_ended.set()
            load.join()


def _turn(config: Path, out: Path, profile: str, answered: Any) -> Turn:
    """One certification. Raises RuntimeError where it leaves no verdict."""
    begun, before = time.monotonic(), answered.value
    options = ["--config", str(config), "--out", str(out), "--profile", profile, "--seed", "0"]
    command = [sys.executable, "-m", "soapstone", "certify", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    file = out / "verdict.json"
    if not file.is_file():
        raise RuntimeError(f"a run left no verdict: {done.stdout}{done.stderr}")
    said = json.loads(file.read_bytes())
    return Turn(
        verdict=said["verdict"],
        verdicts={
            (row["service"], row["operation"], row["binding"] or "", row["id"]): row["verdict"]
            for row in said["requirements"]
        },
        seconds=time.monotonic() - begun,
        exchanges=sum(b'"type":"exchange"' in line for line in (out / "evidence.jsonl").read_bytes().splitlines()),
        load=answered.value - before,
    )


def _as_toml(targets: Iterable[Target]) -> str:
    """The targets as targets.toml has them; a JSON string is a TOML string too."""
    lines = []
    for target in targets:
        lines += [f"[{target.service}]", f"url = {json.dumps(target.url)}", f"[{target.service}.values]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in target.values.items()]
    return "\n".join(lines) + "\n"


def _load(targets: Mapping[str, Target], answered: Any, has_ended: Any) -> None:
    """Sends known-good messages in turn, several at a time, until it is told that the runs have ended."""
    messages = list(_messages(targets))

    def send(first: int) -> None:
        with requests.Session() as session:
            session.trust_env = False
            number = first
            while not has_ended.is_set():
                url, message = messages[number % len(messages)]
                answer = session.request(
                    message.method,
                    url + message.path,
                    data=message.body,
                    headers=dict(message.headers),
                    timeout=PATIENCE,
                )
                with answered.get_lock():
                    answered.value += answer.status_code < 300
                number += 1
                has_ended.wait(PAUSE)

    threads = [threading.Thread(target=send, args=(first,)) for first in range(AT_A_TIME)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _messages(targets: Mapping[str, Target]) -> Iterator[tuple[str, Request]]:
    """The known-good message of each binding whose values are the same each time, with the address it goes to."""
    for service in load_services().values():
        target = targets[service.name]
        for operation in service.operations.values():
            for binding in () if operation.consumes else operation.bindings:
                template = template_of(operation, binding.protocol)
                known = request(template, deepcopy_of(template.payload))
                yield target.url, fill(known, target.values)


def markdown(turns: Sequence[Turn], profile: str) -> str:
    """The page: the runs, and what differs between them."""
    first = turns[0]
    differing = {row for turn in turns for row in turn.differs_from(first)}
    equal = "all equal" if are_equal(turns) else f"{len(differing)} requirements differ"
    seconds = sum(turn.seconds for turn in turns)
    lines = [
        "# Flakiness",
        "",
        "Written by `python -m bench.flakiness --write`: certifications one after another against one reference",
        f"target, to which a second process sends known-good messages all the while, {AT_A_TIME} in flight. What every",
        "run says of itself and of each requirement on each binding has to be equal.",
        "",
        f"{len(turns)} runs, profile `{profile}`, seed 0; {len(first.verdicts):,} verdicts each: {equal}. "
        f"{sum(turn.exchanges for turn in turns):,} exchanges and {sum(turn.load for turn in turns):,} answers to the "
        f"load in {seconds:.0f} seconds.",
        "",
        "| run | verdict | verdicts that differ from the first | exchanges | answers to the load meanwhile | seconds |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for number, turn in enumerate(turns, 1):
        cells = (
            turn.verdict,
            len(turn.differs_from(first)),
            f"{turn.exchanges:,}",
            f"{turn.load:,}",
            f"{turn.seconds:.0f}",
        )
        lines.append(f"| {number} | {' | '.join(map(str, cells))} |")
    if differing:
        lines += ["", "| differs | verdicts |", "| --- | --- |"]
        for row in sorted(differing):
            found = sorted({turn.verdicts.get(row, "none") for turn in turns})
            lines.append(f"| {'/'.join(row[:3])} `{row[3]}` | {', '.join(found)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
