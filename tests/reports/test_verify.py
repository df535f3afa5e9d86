"""A log is proven as it stands, or told where it is not what the run wrote."""

import json
import re
import shutil
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from certified_runs import all_services, certified
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from report_samples import CLEAN, OPERATION, SESSION, exchange, header, silence, write_log

from contracts.judge.records import Group, Judgement, Response
from contracts.model import Operation
from reports.chain import START, sealed
from reports.codec import exchange_from_json, header_from_json
from reports.errors import EvidenceError
from reports.evidence import EvidenceLog
from reports.redaction import Redactor
from reports.render import write_reports
from reports.signing import SigningError, sign
from reports.verify import Verification, lines_of, verify

Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a run of all services against the reference target."""
    return certified(tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a run of one service."""
    return certified(tmp_path_factory.mktemp("small"), services=("utws",))


def proven(path: Path) -> Verification:
    """What verifying shows."""
    return verify(path, all_services())


def records_of(path: Path) -> Records:
    """The records of a log without their seals."""
    return [
        {key: value for key, value in json.loads(line).items() if key != "seal"}
        for line in path.read_bytes().splitlines()
    ]


def rechained(path: Path, records: Records) -> Path:
    """A log of these records whose chain is made anew, as an author who forges it would."""
    seal, lines = START, []
    for record in records:
        line, seal = sealed(json.dumps(record).encode(), seal)
        lines.append(line)
    path.write_bytes(b"".join(lines))
    return path


def test_every_verdict_of_the_five_services_is_reached_again(clean: Path) -> None:
    found = proven(clean)
    assert found.problems == []
    assert found.exchanges > 600
    assert found.verdicts > 300
    assert not found.resting


@pytest.mark.parametrize(
    ("fault", "service"),
    [
        ("accepts_malformed_xml", "utws"),
        ("gives_token_for_invalid_credentials", "studebaker"),
        ("answers_unknown_session", "ecgridos"),
    ],
)
def test_verdicts_on_planted_faults_are_reached_again(fault: str, service: str, tmp_path: Path) -> None:
    assert proven(certified(tmp_path, "--fault", fault, services=(service,))).problems == []


def test_every_record_satisfies_the_schema(clean: Path, tmp_path: Path) -> None:
    schema = json.loads(files("reports").joinpath("formats/evidence.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    other = tmp_path / "other"
    with EvidenceLog(other, header(), Redactor()) as log:
        log.exchange(silence(), OPERATION)
        log.event("sent again", "the connection was closed", 1)
        log.not_exercised("depot", "Lookup", "soap11", {"depot/Lookup/part-is-echoed": "no value"})
    kinds = set()
    for path in (clean, other):
        for line in path.read_bytes().splitlines():
            record = json.loads(line)
            kinds.add(record["type"])
            validator.validate(record)
            assert not validator.is_valid({**record, "more": 1})
    assert kinds >= {"header", "exchange", "group", "event", "not_exercised", "footer"}


# --- what is detected -------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_single_changed_byte_is_detected(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = _tiny_log(tmp_path_factory)
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    assert _is_refused(tmp_path_factory, whole[:place] + bytes([other]) + whole[place + 1 :])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_removed_swapped_or_added_record_is_detected(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = _tiny_log(tmp_path_factory).splitlines(keepends=True)
    one, two = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    how = data.draw(st.sampled_from(["removed", "swapped", "added"]))
    changed = list(lines)
    if how == "removed":
        del changed[one]
    elif how == "added":
        changed.insert(two, lines[one])
    else:
        changed[one], changed[two] = changed[two], changed[one]
    if changed != lines:
        assert _is_refused(tmp_path_factory, b"".join(changed))


_TINY: dict[str, bytes] = {}


def _tiny_log(factory: pytest.TempPathFactory) -> bytes:
    """A whole log of few records, which the chain alone is asked about."""
    if "log" not in _TINY:
        path = write_log(factory.mktemp("tiny") / "log", [(exchange(number), CLEAN) for number in (1, 2, 3)])
        _TINY["log"] = path.read_bytes()
    return _TINY["log"]


def _is_refused(factory: pytest.TempPathFactory, content: bytes) -> bool:
    """Whether verifying finds fault with the form, the chain or the end of a log."""
    path = factory.mktemp("changed") / "log"
    path.write_bytes(content)
    try:
        found = verify(path, {})
    except EvidenceError:
        return True
    finally:
        shutil.rmtree(path.parent)
    return any(each.startswith(("chain", "end", "form")) for each in found.problems)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda records: _first(records, "group")["observed"].pop(), "judgement: .* recorded 'not observed', now"),
        (lambda records: _first(records, "exchange")["response"].update(status=500), "judgement: "),
        (lambda records: _first(records, "exchange")["response"].update(text="<a/>"), "bytes: .*response's body"),
        (lambda records: _first(records, "exchange")["request"].update(text="<a/>"), "bytes: .*request's body"),
        (lambda records: records[0]["contracts"].update({"utws/logsAvailable": "0" * 64}), "contracts: .*the contract"),
        (lambda records: records[0]["rulings"].update(utws="0" * 64), "contracts: .*the rulings on utws"),
        (lambda records: records[0].update(standards="0" * 64), "contracts: .*standards' data"),
        (lambda records: records[0]["requirements"][0].update(level="inform"), "contracts: .*requirements on"),
        (
            lambda records: _first(records, "exchange").update(number=77),
            "form: .*exchange 77 stands where exchange 1 should",
        ),
        (lambda records: _first(records, "exchange").update(more=1), "form: .*more"),
        (lambda records: _first(records, "exchange").update(number=2), "form: .*exchange 2 stands where exchange 1"),
        (lambda records: records.remove(_first(records, "exchange")), "exchange 2 stands where exchange 1 should"),
        (lambda records: _first(records, "exchange")["message"].update(service="depot"), "depot/.*no binding of"),
        (lambda records: _first(records, "exchange")["message"].update(protocol="soap12"), "about another binding"),
        (lambda records: _first(records, "group")["exchanges"].append(99999), "exchange 99999, which is not there"),
        (lambda records: _first(records, "group")["observed"].append(99999), "requirement 99999; the header lists"),
        (lambda records: _first(records, "group").pop("inconclusive"), "form: .*'inconclusive' is a required"),
        (lambda records: records[-1]["counts"].update(groups=1), "the footer counts 1 groups, and the log holds"),
        (lambda records: _without_a_group(records), "no group judges exchange 1, whose messages were planned"),
        (lambda records: records.append(records[1]), "after the footer"),
        (lambda records: records.pop(), "end: .*no footer"),
    ],
)
def test_a_forged_log_is_told_where_it_differs(small: Path, tmp_path: Path, edit: Any, told: str) -> None:
    records = records_of(small)
    edit(records)
    found = proven(rechained(tmp_path / "log", records))
    assert not found.holds
    (*_, last) = lines_of(found)
    assert last.startswith("NOT VERIFIED")
    assert any(re.search(told, each) for each in found.problems), found.problems


def _without_a_group(records: Records) -> None:
    """Takes a judgement out of a log, and its footer's count, as an author who forges it would."""
    records.remove(_first(records, "group"))
    records[-1]["counts"]["groups"] -= 1


def _first(records: Records, kind: str) -> dict[str, Any]:
    return next(each for each in records if each["type"] == kind)


def test_a_proven_log_tells_the_verdict_of_its_run(small: Path, tmp_path: Path) -> None:
    failed = certified(tmp_path, "--fault", "accepts_malformed_xml", services=("utws",))
    for log, verdict in ((small, "CERTIFIED"), (failed, "NOT CERTIFIED")):
        assert any(each.startswith(f"VERIFIED: the log of a run that is {verdict}") for each in lines_of(proven(log)))


def test_no_error_of_python_is_told(small: Path, tmp_path: Path) -> None:
    for kind in ("header", "exchange", "group", "footer"):
        for name in _first(records_of(small), kind):
            if name not in ("type", "format"):
                records = records_of(small)
                del _first(records, kind)[name]
                try:
                    told = proven(rechained(tmp_path / "log", records)).problems[0]
                except EvidenceError as error:
                    told = str(error)
                assert f"'{name}' is a required property" in told


def test_a_verdict_json_that_says_something_else_is_told(small: Path, tmp_path: Path) -> None:
    log = Path(shutil.copy(small, tmp_path / "log"))
    write_reports(log, tmp_path)
    assert proven(log).holds
    document = json.loads((tmp_path / "verdict.json").read_text("utf-8"))
    document["verdict"] = "certified with deviations"
    (tmp_path / "verdict.json").write_text(json.dumps(document), "utf-8")
    assert any("verdict.json differs from the log in verdict" in each for each in proven(log).problems)


def test_contracts_that_are_not_at_hand_are_named(small: Path) -> None:
    found = verify(small, {})
    assert any("the contract of utws/logsAvailable is not at hand" in each for each in found.problems)


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"{}\n", b'{"type":"header","format":1}\n', b"<html>"])
def test_what_is_no_log_cannot_be_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(EvidenceError):
        proven(tmp_path / "log")


# --- what redaction destroys ------------------------------------------------------------------------------------------


def test_what_redaction_took_is_recorded_and_told(small: Path, tmp_path: Path) -> None:
    service = all_services()["utws"]
    (operation,) = service.operations.values()
    first = next(each for each in records_of(small) if each["type"] == "exchange")
    answer = Response(200, "OK", (), f"<Echo>{SESSION}</Echo>".encode())
    told = replace(exchange_from_json(first), outcome=answer)

    def judged(group: Group, _: Operation) -> Judgement:
        """A judge to whom the original bytes show something."""
        body = group.subject.response.body if group.subject.response else b""
        return Judgement((first["message"]["requirement"],) if SESSION.encode() in body else (), ())

    head = records_of(small)[0]
    log = EvidenceLog(tmp_path / "log", header_from_json(head), Redactor([SESSION]), judge_again=judged)
    with log:
        log.exchange(told, operation)
        log.group(Group((told,)), judged(Group((told,)), operation))
    (group,) = (each for each in records_of(tmp_path / "log") if each["type"] == "group")
    (observation,) = group["observations"]
    assert (observation["original"], observation["redacted"]) == ("kept", "not observed")
    body = next(each for each in records_of(tmp_path / "log") if each["type"] == "exchange")["response"]
    assert body["redacted"]
    assert body["length"] == len(answer.body)


# --- signatures -------------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """A private key and its public key, in PEM."""
    private = ed25519.Ed25519PrivateKey.generate()
    secret, public = tmp_path / "key.pem", tmp_path / "key.pub"
    secret.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    public.write_bytes(
        private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return secret, public


def test_a_signed_log_is_proven_and_a_forged_one_is_not(small: Path, tmp_path: Path, keys: tuple[Path, Path]) -> None:
    log = Path(shutil.copy(small, tmp_path / "log"))
    secret, public = keys
    assert any("log.sig does not exist" in each for each in verify(log, all_services(), key=public).problems)
    sign(log, secret)
    assert verify(log, all_services(), key=public).holds
    records = records_of(log)
    records[0]["seed"] = 1
    rechained(log, records)
    assert proven(log).holds
    assert any("signature" in each for each in verify(log, all_services(), key=public).problems)


def test_keys_that_cannot_be_used_are_told(small: Path, tmp_path: Path, keys: tuple[Path, Path]) -> None:
    (tmp_path / "none.pem").write_text("none")
    for key in (tmp_path / "none.pem", tmp_path / "absent.pem", keys[1]):
        with pytest.raises(SigningError):
            sign(small, key)
