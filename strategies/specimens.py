"""A valid sample of an element with the sites where it may vary; `strategies.building` makes it from a schema."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from contracts.judge.records import Change
from contracts.model import Leaf
from strategies.errors import UnsupportedError
from strategies.grammar import Declaration, Type
from strategies.sites import (
    Element,
    Growth,
    Key,
    Path,
    Scope,
    Site,
)


class Guide:
    """What is known of a message beyond its schema. This one knows nothing; operations have their rulings."""

    def leaf(self, path: str) -> Leaf | None:
        """The ruling on the leaf at a path."""
        return None

    def text(self, leaf: Leaf) -> str:
        """What the sample holds where a ruling says something of the value."""
        return leaf.value or ""

    def doubt(self, type_names: Sequence[str], leaf: Leaf | None) -> Callable[[str], str] | None:
        """A function that says why a valid value may be refused or altered; None where nothing is known of the type."""
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """One element of the sample or of an alternative, and the components that it stands for."""

    at: Path
    where: str
    path: str
    scope: Scope
    declaration: Declaration
    type: Type


@dataclass(frozen=True, repr=False)
class Specimen:
    """A valid sample, never to be changed, its sites and its elements, each in document order.

    `left_out` names what is optional and can be in no message that is built here, with the reason. `keepers` are the
    declarations of elements that keep keys; `anchor` is the id that every reference names: the name of its element,
    that of the attribute if it is one, and its text.
    """

    root: Element
    sites: tuple[Site, ...]
    places: tuple[Place, ...]
    left_out: tuple[UnsupportedError, ...] = ()
    keepers: tuple[Declaration, ...] = ()
    anchor: tuple[str, str | None, str] | None = None

    def __repr__(self) -> str:
        return f"Specimen({self.root.tag!r}, {len(self.sites)} sites)"

    def vary(self, changes: Iterable[Change]) -> Element:
        """The sample with changes applied. KeyError for a change to a site that the specimen does not have."""
        return self.grown(changes)[0]

    def grown(self, changes: Iterable[Change]) -> tuple[Element, Growth]:
        """As `vary`, with what it was grown from."""
        growth = Growth([(self.by_key[change.kind, change.where], change.after or "") for change in changes])
        (root,) = growth.grow([self.root])
        return root, growth

    @property
    def is_delicate(self) -> bool:
        """Whether it has values that must differ or agree."""
        return self.anchor is not None or bool(self.keepers)

    def has_anchor(self, root: Element) -> bool:
        """Whether the id that references name stands in a variation of the sample; so it does if there are none."""
        return self.anchor is None or next(self.anchors(root), None) is not None

    def anchors(self, root: Element) -> Iterator[Element]:
        """The elements of a variation that have the id that references name."""
        if self.anchor is None:
            return
        tag, attribute, text = self.anchor
        for element in root.iter(tag):
            if (element.text if attribute is None else element.get(attribute)) == text:
                yield element

    @cached_property
    def by_key(self) -> Mapping[Key, Site]:
        """The sites by kind and place."""
        return {site.key: site for site in self.sites}

    @property
    def leaves(self) -> tuple[Site, ...]:
        """The sites that are values, constant ones among them."""
        return tuple(site for site in self.sites if site.kind == "value")
