"""XSD regular expressions that strings are made from: parsed, intersected with others and with lengths, and walked.

A pattern facet's alternatives are or-ed, those of the steps of a derivation and-ed (XML Schema part 2, section
4.3.4). Whether anything matches all of them, and how the rest of a half-written string has to go on, is decided on
Brzozowski's derivatives of the expressions, so that strings are made by construction and an empty value space is
known when the strategy is built. What characters a class holds is elementpath's knowledge, not ours.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Final, TypeAlias

from elementpath.regex import CharacterClass, RegexError

from strategies.errors import UnsatisfiableError, UnsupportedError
from strategies.values.model import ALPHABET, LONGEST_DRAWN, Choose

Intervals: TypeAlias = tuple[tuple[int, int], ...]
"""Code points, from first to last inclusive, in order and apart."""

XML_CHARACTERS: Final[Intervals] = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
"""XML 1.0 section 2.2."""

_MOST_STATES: Final = 20_000
"""Derivatives looked at to find a match: expressions of real schemas need some dozens, and some thousands at most."""


# --- expressions ------------------------------------------------------------------------------------------------------


class Expression:
    """A regular expression. Equal ones are one object, made by `_made`, so that states are told apart by identity."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Nothing(Expression):
    """Matches no string."""


@dataclass(frozen=True, slots=True, eq=False)
class _Empty(Expression):
    """Matches the empty string."""


@dataclass(frozen=True, slots=True, eq=False)
class _Class(Expression):
    intervals: Intervals


@dataclass(frozen=True, slots=True, eq=False)
class _Concatenation(Expression):
    first: Expression
    rest: Expression


@dataclass(frozen=True, slots=True, eq=False)
class _Either(Expression):
    branches: frozenset[Expression]


@dataclass(frozen=True, slots=True, eq=False)
class _Both(Expression):
    branches: frozenset[Expression]


@dataclass(frozen=True, slots=True, eq=False)
class _Repeated(Expression):
    inner: Expression
    low: int
    high: int | None


@dataclass(frozen=True, slots=True, eq=False)
class _Length(Expression):
    """Any characters, as many as that."""

    low: int
    high: int | None


@cache
def _made(kind: Callable[..., Expression], *parts: Any) -> Expression:
    """The one expression of that kind and those parts."""
    return kind(*parts)


NOTHING: Final = _Nothing()
EMPTY: Final = _Empty()


def either(branches: Iterable[Expression]) -> Expression:
    """What matches any of the branches."""
    flat: set[Expression] = set()
    for branch in branches:
        flat |= branch.branches if isinstance(branch, _Either) else {branch}
    flat.discard(NOTHING)
    if len(flat) < 2:
        return next(iter(flat), NOTHING)
    return _made(_Either, frozenset(flat))


def both(branches: Iterable[Expression]) -> Expression:
    """What matches all of the branches."""
    flat: set[Expression] = set()
    for branch in branches:
        flat |= branch.branches if isinstance(branch, _Both) else {branch}
    if NOTHING in flat:
        return NOTHING
    return next(iter(flat)) if len(flat) == 1 else _made(_Both, frozenset(flat))


def of_length(low: int, high: int | None) -> Expression:
    """Any string of so many characters; no upper limit for None."""
    return NOTHING if high is not None and high < low else _made(_Length, low, high)


def _in_turn(first: Expression, rest: Expression) -> Expression:
    if first is NOTHING or rest is NOTHING:
        return NOTHING
    if first is EMPTY:
        return rest
    return first if rest is EMPTY else _made(_Concatenation, first, rest)


def _repeated(inner: Expression, low: int, high: int | None) -> Expression:
    if high == 0 or inner is EMPTY:
        return EMPTY
    if inner is NOTHING:
        return EMPTY if low == 0 else NOTHING
    return inner if (low, high) == (1, 1) else _made(_Repeated, inner, low, high)


@lru_cache(maxsize=100_000)
def _is_nullable(expression: Expression) -> bool:
    """Whether the empty string matches."""
    match expression:
        case _Empty():
            return True
        case _Concatenation(first, rest):
            return _is_nullable(first) and _is_nullable(rest)
        case _Either(branches):
            return any(map(_is_nullable, branches))
        case _Both(branches):
            return all(map(_is_nullable, branches))
        case _Repeated(inner, low, _):
            return low == 0 or _is_nullable(inner)
        case _Length(low, _):
            return low == 0
    return False


@lru_cache(maxsize=100_000)
def _derivative(expression: Expression, point: int) -> Expression:
    """What the rest of a string has to match once its first character is that code point."""
    match expression:
        case _Class(intervals):
            return EMPTY if _holds(intervals, point) else NOTHING
        case _Concatenation(first, rest):
            with_first = _in_turn(_derivative(first, point), rest)
            return either((with_first, _derivative(rest, point))) if _is_nullable(first) else with_first
        case _Either(branches):
            return either(_derivative(branch, point) for branch in branches)
        case _Both(branches):
            return both(_derivative(branch, point) for branch in branches)
        case _Repeated(inner, low, high):
            left = _repeated(inner, max(low - 1, 0), None if high is None else high - 1)
            return _in_turn(_derivative(inner, point), left)
        case _Length(low, high):
            if high == 0:
                return NOTHING
            return _made(_Length, max(low - 1, 0), None if high is None else high - 1)
    return NOTHING


def _first_classes(expression: Expression) -> Iterator[Intervals]:
    """Every class that says something of the first character."""
    match expression:
        case _Class(intervals):
            yield intervals
        case _Concatenation(first, rest):
            yield from _first_classes(first)
            if _is_nullable(first):
                yield from _first_classes(rest)
        case _Either(branches) | _Both(branches):
            for branch in branches:
                yield from _first_classes(branch)
        case _Repeated(inner, _, _):
            yield from _first_classes(inner)
        case _Length():
            yield XML_CHARACTERS


# --- classes of characters --------------------------------------------------------------------------------------------


def _holds(intervals: Intervals, point: int) -> bool:
    return any(first <= point <= last for first, last in intervals)


def _complement(intervals: Intervals) -> Intervals:
    """The characters of XML that are not in the intervals."""
    return _parts([intervals, XML_CHARACTERS], lambda inside: inside == frozenset({1}))


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
def _alike(sets: tuple[Intervals, ...]) -> list[Intervals]:
    """The code points of the sets, grouped by the sets that they are in: a derivative is the same for a group."""
    groups: dict[frozenset[int], list[tuple[int, int]]] = {}
    for inside, first, last in _segments(sets):
        groups.setdefault(inside, []).append((first, last))
    return [tuple(group) for group in groups.values()]


@cache
def _united(groups: tuple[Intervals, ...]) -> Intervals:
    return _parts(groups, bool)


@cache
def _characters(intervals: Intervals) -> tuple[Intervals, int]:
    """The characters of a class that are drawn, and their number: those of our alphabet, where it has any of them."""
    usual = _parts([intervals, _ALPHABET], lambda inside: len(inside) == 2)
    chosen = usual or _parts([intervals, XML_CHARACTERS], lambda inside: len(inside) == 2)
    return chosen, sum(last - first + 1 for first, last in chosen)


def _runs(points: Iterable[int]) -> Intervals:
    runs: list[tuple[int, int]] = []
    for point in sorted(set(points)):
        if runs and runs[-1][1] == point - 1:
            runs[-1] = (runs[-1][0], point)
        else:
            runs.append((point, point))
    return tuple(runs)


_ALPHABET: Final = _runs(map(ord, ALPHABET))


# --- parsing ----------------------------------------------------------------------------------------------------------


@cache
def parsed(pattern: str) -> Expression:
    """The expression of a pattern facet's value (part 2, appendix F). Raises UnsupportedError for what is none."""
    try:
        parser = _Parser(pattern)
        expression = parser.branches()
        if parser.rest:
            raise IndexError
    except (IndexError, ValueError, KeyError, RegexError, RecursionError) as error:
        raise UnsupportedError(f"pattern {pattern[:80]!r}") from error
    return expression


class _Parser:
    """Reads a pattern from left to right; IndexError where it ends too early or goes on too long."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0

    @property
    def rest(self) -> str:
        return self._pattern[self._at :]

    def branches(self) -> Expression:
        found = [self._branch()]
        while self._take("|"):
            found.append(self._branch())
        return either(found)

    def _branch(self) -> Expression:
        pieces = []
        while self.rest and self.rest[0] not in "|)":
            pieces.append(self._piece())
        found: Expression = EMPTY
        for piece in reversed(pieces):
            found = _in_turn(piece, found)
        return found

    def _piece(self) -> Expression:
        atom = self._atom()
        if self._take("?"):
            return _repeated(atom, 0, 1)
        if self._take("*"):
            return _repeated(atom, 0, None)
        if self._take("+"):
            return _repeated(atom, 1, None)
        if self._take("{"):
            return _repeated(atom, *self._quantity())
        return atom

    def _quantity(self) -> tuple[int, int | None]:
        text = self._until("}")
        low, comma, high = text.partition(",")
        return int(low), (int(high) if high else None) if comma else int(low)

    def _atom(self) -> Expression:
        if self._take("("):
            inside = self.branches()
            if not self._take(")"):
                raise IndexError
            return inside
        if self._take("["):
            return _class_of(self._character_class())
        return _class_of(_DOT if self._take(".") else _intervals(self._character()))

    def _character(self) -> str:
        """One character, or an escape with all that belongs to it."""
        character = self._next()
        if character in "?*+{}()|[]":
            raise IndexError
        if character != "\\":
            return character if character not in "-^" else f"\\{character}"
        escape = self._next()
        if escape in "pP":
            return f"\\{escape}{self._until('}')}}}"
        return f"\\{escape}"

    def _character_class(self) -> Intervals:
        """A class after its opening bracket (appendix F, charClassExpr), its subtraction included."""
        is_negative = self._take("^")
        start = self._at
        minus: Intervals = ()
        while not self.rest.startswith("]"):
            if self.rest.startswith("-[") and self._at > start:
                listed = self._pattern[start : self._at]
                self._at += 2
                minus = self._character_class()
                if not self._take("]"):
                    raise IndexError
                return _without(_group(listed, is_negative), minus)
            if self._next() == "\\":
                self._next()
        listed = self._pattern[start : self._at]
        self._at += 1
        return _group(listed, is_negative)

    def _take(self, text: str) -> bool:
        taken = self._pattern.startswith(text, self._at)
        self._at += len(text) if taken else 0
        return taken

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _until(self, end: str) -> str:
        start, self._at = self._at, self._pattern.index(end, self._at) + len(end)
        return self._pattern[start : self._at - len(end)]


_DOT: Final = tuple(_parts([XML_CHARACTERS, ((0xA, 0xA), (0xD, 0xD))], lambda inside: inside == frozenset({0})))


def _class_of(intervals: Intervals) -> Expression:
    return _made(_Class, intervals) if intervals else NOTHING


def _group(listed: str, is_negative: bool) -> Intervals:
    return _complement(_intervals(listed)) if is_negative else _intervals(listed)


def _without(intervals: Intervals, others: Intervals) -> Intervals:
    return _parts([intervals, others], lambda inside: inside == frozenset({0}))


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
def _intervals(charset: str) -> Intervals:
    """The characters of XML that a list of characters, ranges and escapes stands for."""
    if not charset:
        raise ValueError("a class of no characters")
    found = CharacterClass(_ESCAPE.sub(_plain_escape, charset))
    listed, excluded = _points(found.positive.codepoints), _points(found.negative.codepoints)
    if excluded:
        listed = _parts([listed, _complement(excluded)], bool)
    return _parts([listed, XML_CHARACTERS], lambda inside: len(inside) == 2)


def _points(codepoints: Iterable[int | tuple[int, int]]) -> Intervals:
    """elementpath's code points, whose ranges end before their second number."""
    return tuple((each, each) if isinstance(each, int) else (each[0], each[1] - 1) for each in codepoints)


# --- walking ----------------------------------------------------------------------------------------------------------


_Way: TypeAlias = tuple[Intervals, Expression]
"""Characters that may follow, and what is left after them."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A class of characters that a string may go on with, and what is left to match after any of them."""

    characters: Intervals
    count: int
    left: Expression
    distance: int


class Language:
    """The strings that match all of some expressions, ready to be drawn from.

    Raises UnsupportedError where none does, and where that cannot be found out in reasonable time.
    """

    def __init__(self, expressions: Iterable[Expression], described: str) -> None:
        self._start = both([*expressions])
        self._described = described
        self._distances: dict[Expression, int | None] = {}
        self._known_steps: dict[Expression, tuple[_Step, ...]] = {}
        self._known_ways: dict[Expression, tuple[_Way, ...]] = {}
        if self._distance(self._start) is None:
            raise UnsatisfiableError(f"{described}, which no value matches")

    def shortest(self) -> str:
        """A string of as few characters as can be."""
        return self._walk(lambda low, _: low, self._start, soft=0)

    def drawn(self, choose: Choose) -> str:
        """Any string, made of the choices that `choose` makes; the least choices make the shortest."""
        return self._walk(choose, self._start, soft=LONGEST_DRAWN)

    def matches(self, text: str) -> bool:
        """Whether the string is one of them."""
        state = self._start
        for character in text:
            state = _derivative(state, ord(character))
        return _is_nullable(state)

    def _walk(self, choose: Choose, state: Expression, soft: int) -> str:
        written: list[str] = []
        while True:
            steps = self._steps(state)
            is_match = _is_nullable(state)
            if is_match and (not steps or len(written) >= soft or not choose(0, 7)):
                return "".join(written)
            step = steps[choose(0, len(steps) - 1)] if len(steps) > 1 and len(written) < soft else steps[0]
            written.append(_nth(step.characters, choose(0, step.count - 1) if step.count > 1 else 0))
            state = step.left

    def _steps(self, state: Expression) -> tuple[_Step, ...]:
        """The ways on from a state that lead to a match, the nearest first."""
        if state not in self._known_steps:
            found = []
            for group, left in self._ways(state):
                distance = self._distance(left)
                if distance is not None:
                    found.append(_Step(*_characters(group), left, distance))
            found.sort(key=lambda step: (step.distance, step.characters))
            self._known_steps[state] = tuple(found)
        return self._known_steps[state]

    def _ways(self, state: Expression) -> tuple[_Way, ...]:
        """Groups of characters that may follow, and what is left after each; equal rests are put together."""
        if state not in self._known_ways:
            self._known_ways[state] = tuple(self._new_ways(state))
        return self._known_ways[state]

    def _new_ways(self, state: Expression) -> Iterator[_Way]:
        ways: dict[Expression, list[Intervals]] = {}
        for group in _alike(tuple(dict.fromkeys(_first_classes(state)))):
            left = _derivative(state, group[0][0])
            if left is not NOTHING:
                ways.setdefault(left, []).append(group)
        for left, groups in ways.items():
            yield (_united(tuple(groups)) if len(groups) > 1 else groups[0]), left

    def _distance(self, state: Expression) -> int | None:
        """Characters from a state to the nearest match; None for a dead end.

        Breadth first, and exact whatever was found out before: what is drawn must not depend on what was drawn earlier.
        """
        if state in self._distances:
            return self._distances[state]
        came_from: dict[Expression, Expression | None] = {state: None}
        wave, steps = [state], 0
        best: tuple[int, Expression] | None = None
        while wave and (best is None or best[0] > steps):
            following: dict[Expression, Expression] = {}
            for each in wave:
                known = 0 if _is_nullable(each) else self._distances.get(each)
                if known is not None:
                    best = (steps + known, each) if best is None or steps + known < best[0] else best
                    continue
                for _, left in self._ways(each):
                    if left not in came_from and self._distances.get(left, 0) is not None:
                        following.setdefault(left, each)
            came_from.update(following)
            wave, steps = list(following), steps + 1
            if len(came_from) > _MOST_STATES:
                raise UnsupportedError(f"{self._described}, whose patterns and lengths are too intricate")
        if best is not None:
            return self._remember(came_from, best[1], state)
        self._distances.update(dict.fromkeys(came_from))
        return None

    def _remember(
        self, came_from: dict[Expression, Expression | None], found: Expression, state: Expression
    ) -> int | None:
        """Notes the distances along the way from a state to one whose distance is known."""
        at: Expression | None = found
        distance = 0 if _is_nullable(found) else self._distances[found] or 0
        while at is not None:
            self._distances[at] = distance
            at, distance = came_from[at], distance + 1
        return self._distances[state]


def _nth(intervals: Intervals, index: int) -> str:
    for first, last in intervals:
        if index <= last - first:
            return chr(first + index)
        index -= last - first + 1
    raise IndexError(index)
