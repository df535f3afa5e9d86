"""What conclusions about a page are drawn with: what is known of it, where one stands, and what a type rests on."""

from dataclasses import dataclass, field, replace

from contracts.derive.declarations import AnyContent, ContentOf, Simple
from contracts.derive.description import Caution, Inference
from contracts.derive.rulings import Rulings
from contracts.derive.samples import Role
from contracts.derive.shapes import Shape
from contracts.derive.tables import Tables
from contracts.model import Basis
from contracts.sources import Source


@dataclass(frozen=True)
class Context:
    """What inference needs to know of the page besides a shape.

    `tables` are those of parameters; `prints_words` says that the leaves of the page hold placeholder words rather
    than values, `prints_values` that a page of a family which prints placeholder words has values instead. Cautions
    and inferences are collected here.
    """

    family: str
    rulings: Rulings
    tables: Tables = field(default_factory=Tables)
    prints_words: bool = False
    prints_values: bool = False
    told: dict[Caution, None] = field(default_factory=dict)
    inferences: list[Inference] = field(default_factory=list)

    def warn(self, source: Source, problem: str) -> None:
        """Adds a caution, once."""
        self.told[Caution(source, problem)] = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A content, the basis of its type, and where the page names the type, if that is not where samples print it."""

    content: ContentOf
    basis: Basis = "documented"
    source: Source | None = None

    def doubted(self) -> "Typed":
        """The same where what it rests on is contradicted, or a guess."""
        content = self.content
        if isinstance(content, Simple | AnyContent):
            content = replace(content, basis="inferred")
        return replace(self, content=content, basis="inferred")


@dataclass(frozen=True, slots=True)
class At:
    """Where inference stands: in which message, on which path, below which shapes."""

    role: Role
    path: tuple[str, ...] = ()
    outer: tuple[Shape, ...] = ()

    def below(self, shape: Shape) -> "At":
        """One step further down."""
        return At(self.role, (*self.path, shape.first.local), (*self.outer, shape))
