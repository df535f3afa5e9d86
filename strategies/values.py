"""What may stand in a leaf: edge values by name, and a strategy of valid values, for each XSD simple type.

Lexical and value spaces: XML Schema part 2, sections 3.2 and 3.3; white space processing: section 4.3.6.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from elementpath.regex import translate_pattern
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from contracts.names import XSD, local_name, namespace_of


@dataclass(frozen=True, slots=True)
class Edge:
    """One valid value worth trying for itself, and what it tries."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ValueSpace:
    """What a leaf may hold. `type_names` are the names by which the families' table may know its type."""

    type_names: tuple[str, ...]
    edges: tuple[Edge, ...]
    texts: SearchStrategy[str]


class UnsupportedError(ValueError):
    """A schema construct that no strategy is written for; its text names the construct."""


Edges: TypeAlias = Iterator[Edge]

ALPHABET: Final = "".join(
    chr(point)
    for first, last in (
        (0x20, 0x7E),  # Basic Latin
        (0xA1, 0x17F),  # Latin-1, Latin Extended-A
        (0x300, 0x314),  # combining marks
        (0x391, 0x3A1),  # Greek
        (0x410, 0x44F),  # Cyrillic
        (0x5D0, 0x5EA),  # Hebrew
        (0x627, 0x63A),  # Arabic
        (0x905, 0x914),  # Devanagari
        (0x200E, 0x200F),  # marks of direction
        (0x3042, 0x3060),  # Hiragana
        (0x4E00, 0x4E20),  # CJK
        (0xAC00, 0xAC20),  # Hangul
        (0x1F600, 0x1F610),  # beyond the Basic Multilingual Plane
    )
    for point in range(first, last + 1)
)
"""Characters of drawn strings. Written out, since Unicode's categories differ between versions of Python."""

_NO_PLACEHOLDER: Final = ALPHABET.replace("{", "")
"""Characters of which no text can be taken for the place of a configured value. A filter would cost as much again as
the draw; the edges have a brace."""

LONGEST_DRAWN: Final = 48
"""Characters in a drawn string at most: long values are edges, drawn ones should be cheap."""

GUID: Final = "12345678-9abc-def0-1234-56789abcdef0"


def value_space(simple_type: Any, within: tuple[int, int] | None = None) -> ValueSpace:
    """The value space of an atomic type (of xmlschema's component model).

    `within` narrows what is drawn of a number, not its edges. Raises UnsupportedError for a type that is not known.
    """
    names = tuple(_names(simple_type))
    type_names = tuple(map(local_name, names))
    if simple_type.enumeration:
        words = [str(word) for word in simple_type.enumeration]
        edges = tuple(Edge(f"enumeration-{word}", word) for word in words)
        return ValueSpace(type_names, edges, st.sampled_from(words))
    kind = next(filter(None, map(_kind, names)), None)
    if kind is None:
        raise UnsupportedError(f"simple type {simple_type.prefixed_name or simple_type.root_type.prefixed_name}")
    edges = tuple(edge for edge in kind.edges(simple_type) if simple_type.is_valid(edge.text))
    texts = kind.texts(simple_type, within)
    if namespace_of(names[0]) != XSD:
        texts = texts.filter(simple_type.is_valid)
    return ValueSpace(type_names, edges, texts)


def _names(simple_type: Any) -> Iterator[str]:
    """Names, in Clark notation, from the type itself to the first built-in type that it restricts."""
    if simple_type.variety != "atomic":
        raise UnsupportedError(f"{simple_type.variety} type {simple_type.prefixed_name or 'without a name'}")
    at = simple_type
    while at is not None:
        if at.name:
            yield str(at.name)
            if namespace_of(at.name) == XSD:
                return
        at = at.base_type


# --- integers ---------------------------------------------------------------------------------------------------------


def _integer_edges(simple_type: Any) -> Edges:
    low, high = simple_type.min_value, simple_type.max_value
    inside = 0 if low is None or low <= 0 else low
    for name, number in (("at-maximum", high), ("at-minimum", low)):
        if number is not None:
            yield Edge(name, str(number))
    yield Edge("minus-one", "-1")
    yield Edge("zero", "0")
    yield Edge("plus-sign", f"+{max(inside, 5)}")
    yield Edge("leading-zeros", f"00{max(inside, 7)}")
    yield Edge("blanks-around", f" {max(inside, 5)} ")
    yield Edge("one", "1")
    for name, number, step in (("inside-maximum", high, -1), ("inside-minimum", low, 1)):
        if number is not None:
            yield Edge(name, str(number + step))
    yield Edge("white-space-around", f"\n\t{max(inside, 6)}\n")
    yield Edge("at-maximum-of-a-byte", "127")


def _integer_texts(simple_type: Any, within: tuple[int, int] | None) -> SearchStrategy[str]:
    low, high = within or (simple_type.min_value, simple_type.max_value)
    return st.integers(low, high).map(str)


# --- strings ----------------------------------------------------------------------------------------------------------

_STRINGS: Final[tuple[Edge, ...]] = (
    Edge("empty", ""),
    Edge("markup", "<&>\"']]>"),
    Edge("beyond-the-basic-plane", "\U0001f600\U00020000"),
    Edge("blank", " "),
    Edge("blanks-around", "  a b  "),
    Edge("right-to-left", "שלום مرحبا"),
    Edge("tab-and-line-feed", "a\tb\nc"),
    Edge("combining-decomposed", "e\u0301a\u0308"),
    Edge("combining-composed", "\u00e9\u00e4"),
    Edge("line-separators", "a\u0085b\u2028c"),
    Edge("carriage-return", "a\rb\r\nc"),
    Edge("length-255", "x" * 255),
    Edge("length-256", "x" * 256),
    Edge("entity-like", "&amp;amp;%20{}"),
    Edge("ends-of-the-planes", "\ud7ff\ue000\ufffd\U0010fffd"),
    Edge("length-4096", "x" * 4096),
    Edge("length-65536", "x" * 65536),
)


def _string_edges(simple_type: Any) -> Edges:
    """The common edges, with the length facets' limits before them (part 2, sections 4.3.1 to 4.3.3)."""
    for name, length in (("at-min-length", simple_type.min_length), ("at-max-length", simple_type.max_length)):
        if length is not None:
            yield Edge(name, "x" * length)
    yield from _STRINGS


def _string_texts(simple_type: Any, _: tuple[int, int] | None) -> SearchStrategy[str]:
    if simple_type.patterns:
        return _pattern_texts(simple_type)
    low = simple_type.min_length or 0
    high = LONGEST_DRAWN + low if simple_type.max_length is None else simple_type.max_length
    return st.text(_NO_PLACEHOLDER, min_size=low, max_size=high)


def _pattern_texts(simple_type: Any) -> SearchStrategy[str]:
    """Strings that match the patterns of the type's own step, which are alternatives (section 4.3.4)."""
    texts = [
        st.from_regex(_python_pattern(pattern), fullmatch=True, alphabet=ALPHABET)
        for pattern in simple_type.patterns.regexps
    ]
    return st.one_of(texts)


def _python_pattern(pattern: str) -> str:
    return str(translate_pattern(pattern, back_references=False, lazy_quantifiers=False, anchors=False))


# --- the others -------------------------------------------------------------------------------------------------------

_BOOLEANS: Final = (Edge("true", "true"), Edge("one", "1"), Edge("zero", "0"), Edge("false", "false"),
                    Edge("blanks-around", " true "))  # fmt: skip

# No blanks around: white space collapses (section 4.3.6), but lxml refuses it around dates.
_DATE_TIMES: Final = (
    Edge("first-year", "0001-01-01T00:00:00"),
    Edge("last-second", "9999-12-31T23:59:59"),
    Edge("leap-day", "2024-02-29T12:00:00"),
    Edge("utc", "2024-06-30T23:59:59Z"),
    Edge("fraction-of-seven-digits", "2024-01-01T00:00:00.1234567"),
    Edge("offset-east", "2024-01-01T00:00:00+05:30"),
    Edge("offset-west", "2024-01-01T00:00:00-08:00"),
    Edge("fraction-of-one-digit", "2024-01-01T00:00:00.5"),
    Edge("farthest-east", "2024-01-01T00:00:00+14:00"),
    Edge("farthest-west", "2024-01-01T00:00:00-14:00"),
    Edge("leap-day-of-a-century", "2000-02-29T00:00:00"),
    Edge("end-of-day", "2024-01-01T24:00:00"),
    Edge("five-digit-year", "12024-01-01T00:00:00"),
    Edge("before-the-common-era", "-0044-03-15T12:00:00"),
    Edge("fraction-of-twelve-digits", "2024-01-01T00:00:00.123456789012"),
    Edge("first-year-utc", "0001-01-01T00:00:00Z"),
    Edge("last-second-west", "9999-12-31T23:59:59-01:00"),
)

_ZONES: Final = ("", "", "Z", "+00:00", "+02:00", "-05:00", "+05:45", "-11:00")


def _date_time_texts(_: Any, __: tuple[int, int] | None) -> SearchStrategy[str]:
    """Instants of four-digit years, a day and more inside the limits, so that an offset stays within them."""
    seconds = st.integers(86_400, int((datetime.max - datetime.min).total_seconds()) - 86_400)
    return st.builds(_date_time, seconds, st.integers(0, 999), st.integers(0, len(_ZONES) - 1))


def _date_time(seconds: int, fraction: int, zone: int) -> str:
    """The lexical form of an instant; one in four has a fraction of a second."""
    days, seconds = divmod(seconds, 86_400)
    date = datetime.fromordinal(days + 1).date().isoformat()
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{date}T{clock}{f'.{fraction:03}' if fraction % 4 == 3 else ''}{_ZONES[zone]}"


_GUIDS: Final = (
    Edge("zeros", "00000000-0000-0000-0000-000000000000"),
    Edge("upper-case", GUID.upper()),
    Edge("all-ones", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    Edge("lower-case", GUID),
    Edge("mixed-case", GUID.replace("def0", "DeF0")),
)


def _guid_texts(_: Any, __: tuple[int, int] | None) -> SearchStrategy[str]:
    return st.integers(0, 2**128 - 1).map(_guid)


def _guid(number: int) -> str:
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """How the values of a type are made."""

    edges: Callable[[Any], Edges]
    texts: Callable[[Any, tuple[int, int] | None], SearchStrategy[str]]


_INTEGER = Kind(_integer_edges, _integer_texts)
_STRING = Kind(_string_edges, _string_texts)

_INTEGERS = (
    "byte", "short", "int", "long", "integer",
    "unsignedByte", "unsignedShort", "unsignedInt", "unsignedLong",
    "negativeInteger", "nonNegativeInteger", "nonPositiveInteger", "positiveInteger",
)  # fmt: skip

_BUILT_IN: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_INTEGERS, _INTEGER),
    **dict.fromkeys(("string", "normalizedString", "token"), _STRING),
    "boolean": Kind(lambda _: iter(_BOOLEANS), lambda _, __: st.sampled_from([edge.text for edge in _BOOLEANS])),
    "dateTime": Kind(lambda _: iter(_DATE_TIMES), _date_time_texts),
}
_CONVENTIONAL: Final[Mapping[str, Kind]] = {
    "guid": Kind(lambda _: iter(_GUIDS), _guid_texts),
}
"""Types that our contracts define, by local name: `guid` is the pattern type of what pages print as one."""


def _kind(name: str) -> Kind | None:
    """How values of the type of that name, in Clark notation, are made; None if the name says nothing."""
    return (_BUILT_IN if namespace_of(name) == XSD else _CONVENTIONAL).get(local_name(name))
