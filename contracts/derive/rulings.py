"""Rulings of a service's own file as derivation takes them: what they change, which of them matched nothing, and
whether the page holds what they say of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

import xmlschema

from contracts.derive.declarations import OPEN, AnyContent, ContentOf, Member, Simple, Word
from contracts.derive.markup import Node
from contracts.derive.words import LOOSE_WORDS, VALUE_TYPES, type_of_word
from contracts.documents import line_of
from contracts.errors import ContractError, Place
from contracts.model import Basis
from contracts.names import local_name
from contracts.sources import Source

TABLE = "component"
UNBOUNDED = "unbounded"


@dataclass
class Rulings:
    """What a service's file rules on one operation. `row` is its table, `index` its place among the operations.

    `documents` are the texts of its pages, by name. Keeps account of which rulings on components have been used.
    """

    file: Path
    text: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)
    index: int = 0
    documents: Mapping[str, str] = field(default_factory=dict)
    _used: set[int] = field(default_factory=set)

    def ruled(self, member: Member, role: str, path: Sequence[str], nodes: Sequence[Node] = ()) -> Member:
        """A declaration with every ruling on it applied. `nodes` are what the page prints of it."""
        for index, row in enumerate(self.row.get(TABLE, ())):
            if row["path"] == "/".join(path) and role in row.get("messages", (role,)):
                self._used.add(index)
                member = _applied(member, row, nodes, self.documents, self._place(index))
        return member

    def require_all_used(self) -> None:
        """Raises ContractError for the first ruling on a component that no message has."""
        for index, row in enumerate(self.row.get(TABLE, ())):
            if index not in self._used:
                said = " or ".join(row.get("messages", ("any message",)))
                raise ContractError(
                    self._place(index, "path"),
                    f"{TABLE}.{index}.path: no such element in {said}",
                    value=row["path"],
                    hint="A path is made of the local names below the message's root",
                )

    def require_places(self) -> None:
        """Raises ContractError for the first place that no page has, or at which it does not hold what is said."""
        for table, index, keys, note, words in self._noted():
            problem = _misplaced(Source.of(note), words, self.documents)
            if problem is not None:
                place = Place(self.file, line_of(self.text, ["operation", self.index, table, index, *keys]))
                hint = self._how_to_name(Source.of(note))
                raise ContractError(place, f"{table}.{index}.{'.'.join(keys)}: {problem}", value=note, hint=hint)

    def _how_to_name(self, source: Source) -> str:
        """How a place is written, with the document's name where it has to be named."""
        if source.document in self.documents or not self.documents:
            return "A place is line:column of what is named there, as the page stands"
        named = " or ".join(f"{name}:{source.line}:{source.column}" for name in self.documents)
        return f"Places on pages other than page.txt begin with the page's name: write {named}"

    def _noted(self) -> Iterator[tuple[str, int, tuple[str, ...], str, tuple[str, ...]]]:
        """Every place that rulings name: table, index, keys, the place, and words of which one has to stand there."""
        for table in ("ruling", TABLE, "requirement", "business_error", "relation"):
            for index, row in enumerate(self.row.get(table, ())):
                at = row.get("at", {})
                places = {("at",): at} if isinstance(at, str) else {("at", key): note for key, note in at.items()}
                for keys, note in places.items():
                    yield table, index, keys, note, tuple(_named_by(table, row))

    def place_of(self, table: str, row: Mapping[str, Any], *keys: str) -> Place:
        """Where a row of one of the operation's tables stands."""
        index = list(self.row[table]).index(row)
        return Place(self.file, line_of(self.text, ["operation", self.index, table, index, *keys]))

    def _place(self, index: int, *keys: str) -> Place:
        return Place(self.file, line_of(self.text, ["operation", self.index, TABLE, index, *keys]))


def _named_by(table: str, row: Mapping[str, Any]) -> Iterator[str]:
    """What a ruling says that the page names at its place: one of these; nothing for prose."""
    if table == TABLE and "values" in row:
        yield from row["values"]
    elif table == TABLE:
        yield _last(row["path"])
        yield from _SPELT.get(row.get("type", "").removeprefix("xs:"), ())
        yield from _OCCURRENCE_WORDS if {"min_occurs", "max_occurs"} & row.keys() else ()
    elif table == "requirement" and "component" in row.get("parameters", {}):
        yield _last(str(row["parameters"]["component"]))
    elif table in ("business_error", "relation"):
        paths = (
            "path",
            "text_path",
            "member",
            "first",
            "then",
            "response_leaf",
            "response_items",
            "request_leaf",
            "request_items",
        )
        yield from (_last(row[key]) for key in (*paths, "field") if key in row)
        yield from (local_name(row[key]) for key in ("element",) if key in row)


_OCCURRENCE_WORDS = ("required", "mandatory", "optional", "must", "may", "always", "yes", "no", "once", "repeated")
_SPELT: Mapping[str, tuple[str, ...]] = {
    name: tuple(word for word, meant in LOOSE_WORDS.items() if meant == name) for name in set(LOOSE_WORDS.values())
}
"""Type -> the words that pages have for it."""


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _misplaced(source: Source, words: Sequence[str], documents: Mapping[str, str]) -> str | None:
    """What is wrong with a place: no such document, line or column, or none of the words from there on in its line."""
    text = documents.get(source.document)
    if text is None:
        return f"{source.document} is none of its documents ({', '.join(documents)})"
    lines = text.split("\n")
    line, column = source.line or 0, source.column or 0
    if line > len(lines):
        return f"is out of range: {source.document} has {len(lines)} lines"
    if column > max(1, len(lines[line - 1])):
        return f"is out of range: line {line} of {source.document} has {len(lines[line - 1])} characters"
    rest = lines[line - 1][column - 1 :]
    if words and not any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", rest, re.IGNORECASE) for word in words):
        shown = rest.strip()[:40] or "nothing"
        return f"does not hold what it says: {' or '.join(words[:_MOST_SHOWN])}, but {shown!r}"
    return None


_MOST_SHOWN = 5


def _applied(
    member: Member, row: Mapping[str, Any], nodes: Sequence[Node], documents: Mapping[str, str], place: Place
) -> Member:
    basis = cast("Basis", row.get("basis", "inferred"))
    at = Source.of(row["at"]) if "at" in row else None
    before = member
    if "type" in row:
        member = replace(member, content=_typed(row, member, basis, place), type_basis=basis, type_source=at)
    if "values" in row:
        content = _listed(row, member, nodes, documents, place)
        member = replace(member, content=content, type_basis=basis, type_source=None)
    if row.get("open"):
        content = Simple(OPEN, _text_place(member), basis)
        member = replace(member, content=content, type_basis=basis, type_source=at)
    if "min_occurs" in row or "max_occurs" in row:
        said = row.get("max_occurs", UNBOUNDED if member.high is None else member.high)
        high = None if said == UNBOUNDED else said
        member = replace(member, low=row.get("min_occurs", member.low), high=high, min_basis=basis, min_source=at)
    if "nillable" in row:
        member = replace(member, nillable=row["nillable"], nil_basis=basis, nil_source=at)
    member = member if "basis" in row else _as_documented(before, member)
    if member.high is not None and member.low > member.high:
        raise ContractError(place, f"{TABLE}: min_occurs is more than max_occurs", value=member.low)
    return member


def _as_documented(before: Member, ruled: Member) -> Member:
    """A ruled declaration in which what the page documents already, and the ruling only repeats, stays documented."""
    if before.type_basis == "documented" and _meant(before.content) == _meant(ruled.content) is not None:
        ruled = replace(ruled, content=before.content, type_basis="documented", type_source=before.type_source)
    if before.min_basis == "documented" and (before.low, before.high) == (ruled.low, ruled.high):
        ruled = replace(ruled, min_basis="documented", min_source=before.min_source)
    if before.nil_basis == "documented" and before.nillable == ruled.nillable:
        ruled = replace(ruled, nil_basis="documented", nil_source=before.nil_source)
    return ruled


def _meant(content: ContentOf) -> tuple[str, frozenset[str]] | None:
    """The type and the closed list of a simple content; None for any other."""
    if not isinstance(content, Simple):
        return None
    return content.base, frozenset(word.value for word in content.words)


def _typed(row: Mapping[str, Any], member: Member, basis: Basis, place: Place) -> ContentOf:
    if row["type"] == "any":
        return AnyContent(member.source, basis)
    name = type_of_word(row["type"].removeprefix("xs:"))
    if name is None:
        raise ContractError(
            place, f"{TABLE}.type: is no type that is known", value=row["type"], hint="A built-in type, guid or any"
        )
    return Simple(name, _text_place(member), basis, is_reference=name not in VALUE_TYPES)


def _text_place(member: Member) -> Source:
    return member.content.source if isinstance(member.content, Simple) else member.source


def _listed(
    row: Mapping[str, Any], member: Member, nodes: Sequence[Node], documents: Mapping[str, str], place: Place
) -> ContentOf:
    """A closed enumeration: values that samples of the element print keep their place, others have the ruling's.

    That samples print values shows members of a list, and never that it is closed: to be documented, the list itself
    has to stand on the page, in the samples (`A or B`) or where `at` says.
    """
    if not isinstance(member.content, Simple):
        raise ContractError(place, f"{TABLE}.values: {row['path']} holds elements, no value", value=row["path"])
    basis = cast("Basis", row.get("basis", "inferred"))
    at = Source.of(row["at"]) if "at" in row else None
    there = {} if at is None else _found_at(at, row["values"], documents)
    listed = {word.value: word for word in member.content.words if word.basis == "documented"}
    if basis == "documented" and not (set(row["values"]) <= listed.keys() or set(row["values"]) <= there.keys()):
        raise ContractError(
            place,
            f"{TABLE}.basis: is documented, and the page lists these values neither in samples nor at `at`",
            value=row["values"],
            hint="Say with `at` in which line it lists them all, or leave the basis out: the list is our reading",
        )
    printed = {node.text: Word(node.text, node.text_source, "documented") for node in reversed(nodes) if node.text}
    other = {value: Word(value, there.get(value, at or member.source), basis) for value in row["values"]}
    words = tuple(listed.get(value) or printed.get(value) or other[value] for value in row["values"])
    base = member.content.base if member.content.base in _BUILT_IN else "string"
    if "type" in row or member.type_basis == "documented":
        require_values_of(base, row, place)
    elif not all(map(_BUILT_IN[base].is_valid, row["values"])):
        base = "string"  # what samples look like is our reading, and the ruling knows better
    return replace(member.content, base=base, words=words, basis=basis)


def require_values_of(base: str, row: Mapping[str, Any], place: Place) -> None:
    """Raises ContractError for the first value of a ruling's list that is none of a built-in type."""
    stray = next((value for value in row["values"] if not _BUILT_IN[base].is_valid(value)), None)
    if stray is not None:
        problem = f"{TABLE}.values: is no {base}, the type of {row['path']}"
        raise ContractError(place, problem, value=stray, hint="Leave it out, or name another type in the same ruling")


_BUILT_IN: Final = xmlschema.XMLSchema10.builtin_types()


def _found_at(at: Source, values: Sequence[str], documents: Mapping[str, str]) -> dict[str, Source]:
    """Where each of some values stands in the line of a place, from there on."""
    line = documents.get(at.document, "").split("\n")[(at.line or 1) - 1 :][:1]
    start = (at.column or 1) - 1
    found = {
        value: re.compile(rf"(?<!\w){re.escape(value)}(?!\w)").search(each, start) for value in values for each in line
    }
    return {value: Source(at.document, at.line, match.start() + 1) for value, match in found.items() if match}
