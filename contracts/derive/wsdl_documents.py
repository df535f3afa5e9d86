"""The documents that make a WSDL, read without a network: the WSDL and all that it imports and includes.

Whoever calls says how a document is read (`Library`); nothing here opens a connection. Document type declarations are
refused, so that no entity is ever expanded. Sources: WSDL 1.1 section 2.1; XML Schema 1.0 part 1, section 4.2.
"""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final, Protocol
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import url2pathname
from xml.parsers import expat

from lxml import etree

from contracts.derive.description import Document
from contracts.errors import ContractError, Place
from contracts.names import XML, XSD
from contracts.sources import Source

WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
WSDL_2: Final = "http://www.w3.org/ns/wsdl"
MAIN: Final = "../service.wsdl"
"""The WSDL as the notes of an operation's components name it: it stands beside the operations' folders."""

IMPORTED: Final = "imported"
"""Folder beside a WSDL that a contract keeps, for the documents that it refers to."""

CATALOGUE: Final = Path(IMPORTED) / "catalogue.xml"
"""Beside a WSDL that a contract keeps: what the documents there stand for. Source: OASIS XML Catalogs 1.1."""

XML_CATALOGUE: Final = "urn:oasis:names:tc:entity:xmlns:xml:catalog"

MAX_BYTES: Final = 64 * 1024 * 1024
"""Size of a document above which it is refused: the largest WSDLs in the wild have some 10 MB."""

Position = tuple[int, int]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_REFERRING = {
    f"{{{WSDL}}}import": "location",
    f"{{{XSD}}}import": "schemaLocation",
    f"{{{XSD}}}include": "schemaLocation",
    f"{{{XSD}}}redefine": "schemaLocation",
}
_BUILT_IN = frozenset({XSD, XML})
"""Namespaces that need no document of the WSDL's: every validator knows the one, we bring the other."""


class Library(Protocol):
    """Where documents come from."""

    def resolve(self, base: str, reference: str) -> str:
        """The location that a reference in the document at `base` means."""

    def read(self, location: str) -> bytes:
        """The document at a location. Raises OSError, whose text says why, where there is none."""

    def origin(self, location: str, main: str) -> str:
        """What a catalogue calls the document at a location: a path relative to the WSDL `main`, or a URL."""


class Files:
    """Documents as files. References to anything but files are not followed."""

    def resolve(self, base: str, reference: str) -> str:
        """The path of a reference, relative to the file that holds it; other URLs as they are."""
        if reference.lower().startswith("file:"):
            return url2pathname(urlsplit(reference).path)
        if _SCHEME.match(reference):
            return reference
        return os.path.normpath(Path(base).parent / unquote(reference))

    def read(self, location: str) -> bytes:
        """The content of a file."""
        if _SCHEME.match(location) and not Path(location).exists():
            raise OSError("is no file, and nothing is fetched for a WSDL that is one: save it and name the copy there")
        return Path(location).read_bytes()

    def origin(self, location: str, main: str) -> str:
        """The path of a file relative to the folder of the WSDL."""
        return Path(os.path.relpath(location, Path(main).parent)).as_posix()


class Kept(Files):
    """The documents beside a contract that was derived from them: its catalogue says what each stands for."""

    def __init__(self, main: Path) -> None:
        self._home = main.parent / CATALOGUE.parent
        root = etree.fromstring((self._home / CATALOGUE.name).read_bytes(), _parser())
        rows = [(row.get("name", ""), row.get("uri", "")) for row in root.iter(f"{{{XML_CATALOGUE}}}uri")]
        self._files = {name: os.path.normpath(self._home / uri) for name, uri in rows}
        self._names = {file: name for name, file in self._files.items()}

    def resolve(self, base: str, reference: str) -> str:
        """The file that stands for what a reference meant where the documents came from."""
        name = self._names.get(os.path.normpath(base), "")
        meant = urljoin(name, reference) if _SCHEME.match(name) else _joined(name, reference)
        return self._files.get(meant) or super().resolve(base, reference)

    def origin(self, location: str, main: str) -> str:
        """What the catalogue calls a file already."""
        return self._names.get(os.path.normpath(location)) or super().origin(location, main)


def library_for(location: str) -> Library:
    """Files as they are, or as a contract keeps them where the location is that of a WSDL it was derived from."""
    main = Path(location)
    return Kept(main) if (main.parent / CATALOGUE).is_file() else Files()


def _joined(base: str, reference: str) -> str:
    return (
        reference
        if _SCHEME.match(reference)
        else posixpath.normpath(posixpath.join(posixpath.dirname(base), reference))
    )


@dataclass(frozen=True)
class Loaded:
    """One document. `origin` is what a catalogue calls it, `name` how components' notes name it, relative to an
    operation's folder.
    """

    location: str
    origin: str
    name: str
    content: bytes
    root: etree._Element
    positions: Mapping[etree._Element, Position] = field(repr=False)

    def source(self, element: etree._Element) -> Source:
        """Where an element stands, for notes and requirements."""
        return Source(self.name, *self.positions[element])

    def place(self, element: etree._Element) -> Place:
        """Where an element stands, for errors."""
        return Place(self.location, self.positions[element][0])


@dataclass(frozen=True, slots=True)
class Missing:
    """A reference to a document that cannot be had. `namespace` is the one that it was to bring, if the WSDL says."""

    source: Source
    place: Place
    location: str
    namespace: str | None
    why: str

    def __str__(self) -> str:
        return f"{self.location} cannot be read: {self.why}"


@dataclass(frozen=True)
class Bundle:
    """A WSDL and what it refers to, the WSDL first. `referred` gives the document that a reference leads to."""

    documents: tuple[Loaded, ...]
    referred: Mapping[etree._Element, Loaded] = field(repr=False)
    missing: tuple[Missing, ...] = ()

    @property
    def main(self) -> Loaded:
        """The WSDL itself."""
        return self.documents[0]

    @property
    def kept(self) -> tuple[Document, ...]:
        """What a contract keeps of it: the documents and, if there are several, what each of them stands for."""
        documents = tuple(Document(each.name, each.content, each.location) for each in self.documents)
        return documents if len(documents) == 1 else (*documents, Document(f"../{CATALOGUE}", self._catalogue()))

    def _catalogue(self) -> bytes:
        """An OASIS XML catalogue: the location of each document as the others refer to it, and its file."""
        root = etree.Element(f"{{{XML_CATALOGUE}}}catalog", nsmap={None: XML_CATALOGUE})
        for each in self.documents:
            file = posixpath.relpath(each.name, f"../{CATALOGUE.parent.as_posix()}")
            etree.SubElement(root, f"{{{XML_CATALOGUE}}}uri", name=each.origin, uri=file)
        etree.indent(root)
        return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"

    @cached_property
    def _owners(self) -> Mapping[etree._Element, Loaded]:
        return {element: loaded for loaded in self.documents for element in loaded.positions}

    def source(self, element: etree._Element) -> Source:
        """Where an element of any of the documents stands."""
        return self._owners[element].source(element)


def gather(location: str, library: Library) -> Bundle:
    """The WSDL 1.1 at a location, and every document that it refers to, directly or not.

    Raises ContractError if the WSDL itself cannot be read or is something else; documents that it refers to and that
    cannot be had are listed as missing.
    """
    location = location if _SCHEME.match(location) else os.path.normpath(location)
    main = _loaded(location, library.origin(location, location), MAIN, _read(location, library))
    _require_wsdl(main)
    documents, referred, missing = {location: main}, {}, []
    waiting = [main]
    while waiting:
        document = waiting.pop(0)
        for element, reference in _references(document):
            target = library.resolve(document.location, reference)
            try:
                if target not in documents:
                    content = library.read(target)
                    origin = library.origin(target, location)
                    documents[target] = _loaded(target, origin, _name(origin, documents), content)
                    waiting.append(documents[target])
                referred[element] = documents[target]
            except (OSError, ContractError) as error:
                missing.append(_missing(document, element, reference, error))
    return Bundle(tuple(documents.values()), referred, tuple(missing))


def _read(location: str, library: Library) -> bytes:
    try:
        return library.read(location)
    except OSError as error:
        raise ContractError(Place(location), f"cannot be read: {error.strerror or error}") from error


def _missing(document: Loaded, element: etree._Element, reference: str, error: Exception) -> Missing:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Missing(document.source(element), document.place(element), reference, element.get("namespace"), why)


def _references(document: Loaded) -> Iterator[tuple[etree._Element, str]]:
    """Every reference to another document that this one makes, with its location."""
    for element in document.root.iter(*_REFERRING):
        location = (element.get(_REFERRING[str(element.tag)]) or "").strip()
        if location and not (element.tag == f"{{{XSD}}}import" and element.get("namespace") in _BUILT_IN):
            yield element, location


def _name(location: str, taken: Mapping[str, Loaded]) -> str:
    """A name for a document beside the WSDL, made of the last words of its location; no two are alike."""
    parts = urlsplit(location.replace("\\", "/"))
    stem = PurePosixPath(parts.path).name or "document"
    words = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{stem}-{parts.query}" if parts.query else stem).strip("-.")
    base = words if re.search(r"\.(xsd|wsdl|xml)$", words, re.IGNORECASE) else f"{words}.xml"
    names = {document.name for document in taken.values()}
    counted = (f"../{IMPORTED}/{base}" if n == 1 else f"../{IMPORTED}/{n}-{base}" for n in range(1, len(taken) + 2))
    return next(name for name in counted if name not in names)


# --- one document -----------------------------------------------------------------------------------------------------


def _loaded(location: str, origin: str, name: str, content: bytes) -> Loaded:
    """A document, parsed. Raises ContractError, with the line, for one that is no XML or may not be read."""
    place = Place(location)
    if len(content) > MAX_BYTES:
        raise ContractError(place, f"is larger than {MAX_BYTES // 1024 // 1024} MB")
    if not content.strip():
        raise ContractError(place, "is empty", hint="A WSDL 1.1 document is expected")
    if _looks_like_html(content):
        hint = "The WSDL is often found at the service's own address followed by ?wsdl"
        raise ContractError(place, "is an HTML page, not a WSDL", hint=hint)
    positions = _positions(location, content)
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        raise ContractError(Place(location, error.lineno), f"is not well-formed XML: {error.msg}") from error
    loaded = Loaded(location, origin, name, content, root, dict(zip(root.iter("*"), positions, strict=True)))
    for element in root.iter(f"{{{WSDL}}}definitions", f"{{{XSD}}}schema"):
        uri = element.get("targetNamespace")
        if uri and not is_namespace(uri):
            raise ContractError(loaded.place(element), "targetNamespace: is no URI", value=uri)
    return loaded


def is_namespace(uri: str) -> bool:
    """Whether XML tools take a text for the name of a namespace: they take URIs alone."""
    try:
        etree.Element("a", nsmap={"p": uri})
    except ValueError:
        return False
    return True


def _parser() -> etree.XMLParser:
    # Without comments and instructions: xmlschema takes a root with something before it for one without content.
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )


def _looks_like_html(content: bytes) -> bool:
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _positions(location: str, content: bytes) -> list[Position]:
    """Line and column, counted from 1, of every element's start tag in document order; lxml has no columns.

    Raises ContractError for XML that is not well-formed, and for a document type declaration.
    """
    found: list[Position] = []
    declared = _ENCODING.match(content.lstrip(b"\xef\xbb\xbf"))
    encoding = declared.group(1).decode() if declared else None
    parser = _expat(content, encoding)
    try:
        data = content if parser is not None else content.decode(encoding or "utf-8", "replace").encode()
    except LookupError as error:
        raise ContractError(Place(location, 1), "declares an encoding that nobody knows", value=encoding) from error
    parser = parser or expat.ParserCreate("utf-8")

    def start(*_: object) -> None:
        found.append((parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))

    def refuse(*_: object) -> None:
        place = Place(location, parser.CurrentLineNumber)
        raise ContractError(place, "has a document type declaration, which is never read", hint="Remove it")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        problem = f"is not well-formed XML: {expat.ErrorString(error.code)}, column {error.offset + 1}"
        raise ContractError(Place(location, error.lineno), problem) from error
    return found


def _expat(content: bytes, encoding: str | None) -> expat.XMLParserType | None:
    """A parser that reads the declared encoding by itself; None where expat does not know it and lxml does."""
    if encoding is None or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return expat.ParserCreate()
    probe = expat.ParserCreate()
    try:
        probe.Parse(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode("ascii"), True)
    except (expat.ExpatError, LookupError, ValueError):
        return None
    return expat.ParserCreate()


def _require_wsdl(document: Loaded) -> None:
    """Raises ContractError for a document that is not WSDL 1.1."""
    root = document.root
    if root.tag == f"{{{WSDL}}}definitions":
        return
    place, hint = document.place(root), "A WSDL 1.1 document has the root element definitions"
    if root.tag == f"{{{WSDL_2}}}description":
        raise ContractError(place, "is WSDL 2.0, of which nothing is derived: only WSDL 1.1 is read", hint=hint)
    if root.tag == f"{{{XSD}}}schema":
        raise ContractError(place, "is an XML Schema, which has no operations", hint=hint)
    raise ContractError(place, "is no WSDL", value=root.tag, hint=hint)
