"""How long a matcher that goes back and tries again works on a text: both validators have such matchers.

With some patterns their work doubles with every character, `(a?){40}` or `([a-z]+ ?)*x` among them, and nothing stops
Python's. The work is counted before a text is given to them: partial derivatives tell in how many ways each beginning
of the text can be read, without following every one.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from strategies.values.classes import holds
from strategies.values.expressions import Expression, forms

MOST_READINGS: Final = 2_000_000
"""Readings of a text's beginnings, all together, that are left to a matcher: a tenth of a second or two."""


def is_soon_matched(expressions: Iterable[Expression], text: str) -> bool:
    """Whether a matcher finds out before long if each of the expressions matches a text."""
    return all(_readings(expression, text) <= MOST_READINGS for expression in expressions)


def _readings(expression: Expression, text: str) -> int:
    """In how many ways the beginnings of a text can be read, all together; no longer counted beyond the limit."""
    states = {expression: 1}
    total = 1
    for character in text:
        following: dict[Expression, int] = {}
        for state, number in states.items():
            for left, ways in _after(state, ord(character)):
                following[left] = following.get(left, 0) + number * ways
        states = following
        total += sum(following.values())
        if not following or total > MOST_READINGS:
            break
    return total


@lru_cache(maxsize=50_000)
def _after(expression: Expression, point: int) -> tuple[tuple[Expression, int], ...]:
    """What is left to match after a character, each with in how many ways."""
    found = Counter(left for intervals, left in forms(expression, skipping=True) if holds(intervals, point))
    return tuple(found.items())
