"""What a check is, and what it gives back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from contracts.judge.answer import Answer
from contracts.model import Basis, Level, Requirement


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a requirement does not allow. `level` and `basis` replace the requirement's own where set.

    `name` says what the target did; `where` is an XPath or a part of the HTTP message; `line` counts from 1 in the
    body; `source` is the page position of the component that failed.
    """

    name: str
    expected: str
    actual: str
    where: str = ""
    line: int | None = None
    level: Level | None = None
    basis: Basis | None = None
    source: str = ""


Check: TypeAlias = Callable[[Answer, Requirement], Sequence[Problem] | None]
"""A passive check: the problems of an answer, none if it keeps the requirement; None if the requirement does not
speak of this answer."""

KEPT: tuple[Problem, ...] = ()
"""The requirement was observed and kept."""

MAX_PROBLEMS = 20
"""Problems of one check on one answer: more of them say nothing new, and an answer may hold as many as it likes."""


def few(problems: Iterable[Problem]) -> Sequence[Problem]:
    """The first of many problems; no more of them are made than are kept."""
    return tuple(islice(problems, MAX_PROBLEMS))
