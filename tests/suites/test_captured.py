"""Captured traffic: which entries are judged, what becomes of the others, and no secret in what is written."""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from guarded_servers import short_run

from contracts.loader import load_services
from contracts.model import Service
from reference.server import Running, start
from reports.har import write_har
from reports.reading import read_run
from reports.run import Run
from strategies.cases import CASES
from strategies.subjects import Subject
from suites.captured import check
from suites.configuration import Target
from suites.har import TrafficError, read_har


@pytest.fixture(scope="module")
def services() -> Mapping[str, Service]:
    """The five services."""
    return load_services()


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    """The reference target."""
    with start() as running:
        yield running


class Recording:
    """A session of requests that notes what passes, as an exporter's HAR has it: text decoded, codings undone."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.entries: list[dict[str, Any]] = []
        self.session.hooks["response"].append(self._note)

    def _note(self, response: requests.Response, *_: Any, **__: Any) -> None:
        sent = response.request
        body = sent.body if isinstance(sent.body, bytes) else (sent.body or "").encode()
        self.entries.append(
            {
                "startedDateTime": "2024-01-15T09:30:00.000Z",
                "time": 12.5,
                "request": {
                    "method": sent.method,
                    "url": sent.url,
                    "httpVersion": "HTTP/1.1",
                    "headers": [{"name": name, "value": str(value)} for name, value in sent.headers.items()],
                    **({"postData": {"mimeType": "text/xml", "text": body.decode()}} if body else {}),
                },
                "response": {
                    "status": response.status_code,
                    "statusText": response.reason,
                    "httpVersion": "HTTP/1.1",
                    "headers": [{"name": name, "value": value} for name, value in response.headers.items()],
                    "content": {"size": len(response.content), "mimeType": "text/xml", "text": response.text},
                },
            }
        )


def saved(folder: Path, entries: list[dict[str, Any]], name: str = "traffic.har") -> Path:
    """A HAR with those entries."""
    file = folder / name
    file.write_text(
        json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": entries}})
    )
    return file


def checked(folder: Path, entries: list[dict[str, Any]], services: Mapping[str, Service], **more: Any) -> Run:
    """The run that the traffic makes."""
    targets: Mapping[str, Target] = more.pop("targets", {})
    return read_run(check([saved(folder, entries)], services, folder / "out", targets=targets, **more))


def captured(running: Running, *, times: int = 1) -> list[dict[str, Any]]:
    """Traffic of a browser with ECGridOS over GET, and of a SOAP client with UTWS."""
    recording = Recording()
    ecgrid = running.targets["ecgridos"]
    values = {**ecgrid.values, "Minutes1": "60", "Minutes2": "1440"}
    for _ in range(times):
        recording.session.get(f"{ecgrid.url}/ReportInstantStats", params=values, timeout=10)
        recording.session.post(
            running.targets["utws"].url,
            data=LOGS_AVAILABLE,
            headers={
                "Content-Type": "text/xml; charset=utf-8",
                "SOAPAction": ACTION,
                "X-Api-Key": "key-of-the-caller-1",
            },
            timeout=10,
        )
    return recording.entries


def _sample() -> tuple[bytes, str]:
    """The documented request of UTWS, as a client sends it."""
    (operation,) = load_services()["utws"].operations.values()
    binding = operation.bindings_by_protocol["soap11"]
    subject = Subject(operation=operation, binding=binding, requirement_id="x", item="x", limit=1, seed=0)
    request = next(CASES["known_good"](subject)).request
    return request.body or b"", dict(request.headers)["SOAPAction"]


LOGS_AVAILABLE, ACTION = _sample()


def test_traffic_of_a_conformant_target_is_certified_and_nothing_is_sent(
    reference: Running, tmp_path: Path, services: Mapping[str, Service]
) -> None:
    entries = captured(reference, times=2)
    run = checked(tmp_path, entries, services)
    assert run.counts["exchanges"] == 4
    assert {(each.service, each.protocol) for each in run.verdicts if each.exercised} == {
        ("utws", "soap11"),
        ("ecgridos", "http_get"),
    }
    assert run.verdict == "certified"
    active = {each.verdict for each in run.verdicts if each.requirement.is_active}
    assert active == {"not observed", "out of scope"}
    unseen = {each.verdict for each in run.verdicts if each.protocol == "soap12"}
    assert unseen == {"out of scope"}


def test_planted_fault_is_found_in_the_traffic_of_a_real_client(
    tmp_path: Path, services: Mapping[str, Service]
) -> None:
    with start(faults=("placeholder_word_for_int",)) as running:
        run = checked(tmp_path, captured(running), services)
    violated = {each.requirement.id for each in run.verdicts if each.verdict == "violated"}
    assert run.verdict == "not certified"
    assert violated == {"utws/logsAvailable/response-matches-schema"}


def test_our_own_har_and_log_are_judged_as_they_were(
    reference: Running, tmp_path: Path, services: Mapping[str, Service]
) -> None:
    ours = short_run(tmp_path / "run", Target("utws", reference.targets["utws"].url))
    har = write_har(ours.run.log.path, tmp_path / "exchanges.har")
    for number, file in enumerate((har, ours.run.log.path)):
        again = read_run(check([file], services, tmp_path / f"out{number}", targets={}))
        assert again.verdict == "certified"
        assert 0 < again.counts["exchanges"] <= ours.reported.counts["exchanges"]
        seen = {each.requirement.id for each in again.verdicts if each.exercised}
        assert {
            each.requirement.id for each in ours.reported.verdicts if each.exercised and each.requirement.check
        } >= seen


def test_secrets_of_traffic_stay_out_of_the_evidence(
    reference: Running, tmp_path: Path, services: Mapping[str, Service]
) -> None:
    checked(tmp_path, captured(reference), services)
    text = (tmp_path / "out" / "evidence.jsonl").read_text()
    assert reference.targets["ecgridos"].values["SessionID"] not in text
    assert "key-of-the-caller-1" not in text


def test_coding_and_length_on_the_wire_are_not_held_against_what_was_decoded(
    reference: Running, tmp_path: Path, services: Mapping[str, Service]
) -> None:
    entries = captured(reference)
    for entry in entries:
        body = entry["response"]["content"]["text"].encode()
        kept = [each for each in entry["response"]["headers"] if each["name"].lower() != "content-length"]
        packed = {"name": "Content-Encoding", "value": "gzip"}
        length = {"name": "content-length", "value": str(len(gzip.compress(body)))}
        entry["response"]["headers"] = [*kept, packed, length]
        entry["response"]["httpVersion"] = "h2"
        entry["request"]["headers"].insert(0, {"name": ":authority", "value": "x"})
    entries[0]["response"]["content"] |= {
        "text": base64.b64encode(entries[0]["response"]["content"]["text"].encode()).decode(),
        "encoding": "base64",
    }
    assert checked(tmp_path, entries, services).verdict == "certified"


def test_cut_off_bodies_are_told_and_not_judged(
    reference: Running, tmp_path: Path, services: Mapping[str, Service]
) -> None:
    entries = captured(reference, times=2)
    entries[0]["response"]["content"]["text"] = entries[0]["response"]["content"]["text"][:40]
    del entries[1]["response"]["content"]["text"]
    run = checked(tmp_path, entries, services)
    told = [each.detail for each in run.events if each.name == "not judged"]
    assert len(told) == 2
    assert "entry 1: its body is cut off: 40 bytes of" in told[0]
    assert "was not captured: save the traffic with contents" in told[1]
    assert (run.verdict, run.counts["exchanges"]) == ("certified", 2)


def test_har_of_another_service_is_refused_with_what_is_in_it(
    reference: Running, tmp_path: Path, services: Mapping[str, Service]
) -> None:
    entries = captured(reference)
    for entry in entries:
        entry["request"] |= {"url": "https://shop.example/cart?item=1", "method": "PUT", "postData": {"text": "{}"}}
    with pytest.raises(TrafficError, match=r"holds no call of a service under contract .*2 to shop\.example") as caught:
        checked(tmp_path, entries, services)
    assert "utws/logsAvailable (soap11)" in str(caught.value)
    assert not (tmp_path / "out" / "evidence.jsonl").exists()


def test_traffic_of_several_targets_wants_a_choice(
    reference: Running, tmp_path: Path, services: Mapping[str, Service]
) -> None:
    entries = captured(reference, times=2)
    other = entries[3]["request"]["url"].replace("127.0.0.1", "elsewhere.example")
    entries[3]["request"]["url"] = other
    with pytest.raises(TrafficError, match="Choose one with --target utws=URL"):
        checked(tmp_path, entries, services)
    run = checked(tmp_path, entries, services, targets={"utws": Target("utws", other)})
    assert run.counts["exchanges"] == 1
    assert run.header.targets == {"utws": other}


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "is not JSON"),
        (b"\x00\x01\xff", "is not UTF-8 text"),
        (b'{"log": {"entries": [', "1: is not JSON"),
        (b"[1]", "has no log.entries"),
        (b'{"log": {"entries": 3}}', "has no log.entries"),
        (b'{"log": {"entries": []}}', "holds no call of a service under contract among its requests (none)"),
        (b'{"log": {"entries": [1, {"request": {}}, null]}}', "3 to nowhere"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_files_that_are_no_har_are_refused(
    tmp_path: Path, services: Mapping[str, Service], content: bytes, words: str
) -> None:
    (tmp_path / "it.har").write_bytes(content)
    with pytest.raises(TrafficError) as caught:
        check([tmp_path / "it.har"], services, tmp_path / "out", targets={})
    assert words in str(caught.value)
    assert str(tmp_path / "it.har") in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "abc"},
        {"status": 0},
        {"content": {"text": "%%%", "encoding": "base64", "size": 3}},
        {"headers": [{"name": "a"}]},
        {"headers": None},
    ],
)
def test_entries_that_are_not_complete_are_told(reference: Running, tmp_path: Path, change: dict[str, Any]) -> None:
    entries = captured(reference)
    entries[0]["response"] |= change
    first, second = read_har(saved(tmp_path, entries))
    assert first.problem
    assert first.response is None
    assert not second.problem
