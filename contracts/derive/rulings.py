"""Rulings of a service's own file as derivation takes them: what they change, and which of them matched nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from contracts.derive.declarations import OPEN, AnyContent, ContentOf, Member, Simple, Word
from contracts.derive.markup import Node
from contracts.derive.words import VALUE_TYPES, type_of_word
from contracts.documents import line_of
from contracts.errors import ContractError, Place
from contracts.model import Basis
from contracts.sources import Source

TABLE = "component"
UNBOUNDED = "unbounded"


@dataclass
class Rulings:
    """What a service's file rules on one operation. `row` is its table, `index` its place among the operations.

    Keeps account of which rulings on components have been used.
    """

    file: Path
    text: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)
    index: int = 0
    _used: set[int] = field(default_factory=set)

    def ruled(self, member: Member, role: str, path: Sequence[str], nodes: Sequence[Node] = ()) -> Member:
        """A declaration with every ruling on it applied. `nodes` are what the page prints of it."""
        for index, row in enumerate(self.row.get(TABLE, ())):
            if row["path"] == "/".join(path) and role in row.get("messages", (role,)):
                self._used.add(index)
                member = _applied(member, row, nodes, self._place(index))
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

    def place_of(self, table: str, row: Mapping[str, Any], *keys: str) -> Place:
        """Where a row of one of the operation's tables stands."""
        index = list(self.row[table]).index(row)
        return Place(self.file, line_of(self.text, ["operation", self.index, table, index, *keys]))

    def _place(self, index: int, *keys: str) -> Place:
        return Place(self.file, line_of(self.text, ["operation", self.index, TABLE, index, *keys]))


def _applied(member: Member, row: Mapping[str, Any], nodes: Sequence[Node], place: Place) -> Member:
    basis = cast("Basis", row.get("basis", "inferred"))
    if "type" in row:
        member = replace(member, content=_typed(row, member, basis, place), type_basis=basis)
    if "values" in row:
        member = replace(member, content=_listed(row, member, nodes, place), type_basis=basis)
    if row.get("open"):
        member = replace(member, content=Simple(OPEN, _text_place(member), "inferred"), type_basis=basis)
    if "min_occurs" in row:
        member = replace(member, low=row["min_occurs"], min_basis=basis)
    if "max_occurs" in row:
        high = None if row["max_occurs"] == UNBOUNDED else row["max_occurs"]
        member = replace(member, high=high, min_basis=basis)
    if "nillable" in row:
        member = replace(member, nillable=row["nillable"], nil_basis=basis)
    if member.high is not None and member.low > member.high:
        raise ContractError(place, f"{TABLE}: min_occurs is more than max_occurs", value=member.low)
    return member


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


def _listed(row: Mapping[str, Any], member: Member, nodes: Sequence[Node], place: Place) -> ContentOf:
    """A closed enumeration: values that the page prints keep their place, others have the ruling's."""
    if not isinstance(member.content, Simple):
        raise ContractError(place, f"{TABLE}.values: {row['path']} holds elements, no value", value=row["path"])
    printed = {word.value: word for word in member.content.words}
    printed |= {node.text: Word(node.text, node.text_source, "documented") for node in reversed(nodes) if node.text}
    elsewhere = Source.of(row["at"]) if "at" in row else member.source
    words = tuple(printed.get(value, Word(value, elsewhere, "inferred")) for value in row["values"])
    return replace(member.content, base="string", words=words, basis="documented")
