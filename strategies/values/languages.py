"""Strings that match several expressions and have a length within limits: made by construction, or known to be none.

A state is what is left to match of each expression and of the length. The way to the nearest match is looked for with
A*: the expressions' shortest matches tell how far it is at least, their longest tell dead ends early. Of an expression
with very many repeats only the states along the way are ever made.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush
from itertools import count
from typing import Final, TypeAlias

from strategies.errors import UnsatisfiableError, UnsupportedError
from strategies.values.classes import XML_CHARACTERS, Intervals, drawn_from, in_both, nth, united
from strategies.values.expressions import Expression, forms
from strategies.values.model import LONGEST_DRAWN, Choose

MOST_STATES: Final = 12_000
"""States looked at to find a match when a language is made: a second at most. Real schemas need some dozens."""

LONGEST_MATCH: Final = 10_000
"""Characters of a shortest match that are made one by one, at most: more would be slow to draw."""

FEW_STATES: Final = 1_000
"""States looked at to find out whether a string can go on with a character, after which it goes on with another."""

FAR: Final = 100
"""Characters to the nearest match, beyond which a string goes there by the way that is known."""

Lengths: TypeAlias = tuple[int, int | None]
"""The least and the greatest number of characters; None for no limit."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is left to match of each expression, and the lengths that are left."""

    left: tuple[Expression, ...]
    low: int
    high: int | None

    @property
    def is_match(self) -> bool:
        return not self.low and all(each.is_nullable for each in self.left)

    @property
    def distance(self) -> int:
        """Characters to the nearest match, or fewer."""
        return max(self.low, max(each.shortest for each in self.left))

    @property
    def is_dead(self) -> bool:
        """Whether lengths alone tell that there is no match."""
        limits = (self.high, *(each.longest for each in self.left))
        return any(limit is not None and limit < self.distance for limit in limits)


@dataclass(frozen=True, slots=True)
class _Step:
    """Characters that a string may go on with, and the state after any of them."""

    characters: Intervals
    to: _State


_Way: TypeAlias = tuple[_Step, ...]
"""Steps to a match."""


class _TooIntricateError(Exception):
    """The search for a match was given up."""


class Language:
    """The strings that match all of some expressions and are of some length, ready to be drawn from.

    Raises UnsatisfiableError where none does, and UnsupportedError where that cannot be found out in reasonable time.
    """

    def __init__(self, expressions: Iterable[Expression], described: str, lengths: Lengths = (0, None)) -> None:
        self._start = _State(tuple(dict.fromkeys(expressions)), *lengths)
        self._steps = cache(lambda state: tuple(_steps_from(state)))
        self._ways = cache(self._way_within_reach)
        if self._start.distance > LONGEST_MATCH and not self._start.is_dead:
            raise UnsupportedError(f"{described}, whose values have more than {LONGEST_MATCH:,} characters")
        try:
            way = self._way(self._start, MOST_STATES)
        except _TooIntricateError:
            raise UnsupportedError(f"{described}, whose patterns and lengths are too intricate") from None
        if way is None:
            raise UnsatisfiableError(f"{described}, which no value matches")
        self._first_way = way

    def shortest(self) -> str:
        """A string of as few characters as can be."""
        return "".join(nth(drawn_from(step.characters)[0], 0) for step in self._first_way)

    def drawn(self, choose: Choose) -> str:
        """Any string, made of the choices that `choose` makes; the least choices make the shortest."""
        return "".join(_character(step, choose) for step in self._walk(choose))

    def _walk(self, choose: Choose) -> Iterator[_Step]:
        """Steps to a match: by chance, and then by the way that is known from there.

        Which steps can be taken, and which way is known, is a function of the state alone: what is drawn must not
        depend on what was drawn earlier.
        """
        state, way = self._start, self._first_way
        for _ in range(LONGEST_DRAWN):
            steps = self._steps(state) if len(way) <= FAR else ()
            if not steps or (state.is_match and not choose(0, 7)):
                break
            taken = self._taken(steps, choose(0, len(steps) - 1) if len(steps) > 1 else 0)
            if taken is None:
                break
            step, way = taken
            yield step
            state = step.to
        yield from way

    def _taken(self, steps: tuple[_Step, ...], chosen: int) -> tuple[_Step, _Way] | None:
        """The chosen step, or the next after which there is a match, and the way to it; None where there is none."""
        for step in (*steps[chosen:], *steps[:chosen]):
            way = self._ways(step.to)
            if way is not None:
                return step, way
        return None

    def _way_within_reach(self, state: _State) -> _Way | None:
        """The way from a state to the nearest match; None where there is none, or none is found soon."""
        try:
            return self._way(state, FEW_STATES)
        except _TooIntricateError:
            return None

    def _way(self, start: _State, most: int) -> _Way | None:
        """The way from a state to the nearest match; None for a dead end."""
        numbers = count()
        waiting = [(start.distance, 0, next(numbers), start)]
        came: dict[_State, tuple[int, _State | None, _Step | None]] = {start: (0, None, None)}
        seen: set[_State] = set()
        while waiting and not start.is_dead:
            _, _, _, state = heappop(waiting)
            if state.is_match:
                return tuple(_way_back(came, state))[::-1]
            if state in seen:
                continue
            seen.add(state)
            if len(seen) > most:
                raise _TooIntricateError
            here = came[state][0] + 1
            for step in self._steps(state):
                if step.to not in came or here < came[step.to][0]:
                    came[step.to] = here, state, step
                    heappush(waiting, (here + step.to.distance, -here, next(numbers), step.to))
        return None


def _way_back(came: dict[_State, tuple[int, _State | None, _Step | None]], state: _State) -> Iterator[_Step]:
    _, before, step = came[state]
    while before is not None and step is not None:
        yield step
        _, before, step = came[before]


def _character(step: _Step, choose: Choose) -> str:
    characters, number = drawn_from(step.characters)
    return nth(characters, choose(0, number - 1) if number > 1 else 0)


def _steps_from(state: _State) -> Iterator[_Step]:
    """The ways on from a state that are no dead ends by their lengths, the nearest to a match first."""
    if state.high == 0:
        return
    low, high = max(state.low - 1, 0), None if state.high is None else state.high - 1
    groups: dict[tuple[Expression, ...], list[Intervals]] = {}
    for intervals, left in _together(state.left):
        groups.setdefault(left, []).append(intervals)
    steps = [_Step(united(tuple(dict.fromkeys(group))), _State(left, low, high)) for left, group in groups.items()]
    yield from sorted((each for each in steps if not each.to.is_dead), key=lambda each: each.to.distance)


def _together(expressions: tuple[Expression, ...]) -> Iterator[tuple[Intervals, tuple[Expression, ...]]]:
    """The ways in which a string may begin that all expressions match, and what is left of each."""
    found: list[tuple[Intervals, tuple[Expression, ...]]] = [(XML_CHARACTERS, ())]
    for expression in expressions:
        found = [
            (shared, (*before, left))
            for intervals, before in found
            for characters, left in dict.fromkeys(forms(expression))
            if (shared := in_both(intervals, characters))
        ]
    yield from found
