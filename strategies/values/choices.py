"""Texts made of choices, drawn as cheaply as Hypothesis lets them be.

Hypothesis's own building blocks open a span for each step. A span costs as much as the choice in it, and two that are
alike set its mutator to work, which costs more than the example. What is drawn here opens none: it stands on the
interface that Hypothesis's strategies are made with.
"""

from collections.abc import Callable
from itertools import count
from typing import Final, TypeVar

from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.strategies import SearchStrategy

from strategies.values.model import Maker

S = TypeVar("S")
T = TypeVar("T")

MOST_CHOICES: Final = 300
"""Choices of one value: enough for a hundred characters of a pattern, and for a batch of messages to be drawn."""


class Made(SearchStrategy[str]):
    """The texts of a maker. One that wants very many choices gets its first ones again: Hypothesis gives up on more."""

    def __init__(self, maker: Maker) -> None:
        super().__init__()
        self._maker = maker

    def __repr__(self) -> str:
        return f"Made({self._maker!r})"

    def do_draw(self, data: ConjectureData) -> str:
        """One text."""
        made: list[int] = []
        again = count()

        def choose(low: int, high: int) -> int:
            if len(made) == MOST_CHOICES:
                return low + made[next(again) % MOST_CHOICES] % (high - low + 1)
            made.append(data.draw_integer(low, high))
            return made[-1]

        return self._maker(choose)


class Turned(SearchStrategy[T]):
    """What a function makes of the values of a strategy."""

    def __init__(self, strategy: SearchStrategy[S], turn: Callable[[S], T]) -> None:
        super().__init__()
        self._draw, self._turn = undivided(strategy), turn

    def __repr__(self) -> str:
        return f"Turned({self._turn!r})"

    def do_draw(self, data: ConjectureData) -> T:
        """One value."""
        return self._turn(self._draw(data))


def undivided(strategy: SearchStrategy[T]) -> Callable[[ConjectureData], T]:
    """How values of a strategy are drawn without a span around them."""
    strategy.validate()
    bare: SearchStrategy[T] = getattr(strategy, "wrapped_strategy", strategy)
    return bare.do_draw
