"""Legal spellings of one infoset: the same message to anyone who reads XML, in other bytes.

XML 1.0 sections 2.4 to 2.8 and 3.1; Namespaces in XML 1.0 section 6. Spellings that some genuine stack refuses have
a row in the families' table under their name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from contracts.judge.records import Change, Request
from contracts.names import XML, local_name, namespace_of
from strategies.templates import Element, Template, deepcopy_of, tag_of
from strategies.wire import DECLARATION, Pairs, document, encoded_form, pairs, post

BYTE_ORDER_MARK: Final = "\ufeff"
_PLACE_OF_A_VALUE: Final = "{{"


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _references(text: str) -> str:
    """Decimal and hexadecimal in turn (XML 1.0 section 4.1)."""
    return "".join(f"&#{ord(each)};" if index % 2 else f"&#x{ord(each):X};" for index, each in enumerate(text))


def _cdata(text: str) -> str:
    """A CDATA section (XML 1.0 section 2.7); two where the text holds the end of one."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>" if text else ""


def _split_by_comment(text: str) -> str:
    return f"{_plain(text[:1])}<!-- within -->{_plain(text[1:])}"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a document is written. `between` stands between elements wherever no text does."""

    rule: str
    declaration: str = DECLARATION
    prefix: str = "s"
    default_namespace: bool = False
    declares_everywhere: bool = False
    quote: str = '"'
    text: Callable[[str], str] = _plain
    between: str = ""
    empty_tag: str = "<{0}/>"
    in_tag: str = ""

    def write(self, root: Element) -> str:
        """The document, spelled so."""
        uris = sorted({uri for element in root.iter() for uri in _uris(element)})
        prefixes = {uri: f"{self.prefix}{index}" for index, uri in enumerate(uris)}
        return f"{self.declaration}{self._element(root, prefixes, '', is_root=True)}"

    def _element(self, element: Element, prefixes: Mapping[str, str], default: str, *, is_root: bool = False) -> str:
        tag = tag_of(element)
        uri = namespace_of(tag)
        by_default = self.default_namespace or not uri
        name = local_name(tag) if by_default else f"{prefixes[uri]}:{local_name(tag)}"
        declared = [self._attribute("xmlns", uri)] if by_default and uri != default else []
        default = uri if by_default else default
        if is_root or self.declares_everywhere:
            declared += [self._attribute(f"xmlns:{prefix}", each) for each, prefix in prefixes.items()]
        written = [self._attribute(_attribute_name(key, prefixes), value) for key, value in element.attrib.items()]
        attributes = "".join((*declared, *written)) + self.in_tag
        inside = self._inside(element, prefixes, default)
        if not inside:
            return self.empty_tag.format(f"{name}{attributes}", name)
        return f"<{name}{attributes}>{inside}</{name}{self.in_tag}>"

    def _inside(self, element: Element, prefixes: Mapping[str, str], default: str) -> str:
        if len(element):
            children = (self._element(child, prefixes, default) for child in element)
            return self.between + "".join(f"{child}{self.between}" for child in children)
        text = element.text or ""
        return _plain(text) if _PLACE_OF_A_VALUE in text else self.text(text)

    def _attribute(self, name: str, value: str) -> str:
        escaped = _plain(value).replace(self.quote, f"&#{ord(self.quote)};")
        return f" {name}={self.quote}{escaped}{self.quote}"


SPELLINGS: Final[Mapping[str, Spelling]] = {
    "other-prefixes": Spelling("any prefix may stand for a namespace"),
    "default-namespaces": Spelling("a default namespace may stand for a prefix", default_namespace=True),
    "nested-declarations": Spelling("a namespace may be declared again on every element", declares_everywhere=True),
    "single-quotes": Spelling(
        "attribute values stand in either quotes", quote="'", declaration="<?xml version='1.0' encoding='utf-8'?>\n"
    ),
    "character-references": Spelling("a character may be written as a reference", text=_references),
    "cdata": Spelling("text may stand in a CDATA section", text=_cdata),
    "white-space-between": Spelling("white space may stand between elements", between="\n\t "),
    "comments-between": Spelling("comments may stand between elements", between="<!-- between -->"),
    "empty-element-pairs": Spelling("an empty element may have two tags", empty_tag="<{0}></{1}>"),
    "white-space-in-tags": Spelling("white space may stand within tags", in_tag="\n "),
    "no-declaration": Spelling("a UTF-8 document needs no XML declaration", declaration=""),
    "byte-order-mark": Spelling("a UTF-8 document may begin with a mark", declaration=BYTE_ORDER_MARK + DECLARATION),
    "comment-in-value": Spelling("a comment may stand within text", text=_split_by_comment),
}


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


def _uris(element: Element) -> Iterator[str]:
    """The namespaces that need a prefix for an element and its attributes."""
    yield from (uri for uri in map(namespace_of, (tag_of(element), *map(str, element.attrib))) if uri and uri != XML)


def _attribute_name(key: str | bytes, prefixes: Mapping[str, str]) -> str:
    name = str(key)
    uri = namespace_of(name)
    prefix = "xml" if uri == XML else prefixes.get(uri, "")
    return f"{prefix}:{local_name(name)}" if prefix else local_name(name)


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
