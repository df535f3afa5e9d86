"""Legal spellings of one infoset: the same message to anyone who reads XML, in other bytes.

`SPELLINGS` are the named ones, each in one respect, that a plan sends: those that some genuine stack refuses have a
row in the families' table under their name. `documents` draws any mixture of them, in any encoding.

Sources: XML 1.0 sections 2.4 to 2.8, 3.1, 3.3.3, 4.3.3 and appendix F; Namespaces in XML 1.0 sections 5 and 6.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from lxml import etree

from contracts.judge.records import Change, Request
from contracts.names import XML, XSI_TYPE, local_name, namespace_of
from strategies.templates import Element, Template, deepcopy_of, tag_of
from strategies.wire import DECLARATION, Pairs, document, encoded_form, pairs, post

BYTE_ORDER_MARK: Final = "\ufeff"
_PLACE_OF_A_VALUE: Final = "{{"


# --- text -------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _references(text: str) -> str:
    """Decimal and hexadecimal in turn (XML 1.0 section 4.1)."""
    return "".join(f"&#{ord(each)};" if index % 2 else f"&#x{ord(each):X};" for index, each in enumerate(text))


def _cdata(text: str) -> str:
    """A CDATA section (XML 1.0 section 2.7); several where the text holds the end of one, or a carriage return, which
    would be read as a line feed (section 2.11)."""
    inside = text.replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return f"<![CDATA[{inside}]]>" if text else ""


def _split_by_comment(text: str) -> str:
    return f"{_plain(text[:1])}<!-- within -->{_plain(text[1:])}"


def _half_cdata(text: str) -> str:
    middle = len(text) // 2
    return f"{_plain(text[:middle])}{_cdata(text[middle:])}"


def _some_references(text: str) -> str:
    return "".join(f"&#x{ord(each):x};" if index % 3 == 0 else _plain(each) for index, each in enumerate(text))


# --- styles -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a document, or one element of it, is written. `between` stands between elements wherever no text does.

    `order` puts attributes into another order; `prefix` is what prefixes begin with.
    """

    rule: str = ""
    declaration: str = DECLARATION
    prefix: str = "s"
    default_namespace: bool = False
    declares_everywhere: bool = False
    quote: str = '"'
    text: Callable[[str], str] = _plain
    between: str = ""
    empty_tag: str = "<{0}/>"
    in_tag: str = ""
    order: Callable[[Sequence[str]], Iterable[str]] = tuple

    def write(self, root: Element) -> str:
        """The document, spelled so throughout."""
        return self.declaration + _Writer(root, lambda: self).written()


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is declared where the writer stands: prefixes by URI, and the default namespace."""

    prefixes: Mapping[str, str] = field(default_factory=dict)
    default: str = ""


class _Writer:
    """Writes a tree, each element in the style that comes next.

    Prefixes that values use (those of xsi:type, and of whatever looks like a qualified name) stay declared as they
    are, and no default namespace is declared where a value without a prefix would take it for its own.
    """

    def __init__(self, root: Element, next_style: Callable[[], Spelling]) -> None:
        self._root, self._next_style = root, next_style
        self._kept = sorted({prefix for element in _elements(root) for prefix in _used_in_values(element)})
        self._may_default = not any(":" not in element.get(XSI_TYPE, ":") for element in _elements(root))
        self._uris = sorted({uri for element in _elements(root) for uri in _uris(element)})

    def written(self) -> str:
        return self._element(self._root, _Scope(), is_root=True)

    def _element(self, element: Element, scope: _Scope, *, is_root: bool = False) -> str:
        style = self._next_style()
        tag = tag_of(element)
        uri = namespace_of(tag)
        scope, declared = self._declarations(element, scope, style, is_root=is_root)
        name = local_name(tag) if uri == scope.default else f"{scope.prefixes[uri]}:{local_name(tag)}"
        written = [(_attribute_name(str(key), scope.prefixes), str(element.attrib[key])) for key in element.attrib]
        attributes = style.order([_attribute(style, *pair) for pair in (*declared, *written)])
        start = f"{name}{''.join(attributes)}{style.in_tag}"
        inside = self._inside(element, scope, style)
        if not inside:
            return style.empty_tag.format(start, name)
        return f"<{start}>{inside}</{name}{style.in_tag}>"

    def _declarations(
        self, element: Element, scope: _Scope, style: Spelling, *, is_root: bool
    ) -> tuple[_Scope, list[tuple[str, str]]]:
        """The scope within an element, and the declarations that make it so."""
        uri = namespace_of(tag_of(element))
        by_default = (style.default_namespace and self._may_default) or not uri
        declared = [("xmlns", uri)] if by_default and uri != scope.default else []
        prefixes = scope.prefixes
        if is_root:
            prefixes = dict(zip(self._uris, self._free(style.prefix), strict=False))
            declared += [(f"xmlns:{prefix}", each) for each, prefix in prefixes.items()]
        elif style.declares_everywhere:
            declared += [(f"xmlns:{prefix}", each) for each, prefix in prefixes.items()]
        declared += self._kept_declarations(element, everywhere=is_root or style.declares_everywhere)
        return replace(scope, prefixes=prefixes, default=uri if by_default else scope.default), declared

    def _kept_declarations(self, element: Element, *, everywhere: bool) -> list[tuple[str, str]]:
        """The declarations of prefixes that values use, where the tree makes them anew."""
        parent = element.getparent()
        above = {} if everywhere or parent is None else parent.nsmap
        here = ((prefix, element.nsmap.get(prefix)) for prefix in self._kept)
        return [(f"xmlns:{prefix}", uri) for prefix, uri in here if uri is not None and above.get(prefix) != uri]

    def _free(self, start: str) -> Iterator[str]:
        """Prefixes that no value uses."""
        return (prefix for prefix in (f"{start}{index}" for index in count()) if prefix not in self._kept)

    def _inside(self, element: Element, scope: _Scope, style: Spelling) -> str:
        children = list(element)
        between = style.between if children and not _has_text(element) else ""
        parts = [_text(style, element.text or "") or between]
        for child in children:
            is_element = isinstance(child.tag, str)
            parts.append(self._element(child, scope) if is_element else _markup(child))
            parts.append(_text(style, child.tail or "") or between)
        return "".join(parts)


def _elements(root: Element) -> Iterator[Element]:
    return (each for each in root.iter() if isinstance(each.tag, str))


def _has_text(element: Element) -> bool:
    return bool(element.text or any(child.tail for child in element))


def _text(style: Spelling, text: str) -> str:
    return _plain(text) if _PLACE_OF_A_VALUE in text else style.text(text)


def _markup(node: Element) -> str:
    """A comment or a processing instruction as it is."""
    return etree.tostring(node, encoding="unicode", with_tail=False)


def _attribute(style: Spelling, name: str, value: str) -> str:
    """White space other than blanks is written as references, or it would be normalised (XML 1.0 section 3.3.3)."""
    escaped = _plain(value).replace(style.quote, f"&#{ord(style.quote)};").replace("\t", "&#9;").replace("\n", "&#10;")
    return f" {name}={style.quote}{escaped}{style.quote}"


def _uris(element: Element) -> Iterator[str]:
    """The namespaces that need a prefix for an element and its attributes."""
    yield from (uri for uri in map(namespace_of, (tag_of(element), *map(str, element.attrib))) if uri and uri != XML)


def _used_in_values(element: Element) -> Iterator[str]:
    """The prefixes in scope with which values of the element begin, or words of them."""
    for text in (element.text or "", *map(str, element.attrib.values())):
        for word in text.split():
            prefix, colon, _ = word.partition(":")
            if colon and prefix in element.nsmap:
                yield prefix


def _attribute_name(name: str, prefixes: Mapping[str, str]) -> str:
    uri = namespace_of(name)
    prefix = "xml" if uri == XML else prefixes.get(uri, "")
    return f"{prefix}:{local_name(name)}" if prefix else local_name(name)


def _reversed(attributes: Sequence[str]) -> Iterable[str]:
    return reversed(attributes)


SPELLINGS: Final[Mapping[str, Spelling]] = {
    "other-prefixes": Spelling("any prefix may stand for a namespace"),
    "default-namespaces": Spelling("a default namespace may stand for a prefix", default_namespace=True),
    "single-quotes": Spelling(
        "attribute values stand in either quotes", quote="'", declaration="<?xml version='1.0' encoding='utf-8'?>\n"
    ),
    "character-references": Spelling("a character may be written as a reference", text=_references),
    "cdata": Spelling("text may stand in a CDATA section", text=_cdata),
    "white-space-between": Spelling("white space may stand between elements", between="\n\t "),
    "comments-between": Spelling("comments may stand between elements", between="<!-- between -->"),
    "empty-element-pairs": Spelling("an empty element may have two tags", empty_tag="<{0}></{1}>"),
    "no-declaration": Spelling("a UTF-8 document needs no XML declaration", declaration=""),
    "byte-order-mark": Spelling("a UTF-8 document may begin with a mark", declaration=BYTE_ORDER_MARK + DECLARATION),
    "said-to-stand-alone": Spelling(
        "a document may say that it stands alone", declaration='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    ),
    "white-space-in-tags": Spelling("white space may stand within tags", in_tag="\n "),
    "attributes-reversed": Spelling("attributes stand in any order", order=_reversed),
    "nested-declarations": Spelling("a namespace may be declared again on every element", declares_everywhere=True),
    "comment-in-value": Spelling("a comment may stand within text", text=_split_by_comment),
}


# --- any mixture, in any encoding -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to turn a document's characters into bytes: Python's codec, what the declaration and the media type's
    charset call it, and whether a byte order mark goes before. An empty `declared` leaves the declaration out."""

    name: str
    codec: str
    declared: str
    charset: str | None
    mark: bool = False


ENCODINGS: Final = (
    Encoding("utf-8", "utf-8", "utf-8", "utf-8"),
    Encoding("utf-8-without-declaration", "utf-8", "", "utf-8"),
    Encoding("utf-8-with-mark", "utf-8", "utf-8", "utf-8", mark=True),
    Encoding("utf-8-in-upper-case", "utf-8", "UTF-8", "UTF-8"),
    Encoding("utf-16-little-endian", "utf-16-le", "utf-16", "utf-16", mark=True),
    Encoding("utf-16-big-endian", "utf-16-be", "utf-16", "utf-16", mark=True),
    Encoding("utf-16-without-declaration", "utf-16-le", "", "utf-16", mark=True),
    Encoding("iso-8859-1", "iso-8859-1", "iso-8859-1", "iso-8859-1"),
    Encoding("us-ascii", "us-ascii", "us-ascii", "us-ascii"),
)
"""Encodings that every reader of XML knows or commonly knows (XML 1.0 section 4.3.3)."""


@dataclass(frozen=True, slots=True)
class SpelledDocument:
    """A document in bytes, how it is encoded, and the charset parameter that says so."""

    body: bytes
    encoding: Encoding

    @property
    def charset(self) -> str | None:
        """What the media type's charset parameter should be."""
        return self.encoding.charset


_TEXTS: Final = (_plain, _references, _cdata, _half_cdata, _some_references)
_BETWEENS: Final = ("", "\n\t ", "<!-- between -->", " <!-- a --> ", "<?between?>")
_IN_TAGS: Final = ("", " ", "\n\t")
_EMPTY_TAGS: Final = ("<{0}/>", "<{0}></{1}>", "<{0} />")
_PREFIXES: Final = ("s", "SOAP-ENV", "_", "ns", "\u00e9", "a.b-c")
_ORDERS: Final[tuple[Callable[[Sequence[str]], Iterable[str]], ...]] = (
    tuple, _reversed, sorted, lambda attributes: (*attributes[1:], *attributes[:1]),
)  # fmt: skip
_CHOICES: Final = 24
"""Choices that a document is spelled with: elements after these take them again, so that a long one costs no more."""


def documents(
    root: Element, *, encodings: Sequence[Encoding] = ENCODINGS, between: bool = True, processing: bool = False
) -> SearchStrategy[SpelledDocument]:
    """Legal spellings of the document of a root element: other bytes, the same canonical XML.

    `between` allows white space and comments between elements where the document has no text; `processing` allows
    processing instructions there, which canonical XML keeps and SOAP forbids (SOAP 1.2 part 1, section 5). An encoding
    that cannot say the document's names is not drawn; what values it cannot say become character references.
    """
    names = "".join(each for element in _elements(root) for each in (tag_of(element), *map(str, element.attrib)))
    usable = [encoding for encoding in encodings if _says(encoding, names)]
    if not usable:
        raise ValueError(
            f"no encoding of {', '.join(each.name for each in encodings)} can say the names of the document"
        )
    betweens = _BETWEENS[: (5 if processing else 4) if between else 1]
    return _documents(root, st.sampled_from(usable), betweens)


@st.composite
def _documents(
    draw: DrawFn, root: Element, encodings: SearchStrategy[Encoding], betweens: Sequence[str]
) -> SpelledDocument:
    encoding = draw(encodings)
    numbers = draw(st.lists(st.integers(0, 2**20), min_size=_CHOICES, max_size=_CHOICES))
    places = count()

    def next_style() -> Spelling:
        return _style(numbers[next(places) % _CHOICES], encoding, betweens)

    text = _Writer(root, next_style).written()
    return SpelledDocument(_encoded(_declared(encoding, numbers[0]) + text, encoding), encoding)


def _style(number: int, encoding: Encoding, betweens: Sequence[str]) -> Spelling:
    """A style for each number; the least is the plainest."""

    def pick(count: int) -> int:
        nonlocal number
        number, picked = divmod(number, count)
        return picked

    spell = _TEXTS[pick(len(_TEXTS))]
    return Spelling(
        text=lambda text: _within(encoding, text, spell),
        between=betweens[pick(len(betweens))],
        default_namespace=bool(pick(2)),
        declares_everywhere=bool(pick(2)),
        empty_tag=_EMPTY_TAGS[pick(3)],
        quote="\"'"[pick(2)],
        in_tag=_IN_TAGS[pick(3)],
        order=_ORDERS[pick(4)],
        prefix=next(each for each in (_PREFIXES[pick(6)], "s") if _says(encoding, each)),
    )


def _within(encoding: Encoding, text: str, spell: Callable[[str], str]) -> str:
    """Text in a style, as far as the encoding can say it; in references where it cannot."""
    return spell(text) if _says(encoding, text) else _plain(text)


def _says(encoding: Encoding, text: str) -> bool:
    try:
        text.encode(encoding.codec)
    except UnicodeEncodeError:
        return False
    return True


def _declared(encoding: Encoding, number: int) -> str:
    if not encoding.declared:
        return ""
    quote = "\"'"[number % 2]
    alone = f" standalone={quote}yes{quote}" if number % 5 == 4 else ""
    return (
        f"<?xml version={quote}1.0{quote} encoding={quote}{encoding.declared}{quote}{alone}?>{chr(10) * (number % 3)}"
    )


def _encoded(text: str, encoding: Encoding) -> bytes:
    mark = BYTE_ORDER_MARK.encode(encoding.codec) if encoding.mark else b""
    return mark + text.encode(encoding.codec, "xmlcharrefreplace")


# --- the spellings of a plan ------------------------------------------------------------------------------------------


def spelled(template: Template) -> Iterator[tuple[str, Change, Request]]:
    """Every legal spelling of the sample: its name in the families' table, its record, and the request.

    A spelling that makes no difference to this sample is left out.
    """
    seen: set[Request] = set()
    for name, change, request in _spelled(template):
        if request not in seen:
            seen.add(request)
            yield name, change, request


def _spelled(template: Template) -> Iterator[tuple[str, Change, Request]]:
    binding = template.binding
    if binding.is_form:
        for name, (rule, spell) in _FORM_SPELLINGS.items():
            change = Change("spelling", "parameters", rule, after=name)
            yield name, change, encoded_form(binding, spell(pairs(template.payload)))
        return
    root = document(binding, deepcopy_of(template.payload))
    for name, spelling in SPELLINGS.items():
        change = Change("spelling", "document", spelling.rule, after=name)
        yield name, change, post(binding, spelling.write(root).encode())


def _reversed_parameters(parameters: Pairs) -> str:
    return "&".join(f"{name}={value}" for name, value in reversed(parameters))


def _escaped_parameters(parameters: Pairs) -> str:
    """Every character of a value as an escape, though none needs one."""
    return "&".join(
        f"{name}={value if _PLACE_OF_A_VALUE in value else ''.join(f'%{byte:02X}' for byte in value.encode())}"
        for name, value in parameters
    )


_FORM_SPELLINGS: Final[Mapping[str, tuple[str, Callable[[Pairs], str]]]] = {
    "parameters-reversed": ("parameters stand in any order", _reversed_parameters),
    "parameters-escaped": ("any character of a value may be escaped", _escaped_parameters),
}
