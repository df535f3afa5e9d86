"""A run shared out over processes by pytest-xdist (`-n`): what each is told, and their logs made one.

Workers put active requirements to the test, each with a log of its own. Passive ones are decided here, when all have
ended, from what all of them saw.
"""

import importlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pytest

from contracts.judge.verdicts import RequirementVerdict
from reports.errors import OutputError
from reports.merging import merge_logs
from suites.configuration import Target
from suites.header import Settings, worker_log
from suites.outcome import PASSING
from suites.run_page import properties_of
from suites.sharing import Worker
from suites.summary import finding_lines, printable

HOME = Path(__file__).parent
_TOLD = "soapstone"
"""The member of what workers and controller tell each other that is ours."""


class WorkerError(RuntimeError):
    """A run cannot be shared out in the way that is asked for."""


@dataclass(slots=True)
class Workers:
    """The workers of a run, seen from the process that starts them."""

    settings: Settings
    targets: Mapping[str, Target]
    count: int
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    names: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, config: pytest.Config, settings: Settings, targets: Mapping[str, Target]) -> "Workers":
        """The workers that the options ask for. Raises WorkerError."""
        if any(not str(spec).startswith("popen") for spec in config.option.tx):
            raise WorkerError("--tx: workers run on this machine; run shards (--shard I/N) on others")
        if any(config.getoption(name, None) for name in ("keyword", "markexpr", "deselect")):
            raise WorkerError("-n: a selection of requirements runs in one process: leave -n out")
        config.option.maxworkerrestart = "0"  # a worker's log is its evidence: another one cannot go on with it
        return cls(settings, targets, len(config.option.tx))

    def introduce(self, worker: dict[str, Any]) -> None:
        """Tells a worker, by its `workerinput`, what it cannot know of its own."""
        self.names.append(worker["workerid"])
        worker[_TOLD] = {
            "number": len(self.names) - 1,
            "of": self.count,
            "key": self.key.hex(),
            "out": str(self.settings.out.resolve()),
            "targets": {each.service: {"url": each.url, "values": dict(each.values)} for each in self.targets.values()},
        }

    def ended(self, name: str, told: Mapping[str, Any], error: object | None) -> None:
        """Takes note of how a worker ended."""
        if error is not None or _TOLD not in told:
            self.lost.append(name)
        else:
            self.statuses.append(told[_TOLD])

    def merged(self, why_not: str) -> Path:
        """The run's log, made of its workers'. `why_not` says why the run did not end; empty if it did.

        The workers' logs are left where they are if they cannot be made one. Raises EvidenceError and OutputError.
        """
        written = {name: log for name in self.names if _has_content(log := worker_log(self.settings.out, name))}
        if not written:
            raise OutputError(self.settings.log, FileNotFoundError(2, "no worker wrote a log"))
        lost = [name for name in self.names if name in self.lost or name not in written]
        why_not = why_not or ", ".join(f"worker {name} was lost" for name in lost)
        logs = list(written.values())
        merge_logs(logs, self.settings.log, part=str(self.settings.shard or ""), abandoned=why_not)
        for each in logs:
            each.unlink()
        return self.settings.log


def _has_content(log: Path) -> bool:
    return log.exists() and log.stat().st_size > 0


def worker_of(config: pytest.Config) -> tuple[Worker, Path, Mapping[str, Target]] | None:
    """In a worker: who it is, the folder for its log, and the embedded targets if there are any. Else None."""
    given: Mapping[str, Any] | None = getattr(config, "workerinput", None)
    if given is None:
        return None
    told = given[_TOLD]
    targets = {name: Target(name, each["url"], each["values"]) for name, each in told["targets"].items()}
    worker = Worker(given["workerid"], told["number"], told["of"], bytes.fromhex(told["key"]))
    return worker, Path(told["out"]), targets


def tell(config: pytest.Config, status: int) -> None:
    """In a worker: says how it ended."""
    config.workeroutput[_TOLD] = int(status)  # type: ignore[attr-defined]


def passive_reports(config: pytest.Config, verdicts: Iterable[RequirementVerdict]) -> Iterator[pytest.TestReport]:
    """What pytest would have reported of the items of these verdicts, had one process seen everything."""
    modules = _modules(config)
    for reached in verdicts:
        section = reached.requirement.id.partition("/")[0]
        path = modules.get(section, modules["service"])
        item = f"{reached.service}/{reached.operation}/{reached.protocol}:{reached.requirement.id}"
        yield from _phases(reached, path, f"test_requirement[{item}]")


def _phases(reached: RequirementVerdict, path: str, name: str) -> Iterator[pytest.TestReport]:
    """The reports of one item: set-up, call (none if the set-up failed) and end."""
    ended: dict[_When, tuple[_Outcome, Any]] = {"setup": ("passed", None), "teardown": ("passed", None)}
    if reached.verdict == "inconclusive":
        ended["setup"] = ("failed", f"InconclusiveError: {printable(reached.reason)}")
    else:
        ended["call"] = _settled(reached, path)
    for when in _PHASES:
        if when in ended:
            outcome, told = ended[when]
            yield pytest.TestReport(
                nodeid=f"{path}::{name}",
                location=(path, None, name),
                keywords={},
                outcome=outcome,
                longrepr=told,
                when=when,
                user_properties=properties_of(reached),
            )


_When: TypeAlias = Literal["setup", "call", "teardown"]
_Outcome: TypeAlias = Literal["passed", "failed", "skipped"]
_PHASES: tuple[_When, ...] = ("setup", "call", "teardown")


def _settled(reached: RequirementVerdict, path: str) -> tuple[_Outcome, Any]:
    """The outcome of a verdict that was reached, and what pytest is to tell of it."""
    if reached.verdict == "violated":
        return "failed", finding_lines(reached)
    if reached.verdict in PASSING:
        return "passed", None
    return "skipped", (path, 0, f"Skipped: {reached.verdict}: {reached.reason}")


def _modules(config: pytest.Config) -> Mapping[str, str]:
    """The module of the suites for each section of requirement ids, as pytest names it."""
    found = {}
    for file in sorted(HOME.glob("test_*.py")):
        mark = importlib.import_module(f"suites.{file.stem}").pytestmark
        path = os.path.relpath(file, config.rootpath).replace(os.sep, "/")
        found.update(dict.fromkeys(mark.args, path))
    return found
