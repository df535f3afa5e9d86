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
from contracts.model import FORM_PROTOCOLS, Basis, Binding, Content, Level, MessageShape, Protocol
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
    """What requirements are made from: an operation's bindings and calls, pair by pair, and its declarations.

    `roots` are the declared roots of its answers, `parts` the members of each type of content, by name.
    """

    service: str
    operation: str
    bindings: Sequence[Binding]
    calls: Sequence[Call]
    roots: Mapping[str, Member]
    parts: Mapping[str, Sequence[Member]]
    rulings: Rulings

    @property
    def does(self) -> str:
        """What a call does, in words: as the rulings put it."""
        return str(self.rulings.row.get("does", f"calls {self.operation}"))

    def members(self, content: Content | None) -> Sequence[Member]:
        """What is declared of a content: a root alone, or the members of a type."""
        if content is None or content.type_name == ANYTHING:
            return ()
        if content.element is not None:
            return [self.roots[content.element]] if content.element in self.roots else ()
        return self.parts.get(content.type_name or "", ())

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
        requires=f"a successful answer is valid against the schema of the page: {_promised(page)}",
        accepts=("any instance of the schema",),
    )


def _promised(page: Promises) -> str:
    """What the page documents of its answers, in words: order and types only where it does."""
    shapes = [binding.response for binding in page.bindings]
    roots = [member for shape in shapes for part in (shape.header, shape.body) for member in page.members(part)]
    found = [member for _, member in _walk(roots)]
    models = {
        each.content.model for each in found if isinstance(each.content, Complex) and len(each.content.members) > 1
    }
    leaves = [each for each in found if isinstance(each.content, Simple)]
    documented = [each for each in leaves if each.type_basis == "documented"]
    types = "types" if len(documented) == len(leaves) else "types where the page shows them"
    said = ["names", "namespaces", *(["order"] if "sequence" in models else []), *([types] if documented else [])]
    is_loose = bool(models - {"sequence"}) or any(shape.body.type_name not in (None, ANYTHING) for shape in shapes)
    return ", ".join(said) + ("; members stand in any order" if is_loose and "sequence" not in models else "")


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
        bodies = [page.members(each.response.body) for each in page.bindings if each.protocol in protocols]
        names = ", ".join(dict.fromkeys(local_name(member.tag) for members in bodies for member in members))
        yield (
            f"{names or 'anything'}{over}"
            if element == "members"
            else f"{element if element != 'nothing' else 'no body'}{over}"
        )


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


# --- enumerations -----------------------------------------------------------------------------------------------------


def _walk(members: Iterable[Member], outer: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Member]]:
    """Members and all below them, each with its path of local names."""
    for member in members:
        path = (*outer, local_name(member.tag))
        yield path, member
        if isinstance(member.content, Complex):
            yield from _walk(member.content.members, path)


@dataclass(frozen=True, slots=True)
class _List:
    """A closed list in the answers over a binding: where it stands below the root or the part, and what it is."""

    protocol: Protocol
    path: tuple[str, ...]
    member: Member
    simple: Simple
    at: Source

    @property
    def is_listed(self) -> bool:
        """Whether the page itself lists the words; a ruling may, too."""
        return self.simple.basis == "documented"


def _lists(page: Promises) -> Iterator[_List]:
    """Every closed list in a successful answer that a sample prints."""
    for binding, call in zip(page.bindings, page.calls, strict=True):
        for content, part in ((binding.response.header, "Header"), (binding.response.body, "Body")):
            is_root = content is not None and content.element is not None
            for path, member in _walk(page.members(content)):
                simple = _words_of(member)
                node = None if simple is None else _printed_at(call, part, path)
                if simple is not None and node is not None:
                    at = simple.source if member.type_source is not None else None
                    at = at or (node.text_source if simple.basis == "documented" else node.source)
                    yield _List(binding.protocol, path[1:] if is_root and path[1:] else path, member, simple, at)


def _words_of(member: Member) -> Simple | None:
    """The closed list that an element's value is of."""
    simple = member.content.text if isinstance(member.content, Complex) else member.content
    return simple if isinstance(simple, Simple) and simple.words else None


def _printed_at(call: Call, part: str, path: tuple[str, ...]) -> Node | None:
    """Where the answers to a call first print the element at a path below a part of the envelope, or the root's."""
    for sample in call.responses:
        holder = sample.header if part == "Header" else sample.body
        roots = [] if holder is None else holder.children
        roots = [sample.root] if sample.envelope_namespace is None and sample.root is not None else roots
        found = [node for node in roots if node.local == path[0]]
        for step in path[1:]:
            found = [child for node in found for child in node.children if child.local == step]
        if found:
            return next((node for node in found if node.text), found[0])
    return None


def _enumerations(page: Promises) -> Iterator[RequirementDescription]:
    """That a member with a closed list holds one of its words. One that a ruling closes is known, not listed.

    Lists of the same name at different places are promises of their own, named by as much of the path as it takes.
    """
    found: dict[tuple[str, ...], list[_List]] = {}
    lists = list(_lists(page))
    for each in lists:
        found.setdefault(_told_apart(each, lists), []).append(each)
    for steps, alike in found.items():
        yield _enumeration(page, steps, alike)


def _told_apart(one: _List, lists: Sequence[_List]) -> tuple[str, ...]:
    """The last steps of a list's path: as many as no other list over its binding ends in."""
    others = [each.path for each in lists if each.protocol == one.protocol and each.path != one.path]
    lengths = range(1, len(one.path) + 1)
    return next((one.path[-n:] for n in lengths if not any(other[-n:] == one.path[-n:] for other in others)), one.path)


def _enumeration(page: Promises, steps: tuple[str, ...], alike: Sequence[_List]) -> RequirementDescription:
    name = "/".join(steps)
    words = list(dict.fromkeys(word.value for each in alike for word in each.simple.words))
    is_listed = all(each.is_listed for each in alike)
    bases = {basis for each in alike for basis in (each.simple.basis, each.member.basis, each.member.type_basis)}
    basis: Basis = next((each for each in ("inferred", "convention") if each in bases), "documented")
    at: dict[Protocol, Source] = {}
    for each in alike:
        at.setdefault(each.protocol, each.at)
    return RequirementDescription(
        id=page.id(f"{'.'.join(steps)}-is-{'listed' if is_listed else 'known'}"),
        level="must",
        basis=basis,
        at=at,
        check="payload_schema",
        parameters={"component": name},
        does=page.does,
        requires=f"{name} is one of the words that the page lists"
        if is_listed
        else f"{name}, where the answer has one, is one of the words that the page and the rulings give",
        accepts=(*words, *([] if is_listed else [f"no {name}"])),
    )


def _nodes(sample: Sample) -> Iterator[Node]:
    return iter(()) if sample.root is None else sample.root.walk()


# --- DataSets ---------------------------------------------------------------------------------------------------------


def _datasets(page: Promises) -> Iterator[RequirementDescription]:
    """That the result is a DataSet indeed: where it is the root over GET and POST, or the payload's first child."""
    schemas: dict[Protocol, Source] = {}
    data: dict[Protocol, Source] = {}
    for binding in page.bindings:
        root = page.roots.get(binding.response.body.element or "")
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
    parts, shape = page.id("dataset-has-schema-and-xml"), page.id("dataset-has-schema-and-diffgram")
    compiles = page.id("dataset-schema-compiles")
    yield _dataset_promise(
        page,
        parts,
        "dataset_parts",
        schemas,
        "the placeholders are replaced: the result holds an XML schema, then XML",
        ("xs:schema, then any element", null),
    )
    yield _dataset_promise(
        page,
        shape,
        "dataset_shape",
        data,
        "what follows the schema in the result is one diffgram, with no text beside it",
        ("xs:schema, then diffgr:diffgram with or without children", null),
        depends_on=(parts,),
        basis="convention",
    )
    yield _dataset_promise(
        page,
        compiles,
        "dataset_schema",
        schemas,
        "what stands in the place of the placeholder for a schema is an XML schema that compiles",
        ("any schema document valid by XML Schema 1.0", null),
        depends_on=(parts,),
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
        level="should",
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
    level: Level = "must",
) -> RequirementDescription:
    return RequirementDescription(
        id=identifier,
        level=level,
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
        shapes = [binding.error for binding in page.bindings if binding.error is not None and binding.protocol in at]
        yield RequirementDescription(
            id=page.id("error-is-documented-shape"),
            level="must",
            basis="documented",
            at=at,
            check="documented_error",
            does="provokes an error",
            requires="an error has the form that the page shows, or is a genuine Fault",
            accepts=(f"{_form_of(page, shapes)}, as documented, status 200 or 500", "a SOAP Fault with status 500"),
        )


def _form_of(page: Promises, shapes: Sequence[MessageShape]) -> str:
    """The members of errors, part by part; the element that carries them, where there is one."""
    said: dict[str, None] = {}
    for shape in shapes:
        for part, content in (("Header", shape.header), ("Body", shape.body)):
            names = [local_name(member.tag) for member in page.members(content)]
            if content is not None and content.element is not None:
                said[local_name(content.element)] = None
            elif names:
                said[f"{', '.join(names)} in {part}"] = None
    return "; ".join(said)


def _ruled(page: Promises) -> Iterator[RequirementDescription]:
    """The requirements that rulings state, with the words of the rulings."""
    protocols = [binding.protocol for binding in page.bindings]
    for row in page.rulings.row.get("requirement", ()):
        unknown = [protocol for protocol in row["at"] if protocol not in protocols]
        if unknown:
            raise ContractError(
                page.rulings.place_of("requirement", row, "at", unknown[0]),
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
