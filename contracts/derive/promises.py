"""The requirements that a page makes, from its structure and the rulings. Their ids come from what they promise."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.derive.calls import Call
from contracts.derive.declarations import Complex, DataSet, Member, Simple
from contracts.derive.description import RequirementDescription
from contracts.derive.markup import Node
from contracts.derive.rulings import Rulings
from contracts.derive.samples import Sample
from contracts.errors import ContractError
from contracts.model import FORM_PROTOCOLS, Basis, Binding, Protocol
from contracts.names import local_name
from contracts.sources import Source

ANYTHING = "AnyContent"
"""The type of an answer that no page shows: it lets in anything."""

NAMES: Mapping[Protocol, str] = {
    "soap11": "SOAP 1.1",
    "soap12": "SOAP 1.2",
    "xml": "XML",
    "http_get": "HTTP GET",
    "http_post": "HTTP POST",
}


@dataclass(frozen=True, slots=True)
class Promises:
    """What requirements are made from: an operation's bindings and calls, pair by pair, and its declared answers."""

    service: str
    operation: str
    bindings: Sequence[Binding]
    calls: Sequence[Call]
    answers: Mapping[str, Sequence[Member]]
    rulings: Rulings

    @property
    def does(self) -> str:
        """What a call does, in words: as the rulings put it."""
        return str(self.rulings.row.get("does", f"calls {self.operation}"))

    def id(self, slug: str) -> str:
        """The id of a requirement."""
        return f"{self.service}/{self.operation}/{slug}"


def promises_of(page: Promises) -> tuple[RequirementDescription, ...]:
    """Every requirement of a page: those of every page of its kind, those of its lists and forms, those ruled."""
    return (
        *_response(page),
        *_enumerations(page),
        *_datasets(page),
        *_errors(page),
        *_ruled(page),
    )


def _shown(page: Promises, role: str = "response") -> dict[Protocol, Sample]:
    """The first sample of each binding in a role that holds anything."""
    found: dict[Protocol, Sample] = {}
    for call in page.calls:
        answers = call.responses if role == "response" else call.errors
        first = next((each for each in answers if each.root is not None), None)
        if first is not None:
            found[call.protocol] = first
    return found


def _response(page: Promises) -> Iterator[RequirementDescription]:
    """That a success is the documented element, and valid. Nothing is promised of answers that no page shows."""
    shown = [binding.protocol for binding in page.bindings if binding.response.body.type_name != ANYTHING]
    at = {protocol: source for protocol, source in _positions(page).items() if protocol in shown}
    whole = {protocol: source for protocol, source in _positions(page, whole=True).items() if protocol in shown}
    if not shown:
        return
    yield RequirementDescription(
        id=page.id("response-element"),
        level="must",
        basis="documented",
        at=at,
        check="payload_root",
        needs_observation=True,
        does=page.does,
        requires=_element_required(page),
        accepts=tuple(_elements_accepted(page)),
    )
    yield RequirementDescription(
        id=page.id("response-matches-schema"),
        level="must",
        basis="documented",
        at=whole,
        check="payload_schema",
        needs_observation=True,
        does=page.does,
        requires="a successful answer is valid against the schema of the page: names, namespaces, order, types",
        accepts=("any instance of the schema",),
    )


def _positions(page: Promises, *, whole: bool = False) -> dict[Protocol, Source]:
    """Where each binding's answer stands: its element, the Body whose children it is, its head, or the request's.

    `whole` asks for the envelope where types describe the content of its Header and Body.
    """
    shown = _shown(page)
    found: dict[Protocol, Source] = {}
    for binding, call in zip(page.bindings, page.calls, strict=True):
        sample = shown.get(call.protocol)
        if sample is None:
            found[call.protocol] = call.responses[0].source if call.responses else call.request.source
            continue
        is_typed = binding.response.body.type_name is not None
        body = sample.root if whole else sample.body
        node = body if is_typed and sample.body is not None else sample.payload
        found[call.protocol] = sample.source if node is None else node.source
    return found


def _by_element(page: Promises) -> dict[str, list[Protocol]]:
    found: dict[str, list[Protocol]] = {}
    for binding in page.bindings:
        body = binding.response.body
        if body.type_name == ANYTHING:
            continue
        found.setdefault(body.element or ("members" if body.type_name else "nothing"), []).append(binding.protocol)
    return found


def _element_required(page: Promises) -> str:
    elements = _by_element(page)
    if list(elements) == ["members"]:
        return "Body of a successful answer holds the documented members themselves, without a wrapper"
    said = [
        f"{_said(element)}{f' over {_listed(NAMES[each] for each in protocols)}' if len(elements) > 1 else ''}"
        for element, protocols in elements.items()
    ]
    return f"a successful answer holds {', and '.join(said)}, as the page shows it"


def _said(element: str) -> str:
    words = {"members": "the documented members", "nothing": "nothing"}
    return words.get(element, local_name(element))


def _elements_accepted(page: Promises) -> Iterator[str]:
    elements = _by_element(page)
    for element, protocols in elements.items():
        over = f" over {_listed(NAMES[each] for each in protocols)}" if len(elements) > 1 else ""
        names = ", ".join(local_name(member.tag) for member in page.answers["response"])
        yield (
            f"{names or 'anything'}{over}"
            if element == "members"
            else f"{element if element != 'nothing' else 'no body'}{over}"
        )


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


# --- enumerations -----------------------------------------------------------------------------------------------------


def _walk(members: Iterable[Member]) -> Iterator[Member]:
    for member in members:
        yield member
        if isinstance(member.content, Complex):
            yield from _walk(member.content.members)


def _enumerations(page: Promises) -> Iterator[RequirementDescription]:
    """That a member with a closed list holds one of its words. One that a ruling closes is known, not listed."""
    found: dict[str, list[Simple]] = {}
    for member in _walk([*page.answers["response"], *page.answers["error"]]):
        if isinstance(member.content, Simple) and member.content.words:
            found.setdefault(local_name(member.tag), []).append(member.content)
    for name, simples in found.items():
        words = list(dict.fromkeys(word.value for simple in simples for word in simple.words))
        is_listed = all(word.basis == "documented" for simple in simples for word in simple.words)
        at = _places_of(page, name, in_text=is_listed)
        if at:
            yield RequirementDescription(
                id=page.id(f"{name}-is-{'listed' if is_listed else 'known'}"),
                level="must",
                basis="documented",
                at=at,
                check="payload_schema",
                parameters={"component": name},
                does=page.does,
                requires=f"{name} is one of the words that the page lists"
                if is_listed
                else f"{name}, where the answer has one, is one of the words that the page and the rulings give",
                accepts=(*words, *([] if is_listed else [f"no {name}"])),
            )


def _places_of(page: Promises, name: str, *, in_text: bool) -> dict[Protocol, Source]:
    """Where each binding first prints a member of its answer."""
    found: dict[Protocol, Source] = {}
    for protocol, sample in _shown(page).items():
        node = next((node for node in _nodes(sample) if node.local == name), None)
        if node is not None:
            found[protocol] = node.text_source if in_text else node.source
    return found


def _nodes(sample: Sample) -> Iterator[Node]:
    return iter(()) if sample.root is None else sample.root.walk()


# --- DataSets ---------------------------------------------------------------------------------------------------------


def _datasets(page: Promises) -> Iterator[RequirementDescription]:
    """That the result is a DataSet indeed: where it is the root over GET and POST, or the payload's first child."""
    schemas: dict[Protocol, Source] = {}
    data: dict[Protocol, Source] = {}
    by_tag = {member.tag: member for member in page.answers["response"]}
    for binding in page.bindings:
        root = by_tag.get(binding.response.body.element or "")
        dataset = _dataset_of(root, binding) if root is not None else None
        sample = _shown(page).get(binding.protocol)
        if dataset is not None and sample is not None:
            parent = next((node for node in _nodes(sample) if node.child("schema") is not None), None)
            if parent is not None:
                schemas[binding.protocol] = parent.children[0].source
                data[binding.protocol] = parent.text_source if parent.text else parent.children[-1].source
    if not schemas:
        return
    null = "a null result"
    shape, compiles = page.id("dataset-has-schema-and-diffgram"), page.id("dataset-schema-compiles")
    yield _dataset_promise(
        page,
        shape,
        "dataset_shape",
        schemas,
        "the placeholders are replaced: the result holds an XML schema, then a diffgram, and no text",
        ("xs:schema, then diffgr:diffgram with or without children", null),
    )
    yield _dataset_promise(
        page,
        compiles,
        "dataset_schema",
        schemas,
        "the schema in the result is an XML schema that compiles",
        ("any schema document valid by XML Schema 1.0", null),
        depends_on=(shape,),
    )
    yield _dataset_promise(
        page,
        page.id("dataset-data-is-valid"),
        "dataset_data",
        data,
        "the data in the diffgram, without its diffgr and msdata attributes, is valid against the schema before it",
        ("a valid instance", "a diffgram without a data instance", null),
        depends_on=(compiles,),
        basis="convention",
    )


def _dataset_of(root: Member, binding: Binding) -> DataSet | None:
    content = root.content
    if binding.protocol not in FORM_PROTOCOLS and isinstance(content, Complex):
        content = content.members[0].content if content.members else content
    return content if isinstance(content, DataSet) else None


def _dataset_promise(
    page: Promises,
    identifier: str,
    check: str,
    at: Mapping[Protocol, Source],
    requires: str,
    accepts: tuple[str, ...],
    *,
    depends_on: tuple[str, ...] = (),
    basis: Basis = "documented",
) -> RequirementDescription:
    return RequirementDescription(
        id=identifier,
        level="must" if basis == "documented" else "should",
        basis=basis,
        at=at,
        check=check,
        depends_on=depends_on,
        does=page.does,
        requires=requires,
        accepts=accepts,
    )


# --- errors and rulings -----------------------------------------------------------------------------------------------


def _errors(page: Promises) -> Iterator[RequirementDescription]:
    """That an error has the documented form, where the page documents one."""
    at = {protocol: sample.source for protocol, sample in _shown(page, "error").items()}
    if at:
        names = list(dict.fromkeys(local_name(member.tag) for member in page.answers["error"]))
        yield RequirementDescription(
            id=page.id("error-is-documented-shape"),
            level="must",
            basis="documented",
            at=at,
            check="documented_error",
            does="provokes an error",
            requires="an error has the form that the page shows, or is a genuine Fault",
            accepts=(f"{', '.join(names)}, as documented, status 200 or 500", "a SOAP Fault with status 500"),
        )


def _ruled(page: Promises) -> Iterator[RequirementDescription]:
    """The requirements that rulings state, with the words of the rulings."""
    protocols = [binding.protocol for binding in page.bindings]
    for row in page.rulings.row.get("requirement", ()):
        unknown = [protocol for protocol in row["at"] if protocol not in protocols]
        if unknown:
            raise ContractError(
                page.rulings.place_of("requirement", row, f"at.{unknown[0]}"),
                "requirement: names a binding that the page lacks",
                value=unknown[0],
                hint=f"Documented: {', '.join(protocols)}",
            )
        yield _of_row(page, row)


def _of_row(page: Promises, row: Mapping[str, Any]) -> RequirementDescription:
    return RequirementDescription(
        id=page.id(row["slug"]),
        level=row["level"],
        basis=row["basis"],
        at={protocol: Source.of(note) for protocol, note in row["at"].items()},
        check=row.get("check"),
        sends=row.get("sends"),
        parameters=row.get("parameters", {}),
        needs_observation=row.get("needs_observation", False),
        depends_on=tuple(map(page.id, row.get("depends_on", ()))),
        does=row.get("does", page.does),
        requires=row["requires"],
        accepts=tuple(row["accepts"]),
    )
