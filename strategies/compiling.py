"""Schemas compiled for drawing: both validators, and the specimens of the elements that were asked for."""

import warnings
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

import xmlschema
from lxml import etree
from xmlschema import XMLSchemaBase

from contracts.errors import ContractError, Place, UnknownNameError
from contracts.names import XML, XSD, local_name
from contracts.schema import Schema
from strategies.building import specimen_of
from strategies.errors import OneValidatorWarning, UnsupportedError
from strategies.grammar import KEPT, grammar_of
from strategies.proving import proved
from strategies.specimens import Specimen
from strategies.validators import Validators

AnySchema: TypeAlias = str | Path | XMLSchemaBase | Schema
"""A schema document's file, or a compiled schema."""


class CompiledSchema:
    """A schema with both of its validators, and the specimens made of it so far; `doubt` says why there is only one."""

    def __init__(self, exact: XMLSchemaBase, fast: etree.XMLSchema | None, doubt: str = "") -> None:
        self.validators, self.doubt = Validators(exact, fast), doubt
        self._specimens: dict[str, Specimen] = {}

    def specimen(self, element: str) -> Specimen:
        """The proved sample of an element and its sites, made once."""
        name = self.name_of(element)
        if name not in self._specimens:
            self._specimens[name] = self._proved(name)
        return self._specimens[name]

    def _proved(self, name: str) -> Specimen:
        """A full sample, one with one of each thing where two cannot be told apart, or a lean one where all that is
        optional cannot stand together."""
        exact = self.validators.exact
        grammar, declaration = grammar_of(exact), exact.maps.elements[name]
        full = specimen_of(grammar, declaration)
        try:
            return proved(full, self.validators)
        except UnsupportedError:
            for lean in (False, True):
                with suppress(UnsupportedError):
                    return proved(specimen_of(grammar, declaration, lean=lean, single=not lean), self.validators)
            raise

    def name_of(self, element: str) -> str:
        """The name, in Clark notation, of the global element that is meant. Raises UnknownNameError for none."""
        exact = self.validators.exact
        declared = exact.maps.elements
        prefix, _, local = element.rpartition(":")
        wanted = [element] if element.startswith("{") else [_clark(exact.namespaces.get(prefix, ""), local)]
        if not element.startswith("{") and not prefix:
            wanted = [_clark(exact.target_namespace, local), local]
            wanted += sorted(name for name in declared if local_name(name) == local)
        found = next((name for name in wanted if name in declared), None)
        if found is None:
            raise UnknownNameError(Place(_file_of(exact)), "declares no such element", value=element)
        return found


_read: dict[Path, tuple[tuple[tuple[str, int, int], ...], CompiledSchema]] = {}


def compile_schema(schema: AnySchema) -> CompiledSchema:
    """A schema with its validators, compiled once as long as its files stay as they are.

    Raises ContractError, which names file and problem, for a schema that cannot be read. Warns of one that lxml cannot
    compile, in the name of the caller's caller.
    """
    compiled = _from_file(Path(schema)) if isinstance(schema, str | Path) else _compiled(schema)
    if compiled.doubt:
        warnings.warn(compiled.doubt, OneValidatorWarning, stacklevel=3)
    return compiled


@lru_cache(maxsize=KEPT)
def _compiled(schema: XMLSchemaBase | Schema) -> CompiledSchema:
    if isinstance(schema, Schema):
        return CompiledSchema(schema.exact, schema.fast)
    try:
        return CompiledSchema(schema, _fast(schema))
    except _NotCompiledError as error:
        return CompiledSchema(schema, None, doubt=f"{_file_of(schema)}: {error}")


class _NotCompiledError(Exception):
    """lxml has something against a schema that xmlschema takes."""


def _from_file(file: Path) -> CompiledSchema:
    file = file.resolve()
    known = _read.get(file)
    if known is not None and known[0] == _stamps(known[1].validators.exact):
        return known[1]
    exact = _exact(file)
    compiled = _compiled(exact)
    _read.pop(file, None)
    _read[file] = _stamps(exact), compiled
    if len(_read) > KEPT:
        del _read[next(iter(_read))]
    return compiled


def _exact(file: Path) -> XMLSchemaBase:
    """xmlschema's form of a file's schema.

    A document that cannot be had is passed over, with what it declares (part 1, sections 4.2.1 to 4.2.3); so is every
    remote one, since nothing is fetched.
    """
    remote: list[str] = []

    def at_hand(uri: str) -> str:
        if urlsplit(uri).scheme in ("", "file"):
            return uri
        remote.append(uri)
        return _NOT_THERE

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xmlschema.XMLSchemaImportWarning)
            warnings.simplefilter("ignore", xmlschema.XMLSchemaIncludeWarning)
            return xmlschema.XMLSchema10(str(file), allow="local", loglevel=50, uri_mapper=at_hand)
    except (xmlschema.XMLSchemaException, OSError, etree.XMLSyntaxError, SyntaxError, ValueError) as error:
        raise ContractError(Place(file), _told(error), hint=_hint(remote)) from error
    except (AttributeError, LookupError, TypeError, RecursionError) as error:
        # What xmlschema does with some schemas that are no schemas; it names no place.
        raise ContractError(Place(file), f"xmlschema fails to read it: {error}", hint=_hint(remote)) from error


_NOT_THERE: Final = Path("/", "nowhere", "remote.xsd").as_uri()
"""Where remote documents are looked for instead."""


def _told(error: Exception) -> str:
    """What is wrong with a schema, and with which of its components."""
    problem = str(error).splitlines()[0].rstrip(" :") if str(error) else "cannot be read"
    path = getattr(error, "path", None)
    return f"{problem}, at {path}" if path else problem


def _hint(remote: list[str]) -> str:
    """What to do where the fault may be that documents were passed over."""
    if not remote:
        return ""
    return f"Remote documents are not fetched: keep a copy beside the schema and refer to that ({remote[0]})"


def _stamps(exact: XMLSchemaBase) -> tuple[tuple[str, int, int], ...]:
    """What tells whether the files of a schema have changed."""
    urls = sorted({str(each.url) for each in exact.maps.iter_schemas() if str(each.url).startswith("file:")})
    return tuple((url, *_stamp(Path(unquote(urlsplit(url).path)))) for url in urls)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return -1, -1
    return found.st_mtime_ns, found.st_size


def _clark(uri: str, local: str) -> str:
    return f"{{{uri}}}{local}" if uri else local


def _file_of(exact: XMLSchemaBase) -> Path:
    return Path(unquote(urlsplit(exact.url).path)) if exact.url else Path("schema")


def _drop_includes(document: etree._Element, exact: XMLSchemaBase) -> None:
    """Takes out what includes documents that cannot be had, as xmlschema passes them over."""
    base = exact.url or f"{exact.base_url or ''}/"
    for include in document.findall(f"{{{XSD}}}include"):
        url = urlsplit(urljoin(base, include.get("schemaLocation", "")))
        if url.scheme not in ("", "file") or not Path(unquote(url.path)).is_file():
            document.remove(include)


class _Shipped(etree.Resolver):
    """Gives lxml the schema of the xml namespace, which schemas import from the network."""

    def resolve(self, url: str | None, public_id: str | None, context: Any) -> Any:
        if url and url.startswith(("http:", "https:")) and url.endswith("/xml.xsd"):
            return self.resolve_string(_XML_NAMESPACE, context)
        return None


_XML_NAMESPACE: Final = f"""\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{XML}">
  <xs:attribute name="lang"><xs:simpleType><xs:union memberTypes="xs:language">
    <xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value=""/></xs:restriction></xs:simpleType>
  </xs:union></xs:simpleType></xs:attribute>
  <xs:attribute name="space"><xs:simpleType><xs:restriction base="xs:NCName">
    <xs:enumeration value="default"/><xs:enumeration value="preserve"/></xs:restriction></xs:simpleType></xs:attribute>
  <xs:attribute name="base" type="xs:anyURI"/>
  <xs:attribute name="id" type="xs:ID"/>
  <xs:attributeGroup name="specialAttrs">
    <xs:attribute ref="xml:base"/><xs:attribute ref="xml:lang"/><xs:attribute ref="xml:space"/>
    <xs:attribute ref="xml:id"/>
  </xs:attributeGroup>
</xs:schema>"""


def _fast(exact: XMLSchemaBase) -> etree.XMLSchema:
    """lxml's compiled form of a schema."""
    parser = etree.XMLParser(no_network=True, resolve_entities="internal", huge_tree=True)
    parser.resolvers.add(_Shipped())
    try:
        if exact.url and exact.url.startswith("file:"):
            document = etree.parse(unquote(urlsplit(exact.url).path), parser).getroot()
        else:
            document = etree.fromstring(exact.source.get_text().encode(), parser, base_url=exact.base_url)
        _drop_includes(document, exact)
        return etree.XMLSchema(document)
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError, ValueError) as error:
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _NotCompiledError(
            f"lxml cannot compile this schema ({problem}): xmlschema alone says what is valid, and no clause is sure"
        ) from error
