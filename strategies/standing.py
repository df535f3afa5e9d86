"""Where the builder of a sample stands: in which element and scope, and what it passed on the way there."""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from xmlschema.validators import XsdGroup

from strategies.grammar import Particle, Type
from strategies.sites import Element, Path, Scope

FULL: Final = 1_000
"""Elements and attributes of a sample after which optional parts are left to alternatives: a larger one is slow to
read."""


@dataclass(frozen=True, slots=True)
class At:
    """Where the builder stands: an element in a scope, and what it stands in.

    `types` and `trail` are the types and particles passed on the way, `marks` the particles passed before each type;
    `namespace` is the parent's, `outer` those around it. Where it is `lean`, only what has to be there is built.
    `forced` is the particle that an alternative is there to show, `spine` those that recur `descend` more times,
    `limit` the number of elements and attributes after which optional parts are left to alternatives; `tally` counts
    the children.
    """

    at: Path = ()
    where: str = ""
    path: str = ""
    scope: Scope = ()
    types: tuple[Type, ...] = ()
    marks: tuple[int, ...] = ()
    trail: tuple[Particle, ...] = ()
    lean: bool = False
    lists: int = 0
    namespace: str = ""
    outer: frozenset[str] = frozenset()
    forced: Particle | None = None
    spine: frozenset[int] = frozenset()
    descend: int = 0
    limit: int = FULL
    tally: dict[str, int] = field(default_factory=dict)


Siblings: TypeAlias = Element | list[Element]
"""Where elements are added: a parent, or the top of a scope."""


def in_repeated_group(at: At, *inner: Particle) -> bool:
    """Whether a place is in a group of its content model that may occur more than once, or a particle there is one.

    Not where there is nothing to count: any number of occurrences, of members that are there once.
    """
    passed = (*at.trail[at.marks[-1] if at.marks else 0 :], *inner)
    repeating = (each for each in passed if isinstance(each, XsdGroup) and each.max_occurs != 1)
    return any(each.min_occurs > 1 or each.max_occurs is not None or not _are_single(each) for each in repeating)


def _are_single(group: XsdGroup) -> bool:
    """Whether all that a group holds is there once in each occurrence of what it stands in."""
    return all(
        (each.min_occurs, each.max_occurs) == (1, 1) and (not isinstance(each, XsdGroup) or _are_single(each))
        for each in group
    )


def joined(outer: str, inner: str) -> str:
    """A path below another; either may be empty."""
    return f"{outer}/{inner}" if outer and inner else outer or inner


def is_flat(xsd_type: Type) -> bool:
    """Whether a type allows no child elements."""
    return bool(xsd_type.is_simple() or xsd_type.has_simple_content())
