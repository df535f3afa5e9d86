"""What conformance.html shows, worked out: the template only lays it out."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from markupsafe import Markup

from contracts.judge.codings import decoded_body
from contracts.judge.records import Change, Effect, Exchange, Finding, Response
from contracts.judge.verdicts import RequirementVerdict, RunVerdict, Verdict
from contracts.model import Requirement, Source
from reports.anchors import exchange_anchor, finding_anchor, requirement_anchor
from reports.bodies import NO_STAND_INS, ShownBody, mark_values, marked_text, shortened, shown_body, visible
from reports.commands import curl_command, replay_command
from reports.header import BindingRow
from reports.remedies import remedy
from reports.run import FindingSeries, Run, key_of
from reports.waivers import fingerprint
from reports.words import PROTOCOLS, VERDICTS

Tone: TypeAlias = Literal["good", "warn", "bad", "open", "mute"]

LARGEST_BODY = 16 * 1024
"""Bytes shown of one body."""

MOST_EXHIBITS = 250
"""Exchanges shown on one page, those of findings first; fewer where the page would grow too large."""

_SMALLEST_BODY = 1024
_PAGE = 4_200_000
_ROW, _FINDING, _EXHIBIT = 300, 1800, 1500
"""Bytes that the page may have, its fixed parts aside, and those of the markup around what a requirement's row, a
finding and an exchange say: with five thousand requirements it stays under 5 MB."""

_LEAST_ROOM = 250_000
"""Bytes for exchanges on the longest page; with a quarter of its room left, each further body is cut short."""

TONES: Mapping[Verdict, Tone] = {
    "conformant": "good",
    "deviates": "warn",
    "waived": "warn",
    "violated": "bad",
    "inconclusive": "open",
    "not exercised": "open",
    "not observed": "mute",
    "not applicable": "mute",
    "out of scope": "mute",
}
RUN_TONES: Mapping[RunVerdict, Tone] = {
    "certified": "good",
    "certified with deviations": "warn",
    "incomplete": "open",
    "not certified": "bad",
}
_EFFECT_TONES: Mapping[Effect, Tone] = {"violation": "bad", "deviation": "warn", "waived": "warn", "note": "mute"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a bar of a hundred units."""

    tone: Tone
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Requirements counted by verdict, and the bar that shows it. `verdict` is the gravest."""

    verdict: Verdict
    tone: Tone
    counts: Mapping[Verdict, int]
    total: int
    bar: tuple[Segment, ...]
    bar_text: str

    def count(self, verdicts: Iterable[Verdict]) -> int:
        """How many requirements have one of the verdicts."""
        return sum(self.counts.get(verdict, 0) for verdict in verdicts)


@dataclass(frozen=True, slots=True)
class Summary:
    """One binding in figures."""

    binding: BindingRow
    protocol: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """One service in figures, over all its operations and bindings under test."""

    service: str
    title: str
    bindings: int
    chart: Chart


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message; `is_marked` where the documented sample has another or none."""

    name: str
    value: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A request or a response: its first line, its fields and its body."""

    start_line: Markup
    headers: tuple[Field, ...]
    body: ShownBody | None


@dataclass(frozen=True, slots=True)
class ShownExchange:
    """An exchange with its bodies cut for the page. `response` is None where `failure` says why there is none."""

    anchor: str
    exchange: Exchange
    request: Part
    response: Part | None
    failure: str
    curl: str
    replay: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One series of findings. `shown` is None where the exchange already stands elsewhere on the page."""

    anchor: str
    requirement_anchor: str
    title: str
    place: str
    tone: Tone
    verdict: Verdict
    requirement: Requirement
    finding: Finding
    series: FindingSeries
    shown: ShownExchange | None
    smaller: ShownExchange | None
    smaller_number: int | None
    fingerprint: str
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the traceability matrix."""

    anchor: str
    verdict: RequirementVerdict
    tone: Tone
    source: str
    finding_anchor: str | None
    example: int | None


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """Requirements of one binding without a verdict of the target, for one reason; `remedy` says what would help."""

    place: str
    reason: str
    remedy: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the template lays out."""

    tone: Tone
    tones: Mapping[Verdict, Tone]
    chart: Chart
    exercised: int
    services: tuple[ServiceSummary, ...]
    summaries: tuple[Summary, ...]
    violations: tuple[FindingView, ...]
    deviations: tuple[FindingView, ...]
    waived: tuple[FindingView, ...]
    notes: tuple[FindingView, ...]
    unlisted: int
    matrix: tuple[tuple[Summary, tuple[Row, ...]], ...]
    open_ends: Mapping[Verdict, tuple[OpenEnd, ...]]
    examples: tuple[ShownExchange, ...]
    shown: frozenset[int]


def page_of(run: Run) -> Page:
    """The page of a run."""
    exhibits = _Exhibits(run)
    violations, deviations, waived = (
        tuple(_finding_views(run, effect, exhibits)) for effect in ("violation", "deviation", "waived")
    )
    notes = tuple(_finding_views(run, "note", None))
    examples = tuple(exhibits.rest())
    shown = frozenset(exhibits.numbers)
    matrix = tuple((_summary(run, binding), _rows(run, binding, shown)) for binding in run.header.bindings)
    return Page(
        tone=RUN_TONES[run.verdict],
        tones=TONES,
        chart=_chart(run.verdicts),
        exercised=sum(each.exercised > 0 for each in run.verdicts),
        services=tuple(_services(run)),
        summaries=tuple(summary for summary, _ in matrix),
        violations=violations,
        deviations=deviations,
        waived=waived,
        notes=notes,
        unlisted=sum(each.unlisted for each in run.findings.values()),
        matrix=matrix,
        open_ends=_open_ends(matrix),
        examples=examples,
        shown=shown,
    )


class _Exhibits:
    """Hands out each exchange once, its bodies cut to what the page can carry."""

    def __init__(self, run: Run) -> None:
        self._header = run.header
        self._exchanges = dict(run.exchanges)
        self._values = run.values
        self._samples = {key: run.exchanges[number] for key, number in run.samples.items()}
        self._left = _room(run)
        self._scarce = self._left // 4
        self.numbers: set[int] = set()

    def take(self, number: int) -> ShownExchange | None:
        """The exchange of that number; None if it was taken before or is not in the log."""
        exchange = self._exchanges.pop(number, None)
        return self._shown(exchange) if exchange is not None and self._has_room() else None

    def rest(self) -> Iterator[ShownExchange]:
        """The exchanges not taken yet, as many as there is room for."""
        for number in sorted(self._exchanges):
            if not self._has_room():
                return
            yield self._shown(self._exchanges.pop(number))

    def _has_room(self) -> bool:
        return self._left > 0 and len(self.numbers) < MOST_EXHIBITS

    def _shown(self, exchange: Exchange) -> ShownExchange:
        self.numbers.add(exchange.number)
        shown = self._laid_out(exchange)
        self._left -= _EXHIBIT + len(shown.curl) + len(shown.replay)
        return shown

    def _laid_out(self, exchange: Exchange) -> ShownExchange:
        answered = exchange.response
        target = self._header.url_of(exchange)
        values = self._values.get(exchange.message.service, {})
        return ShownExchange(
            anchor=exchange_anchor(exchange.number),
            exchange=exchange,
            request=self._request(exchange, target),
            response=None
            if answered is None
            else Part(
                visible(f"{answered.status_code} {answered.reason}"),
                tuple(Field(name, value, is_marked=False) for name, value in answered.headers),
                self._answered_body(answered),
            ),
            failure="" if answered is not None else _failure(exchange),
            curl=curl_command(exchange, target, values) if self._left > self._scarce else "",
            replay=replay_command(exchange, target, values),
        )

    def _request(self, exchange: Exchange, target: str) -> Part:
        """A request, with what sets it apart from the documented sample marked."""
        sent, message = exchange.sent, exchange.message
        start_line = f"{sent.method} {target}{sent.path}"
        sample = self._samples.get((message.service, message.operation, message.protocol))
        if sample is None or sample.sent == sent:
            fields = tuple(Field(name, value, is_marked=False) for name, value in sent.headers)
            return Part(visible(start_line), fields, _marked(self._body(sent.body), exchange))
        known = sample.sent
        return Part(
            marked_text(start_line, f"{known.method} {target}{known.path}", self._values.get(message.service, {})),
            tuple(
                Field(*each, is_marked=each not in known.headers and each[0] not in _COUNTED) for each in sent.headers
            ),
            self._body(sent.body, known.body, self._values.get(message.service, {})),
        )

    def _answered_body(self, answered: Response) -> ShownBody | None:
        """The body of an answer as its reader has it: without its content coding, if it has the one that is named."""
        decoded = decoded_body(answered)
        shown = self._body(answered.body if decoded is None else decoded)
        if shown is None or decoded in (None, answered.body):
            return shown
        undone = f"{answered.header('Content-Encoding')} is undone"
        return replace(shown, note=undone if shown.note is None else f"{undone}; {shown.note}")

    def _body(
        self, body: bytes | None, sample: bytes | None = None, stand_ins: Mapping[str, str] = NO_STAND_INS
    ) -> ShownBody | None:
        if not body:
            return None
        shown = shown_body(body, LARGEST_BODY if self._left > self._scarce else _SMALLEST_BODY, sample, stand_ins)
        self._left -= len(shown.markup)
        return shown


def _room(run: Run) -> int:
    """The bytes that the page has for exchanges beside its rows and findings."""
    rows = sum(
        _ROW + 3 * len(requirement_anchor(key_of(each))) + len(each.requirement.requires) + len(each.requirement.id)
        for each in run.verdicts
    )
    listed = [series.first for each in run.findings.values() for series in each.series if series.first.effect != "note"]
    findings = sum(_FINDING + len(shortened(each.expected)) + len(shortened(each.actual)) for each in listed)
    return max(_LEAST_ROOM, _PAGE - rows - findings)


_COUNTED = frozenset({"Content-Length"})
"""Fields that follow from the body, whose own differences are marked."""


def _marked(body: ShownBody | None, exchange: Exchange) -> ShownBody | None:
    """A request's body with the values marked that set the message apart from the documented sample."""
    values = {each.after for each in exchange.message.changes if each.after}
    return body if body is None else replace(body, markup=mark_values(body.markup, values))


def _failure(exchange: Exchange) -> str:
    failure = exchange.outcome
    return "" if failure is exchange.response else f"{getattr(failure, 'kind', '')}: {getattr(failure, 'detail', '')}"


def _finding_views(run: Run, effect: Effect, exhibits: _Exhibits | None) -> Iterator[FindingView]:
    """The series of one effect, in the order of the header's table; with their exchanges if there are exhibits."""
    for verdict in run.verdicts:
        key = key_of(verdict)
        listed = run.findings[key].series if key in run.findings else ()
        for index, series in enumerate(listed):
            if series.first.effect == effect:
                smaller = run.smaller.get(series.first.exchange)
                yield FindingView(
                    anchor=finding_anchor(key, index),
                    requirement_anchor=requirement_anchor(key),
                    title=_spaced(series.first.name),
                    place=_place(verdict),
                    tone=_EFFECT_TONES[effect],
                    verdict=verdict.verdict,
                    requirement=verdict.requirement,
                    finding=series.first,
                    series=series,
                    shown=exhibits.take(series.first.exchange) if exhibits else None,
                    smaller=exhibits.take(smaller) if exhibits and smaller is not None else None,
                    smaller_number=smaller,
                    fingerprint=fingerprint(series.first),
                    source=series.first.source or _source(verdict.requirement.source),
                )


def is_named(change: Change) -> bool:
    """Whether what stands after a change is the name of a variation, and not what was sent."""
    return change.kind not in _LITERAL and change.after is not None and _NAME.fullmatch(change.after) is not None


_LITERAL = frozenset({"value", "lexical", "order", "count", "empty", "nil", "absent"})
"""Kinds of change that tell what was sent."""

_NAME = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")


def _summary(run: Run, binding: BindingRow) -> Summary:
    return Summary(binding=binding, protocol=PROTOCOLS[binding.protocol], chart=_chart(run.of_binding(binding)))


def _services(run: Run) -> Iterator[ServiceSummary]:
    """Each service, in the order of its first binding."""
    by_service: dict[str, list[BindingRow]] = {}
    for binding in run.header.bindings:
        by_service.setdefault(binding.service, []).append(binding)
    for service, bindings in by_service.items():
        chart = _chart(each for each in run.verdicts if each.service == service)
        yield ServiceSummary(service, bindings[0].title, len(bindings), chart)


def _chart(verdicts: Iterable[RequirementVerdict]) -> Chart:
    counts = _counts(verdicts)
    worst: Verdict = next(iter(counts), "not applicable")
    return Chart(
        verdict=worst,
        tone=TONES[worst],
        counts=counts,
        total=sum(counts.values()),
        bar=tuple(_bar(counts)),
        bar_text=", ".join(f"{count} {verdict}" for verdict, count in counts.items()),
    )


def _counts(verdicts: Iterable[RequirementVerdict]) -> Mapping[Verdict, int]:
    """How many have each verdict that occurs, gravest first."""
    counted = Counter(each.verdict for each in verdicts)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def _bar(counts: Mapping[Verdict, int]) -> Iterator[Segment]:
    """Segments in the order of tones that the eye reads best: what is kept first, what is broken last."""
    total = sum(counts.values()) or 1
    by_tone: Counter[Tone] = Counter()
    for verdict, count in counts.items():
        by_tone[TONES[verdict]] += count
    start = 0.0
    for tone in _BAR_ORDER:
        width = 100 * by_tone[tone] / total
        if width:
            yield Segment(tone, round(start, 2), round(width, 2))
        start += width


_BAR_ORDER: tuple[Tone, ...] = ("good", "mute", "open", "warn", "bad")


def _rows(run: Run, binding: BindingRow, shown: Collection[int]) -> tuple[Row, ...]:
    return tuple(_row(run, verdict, shown) for verdict in run.of_binding(binding))


def _row(run: Run, verdict: RequirementVerdict, shown: Collection[int]) -> Row:
    key = key_of(verdict)
    example = verdict.exchanges[0] if verdict.exchanges else None
    return Row(
        anchor=requirement_anchor(key),
        verdict=verdict,
        tone=TONES[verdict.verdict],
        source=_source(verdict.requirement.source),
        finding_anchor=finding_anchor(key, 0) if key in run.findings else None,
        example=example if example in shown else None,
    )


_OPEN: tuple[Verdict, ...] = ("inconclusive", "not exercised", "not observed", "out of scope", "not applicable")


def _open_ends(matrix: Iterable[tuple[Summary, tuple[Row, ...]]]) -> Mapping[Verdict, tuple[OpenEnd, ...]]:
    """What has no verdict of the target, by verdict, then by binding and reason."""
    found: dict[Verdict, dict[tuple[str, str, str], list[Row]]] = {}
    for _, rows in matrix:
        for row in rows:
            if row.verdict.verdict in _OPEN:
                reason = (_place(row.verdict), row.verdict.reason, remedy(row.verdict))
                found.setdefault(row.verdict.verdict, {}).setdefault(reason, []).append(row)
    return {
        verdict: tuple(OpenEnd(*told, tuple(rows)) for told, rows in found[verdict].items())
        for verdict in _OPEN
        if verdict in found
    }


def _place(verdict: RequirementVerdict) -> str:
    return f"{verdict.service} {verdict.operation}, {PROTOCOLS[verdict.protocol]}"


def _source(source: Source) -> str:
    return source.document if source.line is None else f"page, line {source.line}, column {source.column}"


def _spaced(name: str) -> str:
    """`AcceptedInvalidBody` as "Accepted invalid body"; capitals in a row stay."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).split()
    return " ".join([*words[:1], *(word if word.isupper() else word.lower() for word in words[1:])])
