"""Where the two validators differ on a text: listed with the reason, and neither drawn as valid nor called a defect."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from contracts.names import XSD
from strategies.values import value_space

DOCS = Path(__file__).parents[2] / "docs" / "values.md"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A text of a type that one validator takes and the other refuses."""

    base: str
    text: str
    taken_by: str
    reason: str
    facets: str = ""


NUMBERS = ("byte", "short", "int", "long", "integer", "positiveInteger", "unsignedLong")
LISTED = [
    *(
        Disagreement(base, text, "xmlschema", "Python's int reads digits of any script, and underscores")
        for base in NUMBERS
        for text in ("\u0665", "\uff15", "\u00a05", *(("1_000",) if base != "byte" else ()))
    ),
    Disagreement("decimal", "1 2", "xmlschema", "blanks within a number are passed over",
                 '<xs:totalDigits value="20"/><xs:fractionDigits value="18"/>'),
    Disagreement("float", "1E", "lxml", "libxml2 asks for no digits of an exponent",
                 '<xs:minInclusive value="-1.5"/>'),
    Disagreement("double", "NaN", "xmlschema", "XSD 1.0 leaves open whether NaN lies within bounds",
                 '<xs:maxInclusive value="-1E300"/>'),
    Disagreement("duration", "PT1.S", "lxml", "libxml2 asks for no digits after the point"),
    Disagreement("time", "24:00:00", "lxml", "elementpath reads it as the first instant of the day",
                 '<xs:minInclusive value="08:00:00.5Z"/>'),
    Disagreement("token", "\u00a0a\u00a0", "lxml", "Python's split takes more for white space than XML does",
                 '<xs:length value="3"/>'),
    Disagreement("anyURI", "http://example.org/%zz", "xmlschema", "XSD 1.0 takes any text for an address"),
    Disagreement("anyURI", ":a", "xmlschema", "XSD 1.0 takes any text for an address"),
    Disagreement("anyURI", "a#b#c", "xmlschema", "XSD 1.0 takes any text for an address"),
    Disagreement("base64Binary", "-_-_", "lxml", "libxml2 passes over characters that are no digits"),
    Disagreement("base64Binary", "YW%3D", "lxml", "libxml2 passes over characters that are no digits"),
    Disagreement("QName", "xml:lang", "lxml", "xmlschema does not know that the prefix xml needs no declaration"),
    Disagreement("string", "a", "xmlschema", "libxml2 misreads a negated category within a class",
                 r'<xs:pattern value="[\P{N}]"/>'),
    Disagreement("string", "aa", "xmlschema", "libxml2 counts no turn of a repetition that is empty",
                 '<xs:pattern value="(a?){4}"/>'),
]  # fmt: skip


def schema_of(listed: Disagreement) -> str:
    return (
        f'<xs:schema xmlns:xs="{XSD}"><xs:element name="e"><xs:simpleType><xs:restriction base="xs:{listed.base}">'
        f"{listed.facets}</xs:restriction></xs:simpleType></xs:element></xs:schema>"
    )


def ids(listed: Disagreement) -> str:
    return f"{listed.base}-{listed.text!a}"


@pytest.mark.parametrize("listed", LISTED, ids=ids)
def test_the_validators_still_differ(listed: Disagreement) -> None:
    text = schema_of(listed)
    element = etree.Element("e")
    element.text = listed.text
    taken = {
        "lxml": etree.XMLSchema(etree.fromstring(text)).validate(element),
        "xmlschema": xmlschema.XMLSchema10(text).is_valid(element),  # type: ignore[arg-type]
    }
    assert {name for name, is_taken in taken.items() if is_taken} == {listed.taken_by}


@pytest.mark.parametrize("listed", LISTED, ids=ids)
def test_what_they_differ_on_is_neither_drawn_nor_a_defect(listed: Disagreement) -> None:
    simple_type = xmlschema.XMLSchema10(schema_of(listed)).elements["e"].type
    if listed.base == "string":
        return  # a type of nothing else is refused: test_simple_types
    found = value_space(simple_type)
    assert listed.text not in {edge.text for edge in found.edges}
    assert listed.text not in {misfit.text for misfit in found.misfits}


@pytest.mark.parametrize("reason", sorted({listed.reason for listed in LISTED}))
def test_every_reason_is_in_the_documentation(reason: str) -> None:
    assert reason in " ".join(DOCS.read_text("utf-8").split())
