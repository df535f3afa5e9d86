"""Captured traffic judged: which entry belongs to which operation and binding, and what its answer shows.

Nothing is sent. Only passive requirements are judged; of all others the traffic shows nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from contracts.errors import Place
from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Failure, Group, Message, Request
from contracts.model import Binding, Operation, Service
from contracts.names import ENVELOPE_NAMESPACE
from reports.codec import exchange_from_json, header_from_json
from reports.errors import OutputError
from reports.evidence import EvidenceLog
from reports.header import CAPTURED, RunHeader, requirement_rows
from reports.header import Reasons as RowReasons
from reports.lines import TornLineError, read_lines
from reports.positions import Positions
from reports.redaction import Redactor
from reports.waivers import Waiver, in_force, waived
from suites.configuration import Configuration, Target
from suites.har import Capture, TrafficError, read_har
from suites.header import EVIDENCE, Settings, run_header
from suites.leaves import first_steps
from suites.plan import bindings

_FORBIDDEN = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[1245-9]|2[0-9]|3[01]));"
)
"""Characters that XML forbids, as they are or by reference (XML 1.0, section 2.2)."""

_SECRET_FIELD = re.compile(r"authori[sz]ation|cookie|key|token|secret|session|password|signature", re.IGNORECASE)
"""Names of request fields whose values prove who calls."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """An entry with what it is a call of, and the URL that the binding's path is relative to."""

    capture: Capture
    operation: Operation
    binding: Binding
    base: str


def check(
    files: Sequence[Path],
    services: Mapping[str, Service],
    out: Path,
    *,
    targets: Mapping[str, Target],
    waivers: tuple[Waiver, ...] = (),
    strict: bool = False,
) -> Path:
    """Judges the traffic of HARs and of our own logs, and writes its evidence into `out`; gives back the log's path.

    With targets, only what went to them counts. Raises TrafficError, EvidenceError and OutputError.
    """
    log = out / EVIDENCE
    if log.exists():
        raise OutputError(log, FileExistsError(17, "it holds the evidence of an earlier run"))
    found: list[Recognised] = []
    unknown: Counter[str] = Counter()
    for capture in (each for file in files for each in captures(file)):
        recognised = recognise(capture, services, targets)
        if recognised is None:
            unknown[urlsplit(capture.url).netloc or "nowhere"] += 1
        else:
            found.append(recognised)
    _require_something(files, found, unknown, services)
    _write(log, found, services, _one_base_each(files, found), waivers, strict, unknown)
    return log


def captures(file: Path) -> Iterator[Capture]:
    """The entries of a file: of a HAR, or of a log of ours."""
    try:
        with file.open("rb") as opened:
            start = opened.read(64)
    except OSError as error:
        raise TrafficError(Place(file), f"cannot be read: {error.strerror or error}") from error
    return _logged(file) if start.startswith(b'{"type":"header"') else read_har(file)


def _logged(file: Path) -> Iterator[Capture]:
    """The exchanges of a log of ours, redacted as they are."""
    header: RunHeader | None = None
    try:
        for line in read_lines(file):
            if header is None:
                header = header_from_json(line.record)
            elif line.record["type"] == "exchange":
                each = exchange_from_json(line.record)
                if each.purpose == "beside":  # the original's answer says nothing of the target
                    continue
                sent, base = each.sent, header.targets.get(each.message.service, "")
                problem = f"was not answered: {each.outcome.kind}" if isinstance(each.outcome, Failure) else ""
                url = base + sent.path
                yield Capture(
                    each.number,
                    sent.method,
                    url,
                    sent.headers,
                    sent.body,
                    each.response,
                    each.started,
                    each.elapsed,
                    problem,
                )
    except TornLineError:
        return


def recognise(
    capture: Capture,
    services: Mapping[str, Service],
    targets: Mapping[str, Target] = {},
) -> Recognised | None:
    """What an entry is a call of; None for what no contract documents, or what went to another target."""
    found: list[Recognised] = []
    for operation, binding in bindings(services, ()):
        base = _base(capture, operation, binding)
        target = targets.get(operation.service)
        if base is not None and (not targets or (target is not None and target.url.rstrip("/") == base.rstrip("/"))):
            found.append(Recognised(capture, operation, binding, base))
    return next(iter(found), None)


def _base(capture: Capture, operation: Operation, binding: Binding) -> str | None:
    """The target's URL, if an entry is a call over that binding; None if not."""
    parts = urlsplit(capture.url)
    whole = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    path = binding.path.partition("?")[0]
    is_there = not path or parts.path.lower().endswith(path.lower())
    is_call = is_there and (
        _is_message(capture, operation, binding) if not binding.is_form else _is_form(capture, binding)
    )
    return whole[: len(whole) - len(path)] if is_call else None


def _is_form(capture: Capture, binding: Binding) -> bool:
    return capture.method.upper() == binding.method.upper()


def _is_message(capture: Capture, operation: Operation, binding: Binding) -> bool:
    """Whether the request's body is what the binding documents, by the names of its elements."""
    root = _root(capture.body)
    content = binding.request.body
    if root is None:
        return False
    if not binding.is_soap:
        return root.tag == content.element
    namespace = ENVELOPE_NAMESPACE[binding.protocol]
    body = root.find(f"{{{namespace}}}Body") if root.tag == f"{{{namespace}}}Envelope" else None
    if body is None:
        return False
    children = [each for each in body if isinstance(each.tag, str)]
    if content.element is not None:
        return any(each.tag == content.element for each in children)
    steps = first_steps(operation)
    return bool(children) and all(etree.QName(each).localname in steps for each in children)


def _root(body: bytes | None) -> etree._Element | None:
    try:
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
        return etree.fromstring(body or b"", parser)
    except etree.XMLSyntaxError:
        return None


def _require_something(
    files: Sequence[Path], found: Sequence[Recognised], unknown: Counter[str], services: Mapping[str, Service]
) -> None:
    """Raises TrafficError where nothing can be judged, saying what there is instead."""
    place = Place(files[0])
    wanted = ", ".join(f"{operation.key} ({binding.protocol})" for operation, binding in bindings(services, ()))
    if not found:
        hosts = ", ".join(f"{number} to {host}" for host, number in unknown.most_common(5)) or "none"
        problem = f"holds no call of a service under contract among its requests ({hosts})"
        raise TrafficError(place, problem, hint=f"Known: {wanted}")
    if all(each.capture.problem for each in found):
        first = found[0].capture
        problem = f"holds no answer that can be judged: {len(found)} calls, of which the first (entry {first.number})"
        raise TrafficError(place, f"{problem} {first.problem}")


def _one_base_each(files: Sequence[Path], found: Iterable[Recognised]) -> Mapping[str, str]:
    """The URL of each service's target. Raises TrafficError where one service was called at several."""
    bases: dict[str, dict[str, None]] = {}
    for each in found:
        bases.setdefault(each.operation.service, {})[each.base] = None
    for service, urls in bases.items():
        if len(urls) > 1:
            problem = f"holds calls of {service} at {', '.join(urls)}"
            raise TrafficError(Place(files[0]), problem, hint=f"Choose one with --target {service}=URL")
    return {service: next(iter(urls)) for service, urls in bases.items()}


def _write(
    path: Path,
    found: Sequence[Recognised],
    services: Mapping[str, Service],
    bases: Mapping[str, str],
    waivers: tuple[Waiver, ...],
    strict: bool,
    unknown: Counter[str],
) -> None:
    """The evidence: a header, the exchanges with what the judge says of each, and what could not be judged."""
    header = _header(path, found, services, bases, waivers, strict)
    redactor = Redactor()
    accepted = in_force(header.waivers, header.started)
    with EvidenceLog(
        path, header, redactor, judge_again=lambda g, o: waived(judge(g, o, strict=strict), accepted)
    ) as log:
        number = 0
        for each in found:
            if each.capture.problem:
                log.event("not judged", f"entry {each.capture.number}: {each.capture.problem}")
                continue
            number += 1
            exchange = _exchange(each, number, redactor)
            log.exchange(exchange, each.operation)
            group = Group((exchange,))
            log.group(group, waived(judge(group, each.operation, strict=strict), accepted))
        for host, count in sorted(unknown.items()):
            log.event("passed over", f"{count} requests to {host} that call nothing under contract")


def _header(
    path: Path,
    found: Sequence[Recognised],
    services: Mapping[str, Service],
    bases: Mapping[str, str],
    waivers: tuple[Waiver, ...],
    strict: bool,
) -> RunHeader:
    """The head of the log. Bindings without traffic are out of scope."""
    seen = {(each.operation.key, each.binding.protocol) for each in found}
    chosen = {name: service for name, service in services.items() if name in bases}
    targets = {name: Target(name, url) for name, url in bases.items()}
    settings = Settings(chosen, Configuration(targets), path.parent, profile="smoke", strict=strict, waivers=waivers)
    rows = tuple(
        row
        for operation, binding in bindings(chosen, ())
        for row in requirement_rows(
            operation,
            binding.protocol,
            RowReasons(
                all_out_of_scope=""
                if (operation.key, binding.protocol) in seen
                else "the captured traffic holds no call over this binding"
            ),
        )
    )
    header = run_header(settings)
    scope = {
        "services": ", ".join(sorted(chosen)),
        "traffic": "captured: nothing was sent, and what it does not show is not observed",
    }
    return replace(header, requirements=rows, profile=CAPTURED, scope=scope)


def _exchange(found: Recognised, number: int, redactor: Redactor) -> Exchange:
    """An entry as an exchange, whose message entitles to nothing; what is secret in its request is learnt."""
    capture, operation, binding = found.capture, found.operation, found.binding
    assert capture.response is not None
    query = urlsplit(capture.url).query
    path = binding.path.partition("?")[0] + (f"?{query}" if query else "")
    positions = Positions.of(operation)
    for value in {
        *positions.values_in(capture.body or b""),
        *positions.values_in(path.encode("utf-8", "surrogatepass")),
    }:
        redactor.learn(value)
    headers = tuple((name, _shown(name, value, redactor)) for name, value in capture.headers)
    sent = Request(capture.method, path, headers, capture.body)
    message = Message(
        item=f"{operation.key}/{binding.protocol}:captured",
        index=number - 1,
        service=operation.service,
        operation=operation.name,
        protocol=binding.protocol,
        requirement="",
        kind="valid",
        expectation="either",
        request=sent,
        forbidden_characters=bool(_FORBIDDEN.search(capture.body or b"")),
        because="captured traffic: nobody knows what its sender was entitled to",
    )
    return Exchange(number, message, sent, capture.response, capture.started, capture.elapsed)


def _shown(name: str, value: str, redactor: Redactor) -> str:
    """A request field's value; what proves a caller is learnt, and a stand-in shown for it."""
    if not _SECRET_FIELD.search(name) or not value:
        return value
    word, space, rest = value.partition(" ")
    is_scheme = name.lower().endswith("authorization") and bool(rest)
    secret = rest if is_scheme else value
    redactor.learn(secret)
    return f"{word if is_scheme else ''}{space if is_scheme else ''}{redactor.pseudonym(secret)}"
