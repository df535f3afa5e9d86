"""Simple types: both validators take what is made of each, and refuse its misfits; types without values are refused."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import xmlschema
from elementpath.regex import translate_pattern
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts.names import XSD, local_name
from strategies.draws import draw
from strategies.errors import UnsatisfiableError, UnsupportedError
from strategies.values import ValueSpace, value_space
from strategies.values.backtracking import is_soon_matched
from strategies.values.dates import date_of, days_of
from strategies.values.expressions import either, parsed
from strategies.values.languages import Language

CORPUS = Path(__file__).parent / "corpus"
NAMESPACE = "urn:t"
DRAWN = 40


@cache
def schemas(name: str) -> tuple[xmlschema.XMLSchema10, etree.XMLSchema]:
    """Both validators' schema of a file of the corpus, with a global element for each of its types."""
    text = (CORPUS / f"{name}.xsd").read_text("utf-8")
    names = [local_name(each) for each in xmlschema.XMLSchema10(text).types]
    elements = "".join(f'<xs:element name="e-{each}" type="t:{each}"/>' for each in names)
    text = text.replace("</xs:schema>", f"{elements}</xs:schema>")
    return xmlschema.XMLSchema10(text), etree.XMLSchema(etree.fromstring(text.encode()))


def types_of_the_corpus() -> Iterator[tuple[str, str]]:
    for file in sorted(CORPUS.glob("simple-*.xsd")):
        for name in xmlschema.XMLSchema10(file).types:
            yield file.stem, local_name(name)


NO_VALUES = {
    "ENTITY": "unparsed entity",
    "ENTITIES": "unparsed entity",
    "NOTATION": "enumeration",
}
"""Built-in types that are refused, and what is said of them."""


@cache
def space(file: str, name: str) -> ValueSpace:
    return value_space(schemas(file)[0].types[name])


def verdicts(file: str, name: str, space: ValueSpace, text: str) -> tuple[bool, bool]:
    """What lxml and xmlschema say of a document with that text in an element of the type."""
    element = etree.Element(f"{{{NAMESPACE}}}e-{name}", nsmap=dict(space.namespaces))
    element.text = text
    read = etree.fromstring(etree.tostring(element), etree.XMLParser(huge_tree=True))
    exact, fast = schemas(file)
    return fast.validate(read), exact.is_valid(read)  # type: ignore[arg-type]


over_the_corpus = pytest.mark.parametrize("file, name", list(types_of_the_corpus()))


@over_the_corpus
def test_edges_and_drawn_values_are_valid_to_both_validators(file: str, name: str) -> None:
    found = space(file, name)
    assert found.edges
    drawn = list(draw(found.texts, DRAWN, 7))
    for text in (*(edge.text for edge in found.edges), found.plain, *drawn):
        assert verdicts(file, name, found, text) == (True, True), text


@over_the_corpus
def test_misfits_are_invalid_to_both_validators(file: str, name: str) -> None:
    found = space(file, name)
    for misfit in found.misfits:
        assert verdicts(file, name, found, misfit.text) == (False, False), misfit


def root_of(file: str, name: str) -> Any:
    """The built-in type that a type restricts, over however many steps; None for lists and unions of one's own."""
    at = schemas(file)[0].types[name]
    while at is not None and not str(at.name).startswith(f"{{{XSD}}}"):
        at = at.base_type
    return at if at is not None and at.is_atomic() else None


@pytest.mark.parametrize("file, name", [each for each in types_of_the_corpus() if root_of(*each)])
def test_misfits_of_a_facet_are_values_of_the_type_below(file: str, name: str) -> None:
    """A facet's near miss breaks the facet and not the lexical space, which has misfits of its own."""
    found = space(file, name)
    root = root_of(file, name)
    named = {"namespaces": {"q0": "urn:q0", "q1": "urn:q1", "q2": "urn:q2"}}
    for misfit in found.misfits:
        assert root.is_valid(misfit.text, **named) is not misfit.rule.startswith("xs:"), misfit


@over_the_corpus
def test_every_facet_that_bounds_has_a_misfit(file: str, name: str) -> None:
    """Down to what no text can break: a facet that another already implies."""
    found = {facet for misfit in space(file, name).misfits for facet in misfit.rule.split(", ")}
    simple_type = schemas(file)[0].types[name]
    own = {local_name(tag) for tag in simple_type.facets if tag} - {"whiteSpace"}
    assert own - found - IMPLIED.get(name, set()) == set()


IMPLIED = {"to-infinity": {"maxInclusive"}, "minus-infinity-only": {"maxInclusive"}}
"""Facets without a misfit, by type: nothing lies beyond infinity, and the validators differ on other numbers there."""


XSD_10 = {
    *("string", "normalizedString", "token", "language", "Name", "NCName", "NMTOKEN", "NMTOKENS", "ID", "IDREF"),
    *("IDREFS", "anyURI", "QName", "boolean", "decimal", "integer", "nonPositiveInteger", "negativeInteger", "long"),
    *("int", "short", "byte", "nonNegativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    *("positiveInteger", "float", "double", "duration", "dateTime", "time", "date", "gYearMonth", "gYear"),
    *("gMonthDay", "gDay", "gMonth", "hexBinary", "base64Binary", "anySimpleType"),
}


def built_in(name: str) -> Any:
    return schemas("simple-built-in")[0].maps.types[f"{{{XSD}}}{name}"]


@pytest.mark.parametrize("name", sorted(XSD_10))
def test_every_built_in_type_has_values_of_its_own_and_texts_that_are_none(name: str) -> None:
    found = value_space(built_in(name))
    assert len(found.edges) > 2
    texts = [*(edge.text for edge in found.edges), *draw(found.texts, DRAWN, 3)]
    assert all(built_in(name).is_valid(text, namespaces=dict(found.namespaces)) for text in texts)
    assert not any(built_in(name).is_valid(misfit.text) for misfit in found.misfits)
    assert bool(found.misfits) is (name not in ANYTHING_GOES)


ANYTHING_GOES = {"string", "normalizedString", "token", "anySimpleType", "anyURI"}
"""Types of which every text is a value, at least to one validator."""


@pytest.mark.parametrize("name, because", NO_VALUES.items())
def test_types_that_need_what_no_message_has_are_refused_with_the_reason(name: str, because: str) -> None:
    with pytest.raises(UnsupportedError, match=because):
        value_space(built_in(name))


SPELLINGS = {
    "int": {"+5", "007", " 5 ", "-0", "2147483647", "-2147483648"},
    "decimal": {"+1.5", ".5", "5.", "-0.0", "1.500", "007.5"},
    "double": {"1E5", "INF", "-INF", "NaN", "-0", "1e+3", ".5", "5.", "1E007"},
    "float": {"1E5", "INF", "-INF", "NaN", "3.4028235E38", "1.4E-45"},
    "boolean": {"true", "false", "1", "0", " true "},
    "dateTime": {"0001-01-01T00:00:00", "9999-12-31T23:59:59", "2024-01-01T24:00:00", "2024-01-01T00:00:00+14:00"},
    "time": {"24:00:00", "23:59:59", "12:30:00Z"},
    "date": {"0001-01-01", "9999-12-31", "2024-02-29", "2024-01-01-14:00"},
    "gMonthDay": {"--02-29"},
    "hexBinary": {"", "0123456789ABCDEF", "0123456789abcdef", "aBcD"},
    "base64Binary": {"", "YW Jj", "YQ==", "YWJj\nYWJj\n"},
    "duration": {"PT36H", "-P1Y", "PT0.5S", "P1Y2M3DT4H5M6.7S"},
    "string": {"", "  a  b  ", "a]]>b", "e\u0301a\u0308", "\u00e9\u00e4", "x" * 65_535, "x" * 65_536},
}


@pytest.mark.parametrize("name, texts", SPELLINGS.items())
def test_legal_spellings_are_among_the_edges(name: str, texts: set[str]) -> None:
    found = value_space(built_in(name))
    assert texts - {edge.text for edge in found.edges} == set()


def restricted(facets: str, base: str = "xs:string") -> Any:
    schema = xmlschema.XMLSchema10(
        f'<xs:schema xmlns:xs="{XSD}"><xs:simpleType name="t"><xs:restriction base="{base}">{facets}</xs:restriction>'
        "</xs:simpleType></xs:schema>"
    )
    return schema.types["t"]


EMPTY = {
    "pattern-and-length": restricted('<xs:pattern value="a"/><xs:minLength value="2"/>'),
    "letters-of-a-number": restricted('<xs:pattern value="[a-z]+"/>', "xs:int"),
    "empty-class": restricted('<xs:pattern value="[a-z-[a-z]]"/>'),
    "truth-by-another-word": restricted('<xs:pattern value="yes"/>', "xs:boolean"),
    "range-and-pattern": restricted(
        '<xs:minInclusive value="10"/><xs:maxInclusive value="20"/><xs:pattern value="[0-9]"/>', "xs:integer"
    ),
    "odd-length-of-pairs": restricted('<xs:pattern value="(ab)*"/><xs:length value="3"/>'),
    "words-and-pattern": restricted('<xs:enumeration value="b"/><xs:pattern value="a"/>'),
    "validators-differ": restricted(r'<xs:pattern value="[\P{N}]"/>'),
}


@pytest.mark.parametrize("simple_type", EMPTY.values(), ids=EMPTY)
def test_types_without_values_are_refused_when_the_strategy_is_built(simple_type: Any) -> None:
    with pytest.raises(UnsatisfiableError, match="simple type t"):
        value_space(simple_type)


def test_values_of_patterns_match_all_steps_and_lengths() -> None:
    language = Language([parsed("[A-Z]{2}[0-9]+"), parsed(".*7.*")], "test", (5, 6))
    random = Random(1)
    drawn = {language.drawn(random.randint) for _ in range(200)}
    assert len(drawn) > 100
    assert all(5 <= len(each) <= 6 and "7" in each and each[:2].isupper() for each in drawn)
    assert len(language.shortest()) == 5


@pytest.mark.parametrize("pattern", ["[a", "a{2", "(a", "a)", "*", "a**", r"\p{Nope}", "[]", r"\q"])
def test_what_is_no_pattern_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(UnsupportedError, match="pattern"):
        parsed(pattern)


def test_alternatives_that_no_string_matches_leave_the_others() -> None:
    assert Language([either([parsed("[a-z-[a-z]]"), parsed("b")])], "test").shortest() == "b"


@given(st.integers(-3_000_000, 6_000_000))
@settings(max_examples=300, database=None, derandomize=True, phases=[Phase.generate])
def test_days_and_dates_are_each_others_inverse(days: int) -> None:
    assert days_of(*date_of(days)) == days


@pytest.mark.parametrize("name", ["two-to-five", "mail", "price", "office-hours", "numbers", "licence-key"])
def test_values_can_be_drawn_and_shrunk_under_given(name: str) -> None:
    file = next(file for file, each in types_of_the_corpus() if each == name)
    found = space(file, name)
    seen: set[str] = set()

    @settings(max_examples=25, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(found.texts)
    def check(text: str) -> None:
        seen.add(text)

    check()
    assert len(seen) > 5
    assert all(verdicts(file, name, found, text) == (True, True) for text in seen)


def test_numbers_are_drawn_within_and_have_their_edges_everywhere() -> None:
    found = value_space(built_in("long"), (0, 127))
    assert all(0 <= int(text) <= 127 for text in draw(found.texts, 100, 1))
    assert "9223372036854775807" in {edge.text for edge in found.edges}
    narrowed = value_space(restricted('<xs:pattern value="[0-9]+"/>', "xs:long"), (0, 127))
    assert all(0 <= int(text) <= 127 for text in draw(narrowed.texts, 100, 1))
    fractions = value_space(restricted('<xs:fractionDigits value="2"/>', "xs:decimal"), (0, 9))
    assert all(0 <= float(text) <= 9 for text in draw(fractions.texts, 100, 1))
    assert len(set(draw(fractions.texts, 100, 1))) > 30


def test_facets_that_make_no_sense_are_refused_by_name() -> None:
    text = (
        f'<xs:schema xmlns:xs="{XSD}"><xs:simpleType name="t"><xs:restriction base="xs:date">'
        '<xs:minInclusive value="some day"/></xs:restriction></xs:simpleType></xs:schema>'
    )
    schema = xmlschema.XMLSchema10(text, validation="lax")
    with pytest.raises(UnsupportedError, match="simple type t"):
        value_space(schema.types["t"])


def test_what_is_drawn_does_not_depend_on_what_was_drawn_before() -> None:
    expressions = [parsed("(ab|a)*(bc|[0-9]{3,7}x)?"), parsed(".*[bx].*")]
    fresh, used = (Language(expressions, "test", (2, 30)) for _ in range(2))
    random = Random(5)
    for _ in range(200):
        used.drawn(random.randint)
    one, other = Random(9), Random(9)
    assert [fresh.drawn(one.randint) for _ in range(100)] == [used.drawn(other.randint) for _ in range(100)]


LANGUAGE = "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"
MANY_STATES = {
    "nested-repeats": (["((a{1,50}){1,50}){1,50}"], (0, None)),
    "nested-repeats-of-a-length": (["((a{1,50}){1,50}){1,50}"], (3000, 3000)),
    "nested-repeats-and-another": (["((a{1,90}b?){1,90}){1,90}", "(.{7})*"], (0, None)),
    "language-of-a-length": ([LANGUAGE], (1000, 1000)),
    "letter-far-from-the-end": (["(a|b)*a(a|b){30}"], (0, None)),
    "repeats-of-any": ([r"(\p{L}{1,999}\s){1,999}"], (0, 10_000)),
    "three-steps": ([r"[\i-[:]][\c-[:]]*", r"\p{Lu}.*", r"[\p{IsBasicLatin}-[A-M]]+"], (8, 9)),
}
"""Patterns whose expansions, or whose deterministic automata, have very many states; with lengths."""


@pytest.mark.parametrize("patterns, lengths", MANY_STATES.values(), ids=MANY_STATES)
def test_values_are_made_of_patterns_with_very_many_states(
    patterns: list[str], lengths: tuple[int, int | None]
) -> None:
    language = Language(map(parsed, patterns), "test", lengths)
    random = Random(3)
    for text in (language.shortest(), *(language.drawn(random.randint) for _ in range(3))):
        assert lengths[0] <= len(text) <= (lengths[1] or len(text))
        assert all(matches(pattern, text) for pattern in patterns), text


def matches(pattern: str, text: str) -> bool:
    """Whether Python's matcher finds that a text matches: these are told at once where they do."""
    return (
        re.match(translate_pattern(pattern, back_references=False, lazy_quantifiers=False, anchors=False), text)
        is not None
    )


def test_values_are_made_of_a_pattern_that_no_backtracking_matcher_is_good_for() -> None:
    language = Language([parsed("a?" * 60 + "a" * 60)], "test")
    random = Random(3)
    drawn = {language.drawn(random.randint) for _ in range(20)}
    assert language.shortest() == "a" * 60
    assert len(drawn) > 5
    assert all(set(text) == {"a"} and 60 <= len(text) <= 120 for text in drawn)


@pytest.mark.parametrize(
    "patterns, lengths, refusal",
    [
        (["((ab){1,9}){1,9}"], (51, 51), "no value matches"),
        (["a{1,50}", "(aa)*"], (51, None), "no value matches"),
        (["[a-z]{50000}"], (0, None), "more than 10,000 characters"),
        ([".{0,100000}b", ".{0,100000}c"], (0, None), "too intricate"),
    ],
)
def test_patterns_without_a_match_or_without_one_to_be_found_soon_are_refused(
    patterns: list[str], lengths: tuple[int, int | None], refusal: str
) -> None:
    with pytest.raises(UnsupportedError, match=refusal):
        Language(map(parsed, patterns), "this type", lengths)


@pytest.mark.parametrize(
    "pattern, soon, late",
    [
        ("(a*)*b", "a" * 10, "a" * 40),
        ("([a-z]+ ?)*x", "ab cd", "a" * 40),
        ("(a|a)*b", "aaab", "a" * 30),
        (r"(\d?){30}", "123", "1" * 20),
        ("a?" * 40 + "a" * 40, "a", "a" * 40),
    ],
)
def test_texts_that_a_backtracking_matcher_would_try_for_long_are_known_beforehand(
    pattern: str, soon: str, late: str
) -> None:
    assert is_soon_matched([parsed(pattern)], soon)
    assert not is_soon_matched([parsed(pattern)], late)


def test_no_text_is_too_long_for_a_pattern_without_choices() -> None:
    assert is_soon_matched([parsed(r"([A-Z]{2}-\d{3};)*")], "AB-123;" * 5000)


def test_a_pattern_that_validators_do_not_come_to_an_end_with_still_has_values() -> None:
    found = value_space(restricted('<xs:pattern value="([a-z]+ ?)*x"/>'))
    assert found.edges
    assert all(len(misfit.text) < 40 for misfit in found.misfits)


@pytest.mark.parametrize(
    "base, low, high",
    [
        ("dateTime", "2020-01-01T00:00:00Z", "2020-01-02T00:00:00+05:00"),
        ("date", "2020-01-01Z", "2020-01-04+05:00"),
        ("gYear", "2000Z", "2003+14:00"),
        ("dateTime", "2020-01-01T00:00:00", "2020-06-01T00:00:00Z"),
        ("gYearMonth", "2000-01+02:00", "2000-04-05:00"),
    ],
)
def test_dates_bounded_in_two_zones_vary_in_both(base: str, low: str, high: str) -> None:
    bounds = f'<xs:minInclusive value="{low}"/><xs:maxInclusive value="{high}"/>'
    found = value_space(restricted(bounds, f"xs:{base}"))
    edges = {edge.name: edge.text for edge in found.edges}
    assert (edges["at-minimum"], edges["at-maximum"]) == (low, high)
    assert {"inside-minimum", "inside-maximum"} <= edges.keys()
    drawn = set(draw(found.texts, 100, 1))
    zones = [re.split(r"(?<=\d)(?=Z$|[+-]\d\d:\d\d$)", bound)[1:] for bound in (low, high)]
    for zone in zones:
        in_zone = {text for text in drawn if re.split(r"(?<=\d)(?=Z$|[+-]\d\d:\d\d$)", text)[1:] == zone}
        assert len(in_zone) > 1, zone


RESPELLED = {
    "int": ("1", {" 1 ", "+1", "001"}),
    "decimal": ("1.5", {"+1.5", "1.50", "001.5", " 1.5 "}),
    "double": ("2", {"2.0", "2E0", "+2"}),
    "hexBinary": ("0aFF", {"0Aff"}),
    "token": ("a b", {" a b "}),
    "string": ("a", set[str]()),
}
"""By a type, an enumerated value and its other spellings."""


@pytest.mark.parametrize("base", RESPELLED)
def test_enumerated_values_have_their_other_spellings_as_edges(base: str) -> None:
    word, others = RESPELLED[base]
    found = value_space(restricted(f'<xs:enumeration value="{word}"/>', f"xs:{base}"))
    assert {edge.text for edge in found.edges} >= others | {word}
    assert others or len(found.edges) == 1
    assert set(draw(found.texts, 20, 1)) == {word}


def test_qualified_names_are_tried_with_a_prefix_and_enumerated_in_the_default_namespace() -> None:
    names = value_space(built_in("QName"))
    (prefix,) = names.namespaces
    assert any(edge.text.startswith(f"{prefix}:") for edge in names.edges)
    assert {text.startswith(f"{prefix}:") for text in draw(names.texts, 20, 1)} == {True, False}
    schema = xmlschema.XMLSchema10(
        f'<xs:schema xmlns:xs="{XSD}" xmlns="urn:d" xmlns:p="urn:p"><xs:simpleType name="t"><xs:restriction '
        'base="xs:QName"><xs:enumeration value="p:a"/><xs:enumeration value="b"/></xs:restriction></xs:simpleType>'
        "</xs:schema>"
    )
    listed = value_space(schema.types["t"])
    meant = {
        (listed.namespaces[prefix], name) for prefix, _, name in (e.text.strip().partition(":") for e in listed.edges)
    }
    assert meant == {("urn:p", "a"), ("urn:d", "b")}


@pytest.mark.parametrize("base", ["hexBinary", "base64Binary"])
def test_octets_of_one_length_have_edges(base: str) -> None:
    found = value_space(restricted('<xs:length value="5"/>', f"xs:{base}"))
    assert len(found.edges) >= 4


def test_every_member_of_a_union_is_drawn() -> None:
    schema = xmlschema.XMLSchema10(
        f'<xs:schema xmlns:xs="{XSD}"><xs:simpleType name="t"><xs:union memberTypes="xs:int xs:boolean xs:date"/>'
        "</xs:simpleType></xs:schema>"
    )
    drawn = set(draw(value_space(schema.types["t"]).texts, 60, 1))
    assert any(text in ("true", "false") for text in drawn)
    assert any(text.count("-") >= 2 for text in drawn)
    assert any(text.lstrip("+-").isdigit() for text in drawn)


@pytest.mark.parametrize(
    "base, pattern, item",
    [
        ("base64Binary", "[a-zA-Z0-9+/]{3}=", False),
        ("base64Binary", "[a-zA-Z0-9+/]{6}==", False),
        ("double", r"\d\.\dE\d{3}", False),
        ("date", r"\d{4}-02-29", False),
        ("gMonthDay", "--02-29", False),
        ("dateTime", r"19\d\d-02-0\dT\d\d:04:\d0 19\d\d-\d0-10T06:\d\d:10", True),
        ("anyURI", r"\c{3,6}://(\c{1,7}\.){1,2}\c{3}( x)?", True),
    ],
)
def test_values_are_made_of_patterns_and_of_what_a_type_can_be(base: str, pattern: str, item: bool) -> None:
    below = f'<xs:list itemType="xs:{base}"/>' if item else f'<xs:restriction base="xs:{base}"/>'
    schema = xmlschema.XMLSchema10(
        f'<xs:schema xmlns:xs="{XSD}"><xs:simpleType name="below">{below}</xs:simpleType><xs:simpleType name="t">'
        f'<xs:restriction base="below"><xs:pattern value="{pattern}"/></xs:restriction></xs:simpleType></xs:schema>'
    )
    found = value_space(schema.types["t"])
    drawn = set(draw(found.texts, 20, 1))
    assert all(schema.types["t"].is_valid(text) and matches(pattern, " ".join(text.split())) for text in drawn)
    assert len(drawn) > 3 or pattern == "--02-29"
