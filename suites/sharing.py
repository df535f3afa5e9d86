"""One run shared out over machines by shards, each with a log of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from suites.plan import Item

_USUAL = 30
"""Messages that a case without a limit is reckoned with: most have between 1 and 60."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The share `number` (from 1) of `of` equal ones."""

    number: int
    of: int

    @classmethod
    def of_word(cls, word: str) -> "Shard":
        """The shard that a word such as `2/5` names. ValueError for any other word."""
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", word)
        number, of = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
        if not 1 <= number <= of:
            raise ValueError("is no share of a run")
        return cls(number, of)

    def __str__(self) -> str:
        return f"shard {self.number}/{self.of}"

    def items(self, plan: Sequence[Item]) -> tuple[Item, ...]:
        """Its items of a plan, in the plan's order: the same on every machine, and of about equal weight."""
        loads = [0] * self.of
        mine: set[str] = set()
        for item in sorted(plan, key=lambda each: (-_weight(each), each.id)):
            lightest = loads.index(min(loads))
            loads[lightest] += _weight(item)
            if lightest == self.number - 1:
                mine.add(item.id)
        return tuple(item for item in plan if item.id in mine)


def _weight(item: Item) -> int:
    return _USUAL if item.limit is None else item.limit
