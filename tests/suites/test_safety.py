"""Vendors' endpoints that may not be hurt: budgets, limiters, outages, lost sessions, scopes, and the plan's count."""

import itertools
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from guarded_servers import before, field, short_run, status
from raw_servers import RawServer, serving

from contracts.judge.records import Response
from contracts.loader import load_services, pick
from reference.server import Running, start
from reports.verify import verify
from suites.configuration import Budget, Configuration, Target, Values
from suites.header import Settings, run_header
from suites.health import Health, asked_pause
from suites.plan import plan
from suites.plan_page import plan_lines

QUICK = Budget(patience=0)
LIMIT = ("HTTP/1.1 429 Too Many Requests", "Content-Type: text/html")


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    """The reference target."""
    with start() as running:
        yield running


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses are noted and not taken; the clock goes on by them."""
    paused: list[float] = []
    clock = time.monotonic
    monkeypatch.setattr("suites.turn.Turn.pause", lambda _, seconds: paused.append(seconds))
    monkeypatch.setattr("suites.allowance.time.monotonic", lambda: clock() + sum(paused))
    return paused


def target(reference: Running, server: RawServer, service: str = "utws", **more: Any) -> Target:
    """The reference's target of a service, behind a server."""
    path = "/" + reference.targets[service].url.split("/", 3)[3]
    return Target(service, server.url + path, dict(reference.targets[service].values), **more)


def is_known_good(data: bytes) -> bool:
    """Whether a request is the plain known-good message."""
    return data.startswith(b"POST") and b"en-GB" in data and data.count(b"SessionInfo>") == 4 and b"<m0" not in data


# --- limiters ---------------------------------------------------------------------------------------------------------


def test_limiter_is_obeyed_and_every_message_judged_in_the_end(
    reference: Running, tmp_path: Path, no_waiting: list[float]
) -> None:
    numbers = itertools.count()
    limit = lambda _: status(429, "Retry-After: 7") if next(numbers) % 3 == 1 else None  # noqa: E731
    with serving(before(reference.port, limit)) as server:
        run = short_run(tmp_path, target(reference, server), budget=Budget(patience=30))
    assert no_waiting.count(7.0) == run.reported.counts["throttled"] > 3
    assert run.violated == []
    assert run.verdict("known_good") == run.verdict("spellings") == run.verdict("missing_body") == "conformant"
    assert len(server.requests) == run.reported.counts["exchanges"]


def test_storm_that_passes_leaves_the_run_nearly_as_fast_as_it_was(
    reference: Running, tmp_path: Path, no_waiting: list[float]
) -> None:
    """One message turned away nine times tells of one limit, not of nine."""
    numbers = itertools.count()
    storm = lambda _: status(429, "Retry-After: 1") if 2 <= next(numbers) < 11 else None  # noqa: E731
    with serving(before(reference.port, storm)) as server:
        run = short_run(tmp_path, target(reference, server), budget=Budget(patience=30))
    assert run.reported.counts["throttled"] == 9
    assert run.run.health("utws").interval == 0.05
    assert run.violated == []


@pytest.mark.parametrize("fields, words", [(("Retry-After: 3600",), "asks to wait 3600 seconds"), ((), "does not say")])
def test_storm_of_refusals_ends_the_run_when_patience_does(
    reference: Running, tmp_path: Path, fields: tuple[str, ...], words: str
) -> None:
    with serving(before(reference.port, lambda _: status(429, *fields))) as server:
        run = short_run(tmp_path, target(reference, server), budget=Budget(patience=30), protocols=())
    assert words in run.given_up
    assert "lower the rate, or raise patience, in [budget]" in run.given_up
    assert len(server.requests) < 10
    assert (run.violated, run.reported.verdict) == ([], "incomplete")


@pytest.mark.parametrize(
    "fields, seconds",
    [
        ((("Retry-After", "5"),), 5),
        ((("Retry-After", "Fri, 01 Jan 2021 00:01:00 GMT"), ("Date", "Fri, 01 Jan 2021 00:00:00 GMT")), 60),
        ((("Retry-After", "Fri, 01 Jan 2021 00:01:00 GMT"),), 0),
        ((("Retry-After", "soon"),), None),
        ((("Retry-After", "-1"),), None),
        ((("Retry-After", "٣"),), None),
        ((), None),
    ],
)
def test_pause_that_is_asked_for_is_read(fields: tuple[tuple[str, str], ...], seconds: float | None) -> None:
    assert asked_pause(Response(429, "", fields, b"")) == seconds


def test_limiter_makes_a_run_slower(reference: Running) -> None:
    health = Health()
    intervals = []
    for _ in range(8):
        health.slow_down()
        intervals.append(health.interval)
    assert intervals[:3] == [0.05, 0.1, 0.2]
    assert intervals[-1] == 2.0


# --- outages ----------------------------------------------------------------------------------------------------------

GATEWAY = status(502, "Content-Type: text/html", body=b"<html>Bad Gateway</html>")
PAGE = status(200, "Content-Type: text/html", body=b"<html>We are working on it</html>")
CRASHED = status(500, "Content-Type: text/html", body=b"<html>Runtime Error</html>")


GONE = status(404, "Content-Type: text/html", body=b"<html>Not Found</html>")


@pytest.mark.parametrize(
    "sign", [b"", GATEWAY, PAGE, CRASHED, status(403), GONE], ids=["dead", "502", "page", "500", "403", "404"]
)
def test_target_that_goes_away_for_good_ends_the_run_without_a_violation(
    reference: Running, tmp_path: Path, sign: bytes
) -> None:
    seen: list[bytes] = []

    def dies(data: bytes) -> bytes | None:
        seen.append(data)
        return None if len(seen) <= 8 else sign

    with serving(before(reference.port, dies)) as server:
        run = short_run(tmp_path, target(reference, server), budget=Budget(patience=20), protocols=("soap11", "soap12"))
    assert run.violated == []
    assert run.reported.verdict == "incomplete"
    assert "before, and now (exchange" in run.given_up or "does not let the caller in" in run.given_up
    assert len(seen) < 20


@pytest.mark.parametrize("sign", [b"", GATEWAY, PAGE, CRASHED, status(403)], ids=["dead", "502", "page", "500", "403"])
def test_target_that_comes_back_is_certified_as_if_it_had_not_gone(
    reference: Running, tmp_path: Path, sign: bytes
) -> None:
    seen: list[bytes] = []

    def stumbles(data: bytes) -> bytes | None:
        seen.append(data)
        return sign if 6 <= len(seen) <= 9 else None

    with serving(before(reference.port, stumbles)) as server:
        run = short_run(tmp_path, target(reference, server), budget=Budget(patience=60))
    assert len(run.events("target came back")) == 1
    assert run.given_up == ""
    assert run.violated == []
    assert [run.verdict(each) for each in ("known_good", "spellings", "missing_body")] == ["conformant"] * 3


class Restarting:
    """A service that ends when it is sent something, and is there again after some requests.

    `deaths` are how often it does so, None for each time; `away` how many requests it is away for, None for good.
    """

    def __init__(
        self, is_deadly: Callable[[bytes], bool], sign: bytes, *, deaths: int | None = None, away: int | None = 3
    ) -> None:
        self.is_deadly, self.sign, self.deaths, self.away = is_deadly, sign, deaths, away
        self.died = self.left = 0

    def __call__(self, data: bytes) -> bytes | None:
        if self.left:
            self.left -= 1
            return self.sign
        if self.is_deadly(data) and (self.deaths is None or self.died < self.deaths):
            self.died += 1
            self.left = -1 if self.away is None else self.away
            return self.sign
        return None


def is_large(data: bytes) -> bool:
    """Whether a request has a value of a million characters."""
    return len(data) > 100_000


PROBED = ("known_good", "large_values", "still_answers")
SIGNS = pytest.mark.parametrize("sign", [b"", GATEWAY, CRASHED], ids=["dead", "502", "500"])


@SIGNS
def test_service_that_a_probe_puts_down_each_time_violates(reference: Running, tmp_path: Path, sign: bytes) -> None:
    service = Restarting(is_large, sign)
    with serving(before(reference.port, service)) as server:
        run = short_run(
            tmp_path, target(reference, server), cases=PROBED, budget=Budget(patience=60), profile="standard"
        )
    assert service.died == 2
    assert run.verdict("still_answers") == "violated"
    assert run.verdict("large_values") == "deviates"
    assert run.given_up == ""
    assert verify(run.run.log.path, load_services()).problems == []


def has_document_type(data: bytes) -> bool:
    return b"<!DOCTYPE" in data


@SIGNS
@pytest.mark.parametrize(("deaths", "expected"), [(None, "violated"), (1, "conformant")])
def test_short_run_finds_a_probe_that_puts_the_service_down_each_time(
    reference: Running, tmp_path: Path, sign: bytes, deaths: int | None, expected: str
) -> None:
    cases = ("known_good", "document_type", "entity_expansion", "still_answers")
    service = Restarting(has_document_type, sign, deaths=deaths)
    with serving(before(reference.port, service)) as server:
        run = short_run(tmp_path, target(reference, server), cases=cases, budget=Budget(patience=60), profile="smoke")
    assert run.verdict("still_answers") == expected
    assert run.given_up == ""
    assert verify(run.run.log.path, load_services()).problems == []


@SIGNS
def test_short_run_names_a_probe_after_which_the_service_never_came_back(
    reference: Running, tmp_path: Path, sign: bytes
) -> None:
    cases = ("known_good", "entity_expansion", "still_answers")
    service = Restarting(has_document_type, sign, away=None)
    with serving(before(reference.port, service)) as server:
        run = short_run(tmp_path, target(reference, server), cases=cases, budget=Budget(patience=10), profile="smoke")
    assert run.verdict("still_answers") == "deviates"
    assert (run.violated, run.reported.verdict) == ([], "incomplete")


@SIGNS
def test_service_that_was_away_once_after_a_probe_is_not_held_against_it(
    reference: Running, tmp_path: Path, sign: bytes
) -> None:
    service = Restarting(is_large, sign, deaths=1)
    with serving(before(reference.port, service)) as server:
        run = short_run(
            tmp_path, target(reference, server), cases=PROBED, budget=Budget(patience=60), profile="standard"
        )
    assert service.died == 1
    assert [run.verdict(each) for each in PROBED] == ["conformant"] * 3


@SIGNS
def test_service_that_does_not_come_back_after_a_probe_deviates(
    reference: Running, tmp_path: Path, sign: bytes
) -> None:
    service = Restarting(is_large, sign, away=None)
    with serving(before(reference.port, service)) as server:
        run = short_run(
            tmp_path, target(reference, server), cases=PROBED, budget=Budget(patience=20), profile="standard"
        )
    assert run.violated == []
    assert run.verdict("large_values") == run.verdict("still_answers") == "deviates"
    assert run.reported.verdict == "incomplete"


def lacks_body(data: bytes) -> bool:
    return data.startswith(b"POST") and b"Body" not in data


def has_cdata(data: bytes) -> bool:
    return b"<![CDATA[" in data


@pytest.mark.parametrize(
    "is_deadly, case, own, sign",
    [
        (lacks_body, "missing_body", "conformant", b""),
        (lacks_body, "missing_body", "conformant", GATEWAY),
        (has_cdata, "spellings", "violated", b""),
        (has_cdata, "spellings", "violated", GATEWAY),
        (has_cdata, "spellings", "violated", CRASHED),
    ],
)
def test_service_that_any_message_puts_down_each_time_violates(
    reference: Running, tmp_path: Path, is_deadly: Callable[[bytes], bool], case: str, own: str, sign: bytes
) -> None:
    with serving(before(reference.port, Restarting(is_deadly, sign))) as server:
        run = short_run(tmp_path, target(reference, server), budget=Budget(patience=60))
    assert run.verdict("still_answers") == "violated"
    assert run.verdict(case) == own
    assert run.given_up == ""


def test_gateway_that_steps_in_now_and_then_is_not_held_against_any_message(reference: Running, tmp_path: Path) -> None:
    numbers = itertools.count()
    cases = ("known_good", "spellings", "valid", "edges", "missing_body", "optional_header")
    with serving(before(reference.port, lambda _: GATEWAY if next(numbers) % 10 == 9 else None)) as server:
        run = short_run(tmp_path, target(reference, server), cases=cases)
    assert {run.verdict(each) for each in cases} == {"conformant"}


CUT = {
    "length": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 999\r\n\r\n<soap:Envelope",
    "chunk": b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n<soap:Envelope",
}
"""Answers that end before they say that they do."""


@pytest.mark.parametrize("cut", CUT.values(), ids=CUT)
def test_answers_that_are_cut_off_now_and_then_are_asked_for_again(
    reference: Running, tmp_path: Path, cut: bytes
) -> None:
    numbers = itertools.count()
    cases = ("known_good", "spellings", "valid", "edges", "missing_body", "optional_header")
    with serving(before(reference.port, lambda _: cut if next(numbers) % 10 == 9 else None)) as server:
        run = short_run(tmp_path, target(reference, server), cases=cases)
    assert {run.verdict(each) for each in cases} == {"conformant"}
    assert run.violated == []
    assert verify(run.run.log.path, load_services()).problems == []


@pytest.mark.parametrize("cut", CUT.values(), ids=CUT)
def test_answers_that_are_cut_off_each_time_violate(reference: Running, tmp_path: Path, cut: bytes) -> None:
    with serving(before(reference.port, lambda data: cut if has_cdata(data) else None)) as server:
        run = short_run(tmp_path, target(reference, server), cases=("known_good", "spellings"))
    assert "http/6/framing-holds" in run.violated


@pytest.mark.parametrize("variant", ["bad_gateway_once", "closes_connection_once"])
def test_message_whose_answer_is_lost_is_sent_again_with_values_that_are_good(tmp_path: Path, variant: str) -> None:
    """The service took the message, and with it the session that it ends."""
    with start(variants=(variant,)) as running:
        there = running.targets["partstream"]
        run = short_run(
            tmp_path, Target("partstream", there.url, dict(there.values)), cases=("known_good", "spellings")
        )
    assert run.reported.counts["exchanges"] > run.reported.counts["planned"]
    assert [run.verdict(each) for each in ("known_good", "spellings")] == ["conformant"] * 2


def test_gateway_that_stands_before_nothing_is_no_violation(reference: Running, tmp_path: Path) -> None:
    with serving(before(reference.port, lambda _: GATEWAY)) as server:
        run = short_run(tmp_path, target(reference, server), budget=Budget(patience=20))
    assert len(server.requests) == 2
    assert "does not answer: 502 Word of a gateway" in run.given_up
    assert (run.violated, run.reported.verdict) == ([], "incomplete")


def test_refusal_of_one_kind_of_message_is_still_found(reference: Running, tmp_path: Path) -> None:
    """A gateway that dislikes every message but the plain one is the message's affair: the target is there."""
    with serving(before(reference.port, lambda data: None if is_known_good(data) else GATEWAY)) as server:
        run = short_run(tmp_path, target(reference, server), budget=QUICK)
    assert run.verdict("spellings") == "violated"
    assert run.given_up == ""


def test_service_that_begins_to_refuse_what_it_accepted_is_found_where_no_caller_can_have_been_lost(
    reference: Running, tmp_path: Path
) -> None:
    fault = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server'
        b"</faultcode><faultstring>no</faultstring><detail/></s:Fault></s:Body></s:Envelope>"
    )
    seen: list[bytes] = []

    def breaks(data: bytes) -> bytes | None:
        seen.append(data)
        return None if len(seen) <= 4 else status(500, "Content-Type: text/xml; charset=utf-8", body=fault)

    with serving(before(reference.port, breaks)) as server:
        run = short_run(tmp_path, target(reference, server))
    assert run.verdict("spellings") == "violated"


# --- sessions and passwords -------------------------------------------------------------------------------------------

LOST = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
    b"<faultstring>Invalid session</faultstring><detail/></s:Fault></s:Body></s:Envelope>"
)
LOST = status(500, "Content-Type: text/xml; charset=utf-8", body=LOST)


@pytest.mark.parametrize("case", ["spellings", "steadily", "still_answers", "large_values"])
def test_session_that_lapses_ends_the_run_without_a_violation(reference: Running, tmp_path: Path, case: str) -> None:
    seen: list[bytes] = []

    def lapses(data: bytes) -> bytes | None:
        seen.append(data)
        return None if len(seen) <= 3 else LOST

    with serving(before(reference.port, lapses)) as server:
        run = short_run(tmp_path, target(reference, server, "ecgridos"), cases=("known_good", case), profile="standard")
    assert (run.violated, run.reported.verdict) == ([], "incomplete")
    assert "give it by command: or operation:" in run.given_up


def test_session_of_a_command_is_had_again_when_it_lapses(reference: Running, tmp_path: Path) -> None:
    session = reference.targets["ecgridos"].values["SessionID"]
    command = tmp_path / "session"
    command.write_text(f"#!/bin/sh\necho x >> {tmp_path / 'calls'}\necho {session}\n")
    command.chmod(0o700)
    calls = lambda: len((tmp_path / "calls").read_text().split())  # noqa: E731
    seen: list[bytes] = []

    def lapses(data: bytes) -> bytes | None:
        seen.append(data)
        return LOST if len(seen) > 4 and calls() == 1 else None

    with serving(before(reference.port, lapses)) as server:
        there = replace(target(reference, server, "ecgridos"), values={"SessionID": f"command:{command}"})
        run = short_run(tmp_path / "out", there)
    assert calls() == 2
    assert len(run.events("value renewed")) == 1
    assert [run.verdict(each) for each in ("known_good", "spellings")] == ["conformant"] * 2
    assert session not in run.text


def test_password_that_is_refused_is_not_tried_again_and_again(reference: Running, tmp_path: Path) -> None:
    used: list[bytes] = []

    def counts(data: bytes) -> bytes | None:
        used.extend([data] if b"right-user" in data else [])
        return None

    with serving(before(reference.port, counts)) as server:
        there = replace(
            target(reference, server, "studebaker"), values={"Username": "right-user", "Password": "wrong-password"}
        )
        run = short_run(
            tmp_path, there, protocols=(), cases=("known_good", "spellings", "valid", "edges", "ill_formed")
        )
    assert 0 < len(used) <= 3
    reasons = {each.reason for each in run.reported.verdicts if each.verdict == "not exercised"}
    assert any("no account is locked" in each for each in reasons)


def test_value_is_taken_from_the_answer_of_another_operation() -> None:
    service = load_services()["ecgridos"]
    (operation,) = service.operations.values()
    there = Target("ecgridos", "http://127.0.0.1:1", {"SessionID": "operation:Login/SessionID"})
    asked: list[tuple[str, str]] = []

    def ask(name: str, path: str) -> str:
        asked.append((name, path))
        return f"4f0c5b5a-17f3-4d2a-9c62-4d1d6f0a8b1{len(asked)}"

    values = Values(there, operation, ask)
    first, again = (values.take(["SessionID"])["SessionID"] for _ in range(2))
    assert first == again
    assert values.renew(["SessionID"])
    assert values.take(["SessionID"])["SessionID"] != first
    assert asked == [("Login", "SessionID")] * 2


# --- budgets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "budget, words",
    [
        (Budget(requests=5), "the budget of 5 requests is used up"),
        (Budget(duration=1, rate=2), "the budget of 1 seconds for the run is used up"),
        (Budget(traffic=9000), "the budget of 9,000 bytes of traffic is used up"),
    ],
)
def test_budgets_end_a_run_before_they_are_broken(
    reference: Running, tmp_path: Path, budget: Budget, words: str
) -> None:
    with serving(before(reference.port, lambda _: None)) as server:
        run = short_run(tmp_path, target(reference, server), budget=budget)
    assert any(words in each for each in run.events("cut short"))
    assert run.reported.verdict == "incomplete"
    assert 2 <= len(server.requests) <= 8


def test_clocks_that_differ_and_software_that_changes_are_told(reference: Running, tmp_path: Path) -> None:
    numbers = itertools.count()

    def old(data: bytes) -> bytes | None:
        made = status(200, "Date: Fri, 01 Jan 2021 00:00:00 GMT", f"Server: made/{next(numbers) // 4}")
        return made if field(data, "Host") else None

    with serving(before(reference.port, old)) as server:
        run = short_run(tmp_path, target(reference, server))
    assert len(run.events("clocks differ")) == 1
    assert "seconds behind this machine's" in run.events("clocks differ")[0]
    assert "answers now name made/1" in run.events("target changed")[0]


# --- scope and plan ---------------------------------------------------------------------------------------------------

ELSEWHERE = "https://ecgrid.test.example/ECGridOS.asmx"


@pytest.mark.parametrize(
    "more, words",
    [
        ({"operations": ("Other",)}, "leaves ReportInstantStats of ecgridos out (operations)"),
        ({"bindings": ("soap12",)}, "leaves soap11 of ecgridos out (bindings)"),
        ({"effects": ("session",)}, 'whose effect is "read" (effects)'),
        ({}, "does not allow security probes to ecgridos (probes = true would)"),
        ({"probes": True}, "does not allow defective messages to ecgridos (defects = true would)"),
    ],
)
def test_scope_is_listed_and_kept(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    services = pick(load_services(), ["ecgridos"])
    there = Target("ecgridos", ELSEWHERE, {"SessionID": "a-session-of-someone"}, **more)
    settings = Settings(services, Configuration({"ecgridos": there}), tmp_path, ("soap11",), "smoke")
    assert any(words in row.out_of_scope for row in run_header(settings).requirements)
    assert any(words in line for line in plan_lines(settings.items, settings.configuration.targets))


def test_operations_that_write_need_leave_off_loopback() -> None:
    assert not Target("x", ELSEWHERE).allows_effect("write")
    assert Target("x", ELSEWHERE).allows_effect("session")
    assert Target("x", ELSEWHERE, effects=("write",)).allows_effect("write")
    assert Target("x", "http://127.0.0.1:1").allows_effect("write")


def test_plan_tells_how_long_it_takes() -> None:
    items = plan(pick(load_services(), ["partstream"]), (), "smoke", 0)
    *_, expected, count = plan_lines(items, {}, budget=Budget(rate=0.5))
    total = int(count.split()[0])
    assert re.fullmatch(r"about [0-9]+ min( [0-9]+ s)?, reckoned with 0.5 requests per second", expected)
    assert int(expected.split()[1]) == round(total * 2) // 60
    assert "ends the run before all are sent" in list(plan_lines(items, {}, budget=Budget(requests=3)))[-2]


def test_plan_counts_what_the_server_counts(reference: Running, tmp_path: Path) -> None:
    service = "partstream"
    services = pick(load_services(), [service])
    items = plan(services, (), "smoke", 0)
    cases = {item.case for item in items}
    with serving(before(reference.port, lambda _: None)) as server:
        there = target(reference, server, service)
        run = short_run(tmp_path, there, protocols=(), cases=sorted(cases))
    counted = int(list(plan_lines(run.run.settings.items, {service: there}))[-1].split()[0].replace(",", ""))
    beside = run.reported.counts["exchanges"] - run.reported.counts["planned"]
    assert counted == run.reported.counts["planned"] == len(server.requests) - beside
