"""What the families' table says of values: every row speaks of an edge that is tried, and of nothing that is drawn."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import xmlschema

from contracts.families import families
from contracts.names import XSD
from strategies.draws import draw
from strategies.values import ValueSpace, value_space

TYPES = xmlschema.XMLSchema10(f'<xs:schema xmlns:xs="{XSD}"><xs:element name="a"/></xs:schema>').maps.types


def rows(table: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for row in families()._table.get(table, ()):
        for name in row.get("types", [row.get("type")]):
            if f"{{{XSD}}}{name}" in TYPES:
                yield name, row


def space(name: str) -> ValueSpace:
    return value_space(TYPES[f"{{{XSD}}}{name}"])


PORTABILITY = list(rows("portability"))
LEXICAL = [(name, row) for name, row in rows("lexical") if "values" in row]


def shown(each: object) -> str | None:
    return each if isinstance(each, str) else None


@pytest.mark.parametrize("name, row", PORTABILITY, ids=shown)
def test_every_row_of_portability_speaks_of_an_edge(name: str, row: Mapping[str, Any]) -> None:
    assert any(re.search(row["matches"], edge.text) for edge in space(name).edges), row["matches"]
    assert row["because"]


@pytest.mark.parametrize("name, row", PORTABILITY, ids=shown)
def test_no_row_of_portability_takes_away_most_of_what_is_drawn(name: str, row: Mapping[str, Any]) -> None:
    """Filtering is local and rarely needed: a row that took most values away would starve the strategy."""
    found = space(name)
    kept = [text for text in draw(found.texts, 200, 5) if not re.search(row["matches"], text)]
    assert len(kept) > 40


@pytest.mark.parametrize("name, row", LEXICAL, ids=shown)
def test_no_listed_text_is_a_value_of_its_type(name: str, row: Mapping[str, Any]) -> None:
    valid = {edge.text for edge in space(name).edges}
    assert not valid & set(row["values"])


@pytest.mark.parametrize("family", sorted(families().names))
def test_every_misfit_of_every_type_has_an_entitlement(family: str) -> None:
    protocol = {"asmx": "soap11", "servicestack": "soap12", "narrative": "soap11"}.get(family, "soap11")
    for name in ("int", "decimal", "boolean", "dateTime", "duration", "anyURI", "base64Binary", "QName"):
        for misfit in space(name).misfits:
            found = families().lexical([name], misfit.text, family, protocol)  # type: ignore[arg-type]
            assert found is not None, (name, misfit)
            assert found.because
    for facet in ("enumeration", "pattern", "maxLength", "minInclusive", "totalDigits"):
        assert families().facet(facet, "x", family, protocol) is not None  # type: ignore[arg-type]
