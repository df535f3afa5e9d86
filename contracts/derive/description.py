"""What derivation yields before it is written: services, operations, bindings, schemas and requirements as records.

Every source (pages, WSDL) ends here, and `contracts.derive.writing` makes the files. Nothing here knows a source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from contracts.model import Basis, Binding, Level, Protocol
from contracts.sources import Source


@dataclass(frozen=True, slots=True)
class Document:
    """A source document, kept verbatim.

    `name` is its path relative to the operation's folder, as sources of components name it: `page.txt`, `page.html`,
    or, for one that several operations share, `../service.wsdl`, `../pages/orders.txt`. `file` is what it was given
    as; None for one that derivation made.
    """

    name: str
    content: bytes
    file: Path | str | None = None


@dataclass(frozen=True, slots=True)
class SchemaDocument:
    """The annotated components of one namespace; None for components in no namespace.

    `root` is an `xs:schema` element with `targetNamespace` and the form defaults, and with the components in the
    order in which they are to be written. It has no `xs:import` and `xs:include`: the writer adds the imports that
    the components' QNames call for. A QName in an attribute's value (`type`, `ref`, `base`, ...) is read with the
    prefixes in scope where it stands; declare them on the root. Notes of origin are attributes of the namespace
    `contracts.names.SOURCE`: `at` (`Source.note`), `basis`, and where they are weaker than it `type-basis`,
    `min-basis`, `nil-basis`.
    """

    namespace: str | None
    root: etree._Element


@dataclass(frozen=True, slots=True)
class RequirementDescription:
    """One promise of the page itself: a row of `contract.toml`. Exactly one of `check` and `sends` is set.

    `id` is `service/operation/slug`; the slug comes from what is promised, never from a number, so that it stays
    when the page is derived again or gains an operation.
    """

    id: str
    level: Level
    basis: Basis
    at: Mapping[Protocol, Source]
    does: str
    requires: str
    accepts: tuple[str, ...]
    check: str | None = None
    sends: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    needs_observation: bool = False
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inference:
    """One conclusion, for `derive --explain`: what was concluded of what, from which place, on which basis."""

    subject: str
    concluded: str
    basis: Basis
    source: Source | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something on a source that could not be derived or is doubtful, and what was done about it.

    `file` is the document as whoever derives named it; `source` names it as a contract keeps it.
    """

    source: Source
    problem: str
    file: Path | str | None = None

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}"

    @property
    def place(self) -> str:
        """Where it is, in the document as it was given: `file:line:column`."""
        name = str(self.file or self.source.document)
        return name if self.source.line is None else f"{name}:{self.source.line}:{self.source.column}"


@dataclass(frozen=True, slots=True)
class LeafSuggestion:
    """A leaf of the request, for the starting rulings: its path, its type and a value that the source shows, if any."""

    path: str
    type_name: str
    value: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class OperationDescription:
    """All that the sources say of one operation. `documents` are those that it was derived from, the main one first."""

    name: str
    documents: tuple[Document, ...]
    bindings: tuple[Binding, ...]
    schemas: tuple[SchemaDocument, ...]
    requirements: tuple[RequirementDescription, ...]
    leaves: tuple[LeafSuggestion, ...] = ()
    inferences: tuple[Inference, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceDescription:
    """A service as its sources describe it. Operations are in the order in which the sources name them."""

    name: str
    title: str
    family: str
    operations: tuple[OperationDescription, ...]
    cautions: tuple[Caution, ...] = ()
