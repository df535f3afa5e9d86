"""The deterministic phase: every edge of every site, round after round, several to a message."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final, TypeAlias

from contracts.judge.records import Change
from strategies.sites import Key, Option, Site

MOST_CHANGES: Final = 4
"""Sites that one message varies at most: few enough for a counterexample to be read."""

PASSED_OVER: Final = 100
"""Options that do not fit a message, after which no more are tried for it: a large schema has thousands."""

Edge: TypeAlias = tuple[Site, Option]


def edges(sites: Iterable[Site]) -> Iterator[list[Edge]]:
    """All options of all sites, grouped as messages: those that a stack refuses or alters alone."""
    for round_ in _rounds(sites):
        yield from _packed([(site, option) for site, option in round_ if not option.because])
        for site, option in round_:
            if option.because:
                yield [(site, option)]


def with_needs(drawn: Iterable[tuple[Site, Change]]) -> tuple[Change, ...]:
    """Changes of sites, each after those that put the alternatives in place that its site stands in."""
    found: dict[Key, Change] = {}
    for site, change in drawn:
        for each in (*site.needs, change):
            found.setdefault((each.kind, each.where), each)
    return tuple(found.values())


def _rounds(sites: Iterable[Site]) -> Iterator[list[Edge]]:
    """The sites' options, the first of each site in the first round. Where items of a list repeat a site, each round
    takes another item."""
    repeated: dict[tuple[object, ...], list[Site]] = {}
    for site in sites:
        repeated.setdefault(site.likeness, []).append(site)
    groups = list(repeated.values())
    columns = [[(group[turn % len(group)], option) for turn, option in enumerate(group[0].options)] for group in groups]
    for row in zip_longest(*columns):
        yield [each for each in row if each is not None]


def _packed(round_: list[Edge]) -> Iterator[list[Edge]]:
    """Options in groups of as many as fit a message: a guarded site goes alone, sites that meet go apart."""
    waiting = round_
    while waiting:
        group: list[Edge] = []
        left: list[Edge] = []
        for index, (site, option) in enumerate(waiting):
            if len(group) == MOST_CHANGES or len(left) == PASSED_OVER:
                left += waiting[index:]
                break
            fits = not any(_apart(site, other) for other, _ in group)
            (group if fits else left).append((site, option))
        yield group
        waiting = left


def _apart(site: Site, other: Site) -> bool:
    return site.guarded or other.guarded or site.meets(other)
