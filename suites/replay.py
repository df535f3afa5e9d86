"""One exchange of a log sent again, with the values that stand-ins took the place of, and judged alone."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Finding, Group, Judgement, Request
from contracts.model import Operation
from reports.codec import exchange_from_json, group_from_json, header_from_json
from reports.commands import SPELLINGS, is_proof
from reports.errors import EvidenceError
from reports.forms import as_record
from reports.header import RunHeader
from reports.lines import TornLineError, read_lines
from reports.waivers import fingerprint
from suites.client import Client
from suites.configuration import Budget, Target, Values
from suites.sources import ValueUnavailableError
from suites.username_token import without_header_entry_in


@dataclass(frozen=True, slots=True)
class Logged:
    """An exchange of a log, and what its run made of it.

    `names` gives the names of its service's configured values by what stands for them; `is_strict` says how the run
    judged, and `findings` what it found.
    """

    exchange: Exchange
    names: Mapping[str, str]
    is_strict: bool
    findings: tuple[Finding, ...]


def logged_exchange(log: Path, number: int) -> Logged:
    """An exchange of a log. Raises EvidenceError where the log has none of that number."""
    names: dict[str, dict[str, str]] = {}
    findings: list[Finding] = []
    header: RunHeader | None = None
    exchange: Exchange | None = None
    with suppress(TornLineError):
        for line in read_lines(log):
            with as_record(line):
                kind = line.record["type"]
                if kind == "header":
                    header = header_from_json(line.record)
                elif kind == "value":
                    names.setdefault(line.record["service"], {})[line.record["stand_in"]] = line.record["name"]
                elif kind == "exchange" and line.record["number"] == number:
                    exchange = exchange_from_json(line.record)
                elif kind == "group" and header is not None and line.record["exchanges"][0] == number:
                    judged = group_from_json(line.record, header.requirements).judgement.findings
                    findings += [each for each in judged if each.exchange == number]
    if exchange is None or header is None:
        raise EvidenceError(log, None, f"has no exchange {number}")
    return Logged(exchange, names.get(exchange.message.service, {}), header.strict, tuple(findings))


def replay(logged: Logged, operation: Operation, target: Target) -> tuple[Exchange, Judgement]:
    """The exchange sent to a target now, and what the judge says of it alone.

    Secrets come from the target's configuration, since no log keeps them. Raises ValueUnavailableError, and
    ContractError where the configuration names a source that has nothing.
    """
    target.require_sources()
    exchange = logged.exchange
    present = {stand_in: name for stand_in, name in logged.names.items() if _holds(exchange.sent, stand_in)}
    proofs = [name for name, _ in exchange.sent.headers if is_proof(name)]
    plain = _without_token(exchange.sent)
    has_token_login = any(each.scheme == "username_token" for each in target.access.logins)
    lacking = [f"{target.service}.values.{name}" for name in present.values() if name not in target.values]
    lacking += [f"{target.service}.auth, for {name}" for name in proofs if not target.access.logins]
    lacking += [f"{target.service}.auth.username_token"] if plain is not exchange.sent and not has_token_login else []
    if lacking:
        what = f"exchange {exchange.number} holds secrets that no log keeps"
        raise ValueUnavailableError(f"{what}: give {', '.join(dict.fromkeys(lacking))} in a file with --config")
    taken = Values(target, operation).take(set(present.values()))
    request = _with_values(plain, {stand_in: taken[name] for stand_in, name in present.items()})
    with Client(target.url, Budget(), target.access, service=target.service) as client:
        sent, outcome, elapsed = client.send(request)
    again = replace(exchange, sent=sent, outcome=outcome, elapsed=elapsed)
    return again, judge(Group((again,)), operation, strict=logged.is_strict)


def _without_token(sent: Request) -> Request:
    """The request without a UsernameToken that its run put into it: the client puts in a fresh one."""
    coding = next((value for name, value in sent.headers if name.lower() == "content-encoding"), "")
    body = without_header_entry_in(sent.body or b"", coding, sent.encoding)
    return sent if body is None else replace(sent, body=body)


def _holds(sent: Request, stand_in: str) -> bool:
    """Whether a request carries a stand-in, in any spelling."""
    body = sent.body or b""
    return any(
        spelt(stand_in) in sent.path or spelt(stand_in).encode(sent.encoding, "replace") in body
        for _, spelt in SPELLINGS
    )


def _with_values(sent: Request, values: Mapping[str, str]) -> Request:
    """The request with values where their stand-ins stood. Fields that the client sets itself are left to it."""
    body, path = sent.body, sent.path
    for stand_in, value in values.items():
        for _, spelt in SPELLINGS:
            path = path.replace(spelt(stand_in), spelt(value))
            if body is not None:
                body = body.replace(
                    spelt(stand_in).encode(sent.encoding, "replace"), spelt(value).encode(sent.encoding, "replace")
                )
    headers = tuple(each for each in sent.headers if each[0].lower() not in _OWN_FIELDS and not is_proof(each[0]))
    return replace(sent, body=body, path=path, headers=headers)


_OWN_FIELDS = frozenset({"host", "content-length", "user-agent", "accept", "accept-encoding", "connection"})


def replay_lines(logged: Logged, again: Exchange, judgement: Judgement) -> Iterator[str]:
    """The answer in a line, what the judge found, and whether that is what the run had found."""
    response = again.response
    if response is None:
        yield f"no answer: {getattr(again.outcome, 'kind', '')}: {getattr(again.outcome, 'detail', '')}"
        return
    yield f"answered {response.status_code} with {len(response.body):,} bytes in {again.elapsed * 1000:.0f} ms"
    for finding in judgement.findings:
        said = f"{finding.name}: expected {finding.expected}, found {finding.actual}"
        yield f"{finding.effect}: {finding.requirement}: {said}"
    if not judgement.findings:
        yield f"nothing found: {len(judgement.observed)} requirements observed and kept"
    then, now = ({fingerprint(each): each for each in found} for found in (logged.findings, judgement.findings))
    for each, finding in then.items():
        came = "came back" if each in now else "did not come back"
        yield f"{came}: {finding.requirement}: {finding.name} ({each}), which the run found in this exchange"
