"""Where a valid sample may vary, and how variations are applied to it.

A sample is a tree, and so is each of the alternatives that may take the place of a part of it (another branch of a
choice, a member of a substitution group, a derived type, what an optional particle admits). A site belongs to the
sample or to one alternative, its scope; a message takes the alternatives that its sites stand in.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree

from contracts.judge.records import Change
from contracts.model import Leaf
from contracts.names import XSI_NIL
from strategies.values import ValueSpace

Element: TypeAlias = etree._Element

SiteKind: TypeAlias = Literal[
    "order", "choice", "substitution", "type", "wildcard", "present", "count", "absent",
    "empty", "nil", "value", "text", "attribute",
]  # fmt: skip
"""What varies: the order of members, a part of the tree (choice to wildcard: other elements in its place; present: an
optional part that the sample lacks), the number of occurrences, absence, all content, or text.
"""

Path: TypeAlias = tuple[int, ...]
"""Indexes of children, from a scope's top elements down."""

Span: TypeAlias = tuple[int, int]
"""Children of one parent, from an index up to another."""

Key: TypeAlias = tuple[str, str]
"""Kind and place, which name a site."""

Track: TypeAlias = tuple[tuple[Key, str], ...]
"""The alternatives that a place stands in, as keys of sites and options."""


@dataclass(frozen=True, slots=True)
class Option:
    """One deterministic way to vary a site. `because` names the stack that refuses or alters it; empty if none does."""

    name: str
    after: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative of a site, which others stand in."""

    site: "Site"
    option: str


Scope: TypeAlias = tuple[Branch, ...]
"""The alternatives that a place stands in, outermost first; empty for the sample itself."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Site:
    """One place where the sample may vary.

    `where` is the path that changes carry, `path` the same without positions. `at` leads to the element that varies,
    or to the parent of the `span` of children that do (whose occurrences or members `items` tells apart, and `labels`
    names, within `bounds`). Sites of one scope take `turn`s in document order.
    `attribute` names the attribute that is meant instead. `texts` draws what `Change.after` may be,
    but for what it `refuses`.
    A `guarded` site may only vary while made-up credentials are sent, a `constant` one has nothing else to be; of
    those that are `unique`, one varies at a time. Of members of a group `in_repeated_group`, validators count the
    occurrences differently where some may be empty.
    """

    kind: SiteKind
    where: str
    path: str
    rule: str
    before: str
    options: tuple[Option, ...]
    texts: SearchStrategy[str]
    at: Path = ()
    span: Span | None = None
    items: tuple[Span, ...] = ()
    labels: tuple[str, ...] = ()
    bounds: tuple[int, int | None] = (0, None)
    refuses: Callable[[str], object] | None = None
    turn: int = 0
    attribute: str | None = None
    scope: Scope = ()
    in_header: bool = False
    type_names: tuple[str, ...] = ()
    space: ValueSpace | None = None
    simple_type: Any = None
    nillable: bool = False
    leaf: Leaf | None = None
    guarded: bool = False
    constant: bool = False
    unique: bool = False
    in_repeated_group: bool = False
    alternatives: Mapping[str, tuple[Element, ...]] = field(default_factory=dict)
    added: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Site({self.kind!r}, {self.where!r})"

    @property
    def key(self) -> Key:
        """Kind and place."""
        return self.kind, self.where

    @property
    def likeness(self) -> tuple[object, ...]:
        """What sites share that only repeat each other in several items of a list."""
        tracks = tuple(branch.option for branch in self.scope)
        return self.kind, self.path, self.rule, tracks, tuple(option.after for option in self.options)

    @property
    def content(self) -> tuple[Track, Path]:
        """The element, by scope and path, whose children a site with a span varies."""
        return self.scope[-1].site.content if self.scope and not self.at else (tracked(self.scope), self.at)

    @property
    def is_credential(self) -> bool:
        """Whether the site is a leaf that only the target's owner can fill."""
        return self.leaf is not None and self.leaf.credential

    @property
    def is_configured(self) -> bool:
        """Whether the target's configuration fills the leaf, be it a credential or not."""
        return self.leaf is not None and (self.leaf.credential or self.leaf.configured)

    def change(self, option: Option) -> Change:
        """The record of varying the site in one of its ways."""
        return Change(self.kind, self.where, f"{self.rule}: {option.name}", self.before, option.after)

    def drawn(self, after: str) -> Change:
        """The record of varying the site as drawn; of its plainest variation, where that is no other or is refused."""
        if after == self.before or (self.refuses is not None and self.refuses(after)):
            after = next((option.after for option in self.options if not option.because), self.before)
        return Change(self.kind, self.where, self.rule, self.before, after)

    @property
    def needs(self) -> tuple[Change, ...]:
        """The changes that put the site's scope in place, outermost first."""
        return changes_for(self.scope)

    def meets(self, other: "Site") -> bool:
        """Whether two sites cannot vary in one message: one is the other, holds it, or replaces what it stands in."""
        if self.in_header != other.in_header:
            return False
        if self.unique and other.unique:
            return True
        depth = 0
        for mine, its in zip(self.scope, other.scope, strict=False):
            if mine.site.key != its.site.key:
                return _meet(mine.site, its.site)
            if mine.option != its.option:
                return True
            depth += 1
        here = self.scope[depth].site if len(self.scope) > depth else self
        there = other.scope[depth].site if len(other.scope) > depth else other
        return here.key == there.key or _meet(here, there)

    def touches(self, other: "Site") -> bool:
        """Whether varying the site changes another, or does away with it."""
        if tracked(other.scope[: len(self.scope)]) != tracked(self.scope):
            return False
        there = other.scope[len(self.scope)].site if len(other.scope) > len(self.scope) else other
        return there.key == self.key or _meet(self, there)


def changes_for(scope: Scope) -> tuple[Change, ...]:
    """The changes that put the alternatives of a scope in place, outermost first."""
    return tuple(
        Change(each.site.kind, each.site.where, f"{each.site.rule}: {each.option}", each.site.before, each.option)
        for each in scope
    )


def _meet(one: Site, other: Site) -> bool:
    """The same for two sites of one scope, neither of which is the other."""
    if one.at == other.at:
        return _meet_at_one_element(one, other)
    return _replaces(one, other.at) or _replaces(other, one.at)


def _meet_at_one_element(one: Site, other: Site) -> bool:
    if one.span is not None and other.span is not None:
        return _overlap(one.span, other.span)
    if one.attribute is not None or other.attribute is not None:
        return one.attribute == other.attribute
    if one.span is not None or other.span is not None:
        return "text" not in (one.kind, other.kind)
    return True


def _overlap(one: Span, other: Span) -> bool:
    """Whether two spans share a child. An insertion at the border of another span may belong to it: they meet."""
    if one[0] == one[1] or other[0] == other[1]:
        return max(one[0], other[0]) <= min(one[1], other[1])
    return max(one[0], other[0]) < min(one[1], other[1])


def _replaces(site: Site, at: Path) -> bool:
    """Whether varying a site does away with the element at a path."""
    depth = len(site.at)
    if site.kind == "order" or len(at) <= depth or at[:depth] != site.at or site.attribute is not None:
        return False
    if site.span is not None:
        return site.span[0] <= at[depth] < site.span[1]
    return site.kind in ("nil", "empty")


def first_of_each(sites: Iterable[Site]) -> list[Site]:
    """The sites without those that only repeat an earlier one in another item of a list."""
    return list({site.likeness: site for site in reversed(list(sites))}.values())[::-1]


SHORT: Final = 8
"""Items of a list as it is drawn, at most."""


def numbers(low: int, most: int) -> SearchStrategy[str]:
    """Numbers of occurrences, small ones: the edges have long lists."""
    return st.integers(low, max(low, min(most, SHORT))).map(str)


# --- applying changes -------------------------------------------------------------------------------------------------

Pick: TypeAlias = tuple[Site, str]
"""A site and what it is varied to."""


class Growth:
    """Makes one tree from a sample and picks of sites that do not meet. The sample is left as it is.

    `touched` are the places of values that were varied, with their texts before.
    """

    def __init__(self, picks: Iterable[Pick]) -> None:
        self._picks: dict[Track, list[Pick]] = {}
        self.roots: dict[Track, list[Element]] = {}
        self.touched: dict[tuple[Element, str | None], str] = {}
        for site, after in picks:
            self._picks.setdefault(tracked(site.scope), []).append((site, after))

    def grow(self, elements: Sequence[Element], scope: Track = ()) -> list[Element]:
        """The elements of a scope, varied; `roots` keeps them by scope."""
        roots = [deepcopy(each) for each in elements]
        self.roots[scope] = list(roots)
        edits = []
        for site, after in self._picks.get(scope, ()):
            if site.span is None:
                element = find_in(roots, site.at)
                self.touched[element, site.attribute] = text_of(element, site.attribute)
                _IN_PLACE[site.kind](element, site, after)
            else:
                edits.append((site, after, find_in(roots, site.at) if site.at else None))
        for site, after, parent in sorted(edits, key=_last_first):
            siblings = roots if parent is None else parent
            assert site.span is not None
            first, last = site.span
            siblings[first:last] = self._instead(site, after, list(siblings))
        return roots

    def _instead(self, site: Site, after: str, siblings: list[Element]) -> list[Element]:
        if site.alternatives:
            return self.grow(site.alternatives[after], (*tracked(site.scope), (site.key, after)))
        return _REARRANGED[site.kind](site, after, siblings)


def tracked(scope: Scope) -> Track:
    """A scope in a form that can be compared and looked up."""
    return tuple((branch.site.key, branch.option) for branch in scope)


def find_in(roots: Sequence[Element], at: Path) -> Element:
    """The element at a path below a scope's top elements."""
    element = roots[at[0]]
    for index in at[1:]:
        element = element[index]
    return element


def put(element: Element, site: Site, text: str) -> None:
    """Gives a leaf another text, valid or not: an element's own, or that of one of its attributes."""
    set_text(element, site.attribute, text)


def set_text(element: Element, attribute: str | None, text: str) -> None:
    """Gives an element another text, or one of its attributes."""
    if attribute is not None:
        element.set(attribute, text)
    else:
        element.text = text


def text_of(element: Element, attribute: str | None) -> str:
    """The text of an element, or of one of its attributes; empty where there is none."""
    return (element.text if attribute is None else element.get(attribute)) or ""


def _last_first(edit: tuple[Site, str, Element | None]) -> tuple[Path, int, int]:
    """Later children first, so that the spans before them stay where they are."""
    assert edit[0].span is not None
    return edit[0].at, -edit[0].span[0], -edit[0].turn


def _make_nil(element: Element, _: Site, __: str) -> None:
    _make_empty(element, _, __)
    element.set(XSI_NIL, "true")


def _make_empty(element: Element, _: Site, __: str) -> None:
    element[:] = []
    element.text = None


def _add(element: Element, site: Site, after: str) -> None:
    element.set(*site.added[after])


def _remove_attribute(element: Element, site: Site, _: str) -> None:
    assert site.attribute is not None
    del element.attrib[site.attribute]


_IN_PLACE: Final[Mapping[str, Callable[[Element, Site, str], None]]] = {
    "value": put,
    "text": put,
    "nil": _make_nil,
    "empty": _make_empty,
    "attribute": _add,
    "absent": _remove_attribute,
}


def _reordered(site: Site, after: str, siblings: list[Element]) -> list[Element]:
    """The members in the order that their labels are given in."""
    members = {label: siblings[first:last] for label, (first, last) in zip(site.labels, site.items, strict=True)}
    return [element for label in after.split() for element in members[label]]


def _recounted(site: Site, after: str, siblings: list[Element]) -> list[Element]:
    """As many of the occurrences as wanted; more are copies of the last."""
    items = [siblings[first:last] for first, last in site.items]
    wanted = int(after)
    copies = [[deepcopy(each) for each in items[-1]] for _ in range(wanted - len(items))]
    return [element for item in (*items[:wanted], *copies) for element in item]


def _removed(_: Site, __: str, ___: list[Element]) -> list[Element]:
    return []


_REARRANGED: Final[Mapping[str, Callable[[Site, str, list[Element]], list[Element]]]] = {
    "order": _reordered,
    "count": _recounted,
    "absent": _removed,
}
