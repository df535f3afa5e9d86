"""Runs taken up again: what was answered is not sent again, and the whole reads as if it had not been interrupted."""

import itertools
import json
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from guarded_servers import before
from raw_servers import RawServer, serving

from contracts.loader import load_services, pick
from reference.server import Running, start
from reports.errors import EvidenceError
from reports.reading import read_run
from reports.run import Run as ReportedRun
from reports.run import key_of
from reports.verify import verify
from suites.configuration import Budget, Configuration, Target
from suites.header import Settings
from suites.run import Run
from suites.runner import Runner

CASES = ("known_good", "valid", "edges", "missing_body", "ill_formed")


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    """The reference target."""
    with start() as running:
        yield running


class InterruptedRunError(Exception):
    """What ends a run in these tests."""


def settings(out: Path, server: RawServer, reference: Running, requests: int | None = None, **more: object) -> Settings:
    """The settings of a run before the reference, with a budget of requests."""
    path = "/" + reference.targets["utws"].url.split("/", 3)[3]
    target = Target("utws", server.url + path)
    return Settings(
        services=pick(load_services(), ["utws"]),
        configuration=Configuration({"utws": target}, Budget(requests, patience=0)),
        out=out,
        protocols=("soap11",),
        profile="smoke",
        **more,  # type: ignore[arg-type]
    )


def run(these: Settings, *, stop_after: int | None = None, cases: Collection[str] = CASES) -> Path:
    """The log of a run of those cases, stopped as by a kill after so many requests."""
    running = Run(these)
    runner, send, numbers = Runner(running), running.send, itertools.count(1)

    def sending(*arguments: object) -> object:
        if stop_after is not None and next(numbers) > stop_after:
            raise InterruptedRunError
        return send(*arguments)  # type: ignore[arg-type]

    running.send = sending  # type: ignore[method-assign, assignment]
    try:
        for item in these.items:
            if item.case in cases and running.may_send(item):
                runner.run(item)
        running.close()
    except InterruptedRunError:
        running.abandon("interrupted")
    return running.log.path


def verdicts(reported: ReportedRun) -> dict[object, tuple[str, int]]:
    """Verdict and number of observations of each requirement."""
    return {key_of(each): (each.verdict, each.exercised) for each in reported.verdicts}


@pytest.mark.parametrize("stop_after", [1, 9, 25])
@pytest.mark.parametrize("is_torn", [False, True])
def test_only_what_is_missing_is_sent(reference: Running, tmp_path: Path, stop_after: int, is_torn: bool) -> None:
    with serving(before(reference.port, lambda _: None)) as server:
        whole = read_run(run(settings(tmp_path / "whole", server, reference)))
        total = len(server.requests)
        first = run(settings(tmp_path / "first", server, reference), stop_after=stop_after)
        if is_torn:
            first.write_bytes(first.read_bytes() + b'{"type":"exchange","numb')
        server.requests.clear()
        log = run(settings(tmp_path / "second", server, reference, resume=first))
        assert len(server.requests) == total - stop_after
    again = read_run(log)
    assert again.finished is not None
    assert again.verdict == whole.verdict
    assert verdicts(again) == verdicts(whole)
    assert again.counts["planned"] == whole.counts["planned"]
    numbers = [json.loads(line)["number"] for line in log.read_bytes().splitlines() if b'"type":"exchange"' in line]
    assert numbers == list(range(1, len(numbers) + 1))
    assert verify(log, load_services()).holds


def test_item_whose_answers_are_compared_is_sent_whole(reference: Running, tmp_path: Path) -> None:
    """Stand-ins of one run are not those of another, so that answers of both cannot be compared."""
    with serving(before(reference.port, lambda _: None)) as server:
        these = settings(tmp_path / "first", server, reference)
        (compared,) = (item for item in these.items if item.case == "spellings")
        assert compared.is_compared
        kept = Run(these)
        send, numbers = kept.send, itertools.count(1)
        kept.send = lambda *given: send(*given) if next(numbers) < 4 else _interrupt()  # type: ignore[method-assign, assignment]
        with pytest.raises(InterruptedRunError):
            Runner(kept).run(compared)
        kept.abandon("interrupted")
        server.requests.clear()
        again = Run(settings(tmp_path / "second", server, reference, resume=kept.log.path))
        Runner(again).run(compared)
        again.close()
        assert len(server.requests) == len(list(compared.messages()))


def _interrupt() -> None:
    raise InterruptedRunError


def test_message_that_showed_nothing_is_sent_again(reference: Running, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()

    def dies(_: bytes) -> bytes | None:
        seen["requests"] += 1
        return None if seen["requests"] <= 6 else b""

    with serving(before(reference.port, dies)) as server:
        first = run(settings(tmp_path / "first", server, reference), stop_after=9)
        assert read_run(first).verdict == "incomplete"
        seen["requests"] = -1000
        again = read_run(run(settings(tmp_path / "second", server, reference, resume=first)))
    assert not [each for each in again.verdicts if each.verdict == "inconclusive"]
    assert {each.verdict for each in again.verdicts if each.requirement.sends in CASES} == {"conformant"}


def test_log_of_another_run_is_refused(reference: Running, tmp_path: Path) -> None:
    with serving(before(reference.port, lambda _: None)) as server:
        first = run(settings(tmp_path / "first", server, reference), stop_after=3)
        with pytest.raises(EvidenceError, match=r"is the log of another run: seed differ"):
            run(settings(tmp_path / "second", server, reference, resume=first, seed=4))
        done = run(settings(tmp_path / "whole", server, reference))
        with pytest.raises(EvidenceError, match="sent all it was to send"):
            run(settings(tmp_path / "third", server, reference, resume=done))
        with pytest.raises(EvidenceError, match="cannot be read"):
            run(settings(tmp_path / "fourth", server, reference, resume=tmp_path / "nothing"))
    assert not (tmp_path / "second" / "evidence.jsonl").exists()


def test_run_that_its_budget_ended_goes_on_night_after_night(reference: Running, tmp_path: Path) -> None:
    with serving(before(reference.port, lambda _: None)) as server:
        whole = read_run(run(settings(tmp_path / "whole", server, reference)))
        total = len(server.requests)
        server.requests.clear()
        log = run(settings(tmp_path / "night-0", server, reference, requests=17))
        assert read_run(log).finished is not None
        nights = 1
        while len(server.requests) < total:
            log = run(settings(tmp_path / f"night-{nights}", server, reference, requests=17, resume=log))
            nights += 1
        assert len(server.requests) == total
        assert nights == -(-total // 17)
        with pytest.raises(EvidenceError, match="sent all it was to send"):
            run(settings(tmp_path / "once-more", server, reference, resume=log))
    again = read_run(log)
    assert verdicts(again) == verdicts(whole)
    assert not [each for each in again.events if each.name in ("cut short", "target given up")]
    assert verify(log, load_services()).holds


def test_run_whose_target_was_away_goes_on_when_it_is_back(reference: Running, tmp_path: Path) -> None:
    state = {"is away": True}
    with serving(before(reference.port, lambda _: b"" if state["is away"] else None)) as server:
        first = run(settings(tmp_path / "first", server, reference))
        asked = len(server.requests)
        assert read_run(first).verdict == "incomplete"
        second = run(settings(tmp_path / "second", server, reference, resume=first))
        assert len(server.requests) == 2 * asked  # still away: given up as soon as the first time
        state["is away"] = False
        again = read_run(run(settings(tmp_path / "third", server, reference, resume=second)))
    assert {each.verdict for each in again.verdicts if each.requirement.sends in CASES} == {"conformant"}


def test_what_was_left_out_after_silences_stays_left_out(reference: Running, tmp_path: Path) -> None:
    cases = ("known_good", "invalid_lexical")
    with serving(before(reference.port, lambda data: b"" if b">abc<" in data else None)) as server:
        whole = run(settings(tmp_path / "whole", server, reference), cases=cases)
        total = len(server.requests)
        assert [each for each in read_run(whole).events if each.name == "left out after silences"]
        server.requests.clear()
        first = run(settings(tmp_path / "first", server, reference, requests=total - 2), cases=cases)
        again = read_run(run(settings(tmp_path / "second", server, reference, resume=first), cases=cases))
        assert len(server.requests) == total
    assert verdicts(again) == verdicts(read_run(whole))


def test_log_that_was_changed_is_refused(reference: Running, tmp_path: Path) -> None:
    with serving(before(reference.port, lambda _: None)) as server:
        first = run(settings(tmp_path / "first", server, reference), stop_after=5)
        first.write_bytes(first.read_bytes().replace(b'"status":200', b'"status":299', 1))
        with pytest.raises(EvidenceError, match="is not as it was written"):
            run(settings(tmp_path / "second", server, reference, resume=first))
