"""What is concluded about messages before it becomes XML Schema: elements, their content, and on what it rests."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from contracts.model import Basis
from contracts.sources import Source

Model: TypeAlias = Literal["sequence", "all", "choice"]

OPEN: Final = "OpenEnumeration"
"""The type of a member that holds one word of a list that no page shows: any token that is not empty."""


@dataclass(frozen=True, slots=True)
class Word:
    """One value of an enumeration."""

    value: str
    source: Source
    basis: Basis


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple type: `base` is the local name of a built-in type, or one of .NET's (`guid`, `char`, `character`), or
    `OPEN`, an open enumeration.

    `words` close it to a list. `is_reference` says that the stack can leave the value out: it is null by default.
    `example` is a value that a sample shows, where it is more than a placeholder.
    """

    base: str
    source: Source
    basis: Basis = "documented"
    words: tuple[Word, ...] = ()
    is_reference: bool = True
    example: str | None = None


@dataclass(frozen=True, slots=True)
class DataSet:
    """An XML schema, then XML: the places of the two placeholders that stand for them."""

    schema: Source
    data: Source


@dataclass(frozen=True, slots=True)
class AnyContent:
    """Whatever there is: `source` is the place of what stands for it.

    `is_xml` says that the page prints a placeholder for XML; otherwise it shows nothing of the content. `type_name`
    is what an `xsi:type` calls it, in Clark notation.
    """

    source: Source
    basis: Basis
    is_xml: bool = False
    type_name: str | None = None


@dataclass(frozen=True, slots=True)
class SameType:
    """The type that another element has, which is shown in full; `key` is that of its content."""

    key: str


@dataclass(frozen=True, slots=True)
class AttributeMember:
    """An attribute without a namespace."""

    name: str
    source: Source
    content: Simple
    is_required: bool


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of an element: those without a namespace one by one, of others the namespaces.

    `is_open` lets in any.
    """

    named: tuple[AttributeMember, ...] = ()
    namespaces: tuple[str, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Complex:
    """Children and attributes. `text` is what stands in an element that has attributes and text, and no children.

    `key` names content that others share; `type_name` is what an `xsi:type` calls it, in Clark notation.
    """

    model: Model
    members: tuple["Member", ...]
    attributes: Attributes = Attributes()
    text: Simple | None = None
    key: str | None = None
    type_name: str | None = None
    trailing: tuple["Extra", ...] = ()


ContentOf: TypeAlias = Simple | DataSet | AnyContent | SameType | Complex


@dataclass(frozen=True, slots=True)
class Member:
    """An element: its name in Clark notation, where it is first printed, what it holds, and how often it may stand.

    `high` is None for unbounded. `basis` is what name and position rest on, `type_source`, `min_source` and
    `nil_source` where the page says the rest; None for what its samples show where they print the element.
    """

    tag: str
    source: Source
    content: ContentOf
    low: int
    high: int | None
    nillable: bool
    basis: Basis = "documented"
    type_basis: Basis = "documented"
    min_basis: Basis = "convention"
    nil_basis: Basis = "convention"
    type_source: Source | None = None
    min_source: Source | None = None
    nil_source: Source | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """A member that no page prints and that a family's stacks are known to send: after the others, any content."""

    name: str
    namespace: str
    because: str
