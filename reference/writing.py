"""Serialising a tree of elements. What a writer is free to choose is a `Style`, and changes no message."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reference import names
from reference.names import Name
from reference.tree import Element

PREFIXES: Mapping[str, str] = {
    names.SOAP11: "soap",
    names.SOAP12: "soap",
    names.XSI: "xsi",
    names.XSD: "xs",
    names.MSDATA: "msdata",
    names.DIFFGR: "diffgr",
    names.SPIRIT_SESSIONS: "d2p1",
}
"""Namespaces that are bound to a prefix. Others are declared as the default namespace."""


@dataclass(frozen=True, slots=True)
class Style:
    """The choices of a writer."""

    encoding: str = "utf-8"
    prefixes: Mapping[str, str] = field(default_factory=lambda: PREFIXES)
    declaration: bool = True
    byte_order_mark: bool = False
    cdata: bool = False
    comments: bool = False
    indented: bool = False
    attributes_reversed: bool = False
    empty_in_full: bool = False
    quote: str = '"'
    redundant_declarations: bool = False
    declared_at_root: bool = False
    """Whether every prefix is declared on the document element."""
    default_declared_anew: bool = False
    """Whether each element declares the default namespace once more."""
    encoding_label: str = ""
    """The encoding as the declaration and the label name it; empty for its usual name."""
    standalone: str = ""
    declaration_quote: str = '"'
    line_end: str = "\n"
    indent: str = "  "
    blank_in_empty_tags: bool = True
    blanks_in_tags: bool = False
    references_beyond_ascii: bool = False
    cdata_in_part: bool = False
    """Whether a text is written half as it is and half in a CDATA section."""
    comments_in_text: bool = False
    raw_carriage_returns: bool = False
    before: str = ""
    after: str = ""
    """What stands before and after the document element: comments, instructions, white space."""

    @property
    def label(self) -> str:
        """The encoding by the name that is told."""
        return self.encoding_label or self.encoding


Scope = Mapping[str, str]
"""The namespaces in scope by prefix; the default namespace has the prefix ""."""

_MARKUP = re.compile("[&<>\r]")
_MARKUP_AND_RAW = re.compile("[&<>]")
_IN_ATTRIBUTE = re.compile("[&<>\"'\r\n\t]")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


def _reference(match: re.Match[str]) -> str:
    character = match.group()
    return _REFERENCES.get(character) or f"&#x{ord(character):X};"


def write(root: Element, style: Style) -> bytes:
    """The document in the encoding of the style. Characters that it cannot hold are written as references."""
    writer = _Writer(style)
    if style.declaration:
        writer.parts.append(_declaration(style))
    writer.parts.append(style.before)
    writer.element(root, {"": "", "xml": names.XML}, depth=0)
    writer.parts.append(style.after)
    encoding = "ascii" if style.references_beyond_ascii else style.encoding
    encoded = "".join(writer.parts).encode(encoding, "xmlcharrefreplace")
    mark = _MARKS.get(style.encoding, codecs.BOM_UTF8)
    return mark + encoded if style.byte_order_mark else encoded


_MARKS = {"utf-16-be": codecs.BOM_UTF16_BE, "utf-16-le": codecs.BOM_UTF16_LE}


def _declaration(style: Style) -> str:
    told = {"version": "1.0", "encoding": style.label} | ({"standalone": style.standalone} if style.standalone else {})
    quote = style.declaration_quote
    return f"<?xml {' '.join(f'{name}={quote}{value}{quote}' for name, value in told.items())}?>"


class _Writer:
    def __init__(self, style: Style) -> None:
        self.style = style
        self.parts: list[str] = []

    def element(self, element: Element, scope: Scope, *, depth: int) -> None:
        declarations: dict[str, str] = {}
        tag = self._tag(element.name, scope, declarations)
        attributes = self._attributes(element, scope, declarations)
        content = [
            self._qname(part, scope, declarations) if isinstance(part, Name) else part for part in element.children
        ]
        if depth == 0 and self.style.declared_at_root:
            declarations |= self._all_prefixes(element)
        inner = {**scope, **declarations} if declarations else scope
        self.parts.append(f"<{tag}{self._declared(declarations, inner, depth)}{attributes}")
        if not content and not self.style.empty_in_full:
            self.parts.append(" />" if self.style.blank_in_empty_tags else "/>")
            return
        blank = " " if self.style.blanks_in_tags else ""
        self.parts.append(f"{blank}>")
        self._content(content, inner, depth=depth)
        self.parts.append(f"</{tag}{blank}>")

    def _all_prefixes(self, root: Element) -> dict[str, str]:
        """The prefixes of all namespaces that elements of the document are in."""
        used = {element.name.namespace for element in root.walk()}
        return {prefix: uri for uri, prefix in self.style.prefixes.items() if uri in used and prefix}

    def _content(self, content: list[Element | str], scope: Scope, *, depth: int) -> None:
        between = self._between(content)
        indent = self.style.indent if self.style.indented and between else ""
        for part in content:
            if isinstance(part, Element):
                self.parts.append(between + indent * (depth + 1))
                self.element(part, scope, depth=depth + 1)
            else:
                self.parts.append(self._text(part))
        if indent:
            self.parts.append(between + indent * depth)

    def _between(self, content: list[Element | str]) -> str:
        """What stands before each child, where there are elements only."""
        if not content or any(isinstance(part, str) for part in content):
            return ""
        return ("<!-- a comment -->" if self.style.comments else "") + (
            self.style.line_end if self.style.indented else ""
        )

    def _text(self, text: str) -> str:
        if self.style.raw_carriage_returns:
            return _MARKUP_AND_RAW.sub(_reference, text)
        if self.style.cdata and "]]>" not in text and "\r" not in text:
            return f"<![CDATA[{text}]]>"
        if self.style.cdata_in_part and "]]>" not in text and "\r" not in text:
            half = len(text) // 2
            return f"{_MARKUP.sub(_reference, text[:half])}<![CDATA[{text[half:]}]]>"
        if self.style.comments_in_text and text.strip():
            half = len(text) // 2
            return f"{_MARKUP.sub(_reference, text[:half])}<!-- . -->{_MARKUP.sub(_reference, text[half:])}"
        return _MARKUP.sub(_reference, text)

    def _tag(self, name: Name, scope: Scope, declarations: dict[str, str]) -> str:
        """The name with a prefix, which is declared when it is not in scope yet."""
        preferred = self.style.prefixes.get(name.namespace, "") if name.namespace else ""
        anew = self.style.default_declared_anew and not preferred
        if anew or scope.get(preferred) != name.namespace:
            declarations[preferred] = name.namespace
        return f"{preferred}:{name.local}" if preferred else name.local

    def _qname(self, name: Name, scope: Scope, declarations: dict[str, str]) -> str:
        """The name as a value or of an attribute, which the default namespace does not reach."""
        if not name.namespace:
            return name.local
        if name.namespace == names.XML:
            return f"xml:{name.local}"
        prefix = self.style.prefixes.get(name.namespace) or PREFIXES.get(name.namespace, "q1")
        bound = {**scope, **declarations}
        # A prefix that is bound to another namespace may be the element's own: it cannot be bound anew.
        while bound.get(prefix, name.namespace) != name.namespace:
            prefix += "1"
        if prefix not in bound:
            declarations[prefix] = name.namespace
        return f"{prefix}:{name.local}"

    def _attributes(self, element: Element, scope: Scope, declarations: dict[str, str]) -> str:
        if not element.attributes:
            return ""
        written = []
        for name, value in element.attributes:
            text = self._qname(value, scope, declarations) if isinstance(value, Name) else value
            written.append(f" {self._qname(name, scope, declarations)}={self._quoted(text)}")
        return "".join(reversed(written) if self.style.attributes_reversed else written)

    def _declared(self, declarations: dict[str, str], scope: Scope, depth: int) -> str:
        shown = dict(declarations)
        if depth == 0:
            shown.setdefault("xsi", names.XSI)
        if self.style.redundant_declarations:
            shown |= {prefix: uri for prefix, uri in scope.items() if prefix and prefix != "xml"}
            shown["unused"] = "urn:unused"
        if not shown:
            return ""
        return "".join(f" xmlns{':' if prefix else ''}{prefix}={self._quoted(uri)}" for prefix, uri in shown.items())

    def _quoted(self, text: str) -> str:
        return f"{self.style.quote}{_IN_ATTRIBUTE.sub(_reference, text)}{self.style.quote}"
