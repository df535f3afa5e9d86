"""Several messages under way at once: each sent once, under one rate, one budget and one login, as a server counts."""

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from guarded_servers import Ended, before, field, status
from raw_servers import RawServer, serving

from contracts.loader import load_services, pick
from reference.server import Running, start
from reports.errors import OutputError
from reports.verify import verify
from suites.access import Access, Login
from suites.certification import Certification
from suites.configuration import Budget, Configuration, Target
from suites.header import Settings

WORKERS = 8
QUICK = Budget(patience=0)


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    """The reference target."""
    with start() as running:
        yield running


def settings(
    out: Path,
    server: RawServer,
    reference: Running,
    *,
    budget: Budget = QUICK,
    **more: object,
) -> Settings:
    """A smoke run of one binding by several workers."""
    path = "/" + reference.targets["utws"].url.split("/", 3)[3]
    access = more.pop("access", Access())
    assert isinstance(access, Access)
    return Settings(
        services=pick(load_services(), ["utws"]),
        configuration=Configuration({"utws": Target("utws", server.url + path, access=access)}, budget),
        out=out,
        protocols=("soap11",),
        **{"profile": "smoke", "workers": WORKERS, **more},  # type: ignore[arg-type]
    )


def ran(these: Settings, only: Callable[[str], bool] = lambda _: True) -> Ended:
    """A run that ended, of the promises whose requirement is wanted."""
    certification = Certification(these)
    promises = [each for each in certification.promises if only(each.requirement.id)]
    certification.begin(promises)
    try:
        for promise in promises:
            certification.verdict(promise)
    finally:
        certification.end()
    return Ended(certification.run)


def planned(ended: Ended) -> Counter[tuple[str, int]]:
    """How often each message of the plan was sent."""
    records = map(json.loads, ended.run.log.path.read_bytes().splitlines())
    sent = (each for each in records if each["type"] == "exchange" and each["purpose"] == "planned")
    return Counter((each["message"]["item"], each["message"]["index"]) for each in sent)


def verdicts(ended: Ended) -> dict[str, tuple[str, int]]:
    """Verdict and number of observations by requirement."""
    return {each.requirement.id: (each.verdict, each.exercised) for each in ended.reported.verdicts}


# --- the same as one alone --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone(reference: Running, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The same run by one worker."""
    with serving(before(reference.port, lambda _: None)) as server:
        return ran(settings(tmp_path_factory.mktemp("alone"), server, reference, workers=1))


def test_each_message_is_sent_once_and_the_verdicts_are_those_of_one_worker(
    reference: Running, tmp_path: Path, alone: Ended
) -> None:
    with serving(before(reference.port, lambda _: None)) as server:
        run = ran(settings(tmp_path, server, reference))
        assert len(server.requests) == run.reported.counts["exchanges"] == sum(planned(run).values())
    assert planned(run) == planned(alone)
    assert verdicts(run) == verdicts(alone)
    assert verify(run.run.log.path, load_services()).problems == []


def test_messages_are_under_way_together_once_the_target_is_known(reference: Running, tmp_path: Path) -> None:
    lock, flying, most = threading.Lock(), 0, [0]
    together = threading.Barrier(WORKERS)
    numbers = itertools.count()

    def meeting(_: bytes) -> None:
        nonlocal flying
        with lock:
            flying, number = flying + 1, next(numbers)
            most.append(flying)
        if 20 <= number < 20 + WORKERS:
            together.wait(20)  # breaks, and fails the test, where fewer than all come
        with lock:
            flying -= 1

    with serving(before(reference.port, meeting)) as server:
        run = ran(settings(tmp_path, server, reference))
    assert max(most) >= WORKERS
    assert not together.broken
    assert most[1:3] == [1, 1]
    assert run.violated == []


@pytest.mark.parametrize("case", ["missing_body", "spellings"])
def test_selection_is_all_that_is_sent(reference: Running, tmp_path: Path, alone: Ended, case: str) -> None:
    (wanted,) = {each.requirement.id for each in alone.reported.verdicts if each.requirement.sends == case}
    with serving(before(reference.port, lambda _: None)) as server:
        run = ran(settings(tmp_path, server, reference), only=lambda each: each == wanted)
    assert {item.partition(":")[2] for item, _ in planned(run)} == {wanted}


@pytest.mark.parametrize("kept", [0.1, 0.6])
def test_resumed_run_sends_only_what_is_missing(reference: Running, tmp_path: Path, alone: Ended, kept: float) -> None:
    with serving(before(reference.port, lambda _: None)) as server:
        log = ran(settings(tmp_path / "first", server, reference)).run.log.path
        lines = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join(lines[: int(kept * len(lines))]))  # as a kill leaves it
        these = settings(tmp_path / "second", server, reference, resume=log)
        run = ran(these)
    compared = {item.id for item in these.items if item.is_compared}
    assert set(planned(run)) == set(planned(alone))
    twice = [key for key, times in planned(run).items() if times > 1 and key[0] not in compared]
    assert len(twice) <= WORKERS  # what the log had no judgement of yet
    assert max(planned(run).values()) <= 2
    assert {each: verdict for each, (verdict, _) in verdicts(run).items()} == {
        each: verdict for each, (verdict, _) in verdicts(alone).items()
    }
    assert verify(run.run.log.path, load_services()).problems == []


# --- one rate, one budget ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [30.0, 7.5])
def test_rate_holds_at_the_server_in_every_second(reference: Running, tmp_path: Path, rate: float) -> None:
    moments: list[float] = []
    with serving(before(reference.port, lambda _: moments.append(time.monotonic()))) as server:
        run = ran(settings(tmp_path, server, reference, budget=Budget(rate=rate, requests=int(rate * 2.5), patience=0)))
    assert len(moments) == int(rate * 2.5)
    for moment in moments:
        assert sum(moment <= each < moment + 1 for each in moments) <= rate
    assert run.violated == []


def test_what_goes_together_keeps_within_the_rate(reference: Running, tmp_path: Path) -> None:
    budget = Budget(rate=1000, patience=0)
    with serving(before(reference.port, lambda _: None)) as server:
        run = ran(
            settings(tmp_path / "many", server, reference, budget=budget), only=lambda each: "match-requests" in each
        )
        assert run.verdict("in_flight") == "conformant"
        slow = Budget(rate=1.5, patience=0)
        run = ran(
            settings(tmp_path / "few", server, reference, budget=slow), only=lambda each: "match-requests" in each
        )
        assert len(run.reported.exchanges) == 0
    assert run.verdict("in_flight") == "out of scope"
    assert "does not allow two messages at once" in run.text


@pytest.mark.parametrize("requests", [1, 5, 60])
def test_budget_of_requests_is_kept_to_the_last_one(reference: Running, tmp_path: Path, requests: int) -> None:
    with serving(before(reference.port, lambda _: None)) as server:
        run = ran(settings(tmp_path, server, reference, budget=Budget(requests=requests, patience=0)))
        assert len(server.requests) == requests
    assert run.reported.verdict == "incomplete"
    assert f"the budget of {requests} requests is used up" in run.text


# --- one login, one outage --------------------------------------------------------------------------------------------


def test_refused_login_is_not_tried_by_every_worker(reference: Running, tmp_path: Path) -> None:
    login = Login("basic", {"username": "caller", "password": "not-the-password"})
    with serving(before(reference.port, lambda _: status(401, "WWW-Authenticate: Basic"))) as server:
        run = ran(settings(tmp_path, server, reference, access=Access(logins=(login,))))
        assert len(server.requests) == 1
    assert "does not let the caller in" in run.given_up


def test_lapsed_token_is_renewed_once(reference: Running, tmp_path: Path) -> None:
    store = tmp_path / "token"
    store.write_text("token-number-000")
    lapsed: set[str] = set()
    seen = itertools.count()

    def door(data: bytes) -> bytes | None:
        token = field(data, "Authorization")
        if next(seen) == 30:
            lapsed.add(token)
            store.write_text("token-number-001")
        return status(401, "WWW-Authenticate: Bearer") if token in lapsed else None

    login = Login("bearer", {"token": f"file:{store}"})
    with serving(before(reference.port, door)) as server:
        run = ran(settings(tmp_path / "out", server, reference, access=Access(logins=(login,))))
    assert len(run.events("login renewed")) == 1
    assert run.given_up == ""
    assert run.violated == []
    assert "token-number" not in run.text


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses, which are noted and not taken; the clock goes on by them."""
    noted: list[float] = []
    monkeypatch.setattr("suites.turn.Turn.pause", lambda _, seconds: noted.append(seconds))
    clock = time.monotonic
    monkeypatch.setattr("suites.allowance.time.monotonic", lambda: clock() + sum(noted))
    return noted


def test_outage_is_looked_after_by_one(reference: Running, tmp_path: Path, paused: list[float]) -> None:
    numbers = itertools.count()
    gone = status(503, "Content-Type: text/html")

    def away(_: bytes) -> bytes | None:
        return gone if next(numbers) >= 40 and len(paused) < 2 else None

    with serving(before(reference.port, away)) as server:
        run = ran(settings(tmp_path, server, reference, budget=Budget(patience=30)))
    assert run.violated == []
    assert run.given_up == ""
    assert paused.count(1.0) == 1  # one looked again and again; the others found it back at once
    assert len(run.events("target came back")) == len(paused) - 1 <= WORKERS


def test_limiter_is_obeyed_by_all(reference: Running, tmp_path: Path, paused: list[float]) -> None:
    numbers = itertools.count()
    with serving(
        before(reference.port, lambda _: status(429, "Retry-After: 7") if next(numbers) == 40 else None)
    ) as server:
        run = ran(settings(tmp_path, server, reference, budget=Budget(patience=30)))
    assert run.reported.counts["throttled"] == 1
    assert 7.0 in paused
    assert run.violated == []


def test_log_that_cannot_be_written_ends_every_thread(
    reference: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = itertools.count()
    with serving(before(reference.port, lambda _: None)) as server:
        certification = Certification(settings(tmp_path, server, reference))
        log, record = certification.run.log, certification.run.log.exchange

        def full(*given: object) -> None:
            if next(written) == 30:
                raise OutputError(log.path, OSError(28, "No space left on device"))
            record(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(log, "exchange", full)
        certification.begin(certification.promises)
        with pytest.raises(OutputError, match="No space left"):
            certification.send_all()
        certification.end("could not go on")
    assert not [each for each in threading.enumerate() if each.name.startswith("soapstone-")]
