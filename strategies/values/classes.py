"""Sets of characters: what classes, escapes and the dot of XSD's regular expressions stand for.

What characters an escape or a block holds is elementpath's knowledge, not ours (XML Schema part 2, appendix F.1).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from elementpath.regex import CharacterClass

from strategies.values.model import ALPHABET

Intervals: TypeAlias = tuple[tuple[int, int], ...]
"""Code points, from first to last inclusive, in order and apart."""

XML_CHARACTERS: Final[Intervals] = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
"""XML 1.0 section 2.2."""


def holds(intervals: Intervals, point: int) -> bool:
    """Whether a code point is one of them."""
    return any(first <= point <= last for first, last in intervals)


def complement(intervals: Intervals) -> Intervals:
    """The characters of XML that are not in the intervals."""
    return without(XML_CHARACTERS, intervals)


def without(intervals: Intervals, others: Intervals) -> Intervals:
    """The code points of the first that are not in the second."""
    return _parts([intervals, others], lambda inside: inside == frozenset({0}))


@lru_cache(maxsize=10_000)
def in_both(one: Intervals, other: Intervals) -> Intervals:
    """The code points that lie in both."""
    return one if one == other else _parts([one, other], lambda inside: len(inside) == 2)


@lru_cache(maxsize=10_000)
def united(groups: tuple[Intervals, ...]) -> Intervals:
    """The code points that lie in any."""
    return groups[0] if len(groups) == 1 else _parts(groups, bool)


def _parts(sets: Sequence[Intervals], wanted: Callable[[frozenset[int]], bool]) -> Intervals:
    """The code points that lie in a wanted combination of the sets."""
    found = [(first, last) for inside, first, last in _segments(sets) if wanted(inside)]
    joined: list[tuple[int, int]] = []
    for first, last in found:
        if joined and joined[-1][1] == first - 1:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return tuple(joined)


def _segments(sets: Sequence[Intervals]) -> Iterator[tuple[frozenset[int], int, int]]:
    """Runs of code points, each with the indexes of the sets that hold it; those that none holds are left out."""
    starts: dict[int, list[tuple[int, bool]]] = {}
    for index, intervals in enumerate(sets):
        for first, last in intervals:
            starts.setdefault(first, []).append((index, True))
            starts.setdefault(last + 1, []).append((index, False))
    inside: set[int] = set()
    for here, following in pairwise(sorted(starts)):
        for index, enters in starts[here]:
            (inside.add if enters else inside.discard)(index)
        if inside:
            yield frozenset(inside), here, following - 1


@cache
def drawn_from(intervals: Intervals) -> tuple[Intervals, int]:
    """The characters of a class that are drawn, and their number: those of our alphabet, where it has any of them."""
    chosen = in_both(intervals, _ALPHABET) or in_both(intervals, XML_CHARACTERS)
    return chosen, sum(last - first + 1 for first, last in chosen)


def nth(intervals: Intervals, index: int) -> str:
    """The character at an index."""
    for first, last in intervals:
        if index <= last - first:
            return chr(first + index)
        index -= last - first + 1
    raise IndexError(index)


def _runs(points: Iterable[int]) -> Intervals:
    runs: list[tuple[int, int]] = []
    for point in sorted(set(points)):
        if runs and runs[-1][1] == point - 1:
            runs[-1] = (runs[-1][0], point)
        else:
            runs.append((point, point))
    return tuple(runs)


_ALPHABET: Final = _runs(map(ord, ALPHABET))

DOT: Final = without(XML_CHARACTERS, ((0xA, 0xA), (0xD, 0xD)))

_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED_BY_NEED: Final = "nrt|.?*+(){}-[]^\\sSiIcCdDwWpP"


def _plain_escape(found: re.Match[str]) -> str:
    r"""An escape that needs none, as in `\$`: no grammar allows it, but schemas have it and validators read it."""
    character = found.group(1)
    if character in _ESCAPED_BY_NEED:
        return found.group()
    if character.isalnum():
        raise ValueError(found.group())
    return character


@cache
def characters(charset: str) -> Intervals:
    """The characters of XML that a list of characters, ranges and escapes stands for.

    Raises ValueError, KeyError or elementpath's RegexError for what is no such list.
    """
    if not charset:
        raise ValueError("a class of no characters")
    found = CharacterClass(_ESCAPE.sub(_plain_escape, charset))
    listed, excluded = _points(found.positive.codepoints), _points(found.negative.codepoints)
    if excluded:
        listed = united((listed, complement(excluded)))
    return in_both(listed, XML_CHARACTERS)


def _points(codepoints: Iterable[int | tuple[int, int]]) -> Intervals:
    """elementpath's code points, whose ranges end before their second number."""
    return tuple((each, each) if isinstance(each, int) else (each[0], each[1] - 1) for each in codepoints)
