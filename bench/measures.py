"""The things measured: each sends a number of messages to the static target and says how long that took.

Setting up (contracts, templates, a description, the first connection) is paid before the clock starts, everywhere.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings

import suites.run
from bench.answers import JSON_PATH, SOAP_PATH, description
from contracts.loader import load_services
from contracts.model import Service
from reports.evidence import EvidenceLog
from suites.client import Client
from suites.configuration import Budget, Configuration, Target
from suites.header import Settings
from suites.plan import Item, plan
from suites.run import Run
from suites.runner import Runner

SERVICE = "utws"
WARM_UP = 20
"""Messages sent before the clock starts."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How many messages were sent, in how many seconds; `parts` are the seconds spent in each part, if taken."""

    sent: int
    seconds: float
    parts: Mapping[str, float] = field(default_factory=dict)
    log_bytes: int = 0

    @property
    def rate(self) -> float:
        """Messages per second."""
        return self.sent / self.seconds


def suite(url: str, count: int) -> Measure:
    """A suite run of drawn valid messages: drawn, filled, sent, judged and logged."""
    with _a_run(url) as run:
        item = _item(run.settings.services, count)
        begun = time.perf_counter()
        sent = Runner(run).run(item).sent
        seconds = time.perf_counter() - begun
        return Measure(sent, seconds, log_bytes=run.log.path.stat().st_size)


def parts(url: str, count: int) -> Measure:
    """A suite run with a clock around each of its parts."""
    sums: dict[str, float] = {}
    with _a_run(url) as run, ExitStack() as patches:
        for part, owner, name in _PARTS:
            patches.enter_context(patch.object(owner, name, _timed(part, getattr(owner, name), sums)))
        item = _item(run.settings.services, count)
        begun = time.perf_counter()
        drawn = list(item.messages())
        sums["drawing"] = time.perf_counter() - begun
        patches.enter_context(patch.object(Item, "messages", lambda _: iter(drawn)))
        sent = Runner(run).run(item).sent
        return Measure(sent, time.perf_counter() - begun, sums)


def bare(url: str, count: int, *, trust_env: bool = True) -> Measure:
    """A `requests.Session` that posts the same bytes and reads the answers.

    As it comes, a session looks for proxies and passwords in the environment at each request.
    """
    messages = _messages(count)
    with requests.Session() as session:
        session.trust_env = trust_env
        for request in messages[:WARM_UP]:
            _post(session, url, request)
        begun = time.perf_counter()
        for request in messages:
            _post(session, url, request)
        return Measure(count, time.perf_counter() - begun)


def schemathesis(url: str, count: int) -> Measure:
    """`schemathesis run` on the equivalent OpenAPI operation: valid bodies, every check, evidence as NDJSON and HAR.

    Its clock runs over the phase that draws, sends and checks, as its own report gives it.
    """
    with TemporaryDirectory() as folder:
        described = Path(folder, "openapi.json")
        described.write_text(json.dumps(description()), "utf-8")
        command = [sys.executable, "-c", _RUN_SCHEMATHESIS, "run", str(described), "--url", url, *_OPTIONS]
        command += [f"--max-examples={count}", f"--report-dir={folder}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        entries = json.loads(next(Path(folder).glob("har-*")).read_text("utf-8"))["log"]["entries"]
        return Measure(len(entries), _seconds_of_phase(next(Path(folder).glob("ndjson-*")), "fuzzing"))


def schemathesis_alone(url: str, count: int) -> Measure:
    """Schemathesis at its leanest: its strategy and its checks, called from Python, without evidence or reports."""
    from schemathesis import openapi

    operation = openapi.from_dict(description())[JSON_PATH]["POST"]
    with requests.Session() as session:
        _run_cases(operation, session, url, WARM_UP)
        begun = time.perf_counter()
        sent = _run_cases(operation, session, url, count)
        return Measure(sent, time.perf_counter() - begun)


MEASURES: Mapping[str, Callable[[str, int], Measure]] = {
    "suite": suite,
    "parts": parts,
    "bare": bare,
    "bare_alone": partial(bare, trust_env=False),
    "schemathesis": schemathesis,
    "schemathesis_alone": schemathesis_alone,
}

_RUN_SCHEMATHESIS = "from schemathesis.cli import schemathesis; schemathesis()"
_OPTIONS = (
    "--phases=fuzzing",
    "--mode=positive",
    "--checks=all",
    "--workers=1",
    "--generation-database=none",
    "--seed=0",
    "--report=har,ndjson",
)


@contextmanager
def _a_run(url: str) -> Iterator[Run]:
    """A run against the static target, warmed up, whose log goes when it ends."""
    services = {SERVICE: load_services()[SERVICE]}
    target = Target(SERVICE, url + SOAP_PATH)
    with TemporaryDirectory() as folder:
        configuration = Configuration({SERVICE: target}, Budget())
        run = Run(Settings(services, configuration, Path(folder), protocols=("soap11",)))
        Runner(run).run(_item(services, WARM_UP))
        yield run
        run.close()


def _item(services: Mapping[str, Service], count: int) -> Item:
    """The plan's item of drawn valid messages, with as many messages as wanted."""
    items = plan(services, ("soap11",), "standard", 0)
    return replace(next(item for item in items if item.case == "valid"), limit=count)


def _messages(count: int) -> list[tuple[bytes, dict[str, str]]]:
    """Bodies and fields of the suite's messages."""
    drawn = _item({SERVICE: load_services()[SERVICE]}, count).messages()
    return [(message.request.body or b"", dict(message.request.headers)) for message in drawn]


def _post(session: requests.Session, url: str, message: tuple[bytes, dict[str, str]]) -> None:
    body, fields = message
    answer = session.post(url + SOAP_PATH, data=body, headers=fields)
    assert answer.status_code == 200
    assert answer.content


def _seconds_of_phase(report: Path, name: str) -> float:
    """How long a phase took, by the time stamps in Schemathesis's own report."""
    with report.open(encoding="utf-8") as lines:
        events = [event for line in lines for event in json.loads(line).items()]
    phases = [(kind, event) for kind, event in events if kind in ("PhaseStarted", "PhaseFinished")]
    stamps = {kind: event["timestamp"] for kind, event in phases if event["phase"]["name"] == name}
    return float(stamps["PhaseFinished"] - stamps["PhaseStarted"])


def _run_cases(operation: Any, session: requests.Session, url: str, count: int) -> int:
    """Has Schemathesis draw, send and check that many cases; gives back how many it did."""
    sent = 0

    @seed(0)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        nonlocal sent
        case.call_and_validate(base_url=url, session=session)
        sent += 1

    check()
    return sent


_PARTS: tuple[tuple[str, Any, str], ...] = (
    ("filling", Run, "prepare"),
    ("sending", Client, "send"),
    ("judging", suites.run, "judge"),
    ("logging", EvidenceLog, "exchange"),
    ("logging", EvidenceLog, "group"),
)
"""Part, and the function whose time counts for it."""


def _timed(part: str, function: Callable[..., Any], sums: dict[str, float]) -> Callable[..., Any]:
    """The function, with its time added to its part; what other parts take within it counts for them alone."""

    def timed(*args: Any, **kwargs: Any) -> Any:
        begun, counted = time.perf_counter(), sum(sums.values())
        try:
            return function(*args, **kwargs)
        finally:
            within = sum(sums.values()) - counted
            sums[part] = sums.get(part, 0.0) + time.perf_counter() - begun - within

    return timed
