"""What the modules of this package share: edges, misfits, the value space, and the alphabet of drawn strings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from hypothesis.strategies import SearchStrategy

Choose: TypeAlias = Callable[[int, int], int]
"""A source of choices: a number between two others, both included. The least choices make the simplest value."""

Maker: TypeAlias = Callable[[Choose], str]
"""Makes a value of choices: under Hypothesis when it is drawn, of a fixed seed when the strategy is built."""

Identity: TypeAlias = Literal["", "ID", "IDREF", "IDREFS"]


@dataclass(frozen=True, slots=True)
class Edge:
    """One valid value worth trying for itself, and what it tries."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """One text that is no value of the type, what is wrong with it, and the facet or type that forbids it."""

    name: str
    text: str
    rule: str


@dataclass(frozen=True)
class ValueSpace:
    """What a leaf may hold, and what it may not.

    `type_names` are the names by which the families' table may know its type. `plain` is a value as unremarkable as
    the type has one, for leaves that do not vary. `namespaces` have to be in scope, by prefix, where a value stands.
    An `identity` other than empty means that the leaf's value is bound to others in the document: an ID must stand
    once, an IDREF must name one.
    """

    type_names: tuple[str, ...]
    edges: tuple[Edge, ...]
    texts: SearchStrategy[str]
    plain: str = ""
    namespaces: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    identity: Identity = ""
    find_misfits: Callable[[], Iterable[Misfit]] = tuple

    @cached_property
    def misfits(self) -> tuple[Misfit, ...]:
        """Texts that are no value of the type, found when they are first asked for."""
        return tuple(self.find_misfits())


Edges: TypeAlias = Iterator[Edge]
Misfits: TypeAlias = Iterator[Misfit]

ALPHABET: Final = "".join(
    chr(point)
    for first, last in (
        (0x20, 0x7E),  # Basic Latin
        (0xA1, 0x17F),  # Latin-1, Latin Extended-A
        (0x300, 0x314),  # combining marks
        (0x391, 0x3A1),  # Greek
        (0x410, 0x44F),  # Cyrillic
        (0x5D0, 0x5EA),  # Hebrew
        (0x627, 0x63A),  # Arabic
        (0x905, 0x914),  # Devanagari
        (0x200E, 0x200F),  # marks of direction
        (0x3042, 0x3060),  # Hiragana
        (0x4E00, 0x4E20),  # CJK
        (0xAC00, 0xAC20),  # Hangul
        (0x1F600, 0x1F610),  # beyond the Basic Multilingual Plane
    )
    for point in range(first, last + 1)
)
"""Characters of drawn strings. Written out, since Unicode's categories differ between versions of Python."""

NO_PLACEHOLDER: Final = ALPHABET.replace("{", "")
"""Characters of which no text can be taken for the place of a configured value. A filter would cost as much again as
the draw; the edges have a brace."""

LONGEST_DRAWN: Final = 48
"""Characters in a drawn string at most: long values are edges, drawn ones should be cheap."""
