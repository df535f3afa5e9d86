"""Strategies for any XML Schema, for use without a contract: valid documents, edge cases and invalid documents.

    import strategies
    from hypothesis import given

    @given(strategies.from_schema("orders.xsd", "order"))
    def test_orders_are_read(order):
        assert read(etree.tostring(order, encoding="utf-8")).lines

A schema is a file, a schema that xmlschema has compiled, or that of a contract. What cannot be generated is refused
by name when a strategy is built, never when it draws.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import unquote, urlsplit

import xmlschema
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree
from xmlschema import XMLSchemaBase

from contracts.errors import ContractError, Place, UnknownNameError
from contracts.judge.records import Change
from contracts.names import XML, local_name
from contracts.schema import Schema
from strategies.building import specimen_of
from strategies.errors import UnsupportedError
from strategies.grammar import KEPT, grammar_of
from strategies.payloads import changes_of
from strategies.phases import edges, with_needs
from strategies.proving import Validators, proved
from strategies.sites import Element, Growth, Site, first_of_each
from strategies.specimens import Specimen
from strategies.structure import VALUE, breaches
from strategies.values.choices import Turned
from strategies.wire import serialised

AnySchema: TypeAlias = str | Path | XMLSchemaBase | Schema
"""A schema document's file, or a compiled schema."""


@dataclass(frozen=True)
class EdgeCase:
    """A document of the deterministic phase: the sample with `changes`, none for the sample itself."""

    specimen: Specimen = field(repr=False)
    changes: tuple[Change, ...]

    @property
    def element(self) -> Element:
        """The document's root, a new one each time."""
        return self.specimen.vary(self.changes)


def from_schema(schema: AnySchema, element: str) -> SearchStrategy[Element]:
    """Valid documents of a global element: lxml elements, each of which varies a few places of one sample.

    `element` is a name in Clark notation, with a prefix of the schema, or local. Raises UnsupportedError, which names
    construct and place, for what cannot be generated, and ContractError for a schema that cannot be read or lacks
    the element.
    """
    compiled = compile_schema(schema)
    specimen = compiled.specimen(element)
    sites = tuple(site for site in specimen.sites if not site.constant)
    if not sites:
        return st.builds(lambda: specimen.vary(()))
    varied = Turned(changes_of(sites), specimen.vary)
    if not specimen.is_delicate:
        return varied
    return varied.filter(lambda root: compiled.validators.complaint_of(specimen, root) is None)


def documents_from_schema(schema: AnySchema, element: str) -> SearchStrategy[bytes]:
    """As `from_schema`, as documents: UTF-8, with an XML declaration."""
    return Turned(from_schema(schema, element), serialised)


def edge_cases(schema: AnySchema, element: str) -> list[EdgeCase]:
    """The deterministic phase: the sample, then every edge of every leaf and every way to vary the structure.

    A few go together in each document. Raises as `from_schema` does.
    """
    compiled = compile_schema(schema)
    specimen = compiled.specimen(element)
    found = [EdgeCase(specimen, ())]
    for packed in edges(site for site in specimen.sites if not site.constant):
        case = EdgeCase(specimen, with_needs((site, site.change(option)) for site, option in packed))
        if not specimen.is_delicate or compiled.validators.complaint_of(specimen, case.element) is None:
            found.append(case)
        else:
            found.extend(_apart(specimen, packed, compiled.validators))
    return found


@dataclass(frozen=True)
class InvalidCase:
    """An invalid document: the sample with one defect, told by the last of `changes`.

    A change before it puts the alternative in place that the defect stands in.
    """

    changes: tuple[Change, ...]
    make: Callable[[], Element] = field(repr=False)
    complaints: frozenset[str] = field(repr=False)

    @property
    def change(self) -> Change:
        """What is broken: the rule with its component or clause, the place, before and after."""
        return self.changes[-1]

    @property
    def element(self) -> Element:
        """The document's root, a new one each time."""
        return self.make()


def invalid_cases(schema: AnySchema, element: str) -> list[InvalidCase]:
    """Every defect of structure and of values that is worth trying, each in a document of its own.

    Each has been written, read again and refused by lxml for the reason that is recorded: what healed itself is left
    out. Raises as `from_schema` does.
    """
    compiled = compile_schema(schema)
    return [case for case in _candidates(compiled.specimen(element)) if _is_broken(case, compiled.validators)]


def invalid_from_schema(schema: AnySchema, element: str) -> SearchStrategy[InvalidCase]:
    """Invalid documents, drawn from `invalid_cases`. Raises as `from_schema` does."""
    compiled = compile_schema(schema)
    candidates = list(_candidates(compiled.specimen(element)))
    return st.sampled_from(candidates).filter(lambda case: _is_broken(case, compiled.validators))


def _is_broken(case: InvalidCase, validators: Validators) -> bool:
    """Whether a case is invalid as it says; characters that XML forbids make no document."""
    try:
        return validators.refuse(case.element, case.complaints)
    except ValueError:
        return False


def left_out(schema: AnySchema, element: str) -> tuple[UnsupportedError, ...]:
    """What is optional in an element's documents and in none that is made here, each with its place and the reason."""
    return compile_schema(schema).specimen(element).left_out


def _candidates(specimen: Specimen) -> Iterator[InvalidCase]:
    """What may be invalid: breaches of structure, then texts outside the types of leaves."""
    for breach in breaches(specimen):
        yield InvalidCase(breach.changes, partial(breach.broken, specimen.root), breach.complaints)
    for site in first_of_each(site for site in specimen.leaves if site.space is not None):
        for misfit in site.space.misfits if site.space else ():
            change = Change("lexical", site.where, f"{misfit.name}: {misfit.rule}", site.before, misfit.text)
            yield InvalidCase((*site.needs, change), partial(_misfitted, specimen, site, misfit.text), VALUE)


def _misfitted(specimen: Specimen, site: Site, text: str) -> Element:
    picks = [*((branch.site, branch.option) for branch in site.scope), (site, text)]
    return Growth(picks).grow([specimen.root])[0]


def _apart(specimen: Specimen, packed: list[tuple[Site, Any]], validators: Validators) -> Iterator[EdgeCase]:
    """The edges of a document, that are valid one by one and not together, each on its own."""
    for site, option in packed:
        case = EdgeCase(specimen, with_needs([(site, site.change(option))]))
        if validators.complaint_of(specimen, case.element) is None:
            yield case


class CompiledSchema:
    """A schema with both of its validators, and the specimens made of it so far."""

    def __init__(self, exact: XMLSchemaBase, fast: etree.XMLSchema | None) -> None:
        self.validators = Validators(exact, fast)
        self._specimens: dict[str, Specimen] = {}

    def specimen(self, element: str) -> Specimen:
        """The proved sample of an element and its sites, made once."""
        name = self.name_of(element)
        if name not in self._specimens:
            self._specimens[name] = self._proved(name)
        return self._specimens[name]

    def _proved(self, name: str) -> Specimen:
        """A full sample, or a lean one where all that is optional cannot stand together."""
        exact = self.validators.exact
        grammar, declaration = grammar_of(exact), exact.maps.elements[name]
        full = specimen_of(grammar, declaration)
        try:
            return proved(full, self.validators)
        except UnsupportedError as refused:
            try:
                return proved(specimen_of(grammar, declaration, lean=True), self.validators)
            except UnsupportedError:
                raise refused from None

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

    Raises ContractError, which names file and problem, for a schema that cannot be read.
    """
    if isinstance(schema, str | Path):
        return _from_file(Path(schema))
    return _compiled(schema)


@lru_cache(maxsize=KEPT)
def _compiled(schema: XMLSchemaBase | Schema) -> CompiledSchema:
    if isinstance(schema, Schema):
        return CompiledSchema(schema.exact, schema.fast)
    return CompiledSchema(schema, _fast(schema))


def _from_file(file: Path) -> CompiledSchema:
    file = file.resolve()
    known = _read.get(file)
    if known is not None and known[0] == _stamps(known[1].validators.exact):
        return known[1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xmlschema.XMLSchemaImportWarning)
            warnings.simplefilter("ignore", xmlschema.XMLSchemaIncludeWarning)
            exact = xmlschema.XMLSchema10(str(file), allow="local", loglevel=50)
    except (xmlschema.XMLSchemaException, OSError, etree.XMLSyntaxError, SyntaxError, ValueError) as error:
        raise ContractError(Place(file), str(error).splitlines()[0] if str(error) else "cannot be read") from error
    except (AttributeError, LookupError, TypeError, RecursionError) as error:
        # What xmlschema does with some schemas that are no schemas; it names no place.
        raise ContractError(Place(file), f"xmlschema fails to read it: {error}") from error
    compiled = _compiled(exact)
    _read.pop(file, None)
    _read[file] = _stamps(exact), compiled
    if len(_read) > KEPT:
        del _read[next(iter(_read))]
    return compiled


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


def _fast(exact: XMLSchemaBase) -> etree.XMLSchema | None:
    """lxml's compiled form of a schema; None where lxml cannot compile it."""
    parser = etree.XMLParser(no_network=True, resolve_entities="internal", huge_tree=True)
    parser.resolvers.add(_Shipped())
    try:
        if exact.url and exact.url.startswith("file:"):
            document = etree.parse(unquote(urlsplit(exact.url).path), parser).getroot()
        else:
            document = etree.fromstring(exact.source.get_text().encode(), parser, base_url=exact.base_url)
        return etree.XMLSchema(document)
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError, ValueError):
        return None
