"""Strings, names, addresses, and bytes written as text (XML Schema part 2, sections 3.2.1, 3.2.15 to 3.2.19, 3.3)."""

from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from strategies.values.definitions import Definition
from strategies.values.kinds import Kind, Within
from strategies.values.model import (
    LONGEST_DRAWN,
    NO_PLACEHOLDER,
    Choose,
    Edge,
    Edges,
    Maker,
    Misfit,
    Misfits,
)

LONGEST_EDGE: Final = 65_536
"""Characters or octets of an edge at most, where the type asks for no more: two bytes' worth of length, and one."""


# --- strings ----------------------------------------------------------------------------------------------------------

_STRINGS: Final[tuple[tuple[str, str], ...]] = (
    ("empty", ""),
    ("markup", "<&>\"']]>"),
    ("beyond-the-basic-plane", "\U0001f600\U00020000"),
    ("blank", " "),
    ("blanks-around", "  a  b  "),
    ("right-to-left", "שלום مرحبا"),
    ("tab-and-line-feed", "a\tb\nc"),
    ("combining-decomposed", "e\u0301a\u0308"),
    ("combining-composed", "\u00e9\u00e4"),
    ("line-separators", "a\u0085b\u2028c"),
    ("carriage-return", "a\rb\r\nc"),
    ("length-255", "x" * 255),
    ("length-256", "x" * 256),
    ("entity-like", "&amp;amp;%20{}"),
    ("ends-of-the-planes", "\ud7ff\ue000\ufffd\U0010fffd"),
    ("length-4096", "x" * 4096),
    ("length-65536", "x" * 65536),
    ("length-4095", "x" * 4095),
    ("length-65535", "x" * 65535),
    ("beside-noncharacters", "\ufdcf\ufdf0\ufffc\ufffd\U00010000"),
    ("end-of-a-section", "a]]>b"),
    ("like-a-tag", "<b>x</b>"),
    ("direction-marks", "a\u200eb\u200fc\u202ed\u202c"),
    ("joined-emoji", "\U0001f469\u200d\U0001f467"),
    ("no-break-space", "\u00a0a\u00a0"),
    ("zero-width", "a\u200bb\ufeffc"),
    ("line-feeds-around", "\na\n"),
    ("leading-zeros", "007"),
    ("word-for-nothing", "null"),
    ("plain", "abc"),
)


def _lengths(definition: Definition) -> tuple[int, int | None]:
    return definition.min_length or 0, definition.max_length


def _string_edges(definition: Definition) -> Edges:
    """The common edges, with the length facets' limits before them (part 2, sections 4.3.1 to 4.3.3)."""
    low, high = definition.min_length, definition.max_length
    for name, length in (
        ("at-min-length", low),
        ("at-max-length", high),
        ("inside-min-length", None if low is None else low + 1),
        ("inside-max-length", None if high is None else high - 1),
    ):
        if length is not None and 0 <= length <= max(LONGEST_EDGE, low or 0):
            yield Edge(name, "x" * length)
    if high is not None and 0 < high <= LONGEST_EDGE:
        yield Edge("at-max-length-beyond-the-basic-plane", "\U0001f600" * high)
    yield from (Edge(name, text) for name, text in _STRINGS)


def _length_misfits(definition: Definition, text_of: Mapping[str, str]) -> Misfits:
    """Texts one too short and one too long; `text_of` gives a unit of length."""
    low, high = _lengths(definition)
    short, long = definition.length_facets
    unit = text_of["unit"]
    if low > 0:
        yield Misfit("too-short", unit * (low - 1), short)
        if low > 1:
            yield Misfit("empty", "", short)
    if high is not None and high <= 4 * LONGEST_EDGE:
        yield Misfit("too-long", unit * (high + 1), long)
        yield Misfit("far-too-long", unit * (high + 1000), long)


def _string_texts(definition: Definition, _: Within) -> SearchStrategy[str] | None:
    low, high = _lengths(definition)
    is_free = not definition.patterns and not definition.enumeration and definition.white_space == "preserve"
    if not is_free or (high is not None and high < low):
        return None
    if low > LONGEST_DRAWN:
        return st.text(NO_PLACEHOLDER, min_size=1, max_size=LONGEST_DRAWN).map(partial(_stretched, low))
    return st.text(NO_PLACEHOLDER, min_size=low, max_size=_longest(low, high))


def _stretched(length: int, text: str) -> str:
    """A long text of a short one, over and over: to draw every character would take as many choices."""
    return (text * (length // len(text) + 1))[:length]


def _longest(low: int, high: int | None) -> int:
    return low + LONGEST_DRAWN if high is None else min(high, low + LONGEST_DRAWN)


def _character_maker(characters: str, definition: Definition, _: Within) -> Maker:
    """Strings of those characters, without blanks that white space processing would drop."""
    low, high = _lengths(definition)

    def make(choose: Choose) -> str:
        size = choose(low, max(low, min(_longest(low, high), low + (12 if choose(0, 9) else LONGEST_DRAWN))))
        drawn = [characters[choose(0, len(characters) - 1)] for _ in range(size)]
        return "".join(drawn) if definition.white_space == "preserve" else _without_loose_blanks(drawn)

    return make


def _without_loose_blanks(characters: list[str]) -> str:
    """The characters with blanks at the ends and beside blanks replaced: collapsing leaves the length as it is."""
    written = ""
    for index, character in enumerate(characters):
        is_loose = not written or written[-1] == " " or index == len(characters) - 1
        written += "x" if character == " " and is_loose else character
    return written


def _string_kind(characters: str = NO_PLACEHOLDER) -> Kind:
    return Kind(
        _string_edges,
        partial(_length_misfits, text_of={"unit": "x"}),
        partial(_character_maker, characters),
        texts=_string_texts,
        counts="characters",
    )


# --- names ------------------------------------------------------------------------------------------------------------

# Letters of the planes' first thousands that every edition of XML 1.0 counts among a name's characters.
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_éüßΑΩабвאבعم"
_NAME_CHARACTERS: Final = _LETTERS + "0123456789.-"

_NAMES: Final = (
    ("one-letter", "a"), ("plain", "name"), ("underscore", "_"), ("hyphens-and-points", "a-b.c_1"),
    ("accents", "é\u00fc"),
    ("greek", "Αβγ"), ("hebrew", "שם"), ("cjk", "名前"), ("length-255", "n" * 255), ("blanks-around", " name "),
    ("ending-in-a-point", "a."), ("xml-like", "xsi"), ("length-4096", "n" * 4096),
)  # fmt: skip
_NO_NAMES: Final = (
    ("empty", ""), ("two-words", "two words"), ("exclamation-mark", "a!"), ("slash", "a/b"), ("markup", "<a>"),
    ("comma", "a,b"), ("ampersand", "a&b"), ("multiplication-sign", "a\u00d7b"),
)  # fmt: skip
_ONLY_NAMES: Final = (("leading-digit", "1a"), ("leading-hyphen", "-a"), ("leading-point", ".a"))


def _name_edges(more: tuple[tuple[str, str], ...], definition: Definition) -> Edges:
    low, high = definition.min_length, definition.max_length
    for name, length in (("at-min-length", low), ("at-max-length", high), ("inside-max-length", high and high - 1)):
        if length is not None and length <= max(LONGEST_EDGE, low or 0):
            yield Edge(name, "n" * length)
    yield from (Edge(name, text) for name, text in (*_NAMES, *more))


def _name_misfits(more: tuple[tuple[str, str], ...], definition: Definition) -> Misfits:
    yield from (Misfit(name, text, definition.type_name) for name, text in (*_NO_NAMES, *more))
    yield from _length_misfits(definition, {"unit": "n"})


def _name_maker(first: str, definition: Definition, _: Within) -> Maker:
    low, high = _lengths(definition)
    low = max(low, 1)

    def make(choose: Choose) -> str:
        size = choose(low, max(low, min(_longest(low, high), low + 16)))
        rest = (_NAME_CHARACTERS[choose(0, len(_NAME_CHARACTERS) - 1)] for _ in range(size - 1))
        return first[choose(0, len(first) - 1)] + "".join(rest)

    return make


_COLON: Final = (("colon", "a:b"),)


def _name_kind(first: str, edges: tuple[tuple[str, str], ...], misfits: tuple[tuple[str, str], ...]) -> Kind:
    return Kind(
        partial(_name_edges, edges), partial(_name_misfits, misfits), partial(_name_maker, first), counts="characters"
    )


_NC_NAME: Final = _name_kind(_LETTERS, (), (*_ONLY_NAMES, *_COLON))


# --- qualified names --------------------------------------------------------------------------------------------------

QNAME_PREFIX: Final = "soapstone"
"""The prefix of names, declared where they stand: no schema has it for another namespace."""

_QNAMES: Final = (
    ("one-letter", "a"), ("plain", "name"), ("xml-prefix", "xml:lang"), ("hyphens-and-points", "a-b.c_1"),
    ("prefixed", "soapstone:string"), ("prefixed-beyond-ascii", "soapstone:é"),
    ("blanks-around", " soapstone:int "),
)  # fmt: skip
_NO_QNAMES: Final = (
    ("empty", ""), ("two-colons", "a:b:c"), ("leading-colon", ":a"), ("ending-in-a-colon", "a:"), ("two-words", "a b"),
    ("leading-digit", "1a"), ("clark-notation", "{urn:x}a"),
)  # fmt: skip


def _qname_maker(definition: Definition, within: Within) -> Maker:
    """Names with and without a prefix."""
    local = _name_maker(_LETTERS, definition, within)
    return lambda choose: ("", f"{QNAME_PREFIX}:")[choose(0, 1)] + local(choose)


def _listed_edges(listed: tuple[tuple[str, str], ...], _: Definition) -> Edges:
    return (Edge(name, text) for name, text in listed)


def _listed_misfits(listed: tuple[tuple[str, str], ...], definition: Definition) -> Misfits:
    return (Misfit(name, text, definition.type_name) for name, text in listed)


# --- languages --------------------------------------------------------------------------------------------------------

_LANGUAGES: Final = (
    ("two-letters", "en"), ("region", "en-GB"), ("script", "zh-Hant-TW"), ("upper-case", "EN"),
    ("private", "x-klingon"),
    ("registered", "i-navajo"), ("eight-letters", "abcdefgh"), ("digits", "es-419"), ("blanks-around", " en "),
)  # fmt: skip
_NO_LANGUAGES: Final = (
    ("empty", ""), ("underscore", "en_GB"), ("nine-letters", "abcdefghi"), ("digit-first", "1en"),
    ("ending-in-a-hyphen", "en-"), ("two-hyphens", "en--GB"), ("two-words", "en GB"), ("accent", "français"),
)  # fmt: skip


def _language_misfits(definition: Definition) -> Misfits:
    yield from _listed_misfits(_NO_LANGUAGES, definition)
    low, high = _lengths(definition)
    short, long = definition.length_facets
    if low > 1:
        yield Misfit("too-short", _language_of(low - 1), short)
    if high is not None:
        yield Misfit("too-long", _language_of(high + 1), long)


def _language_of(length: int) -> str:
    """A tag of so many characters, in parts of eight at most."""
    parts = [min(8, length - at) for at in range(0, length, 9)]
    return "-".join("a" * part for part in parts)


def _language_maker(definition: Definition, _: Within) -> Maker:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def make(choose: Choose) -> str:
        first = "".join(letters[choose(0, 51)] for _ in range(choose(1, 8)))
        parts = (
            "".join((letters + "0123456789")[choose(0, 61)] for _ in range(choose(1, 8))) for _ in range(choose(0, 2))
        )
        return "-".join((first, *parts))

    return make


# --- addresses --------------------------------------------------------------------------------------------------------

_URIS: Final = (
    ("absolute", "http://example.org/a/b?c=d&e=f#g"), ("empty", ""), ("relative", "../a"),
    ("urn", "urn:isbn:0451450523"),
    ("fragment", "#part"), ("query", "?a=b"), ("escapes", "http://example.org/%E2%82%AC%20"),
    ("beyond-ascii", "http://example.org/é/名"), ("literal-address", "http://[2001:db8::1]:8080/"),
    ("with-port-and-user", "http://user@example.org:80/"), ("mail", "mailto:a@example.org"), ("plain", "a"),
    ("length-2083", "http://example.org/" + "x" * 2064), ("blanks-around", " urn:x:y "),
)  # fmt: skip
_NO_URIS: Final = (("escape-without-digits", "http://example.org/%zz"), ("two-fragments", "a#b#c"),
                   ("colon-first", ":a"), ("markup", "http://exa<mple>.org:x/"))  # fmt: skip


def _uri_edges(definition: Definition) -> Edges:
    low, high = definition.min_length, definition.max_length
    for name, length in (("at-min-length", low), ("at-max-length", high), ("inside-max-length", high and high - 1)):
        if length is not None and length <= max(LONGEST_EDGE, low or 0):
            yield Edge(name, _uri_of_length(length))
    yield from (Edge(name, text) for name, text in _URIS)


def _uri_of_length(length: int) -> str:
    return ("urn:x:" + "y" * (length - 6)) if length > 6 else "y" * length


def _uri_misfits(definition: Definition) -> Misfits:
    yield from (Misfit(name, text, definition.type_name) for name, text in _NO_URIS)
    yield from _length_misfits(definition, {"unit": "y"})


def _uri_maker(definition: Definition, _: Within) -> Maker:
    low, high = _lengths(definition)
    characters = "abcdefghijklmnopqrstuvwxyz0123456789-._~/"

    def make(choose: Choose) -> str:
        size = choose(low, max(low, min(_longest(low, high), low + 24)))
        start = ("", "urn:x:", "http://example.org/", "../", "#", "?q=")[choose(0, 5)]
        rest = "".join(characters[choose(0, 40)] for _ in range(max(size - len(start), 0)))
        return start + rest.lstrip("/") if len(start) <= size else _uri_of_length(size)

    return make


# --- bytes ------------------------------------------------------------------------------------------------------------

_HEX: Final = (
    ("empty", ""), ("upper-case", "0123456789ABCDEF"), ("lower-case", "0123456789abcdef"), ("mixed-case", "aBcD"),
    ("one-octet", "00"), ("all-ones", "FF"), ("octets-255", "A5" * 255), ("octets-256", "5a" * 256),
    ("blanks-around", " 0F "), ("octets-4096", "00" * 4096),
)  # fmt: skip
_NO_HEX: Final = (
    ("odd-number-of-digits", "ABC"), ("word", "xyz"), ("prefix", "0x0F"), ("blank-within", "AB CD"), ("one-digit", "A"),
    ("colon", "AB:CD"), ("full-width-digit", "\uff10F"),
)  # fmt: skip
_BASE64: Final = (
    ("empty", ""), ("no-padding", "YWJj"), ("one-padded", "YWI="), ("two-padded", "YQ=="), ("blanks-within", "YW Jj"),
    ("lines", "YWJj\nYWJj\n"), ("all-signs", "+/+/"), ("octets-255", b64encode(b"\xa5" * 255).decode()),
    ("octets-256", b64encode(b"\x5a" * 256).decode()), ("blanks-around", " YWJj "), ("padding-apart", "YQ = ="),
    ("lines-of-76", "\n".join(["QUFB" * 19] * 3)), ("octets-4096", b64encode(bytes(4096)).decode()),
)  # fmt: skip
_NO_BASE64: Final = (
    ("one-character", "A"), ("padding-missing", "YQ"), ("padding-too-long", "YWJj="), ("padding-within", "YQ==YWJj"),
    ("url-alphabet", "-_-_"), ("exclamation-mark", "YWJ!"), ("bits-beyond-the-last", "YR=="), ("percent", "YW%3D"),
)  # fmt: skip


def _hex_of(octets: bytes) -> str:
    return octets.hex()


def _base64_of(octets: bytes) -> str:
    return b64encode(octets).decode()


def _octet_edges(write: str, definition: Definition) -> Edges:
    low, high = definition.min_length, definition.max_length
    for name, length in (
        ("at-min-length", low),
        ("at-max-length", high),
        ("inside-min-length", None if low is None else low + 1),
        ("inside-max-length", high and high - 1),
    ):
        if length is not None and length <= max(LONGEST_EDGE, low or 0):
            yield Edge(name, _WRITERS[write](b"\xa5" * length))
            yield from _octets_otherwise(write, name, length)
    yield from (Edge(name, text) for name, text in (_HEX if write == "hex" else _BASE64))


def _octets_otherwise(write: str, name: str, length: int) -> Edges:
    """As many octets at a limit, of other values and otherwise spelled."""
    yield Edge(f"{name}-zeros", _WRITERS[write](bytes(length)))
    yield Edge(f"{name}-ones", _WRITERS[write](b"\xff" * length))
    if write == "hex":
        yield Edge(f"{name}-upper-case", _hex_of(b"\xa5" * length).upper())
    else:
        text = _base64_of(b"\xa5" * length)
        yield Edge(f"{name}-blanks-within", " ".join(text[at : at + 4] for at in range(0, len(text), 4)))


def _octet_misfits(write: str, definition: Definition) -> Misfits:
    low, high = _lengths(definition)
    short, long = definition.length_facets
    yield from (Misfit(name, text, definition.type_name) for name, text in (_NO_HEX if write == "hex" else _NO_BASE64))
    if low > 0:
        yield Misfit("too-short", _WRITERS[write](b"\xa5" * (low - 1)), short)
    if high is not None and high <= 4 * LONGEST_EDGE:
        yield Misfit("too-long", _WRITERS[write](b"\xa5" * (high + 1)), long)


def _octet_maker(write: str, definition: Definition, _: Within) -> Maker:
    low, high = _lengths(definition)

    def make(choose: Choose) -> str:
        size = choose(low, max(low, min(_longest(low, high), low + 24)))
        drawn = choose(0, 256 ** min(size, LONGEST_DRAWN) - 1).to_bytes(min(size, LONGEST_DRAWN), "big")
        text = _WRITERS[write]((drawn * (size // max(len(drawn), 1) + 1))[:size])
        spelling = choose(0, 7)
        if write == "hex":
            return text.upper() if spelling > 3 else text
        return f"{text[:4]} {text[4:]}" if spelling == 7 and len(text) > 4 else text

    return make


_WRITERS: Final = {"hex": _hex_of, "base64": _base64_of}


def _octet_kind(write: str, lexical: str) -> Kind:
    return Kind(
        partial(_octet_edges, write), partial(_octet_misfits, write), partial(_octet_maker, write), (lexical,),
        counts="octets",
    )  # fmt: skip


_QUANTUM: Final = "[A-Za-z0-9+/]"
_LAST: Final = f"({_QUANTUM}{{2}}[AEIMQUYcgkosw048]=|{_QUANTUM}[AQgw]==)"

KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("string", "normalizedString", "token", "anySimpleType"), _string_kind()),
    "Name": _name_kind(_LETTERS, (("colon", "a:b"), ("leading-colon", ":a")), _ONLY_NAMES),
    "NMTOKEN": _name_kind(_NAME_CHARACTERS, (("colon", "a:b"), *_ONLY_NAMES, ("digits", "007")), ()),
    **dict.fromkeys(("NCName", "ID", "IDREF"), _NC_NAME),
    "QName": Kind(
        partial(_listed_edges, _QNAMES),
        partial(_listed_misfits, _NO_QNAMES),
        _qname_maker,
        (r"[\i-[:]][\c-[:]]*",),
    ),
    "language": Kind(
        partial(_listed_edges, _LANGUAGES),
        _language_misfits,
        _language_maker,
        counts="characters",
    ),
    "anyURI": Kind(_uri_edges, _uri_misfits, _uri_maker, (r"[A-Za-z0-9/.\-_~:@?=&%#]*",), counts="characters"),
    "hexBinary": _octet_kind("hex", "([0-9a-fA-F]{2})*"),
    "base64Binary": _octet_kind("base64", f"({_QUANTUM}{{4}})*({_LAST})?"),
}
