"""Compiled XSDs: lxml for speed, xmlschema to explain and to cross-check."""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import xmlschema
from lxml import etree
from xmlschema.validators import XsdAnyElement

from contracts.errors import ContractError, Place
from contracts.names import SOURCE, XSD
from contracts.sources import Source

ENTRY = "schema.xsd"
"""Every operation's folder holds this schema, which imports the others."""


@dataclass(frozen=True, slots=True)
class Component:
    """What an XSD component notes of its origin: page position and the basis of each of its aspects."""

    name: str
    described: str
    source: Source | None
    basis: str
    type_basis: str
    min_basis: str
    nil_basis: str


class Schema:
    """The compiled schema of one operation.

    `folder` holds `schema.xsd`. Content types (`type_names`, declared there, in no namespace) are made validatable
    by a driver schema that declares one element for each; see `wrapper`.
    """

    def __init__(self, folder: Path, type_names: Iterable[str] = ()) -> None:
        self.folder = folder
        self.entry = folder / ENTRY
        self._type_names = tuple(sorted(set(type_names)))

    @cached_property
    def fast(self) -> etree.XMLSchema:
        """lxml's compiled schema. Raises ContractError if a schema document does not parse or compile."""
        try:
            document = etree.fromstring(self._driver().encode(), base_url=str(self.folder / "driver.xsd"))
            return etree.XMLSchema(document)
        except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError) as error:
            raise _schema_error(self.entry, error) from error

    @cached_property
    def exact(self) -> xmlschema.XMLSchema10:
        """xmlschema's compiled schema: slower, explains itself, and is what strategies are compiled from."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", xmlschema.XMLSchemaImportWarning)
                warnings.simplefilter("error", xmlschema.XMLSchemaIncludeWarning)
                return xmlschema.XMLSchema10(self._driver(), base_url=str(self.folder), allow="sandbox", loglevel=50)
        except (
            xmlschema.XMLSchemaException,
            xmlschema.XMLSchemaImportWarning,
            xmlschema.XMLSchemaIncludeWarning,
            OSError,
        ) as error:
            raise _schema_error(self.entry, error) from error

    def wrapper(self, type_name: str) -> str:
        """Name of the driver's element whose content is of that type: rename a Header or Body to it to validate it."""
        if type_name not in self._type_names:
            raise KeyError(type_name)
        return f"content-of-{type_name}"

    def component(self, path: Iterable[str], root: str) -> Component | None:
        """The element declaration at a path of local names below a root (element or wrapper, Clark notation).

        None where the path leaves the schema, as it does below a wildcard.
        """
        found = self.element(path, root)
        return None if found is None else component_of(found)

    def element(self, path: Iterable[str], root: str) -> xmlschema.XsdElement | None:
        """The element declaration that `component` describes."""
        found = self.exact.elements.get(root)
        for step in path:
            found = (
                None if found is None else next((each for each in children_of(found) if each.local_name == step), None)
            )
        return found

    def errors(self, element: etree._Element) -> Iterator[xmlschema.XMLSchemaValidationError]:
        """xmlschema's errors for an element, in document order. Hostile content may make it raise anything."""
        return self.exact.iter_errors(cast("Any", element))

    def _driver(self) -> str:
        """A schema document that includes the entry and declares one element for each content type."""
        if not self._type_names:
            return self.entry.read_text("utf-8")
        declarations = "".join(
            f'<xs:element name="{self.wrapper(name)}" type="{name}" s:basis="documented"/>' for name in self._type_names
        )
        include = f'<xs:include schemaLocation="{ENTRY}"/>'
        return f'<xs:schema xmlns:xs="{XSD}" xmlns:s="{SOURCE}">{include}{declarations}</xs:schema>'


def children_of(element: xmlschema.XsdElement) -> Iterator[xmlschema.XsdElement]:
    """The element declarations that may stand below another; wildcards are left out."""
    return (each for each in element if isinstance(each, xmlschema.XsdElement))


def component_of(element: xmlschema.XsdElement) -> Component:
    """What an element declaration notes of its origin. Aspects without a note share the component's own basis."""
    notes = element.elem.attrib
    at = notes.get(f"{{{SOURCE}}}at")
    basis = notes.get(f"{{{SOURCE}}}basis", "inferred")
    return Component(
        name=element.local_name,
        described=f"{element.local_name}: {_described(element)}",
        source=Source.of(at) if at else None,
        basis=basis,
        type_basis=notes.get(f"{{{SOURCE}}}type-basis", basis),
        min_basis=notes.get(f"{{{SOURCE}}}min-basis", basis),
        nil_basis=notes.get(f"{{{SOURCE}}}nil-basis", basis),
    )


def _described(element: xmlschema.XsdElement) -> str:
    """A type in a few words: its enumeration, its name, or its children."""
    kind = element.type
    if kind.is_simple():
        listed = getattr(kind, "enumeration", None)
        return " or ".join(map(str, listed)) if listed else str(kind.local_name or kind.root_type.local_name)
    names = [each.local_name for each in children_of(element)]
    names += [f"any element of {_shown(each)}" for each in element if isinstance(each, XsdAnyElement)]
    return f"({', '.join(names)})" if names else "no content"


def _shown(wildcard: XsdAnyElement) -> str:
    return " or ".join(name or "no namespace" for name in wildcard.namespace) or "any namespace"


def _schema_error(entry: Path, error: Exception) -> ContractError:
    """A ContractError that names the schema document, line and problem of a third-party exception."""
    log = getattr(error, "error_log", None)
    entries = list(log or ())
    first = next((each for each in entries if each.level >= etree.ErrorLevels.ERROR), next(iter(entries), None))
    if first is not None and first.filename:
        is_driver = first.filename == "<string>"
        file = entry if is_driver else Path(first.filename.removeprefix("file://"))
        return ContractError(Place(file, None if is_driver else first.line or None), first.message)
    return ContractError(Place(entry, getattr(error, "lineno", None)), str(error).splitlines()[0])
