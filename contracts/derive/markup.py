"""XML as documentation prints it, read with the place of every element, and read on where it is not well-formed.

A sample is no message: quotes have become typographic, tags lost their `>`, lines were broken inside of names of
namespaces. Whatever can only be meant in one way is read so; everything else is an error with its place.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from urllib.parse import quote

import xmlschema
from lxml import etree

from contracts.derive.text import Text
from contracts.derive.words import ANY_XML
from contracts.names import SOAP11_ENVELOPE, SOAP12_ENVELOPE, XML, XSD, XSI, local_name, namespace_of
from contracts.sources import Source

_FIRST: Final = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
NCNAME: Final = rf"[{_FIRST}][{_FIRST}0-9.\u00b7\u0300-\u036f\u203f\u2040-]*"
"""A name without a colon, as a pattern (Namespaces in XML, section 3; XML 1.0, section 2.3)."""
_NAME: Final = rf"{NCNAME}(?::{NCNAME})?"
_START: Final = re.compile(rf"<\s?({_NAME})")
_END: Final = re.compile(rf"<\s?/\s?({_NAME})\s*(?:>|(?=<)|$)")
_ATTRIBUTE: Final = re.compile(rf"\s*({_NAME})\s*=\s*")
_BARE_ATTRIBUTE: Final = re.compile(rf"\s+({_NAME})(?=[\s/>])")
_CLOSE: Final = re.compile(r"\s*(/?)\s?>")
_QUOTES: Final = {
    '"': '"\u201c\u201d\u201f\u2033', "'": "'\u2018\u2019\u201b\u2032", "\u201c": '"\u201d\u201c', "\u201d": '"\u201d',
    "\u201e": '"\u201c\u201d', "\u201f": '"\u201d', "\u2033": '"\u2033', "\u2018": "'\u2019", "\u2019": "'\u2019",
    "\u00ab": "\u00bb", "\u00bb": "\u00ab\u00bb",
}  # fmt: skip
"""Opening quote -> the quotes that may close it: word processors and web pages make others of them."""
_DOUBLED: Final = re.compile(r"['\u2018\u2019]{2}(?=\w)([^<>'\u2018\u2019]*)['\u2018\u2019]{2}")
"""A value in two apostrophes at each end, which look like a quotation mark in print."""
_UNQUOTED: Final = re.compile(r"[^\s>\"'\u201c\u201d]+")
_SKIPPED: Final = (
    re.compile(r"<!--.*?-->|<\u2013.*?\u2013>", re.DOTALL),
    re.compile(r"<\?.*?\?>", re.DOTALL),
    re.compile(r"<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>", re.DOTALL | re.IGNORECASE),
)
_BEGINNINGS: Final = ("<!", "<?", "<\u2013")
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_COMMENT: Final = "<!--"
_DOCTYPE: Final = "<!doctype"
_ENVELOPE_GOES_ON: Final = re.compile(r"\s*<\s?(?:[\w.-]+:)?(?:Header|Body)\b")
"""What follows an envelope's start tag that ends in `/>` by a slip: SOAP 1.1 itself prints one so (example 2)."""
MAX_FAULTS: Final = 20
"""Faults of one sample that are told: what is broken more often is broken in the same way."""
_MOST_SHOWN: Final = 40
"""Characters of a page that a remark quotes."""
MAX_DEPTH: Final = 100
"""Levels of elements that are read: far more than any message has, far fewer than Python's stack."""
_REPETITIONS: Final = re.compile(
    r"(?:zero|one|\d+) or more repetitions|\d+ to (?:\d+|unbounded) repetitions", re.IGNORECASE
)
"""What tools that make samples of a WSDL write before an element that may repeat."""
_MARGIN: Final = " \t\n|"
"""What stands around a value and is no part of it: white space, and the pipes of a table that it was laid out in."""
_USUAL_PREFIXES: Final[Mapping[str, str]] = {
    "soap": SOAP11_ENVELOPE, "soapenv": SOAP11_ENVELOPE, "soap-env": SOAP11_ENVELOPE, "s": SOAP11_ENVELOPE,
    "env": SOAP11_ENVELOPE, "soap11": SOAP11_ENVELOPE, "soap12": SOAP12_ENVELOPE, "env12": SOAP12_ENVELOPE, "xml": XML,
    "xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsd": "http://www.w3.org/2001/XMLSchema",
    "xs": "http://www.w3.org/2001/XMLSchema",
}  # fmt: skip
"""What a prefix stands for by custom, where a sample does not declare it."""
_SOAP: Final = frozenset({SOAP11_ENVELOPE, SOAP12_ENVELOPE})
_RESERVED: Final = frozenset({XML, XSI, "http://www.w3.org/2000/xmlns/"})
"""Namespaces whose components no schema may declare (XML Schema 1.0 part 1, section 3.2.6; Namespaces in XML, 3)."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a sample: name in Clark notation, value, and the index of its name in the text."""

    tag: str
    value: str
    index: int


@dataclass(slots=True, eq=False)
class Node:
    """An element of a sample.

    `index` is that of its start tag in the text, `texts` the pieces of text directly in it with theirs, `namespaces`
    the prefixes in scope. `repeated` says that an ellipsis after it stands for more like it. `is_guessed` says that its
    place is a guess, for XML before it is not well-formed, `holds_guessed` that what is in it is one.
    """

    tag: str
    index: int
    attributes: list[Attribute]
    namespaces: Mapping[str, str]
    children: list["Node"] = field(default_factory=list)
    texts: list[tuple[str, int]] = field(default_factory=list)
    repeated: bool = False
    raw_name: str = ""
    page: Text | None = None
    is_guessed: bool = False
    holds_guessed: bool = False

    @property
    def local(self) -> str:
        """The local name."""
        return local_name(self.tag)

    @property
    def namespace(self) -> str:
        """The namespace; empty for none."""
        return namespace_of(self.tag)

    @property
    def source(self) -> Source:
        """Where its start tag stands."""
        return self.at(self.index)

    @property
    def text_source(self) -> Source:
        """Where its text begins; where the element does, if it has none."""
        return self.at(self.text_index)

    def at(self, index: int) -> Source:
        """The place of an index of the page's text."""
        assert self.page is not None
        return self.page.place(index)

    @property
    def text(self) -> str:
        """All text directly in the element, without the white space around it."""
        return " ".join(filter(None, (piece.strip(_MARGIN) for piece, _ in self.texts)))

    @property
    def text_index(self) -> int:
        """Index of the first character of its text; of the element itself where it has none."""
        starts = (
            index + len(piece) - len(piece.lstrip(_MARGIN)) for piece, index in self.texts if piece.strip(_MARGIN)
        )
        return next(starts, self.index)

    def attribute(self, tag: str) -> str | None:
        """The value of the attribute of that name; None if absent."""
        return next((each.value for each in self.attributes if each.tag == tag), None)

    def child(self, local: str) -> "Node | None":
        """The first child of that local name."""
        return next((each for each in self.children if each.local == local), None)

    def walk(self) -> Iterator["Node"]:
        """The element and all below it, in document order."""
        yield self
        for each in self.children:
            yield from each.walk()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not well-formed, and where. `is_mended` if what it means was plain all the same.

    Not `is_ill_formed`: well-formed XML that no contract takes up, as text between members. `is_of_names` if it is
    well-formed but for a prefix that is not declared.
    """

    index: int
    problem: str
    is_mended: bool
    is_ill_formed: bool = True
    is_of_names: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document read from text: its root, the index after its end, and what is wrong with it."""

    root: Node
    end: int
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is in doubt."""
        return all(fault.is_mended for fault in self.faults)

    @property
    def is_closed(self) -> bool:
        """Whether all its tags are there, whatever its names stand for."""
        return all(fault.is_mended or fault.is_of_names for fault in self.faults)


def parse(content: str, start: int, limit: int | None = None) -> Parsed | None:
    """The document whose first tag stands at or after an index; None where no element begins there.

    A declaration, comments and white space may stand before it. Reading ends with the root's end tag, or at `limit`.
    """
    return _Reader(content, limit if limit is not None else len(content)).document(start)


class _Reader:
    def __init__(self, content: str, limit: int) -> None:
        self._content, self._limit = content, limit
        self._faults: list[Fault] = []
        self._announced = 0
        self._is_too_deep = False

    def document(self, start: int) -> Parsed | None:
        position = self._past_prolog(start)
        match = _START.match(self._content, position, self._limit)
        if match is None or not _can_be_declared(match.group(1)):
            return None
        root, position, is_open = self._start_tag(match, {"xml": XML, "": ""})
        if is_open:
            position = self._content_of([root], position)
        self._note_mixed(root)
        return Parsed(root, position, tuple(self._faults))

    def _past_prolog(self, position: int) -> int:
        while True:
            while position < self._limit and (self._content[position].isspace() or self._content[position] == "|"):
                position += 1
            skipped = self._skip(position)
            if skipped is None:
                return position
            position = skipped

    def _skip(self, position: int) -> int | None:
        """The end of the comment, instruction or document type that begins here; None if none does."""
        if not self._content.startswith(_BEGINNINGS, position):
            return None
        found = (pattern.match(self._content, position, self._limit) for pattern in _SKIPPED)
        end = next((match.end() for match in found if match), None)
        if end is not None and self._content[position : position + len(_DOCTYPE)].lower() == _DOCTYPE:
            self._remark(position, "a document type declaration is passed over: no SOAP message may have one")
        return end

    def _content_of(self, open_nodes: list[Node], position: int) -> int:
        """Reads up to the end tag of the first of the open elements, which are innermost last."""
        while open_nodes:
            tag = self._content.find("<", position, self._limit)
            if tag < 0:
                self._text(open_nodes[-1], position, self._limit)
                missing = open_nodes[-1]
                _doubt(missing)
                self._fault(missing.index, f"<{missing.raw_name}> is never closed")
                return self._limit
            self._text(open_nodes[-1], position, tag)
            position = self._tag(open_nodes, tag)
        return position

    def _tag(self, open_nodes: list[Node], position: int) -> int:
        """Reads one tag, comment or section; the index after it."""
        skipped = self._skip(position)
        if skipped is not None:
            if self._content.startswith(_COMMENT, position):
                comment = self._content[position:skipped]
                self._ellipsis(open_nodes[-1], comment)
                if _REPETITIONS.search(comment):
                    self._announced = len(open_nodes)
            return skipped
        if match := _CDATA.match(self._content, position, self._limit):
            self._section(open_nodes[-1], match)
            return match.end()
        if match := _END.match(self._content, position, self._limit):
            return self._end_tag(open_nodes, match)
        match = _START.match(self._content, position, self._limit)
        if match and not _can_be_declared(match.group(1)):
            self._fault(position, f"<{match.group(1)}> has a character that names in XML Schema cannot have")
            open_nodes[-1].texts.append(("<", position))
            return position + 1
        if match and self._begins_message(match, open_nodes):
            return self._cut_off(open_nodes, position)
        if match:
            node, end, is_open = self._start_tag(match, open_nodes[-1].namespaces)
            if len(open_nodes) < MAX_DEPTH:
                open_nodes[-1].children.append(node)
            elif not self._is_too_deep:
                self._is_too_deep = True
                problem = f"elements are nested more than {MAX_DEPTH} deep: deeper ones are passed over"
                self._faults.append(Fault(position, problem, is_mended=False, is_ill_formed=False))
            node.repeated = self._announced == len(open_nodes)
            self._announced = 0
            if is_open:
                open_nodes.append(node)
            return end
        self._fault(position, "a < that begins no tag")
        open_nodes[-1].texts.append(("<", position))
        return position + 1

    def _begins_message(self, match: re.Match[str], open_nodes: Sequence[Node]) -> bool:
        """Whether a start tag in a Body is that of another envelope, or of its Body: a sample before it was cut off."""
        prefix, _, local = match.group(1).rpartition(":")
        if local not in ("Envelope", "Body") or not any(
            node.local == "Body" and node.namespace in _SOAP for node in open_nodes
        ):
            return False
        uri = open_nodes[-1].namespaces.get(prefix) or _USUAL_PREFIXES.get(prefix.lower())
        tag = self._content[match.start() : self._content.find(">", match.start(), self._limit)]
        return uri in _SOAP or (local == "Envelope" and any(each in tag for each in _SOAP))

    def _cut_off(self, open_nodes: list[Node], position: int) -> int:
        """Ends a document where another begins: the index after its last tag. Words after it are the page's."""
        last = open_nodes[-1]
        end = last.texts[-1][1] if last.texts else position
        last.texts.clear()
        _doubt(last)
        self._fault(last.index, f"<{last.raw_name}> is never closed: the sample ends where the next one begins")
        open_nodes.clear()
        return end

    def _start_tag(self, match: re.Match[str], outer: Mapping[str, str]) -> tuple[Node, int, bool]:
        """The element that a start tag opens, the index after the tag, and whether it stays open."""
        position = match.end()
        written: list[tuple[str, str, int]] = []
        while attribute := _ATTRIBUTE.match(self._content, position, self._limit):
            value, position = self._value(attribute.end())
            if not _can_be_declared(attribute.group(1)):
                name = attribute.group(1)
                self._fault(attribute.start(1), f"the attribute {name} has a character that no name can have")
                continue
            if any(name == attribute.group(1) for name, _, _ in written):
                self._fault(attribute.start(1), f"the attribute {attribute.group(1)} stands twice", is_mended=True)
                continue
            written.append((attribute.group(1), value, attribute.start(1)))
        while bare := _BARE_ATTRIBUTE.match(self._content, position, self._limit):
            self._fault(bare.start(1), f"the attribute {bare.group(1)} has no value", is_mended=True)
            position = bare.end()
        namespaces = self._declared(written, outer)
        tag = self._qualified(match.group(1), namespaces, match.start(1), is_element=True)
        attributes = [
            Attribute(self._qualified(name, namespaces, index, is_element=False), value, index)
            for name, value, index in written
            if name != "xmlns" and not name.startswith("xmlns:")
        ]
        node = Node(tag, match.start(), attributes, namespaces, raw_name=match.group(1))
        close = _CLOSE.match(self._content, position, self._limit)
        if close is None:
            following = self._content.find("<", position, self._limit)
            closing = self._content.find(">", position, following if following >= 0 else self._limit)
            self._fault(match.start(), f"the start tag <{match.group(1)} is not closed", is_mended=closing < 0)
            return node, closing + 1 if closing >= 0 else position, True
        if close.group(1) and node.local == "Envelope" and _ENVELOPE_GOES_ON.match(self._content, close.end()):
            self._fault(match.start(), f"<{match.group(1)}/> is empty and yet goes on: read as open", is_mended=True)
            return node, close.end(), True
        return node, close.end(), not close.group(1)

    def _section(self, node: Node, match: re.Match[str]) -> None:
        """Takes a CDATA section up as text of an element."""
        node.texts.append((match.group(1), match.start(1)))
        held = "the markup in it is text, and no part of the contract" if "<" in match.group(1) else "read as its text"
        self._remark(match.start(), f"a CDATA section in {node.raw_name}: {held}")

    def _note_mixed(self, root: Node) -> None:
        """Notes text that stands between members: no contract has it, but for words that stand for XML there."""
        mixed = [node for node in root.walk() if node.children and node.text and not ANY_XML.fullmatch(node.text)]
        if mixed:
            more = f" (and so in {len(mixed) - 1} more elements)" if len(mixed) > 1 else ""
            shown = mixed[0].text if len(mixed[0].text) <= _MOST_SHOWN else f"{mixed[0].text[:_MOST_SHOWN]}..."
            problem = f"text between the members of {mixed[0].raw_name} is passed over: {shown!r}{more}"
            self._remark(mixed[0].text_index, problem)

    def _value(self, position: int) -> tuple[str, int]:
        """An attribute's value and the index after it, however it is quoted."""
        if doubled := _DOUBLED.match(self._content, position, self._limit):
            self._fault(position, "an attribute's value stands in doubled apostrophes", is_mended=True)
            return html.unescape(doubled.group(1)), doubled.end()
        opening = self._content[position : position + 1]
        closing = _QUOTES.get(opening)
        if closing is not None:
            ends = [self._content.find(each, position + 1, self._limit) for each in closing]
            end = min((each for each in ends if each >= 0), default=-1)
            if end >= 0 and "<" not in self._content[position + 1 : end]:
                if opening not in "\"'" or self._content[end] not in "\"'":
                    self._fault(
                        position, f"an attribute's value stands in {opening}{self._content[end]}", is_mended=True
                    )
                return html.unescape(self._content[position + 1 : end]), end + 1
            self._fault(position, "the quote of an attribute's value is not closed", is_mended=True)
            position += 1
        match = _UNQUOTED.match(self._content, position, self._limit)
        if match is None:
            self._fault(position, "an attribute has no value", is_mended=True)
            return "", position
        if closing is None:
            self._fault(position, "an attribute's value stands without quotes", is_mended=True)
        end = match.end()
        value = match.group()
        if value.endswith("/") and self._content[end : end + 1] == ">":
            value, end = value[:-1], end - 1
        after = self._content[end : end + 1]
        return html.unescape(value), end + 1 if after and after in "\"'\u201c\u201d" else end

    def _end_tag(self, open_nodes: list[Node], match: re.Match[str]) -> int:
        name = match.group(1)
        if not match.group().endswith(">"):
            self._fault(match.start(), f"the end tag </{name} is not closed", is_mended=True)
        depth = _opened_by(open_nodes, name)
        if depth is None:
            _doubt(open_nodes[-1])
            self._fault(match.start(), f"</{name}> closes nothing")
            return match.end()
        if open_nodes[depth].raw_name != name:
            self._fault(match.start(), f"</{name}> closes <{open_nodes[depth].raw_name}>", is_mended=True)
        for node in reversed(open_nodes[depth + 1 :]):
            _doubt(node)
            self._fault(node.index, f"<{node.raw_name}> is never closed")
        del open_nodes[depth:]
        return match.end()

    def _text(self, node: Node, start: int, end: int) -> None:
        piece = self._content[start:end]
        text = html.unescape(piece).replace("\u00a0", " ")
        if text.strip(_MARGIN) and not self._ellipsis(node, piece):
            node.texts.append((text, start))

    def _ellipsis(self, node: Node, piece: str) -> bool:
        """Whether a piece of text or a comment stands for more elements like the one before it."""
        is_ellipsis = bool(
            re.fullmatch(r"[\s|]*(?:<!--)?\W*(?:\.{2,}|\u2026)[\w\s,.\u2026\]\[)(]*(?:-->)?[\s|]*", piece)
        )
        if is_ellipsis and node.children:
            node.children[-1].repeated = True
        return is_ellipsis and bool(node.children)

    def _qualified(self, name: str, namespaces: Mapping[str, str], index: int, *, is_element: bool) -> str:
        """A name in Clark notation. Prefixes that nothing declares mean what they mean by custom."""
        prefix, colon, local = name.rpartition(":")
        if not colon and not is_element:
            return name
        uri = namespaces.get(prefix)
        if uri is None:
            uri = _USUAL_PREFIXES.get(prefix.lower())
            if prefix.lower() != "xml":
                meant = f"taken for {uri}" if uri else "read as no namespace"
                problem = f"the prefix {prefix} is not declared: {meant}"
                self._fault(index, problem, is_mended=uri is not None, is_of_names=True)
        if is_element and uri in _RESERVED:
            self._fault(index, f"no element can be declared in {uri}: <{name}> is read as of no namespace")
            return local
        return f"{{{uri}}}{local}" if uri else local

    def _declared(self, written: list[tuple[str, str, int]], outer: Mapping[str, str]) -> Mapping[str, str]:
        """The prefixes in scope."""
        found = dict(outer)
        for name, value, index in written:
            if name != "xmlns" and not name.startswith("xmlns:"):
                continue
            uri = _namespace_name(value)
            if uri is None:
                self._fault(index, f"{value!r} is no name of a namespace: read as none")
            found[name.partition(":")[2]] = uri or ""
        return found if found != outer else outer

    def _remark(self, index: int, problem: str) -> None:
        self._faults.append(Fault(index, problem, is_mended=True, is_ill_formed=False))

    def _fault(self, index: int, problem: str, *, is_mended: bool = False, is_of_names: bool = False) -> None:
        if len(self._faults) < MAX_FAULTS or (not is_mended and all(fault.is_mended for fault in self._faults)):
            self._faults.append(Fault(index, problem, is_mended, is_of_names=is_of_names))


def _doubt(node: Node) -> None:
    """Notes that what an element holds so far is a guess: an end tag is missing, or a start tag."""
    node.holds_guessed = True
    for child in node.children:
        child.is_guessed = True


@cache
def _can_be_declared(name: str) -> bool:
    """Whether XML Schema 1.0 can declare an element of that name: its names are those of XML's fourth edition.

    XML's fifth edition allows more characters than that, and processors of schemas do not.
    """
    if name.isascii():
        return True
    schema = etree.Element(f"{{{XSD}}}schema")
    for part in name.split(":"):
        etree.SubElement(schema, f"{{{XSD}}}element", name=part)
    try:
        etree.XMLSchema(schema)
        xmlschema.XMLSchema10(etree.tostring(schema, encoding="unicode"))
    except (etree.XMLSchemaParseError, xmlschema.XMLSchemaException):
        return False
    return True


@cache
def _namespace_name(value: str) -> str | None:
    """The name of a namespace as XML tools take it, without the white space of broken lines; None for none.

    They take URIs alone: characters that no URI has are escaped.
    """
    plain = re.sub(r"\s+", "", value)
    for uri in (plain, quote(plain, safe="%/:=&?~#+!$,;'@()*[]")):
        try:
            etree.Element("a", nsmap={"p": uri} if uri else {})
        except ValueError:
            continue
        return uri
    return None


def _opened_by(open_nodes: list[Node], name: str) -> int | None:
    """Which of the open elements an end tag closes: the innermost of that name, else of that name but for its case."""
    if open_nodes[-1].raw_name == name:
        return len(open_nodes) - 1
    for said in (str, str.lower, _local_in_lower_case):
        names = [said(node.raw_name) for node in open_nodes]
        if said(name) in names:
            return len(names) - 1 - names[::-1].index(said(name))
    return None


def _local_in_lower_case(name: str) -> str:
    return name.rpartition(":")[2].lower()
