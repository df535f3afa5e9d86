"""A contract against a WSDL: what the contract promises and the WSDL does not, and the reverse, graded.

*Breaking*: a message that one side allows, the other does not, where it matters: a request by the contract that the
WSDL does not allow, or an answer by the WSDL that the contract does not. *Compatible*: the WSDL allows more of
requests, or less of answers. *Note*: a difference that rests on a convention or an inference of the contract (a page
does not show which members may be left out), or on what no page can show (types derived from those that it prints).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from contracts.derive.description import OperationDescription, ServiceDescription
from contracts.derive.drift_content import Model, Unlike, compare, model_of_content, model_of_element
from contracts.derive.writing import schema_files, scratch_folder
from contracts.model import PROTOCOLS, Binding, Content, MessageShape, Operation, Protocol, Service
from contracts.names import local_name
from contracts.schema import Schema
from contracts.sources import Source

Grade: TypeAlias = Literal["breaking", "compatible", "note"]
Role: TypeAlias = Literal["request", "answer"]
GRADES: tuple[Grade, ...] = get_args(Grade)

_BROKEN_BY: Mapping[Role, frozenset[str]] = {
    "request": frozenset({"narrower", "other"}),
    "answer": frozenset({"wider", "other"}),
}
_NOT_ON_PAGES = frozenset({"derived", "hidden"})
"""Differences that no page can show: derived types, and content that a page cuts off."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. `where` is an operation, a binding of it, or a place in one of its messages."""

    grade: Grade
    operation: str
    protocol: Protocol | None
    where: str
    ours: str
    theirs: str
    because: str = ""
    our_source: Source | None = None
    their_source: Source | None = None

    def __str__(self) -> str:
        places = [str(each) for each in (self.our_source, self.their_source) if each is not None]
        told = f" [{'; '.join(places)}]" if places else ""
        why = f" ({self.because})" if self.because else ""
        subject = " ".join(filter(None, (self.operation, self.protocol, self.where)))
        return f"{self.grade:<10} {subject}: contract has {self.ours}, WSDL has {self.theirs}{why}{told}"


@dataclass(frozen=True, slots=True)
class Side:
    """An operation as one of the two sides has it."""

    name: str
    bindings: Mapping[Protocol, Binding]
    schema: Schema


def drift(contract: Service, wsdl: ServiceDescription) -> tuple[Drift, ...]:
    """How a contract and a WSDL differ, operation by operation in the contract's order."""
    with scratch_folder() as scratch:
        theirs = {each.name: described_side(each, scratch / str(n)) for n, each in enumerate(wsdl.operations)}
        ours = [side_of(each) for each in contract.operations.values()]
        given = {each.name: str(each.file) for one in wsdl.operations for each in one.documents if each.file}
        return tuple(_as_given(each, given) for each in _drifts(ours, theirs))


def _as_given(found: Drift, given: Mapping[str, str]) -> Drift:
    """A difference with its place in the WSDL as whoever compares named that."""
    source = found.their_source
    return (
        found
        if source is None or source.document not in given
        else replace(found, their_source=replace(source, document=given[source.document]))
    )


def side_of(operation: Operation) -> Side:
    """A contract's operation as a side."""
    return Side(operation.name, operation.bindings_by_protocol, operation.schema)


def described_side(operation: OperationDescription, folder: Path) -> Side:
    """A described operation as a side, its schemas written into a new folder of their own."""
    folder.mkdir()
    for name, text in schema_files(operation.schemas).items():
        (folder / name).write_text(text, "utf-8")
    bindings = {binding.protocol: binding for binding in operation.bindings}
    shapes = [shape for each in bindings.values() for shape in (each.request, each.response)]
    contents = [content for shape in shapes for content in (shape.header, shape.body) if content]
    return Side(operation.name, bindings, Schema(folder, [each.type_name for each in contents if each.type_name]))


def _drifts(ours: Sequence[Side], theirs: Mapping[str, Side]) -> Iterator[Drift]:
    matched: set[str] = set()
    for side in ours:
        other = _counterpart(side, theirs)
        if other is None:
            yield Drift("breaking", side.name, None, "", "this operation", "no such operation")
            continue
        matched.add(other.name)
        yield from compare_sides(side, other)
    for name in theirs:
        if name not in matched:
            yield Drift("compatible", name, None, "", "no such operation", "this operation")


def _counterpart(side: Side, theirs: Mapping[str, Side]) -> Side | None:
    """The WSDL's operation of the same name, or else the one whose request has the same root element."""
    if side.name in theirs:
        return theirs[side.name]
    roots = {binding.request.body.element for binding in side.bindings.values()} - {None}
    alike = [
        other for other in theirs.values() if roots & {each.request.body.element for each in other.bindings.values()}
    ]
    return alike[0] if len(alike) == 1 else None


def compare_sides(ours: Side, theirs: Side) -> Iterator[Drift]:
    """How one operation differs, binding by binding."""
    for protocol in PROTOCOLS:
        one, other = ours.bindings.get(protocol), theirs.bindings.get(protocol)
        if one is not None and other is not None:
            yield from _bindings(ours, theirs, one, other)
        elif one is not None:
            yield Drift("breaking", ours.name, protocol, "", "this binding", "no such binding", our_source=one.source)
        elif other is not None:
            source = other.source
            yield Drift("compatible", ours.name, protocol, "", "no such binding", "this binding", their_source=source)


def _bindings(ours: Side, theirs: Side, one: Binding, other: Binding) -> Iterator[Drift]:
    for name, mine, yours in _facts(one, other):
        if mine != yours:
            yield Drift(
                _FACTS[name], ours.name, one.protocol, name, repr(mine), repr(yours), "", one.source, other.source
            )
    for role, shapes in (("request", (one.request, other.request)), ("answer", (one.response, other.response))):
        is_form = one.is_form and role == "request"
        for unlike in _shapes(ours, theirs, *shapes, is_form=is_form):
            yield _graded(unlike, ours.name, one.protocol, role)  # type: ignore[arg-type]


_FACTS: Mapping[str, Grade] = {
    "SOAPAction": "breaking",
    "path": "breaking",
    "method": "breaking",
    "status": "breaking",
    "documented path": "note",
}
"""What bindings say besides messages, and what it means if it differs. Where a service is deployed binds nobody."""


def _facts(one: Binding, other: Binding) -> Iterator[tuple[str, object, object]]:
    yield "method", one.method, other.method
    yield "path", one.path, other.path
    yield "status", one.status_code, other.status_code
    if one.soap_action is not None:
        yield "SOAPAction", one.soap_action, other.soap_action
    if one.documented_path is not None and other.documented_path is not None:
        yield "documented path", one.documented_path, other.documented_path


def _shapes(
    ours: Side, theirs: Side, one: MessageShape, other: MessageShape, *, is_form: bool
) -> Iterator[tuple[str, Unlike]]:
    for part, mine, yours in (("Header", one.header, other.header), ("Body", one.body, other.body)):
        if mine is None and yours is None:
            continue
        read = _parameters if is_form else model_of_content
        one_model, other_model = read(ours.schema, mine or Content()), read(theirs.schema, yours or Content())
        for unlike in compare(one_model, other_model):
            yield part, unlike


def _parameters(schema: Schema, content: Content) -> Model:
    """The parameters of a form: their namespace, and the element that holds them, travel nowhere."""
    model = model_of_content(schema, content)
    if content.element is not None:
        model = model_of_element(model.members[0].element)
    return replace(model, members=tuple(replace(each, name=local_name(each.name)) for each in model.members))


def _graded(found: tuple[str, Unlike], operation: str, protocol: Protocol, role: Role) -> Drift:
    part, unlike = found
    breaks = unlike.direction in _BROKEN_BY[role] or unlike.aspect == "missing"
    if unlike.aspect == "extra" and role == "answer":
        breaks = True
    grade: Grade = "breaking" if breaks else "compatible"
    because = ""
    if unlike.aspect in _NOT_ON_PAGES:
        grade, because = "note", "no page can show it"
    elif breaks and unlike.basis in ("convention", "inferred"):
        grade, because = "note", f"the contract rests on {_ARTICLES[unlike.basis]}"
    place = f"{role}{' Header' if part == 'Header' else ''} {unlike.path}"
    label = "" if unlike.aspect in ("missing", "extra") else f" {unlike.aspect}"
    return Drift(
        grade,
        operation,
        protocol,
        f"{place}{label}",
        unlike.ours,
        unlike.theirs,
        because,
        unlike.our_source,
        unlike.their_source,
    )


_ARTICLES = {"convention": "a convention there", "inferred": "an inference there"}


def drift_lines(found: Iterable[Drift]) -> Iterator[str]:
    """What to print: the differences, the worst first, and their number by grade."""
    rows = sorted(found, key=lambda each: GRADES.index(each.grade))
    yield from map(str, rows)
    counts = Counter(row.grade for row in rows)
    yield ", ".join(f"{counts[grade]} {grade}" for grade in GRADES) + (
        " differences" if len(rows) != 1 else " difference"
    )


def is_broken(found: Iterable[Drift]) -> bool:
    """Whether any difference is breaking."""
    return any(each.grade == "breaking" for each in found)
