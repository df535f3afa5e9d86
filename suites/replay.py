"""One exchange of a log sent again, with the values that stand-ins took the place of, and judged alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Group, Judgement, Request
from contracts.model import Operation
from reports.codec import exchange_from_json, header_from_json
from reports.errors import EvidenceError
from reports.lines import TornLineError, as_record, read_lines
from suites.client import Client
from suites.configuration import Budget, Target, Values


def logged_exchange(log: Path, number: int) -> tuple[Exchange, Mapping[str, str], bool]:
    """An exchange of a log, the names of configured values by stand-in for its service, and whether the run was strict.

    Raises EvidenceError where the log has none of that number.
    """
    names: dict[str, dict[str, str]] = {}
    strict = False
    try:
        for line in read_lines(log):
            kind = line.record["type"]
            if kind == "header":
                with as_record(line):
                    strict = header_from_json(line.record).strict
            elif kind == "value":
                names.setdefault(line.record["service"], {})[line.record["stand_in"]] = line.record["name"]
            elif kind == "exchange" and line.record["number"] == number:
                with as_record(line):
                    exchange = exchange_from_json(line.record)
                return exchange, names.get(exchange.message.service, {}), strict
    except TornLineError:
        pass
    raise EvidenceError(log, None, f"has no exchange {number}")


def replay(
    exchange: Exchange, names: Mapping[str, str], operation: Operation, target: Target, *, strict: bool = False
) -> tuple[Exchange, Judgement]:
    """The exchange sent to a target now, and what the judge says of it. Values come from the target's configuration."""
    present = {stand_in: name for stand_in, name in names.items() if _holds(exchange.sent, stand_in)}
    taken = Values(target, operation).take(set(present.values()))
    values = {stand_in: taken[name] for stand_in, name in present.items() if name in taken}
    request = _with_values(exchange.sent, values)
    client = Client(target.url, Budget())
    try:
        sent, outcome, elapsed = client.send(request)
    finally:
        client.close()
    again = replace(exchange, sent=sent, outcome=outcome, elapsed=elapsed)
    return again, judge(Group((again,)), operation, strict=strict)


_SPELLINGS: tuple[Callable[[str], str], ...] = (str, escape, quote, quote_plus)


def _holds(sent: Request, stand_in: str) -> bool:
    """Whether a request carries a stand-in, in any spelling."""
    body = sent.body or b""
    return any(
        spelt(stand_in) in sent.path or spelt(stand_in).encode(sent.encoding, "replace") in body for spelt in _SPELLINGS
    )


def _with_values(sent: Request, values: Mapping[str, str]) -> Request:
    """The request with values where their stand-ins stood. Fields that the client sets itself are left to it."""
    body, path = sent.body, sent.path
    for stand_in, value in values.items():
        for spelt in _SPELLINGS:
            path = path.replace(spelt(stand_in), spelt(value))
            if body is not None:
                body = body.replace(
                    spelt(stand_in).encode(sent.encoding, "replace"), spelt(value).encode(sent.encoding, "replace")
                )
    headers = tuple(each for each in sent.headers if each[0].lower() not in _OWN_FIELDS)
    return replace(sent, body=body, path=path, headers=headers)


_OWN_FIELDS = frozenset({"host", "content-length", "user-agent", "accept", "accept-encoding", "connection"})


def replay_lines(again: Exchange, judgement: Judgement) -> Iterator[str]:
    """The answer in a line, and what the judge found."""
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
