"""Sites finished once a sample stands: what references may name, and how long lists of keys may be.

Source: XML Schema part 1, section 3.11 (identity constraints); part 2, sections 3.3.8 to 3.3.10 (ID, IDREF, IDREFS).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from strategies.cells import Cell, Reading
from strategies.draws import draw
from strategies.identities import Spot, active_type, is_idref, is_valid, item_type, may_identify, names_ids
from strategies.settling import Settler
from strategies.sites import Element, Growth, Option, Pick, Scope, Site, Track, find_in, numbers, text_of, tracked
from strategies.values import ValueSpace
from strategies.values.definitions import define, is_built_in

MOST_NAMED: Final = 6
"""Items more than have to be of a list of references, as it is drawn."""

_WORDS: Final = re.compile(r"(\S+)")

MOST_SHOWN: Final = 1_000
"""Items of the longest list of references that is tried."""

MOST_DRAWN: Final = 20
"""Lists of ids that are drawn of a type that says something of whole lists."""

MOST_IDS: Final = 60
"""Items of the longest list of ids: more than a long list has."""


def finished(sites: Sequence[Site], root: Element, settler: Settler) -> tuple[tuple[Site, ...], str | None]:
    """The sites with what their values may be beside each other, and what is wrong with the sample, if anything is.

    The sample and its alternatives are settled in place.
    """
    complaint = settler.settle(root, afresh=True)
    by_scope: dict[Track, tuple[Scope, list[int]]] = {}
    for index, site in enumerate(sites):
        by_scope.setdefault(tracked(site.scope), (site.scope, []))[1].append(index)
    done = list(sites)
    for scope, indexes in sorted(by_scope.values(), key=lambda each: len(each[0])):
        ground = _Ground(root, scope, settler)
        for index in indexes:
            done[index] = ground.finished(sites[index])
    return tuple(done), complaint


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one place that a constraint looks at: what a reference there may name (`in_list`, each item of
    it), and the types of what refers to a key there and can refer to nothing else."""

    names: tuple[str, ...] | None
    types: tuple[Any, ...]
    in_list: bool


class _Ground:
    """The sample with one alternative, and those that it stands in, in place."""

    def __init__(self, root: Element, scope: Scope, settler: Settler) -> None:
        self._root, self._settler = root, settler
        self._picks: list[Pick] = [(branch.site, branch.option) for branch in scope]
        growth = Growth(self._picks)
        (grown,) = growth.grow([root])
        self._roots = growth.roots[tracked(scope)]
        self._complaint = settler.settle(grown)
        if scope:
            _copy(self._roots, scope[-1].site.alternatives[scope[-1].option])
        self._kept = grown  # which keeps its elements the same objects
        reading = settler.read(grown)
        self._ids = _ids_of(reading)
        self._known = _known(reading)
        self._keyed = {element for (element, _), known in self._known.items() if known.names is None}
        self._keyed &= _may_run_out(reading)

    def finished(self, site: Site) -> Site:
        """The site as it may vary here."""
        if site.kind == "value":
            return self._value(site)
        if site.kind == "count" and site.options and self._holds_keys(site):
            return self._bounded(site)
        return site

    # --- values -------------------------------------------------------------------------------------------------------

    def _value(self, site: Site) -> Site:
        element = find_in(self._roots, site.at)
        text = text_of(element, site.attribute)
        known = self._known.get((element, site.attribute))
        options = tuple(option for option in _options(site) if option.after != text)
        site = replace(site, before=text, options=options, unique=known is not None)
        if known is not None and known.names is not None:
            site = (_naming_many if known.in_list else _naming)(site, known.names)
        elif known is not None and known.in_list:
            item = item_type(active_type(site.simple_type, text))
            site = _naming_many(site, tuple(islice(self._settler.others(item), MOST_IDS)), apart=True)
        elif known is not None and known.types:
            site = _fitting(site, lambda after: not all(is_valid(each, after) for each in known.types))
        if known is None and site.simple_type is not None and _may_refer(site.simple_type):
            site = self._in_union(site)
        return site

    def _in_union(self, site: Site) -> Site:
        """The site of a union that has references among its members: those that are name ids."""

        def names_nothing(after: str) -> bool:
            return names_ids(site.simple_type, after) and not set(after.split()) <= set(self._ids)

        named = [text for text in self._ids if text != site.before and is_valid(site.simple_type, text)]
        options = [Option(f"id-{number}", text) for number, text in enumerate(named[:2], 1)]
        site = _fitting(site, names_nothing)
        options = [*site.options, *options]
        return replace(site, options=tuple(options), unique=True, constant=site.constant and not options)

    # --- lists --------------------------------------------------------------------------------------------------------

    def _holds_keys(self, site: Site) -> bool:
        parent = find_in(self._roots, site.at) if site.at else None
        siblings = self._roots if parent is None else parent
        first, last = site.items[-1]
        return any(each in self._keyed for child in siblings[first:last] for each in child.iter())

    def _bounded(self, site: Site) -> Site:
        """The site of a list no longer than there are values that differ for its items."""
        if self._complaint is not None:
            return site
        longest = max(int(option.after) for option in site.options)
        shown = len(site.items)
        most = self._most(site, shown, longest) if longest > shown else longest
        if most >= longest:
            return site
        options = [option for option in site.options if int(option.after) <= most]
        if str(most) not in (site.before, *(option.after for option in options)):
            options.append(Option("many", str(most)))
        return replace(
            site,
            options=tuple(options),
            texts=numbers(site.bounds[0], most),
            constant=site.constant or not options,
        )

    def _most(self, site: Site, fits: int, longest: int) -> int:
        """The greatest number of items, up to the longest, that can be told apart; so many as `fits` can."""
        if self._can_be(site, longest):
            return longest
        fails = longest
        while fails - fits > 1:
            middle = (fits + fails) // 2
            fits, fails = (middle, fails) if self._can_be(site, middle) else (fits, middle)
        return fits

    def _can_be(self, site: Site, number: int) -> bool:
        growth = Growth([*self._picks, (site, str(number))])
        (grown,) = growth.grow([self._root])
        return self._settler.settle(grown, growth.touched) is None


def _options(site: Site) -> Sequence[Option]:
    """The options of a value with that which it had when it was built, should it be an edge of its type."""
    edges = site.space.edges if site.space is not None else ()
    edge = next((each for each in edges if each.text == site.before), None)
    if edge is None or any(option.after == edge.text for option in site.options):
        return site.options
    doubt = site.refuses(edge.text) if site.refuses is not None else ""
    return (*site.options, Option(edge.name, edge.text, str(doubt or "")))


def _may_refer(simple_type: Any) -> bool:
    """Whether some values of a type are references, and others are not."""
    return simple_type.variety != "atomic" and may_identify(simple_type) and not is_idref(simple_type)


def _naming(site: Site, names: Sequence[str]) -> Site:
    """A reference's site: it may name anything that is there."""
    others = [name for name in names if name != site.before]
    found = {name: f"key-{names.index(name) + 1}" for name in (*others[:1], *others[-1:])}
    return replace(
        site,
        options=tuple(Option(label, name) for name, label in found.items()),
        texts=st.sampled_from(others) if others else st.just(site.before),
        refuses=None,
        constant=not others,
    )


def _naming_many(site: Site, names: Sequence[str], *, apart: bool = False) -> Site:
    """The site of a list of references: as many and written as other lists of its type, of names that are there.

    With items `apart`, no name stands twice.
    """
    simple_type = site.simple_type
    shapes = [(edge.name, edge.text) for edge in site.space.edges] if site.space is not None else []
    most = len(names) if apart else MOST_SHOWN
    shapes = [(name, text) for name, text in shapes if not name.startswith("item-") and len(text.split()) <= most]
    definition = define(simple_type)
    is_closed = bool(definition.enumeration or definition.patterns)
    if is_closed and apart and site.space is not None:
        named = _apart([*shapes, *_drawn(site.space)])
    else:
        named = [(name, _renamed(text, names)) for name, text in shapes]
    options = [Option(name, text) for name, text in named if text != site.before and is_valid(simple_type, text)]
    texts: SearchStrategy[str]
    if is_closed:
        texts = st.sampled_from([option.after for option in options]) if options else st.just(site.before)
    else:
        low = definition.min_length or 0
        high = low + MOST_NAMED if definition.max_length is None else min(definition.max_length, low + MOST_NAMED)
        texts = st.lists(st.sampled_from(list(names)), min_size=low, max_size=high, unique=apart).map(" ".join)
    return replace(site, options=tuple(options), texts=texts, refuses=None, constant=not options)


def _drawn(space: ValueSpace) -> Iterator[tuple[str, str]]:
    """Some lists as they are drawn, numbered."""
    return ((f"drawn-{number}", text) for number, text in enumerate(draw(space.texts, MOST_DRAWN, 0), 1))


def _apart(named: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The lists whose items all differ, each once."""
    found: dict[str, str] = {}
    for name, text in named:
        words = text.split()
        if len(set(words)) == len(words):
            found.setdefault(text, name)
    return [(name, text) for text, name in found.items()]


def _renamed(text: str, names: Sequence[str]) -> str:
    """A list with other items, in its white space."""
    turns = cycle(names)
    pieces = _WORDS.split(text)
    return "".join(next(turns) if index % 2 else piece for index, piece in enumerate(pieces))


def _fitting(site: Site, misfits: Callable[[str], bool]) -> Site:
    """A site without the values that do not fit."""
    refuses = site.refuses

    def refused(after: str) -> object:
        return misfits(after) or (refuses is not None and refuses(after))

    options = tuple(option for option in site.options if not misfits(option.after))
    return replace(site, options=options, refuses=refused, constant=site.constant or not options)


def _known(reading: Reading) -> dict[Spot, _Known]:
    names: dict[Spot, dict[str, None]] = {}
    types: dict[Spot, dict[int, Any]] = {}
    alone = {id(targets) for _, targets in reading.references if len(targets) == 1}
    for table in reading.tables:
        for cell in _cells(table.rows):
            types.setdefault(cell.spot, {})
    for row, targets in reading.references:
        for index, cell in enumerate(row):
            texts = dict.fromkeys(target[index].text for target in targets)
            before = names.setdefault(cell.spot, texts)
            names[cell.spot] = {text: None for text in before if text in texts}
            for target in targets:
                if target[index].type is not cell.type and id(targets) in alone:
                    types.setdefault(target[index].spot, {})[id(cell.type)] = cell.type
    for spot, cells in reading.lists.items():
        if any(is_idref(cell.type) for cell in cells):
            names.setdefault(spot, dict.fromkeys(_ids_of(reading)))
    spots = dict.fromkeys((*names, *types))
    return {
        spot: _Known(
            tuple(names[spot]) if spot in names else None, tuple(types.get(spot, {}).values()), spot in reading.lists
        )
        for spot in spots
    }


def _may_run_out(reading: Reading) -> set[Element]:
    """The elements with values of which there may be too few: all but those with ids of any name, and no other keys."""
    return {
        cell.spot[0]
        for table in reading.tables
        for cell in _cells(table.rows)
        if table.identity is not None or cell.constant or not is_built_in(cell.type)
    }


def _cells(rows: Iterable[Sequence[Cell]]) -> Iterator[Cell]:
    for row in rows:
        yield from row


def _ids_of(reading: Reading) -> tuple[str, ...]:
    return tuple(row[0].text for table in reading.tables if table.identity is None for row in table.rows)


def _copy(settled: Sequence[Element], alternative: Sequence[Element]) -> None:
    """Writes the values of settled elements to those that they were copied from."""
    for top, other in zip(settled, alternative, strict=True):
        for element, its in zip(top.iter(), other.iter(), strict=True):
            if element.text != its.text:
                its.text = element.text
            for name, value in element.attrib.items():
                its.set(name, value)
