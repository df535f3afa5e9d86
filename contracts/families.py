"""What genuine server stacks do: the one table of facts, `standards/families.toml`, behind typed questions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from contracts.documents import line_of, read_document
from contracts.errors import ContractError, Place
from contracts.model import Basis, Expectation, Protocol

STANDARDS = Path(__file__).parent / "standards"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a message entitles us to, and the observation that decides it.

    `basis` is what a rejection rests on, where neither the page nor a standard asks for it; else None.
    """

    expectation: Expectation
    because: str
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class DeserialisationFailure:
    """How a family's stacks say that they could not read a message. Any one sign is enough.

    `fault_detail_empty` narrows the fault codes to faults without a filled detail. `told_apart` False means that
    such an answer may as well be a business refusal.
    """

    statuses: frozenset[int]
    fault_codes: frozenset[str]
    fault_detail_empty: bool
    roots: frozenset[str]
    empty_success: bool
    silence: bool
    told_apart: bool


class Families:
    """The table. Each question is put for a family and a binding."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table
        self._found: dict[tuple[str, str, Protocol], list[Mapping[str, Any]]] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The families that a service may name."""
        return frozenset(self._table["family"])

    def stacks(self, family: str) -> tuple[str, ...]:
        """The server stacks of a family, by name."""
        return tuple(self._table["family"][family]["stacks"])

    def defect(self, name: str, family: str, protocol: Protocol) -> Entitlement | None:
        """What a named defect entitles to; None where it does not apply to the binding."""
        return _entitlement(row for row in self._rows("defect", family, protocol) if name in _names(row))

    def invalid_values(self, type_name: str, family: str, protocol: Protocol) -> Mapping[str, Entitlement]:
        """The wrong lexical values of an XSD type (`int`, `dateTime`) and what each entitles to, in table order."""
        return {
            value: Entitlement(row["expectation"], row["because"])
            for row in self._rows("lexical", family, protocol)
            if type_name in _types(row)
            for value in row.get("values", ())
        }

    def lexical(self, type_names: Iterable[str], value: str, family: str, protocol: Protocol) -> Entitlement | None:
        """What text outside a type's lexical space entitles to: by the first row that speaks of type and value.

        A row without values speaks of all of them, one of type `any` of every type. None where no row does.
        """
        named = {*type_names, "any"}
        return _entitlement(
            row
            for row in self._rows("lexical", family, protocol)
            if named.intersection(_types(row)) and value in row.get("values", (value,))
        )

    def facet(self, name: str, value: str, family: str, protocol: Protocol) -> Entitlement | None:
        """What a value that a facet (`maxLength`, `enumeration`) excludes entitles to; None where no row says."""
        return _entitlement(
            row
            for row in self._rows("facet", family, protocol)
            if name in row["facets"] and value in row.get("values", (value,))
        )

    def unportable(self, type_name: str, value: str, family: str, protocol: Protocol) -> str | None:
        """Why a genuine stack refuses or alters a value that its type allows; None if all take it as it is."""
        for row in self._rows("portability", family, protocol):
            if {type_name, "any"}.intersection(_types(row)) and re.search(row["matches"], value):
                return str(row["because"])
        return None

    def deserialisation_failure(self, family: str, protocol: Protocol) -> DeserialisationFailure:
        """How the family's stacks report an unreadable message over a binding."""
        row = next(iter(self._rows("deserialisation_failure", family, protocol)), {})
        return DeserialisationFailure(
            statuses=frozenset(row.get("statuses", ())),
            fault_codes=frozenset(row.get("fault_codes", ())),
            fault_detail_empty=row.get("fault_detail_empty", False),
            roots=frozenset(row.get("roots", ())),
            empty_success=row.get("empty_success", False),
            silence=row.get("silence", False),
            told_apart=row.get("told_apart", True),
        )

    def is_reading_failure(self, text: str) -> bool:
        """Whether the text of a fault that blames the sender says that the message could not be read, or nothing."""
        return not text.strip() or any(re.search(row["matches"], text) for row in self._table["reading_failure"])

    def _rows(self, table: str, family: str, protocol: Protocol) -> list[Mapping[str, Any]]:
        """The rows of a table that speak of a family and a binding, found once."""
        key = (table, family, protocol)
        if key not in self._found:
            self._found[key] = [
                row
                for row in self._table.get(table, ())
                if row["family"] == family and protocol in row.get("bindings", (protocol,))
            ]
        return self._found[key]


def _types(row: Mapping[str, Any]) -> Sequence[str]:
    """The types that a row speaks of."""
    return row["types"] if "types" in row else (row["type"],)


def _names(row: Mapping[str, Any]) -> Sequence[str]:
    """The defects that a row speaks of: one name, or several that one observation decides."""
    return row["names"] if "names" in row else (row["name"],)


def _entitlement(rows: Iterable[Mapping[str, Any]]) -> Entitlement | None:
    row = next(iter(rows), None)
    return None if row is None else Entitlement(row["expectation"], row["because"], row.get("basis"))


@cache
def families() -> Families:
    """The shipped table."""
    return read_families(STANDARDS / "families.toml")


def read_families(file: Path) -> Families:
    """The table in a file. Raises ContractError for a wrong file, for rows of a family that it does not list, and for
    rows by which a message may be refused or taken that do not name a stack of their family.
    """
    table = read_document(file, "families")
    for name in ("defect", "lexical", "facet", "portability", "deserialisation_failure"):
        for index, row in enumerate(table.get(name, ())):
            found = _fault(row, table["family"], is_open=name == "portability")
            if found is not None:
                key, problem, hint = found
                place = Place(file, line_of(file.read_text("utf-8"), [name, index, key]))
                raise ContractError(place, f"{name}.{index}.{key}: {problem}", value=row[key], hint=hint)
    return Families(table)


def _fault(row: Mapping[str, Any], known: Mapping[str, Any], *, is_open: bool) -> tuple[str, str, str] | None:
    """What is wrong with a row: the key, the problem, and a hint; None for nothing. `is_open` tables leave it to stacks
    whether a message is refused, as rows of `either` do.
    """
    if row["family"] not in known:
        return "family", "is not listed under family", f"Known: {', '.join(sorted(known))}"
    stacks = known[row["family"]]["stacks"]
    if (is_open or row.get("expectation") == "either") and not any(stack in row["because"] for stack in stacks):
        return "because", "names no stack that forces it", f"Stacks of the family: {', '.join(stacks)}"
    return None
