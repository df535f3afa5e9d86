"""A valid sample of an element with the sites where it may vary; `strategies.building` makes it from a schema."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contracts.judge.records import Change
from contracts.model import Leaf
from strategies.errors import UnsupportedError
from strategies.grammar import Declaration, Type
from strategies.identities import Spot
from strategies.settling import Settler
from strategies.sites import Element, Growth, Key, Path, Pick, Scope, Site


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
    declarations of elements that keep keys. Where values have to differ or agree, a `settler` sees to it, and
    `complaint` is what it has against the sample.
    """

    root: Element
    sites: tuple[Site, ...]
    places: tuple[Place, ...]
    left_out: tuple[UnsupportedError, ...] = ()
    keepers: tuple[Declaration, ...] = ()
    settler: Settler | None = None
    complaint: str | None = None

    def __repr__(self) -> str:
        return f"Specimen({self.root.tag!r}, {len(self.sites)} sites)"

    def vary(self, changes: Iterable[Change]) -> Element:
        """The sample with changes applied. KeyError for a change to a site that the specimen does not have."""
        return self.grown(changes)[0]

    def grown(self, changes: Iterable[Change]) -> tuple[Element, Growth]:
        """As `vary`, with what it was grown from."""
        root, growth, _ = self.settled(self.picks(changes))
        return root, growth

    def picks(self, changes: Iterable[Change]) -> list[Pick]:
        """The sites of changes, and what each is varied to. KeyError as for `vary`."""
        return [(self.by_key[change.kind, change.where], change.after or "") for change in changes]

    def settled(self, picks: Iterable[Pick]) -> tuple[Element, Growth, str | None]:
        """The sample with picks applied and its values settled, what it was grown from, and what is wrong with it.

        The validators have not seen it: what is wrong is that values cannot differ or agree as they have to, or that
        one did not stay as picked.
        """
        growth = Growth(picks)
        (root,) = growth.grow([self.root])
        complaint = None if self.settler is None else self.settler.settle(root, growth.touched)
        return root, growth, complaint

    @property
    def is_delicate(self) -> bool:
        """Whether it has values that must differ or agree."""
        return self.settler is not None

    @cached_property
    def counted(self) -> Mapping[Key, object]:
        """The sites of what stands in contents in which a group repeats, each with that content."""
        repeating = {site.content for site in self.sites if site.in_repeated_group}
        varying = (site for site in self.sites if site.span is not None and repeating)
        return {site.key: content for site in varying if (content := site.content) in repeating}

    def count_together(self, picks: Iterable[Pick]) -> bool:
        """Whether picks vary a content in which a group repeats otherwise than the validators have seen it: in several
        places, or to a number that is none of its site's options."""
        met: set[object] = set()
        for site, after in picks:
            content = self.counted.get(site.key)
            if content is None:
                continue
            if content in met or all(option.after != after for option in site.options):
                return True
            met.add(content)
        return False

    @property
    def may_clash(self) -> bool:
        """Whether changes that are valid each for itself may not go together."""
        return self.is_delicate or bool(self.counted)

    def types(self, root: Element) -> Mapping[Spot, Any]:
        """The simple types of what constraints look at in a variation of the sample."""
        return {} if self.settler is None else self.settler.types(root)

    def identified(self, root: Element) -> tuple[Sequence[Element], Sequence[Spot]]:
        """The elements of a variation of the sample that hold ids which references name, and the places of ids that
        may have any name."""
        return ((), ()) if self.settler is None else self.settler.identified(root)

    @cached_property
    def by_key(self) -> Mapping[Key, Site]:
        """The sites by kind and place."""
        return {site.key: site for site in self.sites}

    @property
    def leaves(self) -> tuple[Site, ...]:
        """The sites that are values, constant ones among them."""
        return tuple(site for site in self.sites if site.kind == "value")
