"""Runs against targets that fall silent, misread a leaf or are not there: what is sent, judged and left out."""

import itertools
import json
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from raw_servers import RawServer, answering, relaying, serving

from contracts.judge.comparisons import TOGETHER
from contracts.judge.records import Exchange
from contracts.judge.verdicts import RequirementVerdict, run_verdict
from contracts.loader import load_services, pick
from contracts.model import Protocol
from reference.server import Running, start
from reports.reading import read_run
from reports.run import Run as ReportedRun
from suites.certification import Certification
from suites.configuration import Budget, Configuration, Target
from suites.header import Settings
from suites.plan import profile_limits
from suites.runner import MAX_REVERSIONS, MAX_SILENCES

MISREAD = b"""<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>\
<faultcode>soap:Client</faultcode><faultstring>Server was unable to read request.</faultstring><detail />\
</soap:Fault></soap:Body></soap:Envelope>"""
MISREAD = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/xml; charset=utf-8\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(MISREAD), MISREAD)
)


class Finished:
    """A run that has ended: what it sent, what it recorded, and the verdicts."""

    def __init__(self, settings: Settings) -> None:
        certification = Certification(settings)
        self.exchanges: list[Exchange] = []
        send = certification.run.send

        def recorded(*arguments: Any) -> Exchange:
            self.exchanges.append(send(*arguments))
            return self.exchanges[-1]

        certification.run.send = recorded  # type: ignore[method-assign]
        together = certification.run.send_together

        def recorded_together(*arguments: Any) -> list[Exchange]:
            found = together(*arguments)
            self.exchanges += found
            return found

        certification.run.send_together = recorded_together  # type: ignore[method-assign]
        certification.send_all()
        self.verdicts = {promise.id: certification.verdict(promise) for promise in certification.promises}
        certification.run.close()
        self.recorded: ReportedRun = read_run(certification.run.log.path)

    def of(self, case: str) -> list[Exchange]:
        """The exchanges of one requirement, by the end of its id, in order."""
        return [each for each in self.exchanges if each.message.item.endswith(case)]

    def verdict(self, case: str) -> RequirementVerdict:
        """The verdict of one requirement, by the end of its id."""
        (found,) = (each for name, each in self.verdicts.items() if name.endswith(case))
        return found

    def events(self, name: str) -> list[str]:
        """The details of the events of that name."""
        return [event.detail for event in self.recorded.events if event.name == name]


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    """The reference target."""
    with start() as running:
        yield running


def finished(
    out: Path,
    url: str,
    *,
    service: str = "utws",
    protocols: tuple[Protocol, ...] = ("soap11",),
    values: Mapping[str, str] | None = None,
    budget: Budget = Budget(seconds=5, patience=0),  # noqa: B008 - frozen
    defects: bool | None = None,
) -> Finished:
    """A smoke run against one target."""
    target = Target(service, url, values or {}, defects)
    return Finished(
        Settings(
            services=pick(load_services(), [service]),
            configuration=Configuration({service: target}, budget),
            out=out,
            protocols=protocols,
            profile="smoke",
        )
    )


def before(
    reference: Running, answer: Callable[[bytes], bytes | None], out: Path, **more: Any
) -> tuple[Finished, RawServer]:
    """A run against the reference with something in front of it."""
    path = "/" + reference.targets["utws"].url.split("/", 3)[3]
    with serving(relaying(reference.port, answer)) as server:
        return finished(out, server.url + path, **more), server


def body_of(data: bytes) -> etree._Element | None:
    """The document of a request; None where it is none."""
    try:
        return etree.fromstring(data.partition(b"\r\n\r\n")[2])
    except etree.XMLSyntaxError:
        return None


def texts(data: bytes, name: str) -> list[str | None]:
    """The texts of the elements of that name in a request; none where it is not read."""
    root = body_of(data)
    return [] if root is None else [each.text for each in root.iter("{*}" + name)]


# --- silences ---------------------------------------------------------------------------------------------------------


def test_clean_target_is_certified_without_extra_messages(reference: Running, tmp_path: Path) -> None:
    run, server = before(reference, lambda _: None, tmp_path)
    assert run_verdict(run.verdicts.values()) == "certified"
    assert {each.purpose for each in run.exchanges} == {"planned"}
    assert len(server.requests) == len(run.exchanges)


def test_silence_to_a_defect_is_followed_by_the_known_good_message(reference: Running, tmp_path: Path) -> None:
    run, _ = before(reference, lambda data: b"" if b"POST" in data[:4] and body_of(data) is None else None, tmp_path)
    exchanges = run.of("ill-formed-is-rejected")
    assert [each.purpose for each in exchanges] == ["planned", "probe"] * MAX_SILENCES
    assert all(each.response is None for each in exchanges[::2])
    assert all(each.message.kind == "sample" and each.response is not None for each in exchanges[1::2])
    assert run.verdict("ill-formed-is-rejected").verdict == "conformant"


def test_defects_are_sampled_after_three_silences(reference: Running, tmp_path: Path) -> None:
    run, server = before(reference, lambda data: b"" if b">abc<" in data else None, tmp_path)
    exchanges = run.of("invalid-value-is-rejected")
    silent = [each for each in exchanges if each.purpose == "planned" and each.response is None]
    left_out = run.events("left out after silences")
    assert len(silent) == MAX_SILENCES
    (words,) = (each for each in left_out if each.endswith("invalid-value-is-rejected"))
    planned = sum(each.purpose == "planned" for each in exchanges)
    assert int(words.split()[0]) + planned == profile_limits()["smoke"]["invalid_lexical"]
    assert run.recorded.counts["exchanges"] + len(run.events("sent again")) == len(server.requests)


def test_silence_to_a_valid_message_is_reproduced_and_found(reference: Running, tmp_path: Path) -> None:
    run, _ = before(reference, lambda data: b"" if None in texts(data, "langID") else None, tmp_path)
    hit = [each for each in run.of("edge-value-is-read") if each.response is None]
    assert [each.purpose for each in hit[:2]] == ["planned", "repeat"]
    first = run.exchanges.index(hit[0])
    assert [each.purpose for each in run.exchanges[first : first + 3]] == ["planned", "probe", "repeat"]
    assert run.exchanges[first].sent.body == run.exchanges[first + 2].sent.body
    reached = run.verdict("edge-value-is-read")
    assert reached.verdict == "violated"
    assert reached.first_finding is not None
    assert reached.first_finding.name == "NoAnswerToValidMessage"


def test_silence_that_does_not_come_again_is_inconclusive(reference: Running, tmp_path: Path) -> None:
    seen: Counter[bytes] = Counter()

    def falls_silent_once(data: bytes) -> bytes | None:
        body = data.partition(b"\r\n\r\n")[2]
        seen[body] += 1
        return b"" if b"<m0" in body or (seen[body] == 1 and "3" in texts(data, "osBits")) else None

    run, _ = before(reference, falls_silent_once, tmp_path)
    assert run.verdict("known-good-is-answered").verdict == "conformant"
    assert not [each for each in run.verdicts.values() if each.verdict == "violated"]


# --- minimising -------------------------------------------------------------------------------------------------------


def test_counterexample_is_reduced_to_the_leaf_that_matters(reference: Running, tmp_path: Path) -> None:
    def misreads_long_versions(data: bytes) -> bytes | None:
        return MISREAD if any(value != "10.0.1" for value in texts(data, "version")) else None

    run, server = before(reference, misreads_long_versions, tmp_path)
    assert run.verdict("edge-value-is-read").verdict == "violated"
    steps = [each for each in run.of("edge-value-is-read") if each.purpose == "minimise"]
    assert 0 < len(steps) <= MAX_REVERSIONS
    smaller = run.recorded.smaller
    (number,) = (smaller[each.number] for each in run.of("edge-value-is-read") if each.number in smaller)
    (smallest,) = (each for each in run.exchanges if each.number == number)
    assert [change.where.rpartition("/")[2] for change in smallest.message.changes] == ["version"]
    assert run.recorded.counts["minimise"] == sum(each.purpose == "minimise" for each in run.exchanges)
    assert len(server.requests) == len(run.exchanges)


def test_whole_slice_is_sent_whatever_is_found(reference: Running, tmp_path: Path) -> None:
    run, _ = before(reference, lambda data: MISREAD if data.startswith(b"POST") else None, tmp_path)
    planned = Counter(each.message.item for each in run.exchanges if each.purpose == "planned")
    clean, _ = before(reference, lambda _: None, tmp_path)
    assert planned == Counter(each.message.item for each in clean.exchanges)


# --- targets that are not there, budgets, scope -----------------------------------------------------------------------


def test_target_is_given_up_after_two_known_good_messages(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    run = finished(tmp_path, f"http://127.0.0.1:{port}/a.asmx", protocols=())
    assert [each.purpose for each in run.exchanges] == ["planned", "probe"]
    reached = run.verdict("soap11:page/sample/known-good-is-answered")
    assert reached.verdict == "not exercised"
    assert f"http://127.0.0.1:{port}/a.asmx does not answer: refused" in reached.reason
    assert run_verdict(run.verdicts.values()) == "incomplete"
    assert len(run.events("target given up")) == 1
    assert run.recorded.verdict == "incomplete"


def test_budget_of_requests_holds(reference: Running, tmp_path: Path) -> None:
    run, server = before(reference, lambda _: None, tmp_path, budget=Budget(requests=17))
    assert len(server.requests) == 17
    reached = run.verdict("missing-body-is-rejected")
    assert (reached.verdict, reached.reason) == ("not exercised", "the budget of 17 requests is used up")
    assert run_verdict(run.verdicts.values()) == "incomplete"
    (cut,) = run.events("cut short")
    assert "the budget of 17 requests is used up" in cut
    begun = run.verdict(cut.partition(": ")[0].rpartition(":")[2])
    assert begun.verdict == "inconclusive"
    assert begun.reason == "not all that was planned for it was sent: the budget of 17 requests is used up"


def test_rate_holds(reference: Running, tmp_path: Path) -> None:
    run, _ = before(reference, lambda _: None, tmp_path, budget=Budget(requests=11, rate=25))
    starts = [each.started for each in run.exchanges]
    assert starts[-1] - starts[0] >= 10 / 25 * 0.95


def test_missing_credential_leaves_its_requirements_unexercised(tmp_path: Path) -> None:
    with serving(answering(b"HTTP/1.1 500 Word\r\nContent-Length: 0\r\n\r\n")) as server:
        run = finished(tmp_path, server.url, service="ecgridos", values={})
    reached = run.verdict("known-good-is-answered")
    assert (reached.verdict, reached.reason) == ("not exercised", "needs a value for SessionID of ecgridos")
    assert run_verdict(run.verdicts.values()) == "incomplete"
    assert all(b"{{" not in data for _, data in server.requests)


def test_command_that_fails_leaves_its_requirements_unexercised(tmp_path: Path) -> None:
    with serving(answering(b"HTTP/1.1 500 Word\r\nContent-Length: 0\r\n\r\n")) as server:
        run = finished(tmp_path, server.url, service="ecgridos", values={"SessionID": "command:false"})
    reason = run.verdict("known-good-is-answered").reason
    assert reason == "ecgridos.values.SessionID: its command failed (exit status 1)"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """A host name that is not loopback's, though it leads there."""
    resolve = socket.getaddrinfo

    def to_loopback(host: Any, *arguments: Any, **more: Any) -> Any:
        assert host in ("elsewhere.invalid", "127.0.0.1")
        return resolve("127.0.0.1", *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", to_loopback)
    return "elsewhere.invalid"


@pytest.mark.parametrize("allowed", [False, True])
def test_defects_off_loopback_need_leave(reference: Running, tmp_path: Path, elsewhere: str, allowed: bool) -> None:
    path = "/" + reference.targets["utws"].url.split("/", 3)[3]
    with serving(relaying(reference.port, lambda _: None)) as server:
        run = finished(tmp_path, f"http://{elsewhere}:{server.port}{path}", defects=allowed)
    kinds = {each.message.kind for each in run.exchanges}
    assert kinds == {"sample", "spelling", "valid", "edge"} | ({"defect"} if allowed else set())
    reached = run.verdict("ill-formed-is-rejected")
    assert reached.verdict == ("conformant" if allowed else "out of scope")
    assert allowed or "defects = true" in reached.reason
    assert run_verdict(run.verdicts.values()) == "certified"
    assert f"Host: {elsewhere}".encode() in server.requests[0][1]


# --- connections and repetition ---------------------------------------------------------------------------------------


def is_together(exchange: Exchange) -> bool:
    """Whether an exchange was in flight with others, each over a connection of its own."""
    return any(change.kind == TOGETHER for change in exchange.message.changes)


def test_connections_are_kept_until_a_defect_or_a_failure(reference: Running, tmp_path: Path) -> None:
    run, server = before(reference, lambda _: None, tmp_path)
    numbers = [connection for connection, _ in server.requests]
    alone = list(itertools.takewhile(lambda each: not is_together(each), run.exchanges))
    assert len(alone) > 50
    for (earlier, later), exchange in zip(itertools.pairwise(numbers[: len(alone)]), alone, strict=False):
        assert exchange.response is not None
        renewed = exchange.message.kind == "defect" or exchange.response.status_code >= 300
        assert (later == earlier) != renewed


def test_message_sent_again_on_a_fresh_connection_is_recorded(
    reference: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib3.connectionpool.is_connection_dropped", lambda _: False)
    served: Counter[int] = Counter()
    path = "/" + reference.targets["utws"].url.split("/", 3)[3]

    def tires(server: RawServer, connection: socket.socket) -> None:
        number = server.connections

        def answer(_: bytes) -> bytes | None:
            served[number] += 1
            return b"" if served[number] > 3 else None

        relaying(reference.port, answer)(server, connection)

    with serving(tires) as server:
        run = finished(tmp_path, server.url + path, budget=Budget(requests=30))
    assert run.events("sent again")
    assert all(each.response is not None for each in run.exchanges)
    assert len(server.requests) == 30 == len(run.exchanges) + len(run.events("sent again"))


VALUES = {
    "utws": {},
    "ecgridos": {"SessionID": "4f0c5b5a-17f3-4d2a-9c62-4d1d6f0a8b11"},
    "mobileconnect": {"DeviceSerialNumber": "SN-0000-1234", "SessionUid": "7b8a3a2e-6a0f-4a57-8a55-0c8de6d2b1aa"},
    "studebaker": {"Username": "somebody & <co>", "Password": "pass word+%&"},
    "partstream": {"sessionid": "fixed-session"},
}
REFUSED = b"HTTP/1.1 500 Word\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def planned_requests(service: str, out: Path, answer: bytes) -> list[tuple[str, bytes]]:
    """What was sent of the plan, by item in order, as it went over the wire, but for the addresses of the machine."""
    with serving(answering(answer)) as server:
        run = finished(out, server.url, service=service, protocols=(), values=VALUES[service])
    assert len(server.requests) == len(run.exchanges)
    sent = [
        (each.message.item, is_together(each), re.sub(rb"Host: \S+\r\n|(?<=//)127\.0\.0\.1:\d+", b"", data))
        for each, (_, data) in zip(run.exchanges, server.requests, strict=True)
        if each.purpose == "planned"
    ]
    runs = itertools.groupby(sent, key=lambda each: each[:2])  # those in flight together arrive in any order
    found = (
        (item, sorted(each[2] for each in run) if together else [each[2] for each in run])
        for (item, together), run in runs
    )
    return [(item, data) for item, run in found for data in run]


@pytest.mark.parametrize("service", VALUES)
def test_same_seed_sends_the_same_bytes_whatever_is_answered(service: str, tmp_path: Path) -> None:
    first = planned_requests(service, tmp_path, REFUSED)
    assert len(first) > (10 if service == "studebaker" else 50)  # a password that is refused is kept back
    assert planned_requests(service, tmp_path, REFUSED) == first
    assert planned_requests(service, tmp_path, EMPTY) == first


def test_log_holds_every_exchange(reference: Running, tmp_path: Path) -> None:
    run, _ = before(reference, lambda _: None, tmp_path)
    records = [json.loads(line) for line in (tmp_path / "evidence.jsonl").read_bytes().splitlines()]
    numbers = [each["number"] for each in records if each["type"] == "exchange"]
    assert numbers == [each.number for each in run.exchanges] == list(range(1, len(numbers) + 1))
