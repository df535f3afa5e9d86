"""XSD regular expressions: parsed, and told by how a string that matches them may begin and what follows then.

A pattern facet's alternatives are or-ed, those of the steps of a derivation and-ed (XML Schema part 2, section
4.3.4). What may follow is told by partial derivatives (Antimirov, 1996): their number grows with the length of an
expression and the numbers in its quantifiers, and each is made when it is asked for, so that nothing is ever expanded.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, TypeAlias
from weakref import WeakValueDictionary

from elementpath.regex import RegexError

from strategies.errors import UnsupportedError
from strategies.values.classes import DOT, Intervals, characters, complement, without


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Expression:
    """A regular expression, with the lengths of its shortest and longest match (None: no limit).

    Equal ones are one object, made by `_made`, so that they are told apart by identity.
    """

    shortest: int
    longest: int | None

    @property
    def is_nullable(self) -> bool:
        """Whether the empty string matches."""
        return self.shortest == 0


@dataclass(frozen=True, slots=True, eq=False)
class _Class(Expression):
    intervals: Intervals


@dataclass(frozen=True, slots=True, eq=False)
class _Concatenation(Expression):
    """One after the other; `first` is no concatenation itself."""

    first: Expression
    rest: Expression


@dataclass(frozen=True, slots=True, eq=False)
class _Either(Expression):
    branches: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Repeated(Expression):
    inner: Expression
    low: int
    high: int | None


_known: "WeakValueDictionary[tuple[Any, ...], Expression]" = WeakValueDictionary()


def _made(kind: Callable[..., Expression], shortest: int, longest: int | None, *parts: Any) -> Expression:
    """The one expression of that kind and those parts."""
    found = _known.get((kind, *parts))
    if found is None:
        found = _known[kind, *parts] = kind(shortest, longest, *parts)
    return found


NOTHING: Final = Expression(1, 0)
"""Matches no string: its shortest match would be longer than its longest."""

EMPTY: Final = Expression(0, 0)
"""Matches the empty string."""


def either(branches: Iterable[Expression]) -> Expression:
    """What matches any of the branches. Equal ones stay: a matcher that tries one after the other tries both."""
    found = tuple(branch for branch in branches if branch is not NOTHING)
    if len(found) < 2:
        return found[0] if found else NOTHING
    longest = [branch.longest for branch in found]
    known = [each for each in longest if each is not None]
    most = max(known) if len(known) == len(longest) else None
    return _made(_Either, min(branch.shortest for branch in found), most, found)


def _in_turn(first: Expression, rest: Expression) -> Expression:
    if first is NOTHING or rest is NOTHING:
        return NOTHING
    pieces = []
    while isinstance(first, _Concatenation):
        pieces.append(first.first)
        first = first.rest
    found = rest
    for piece in reversed((*pieces, first)):
        found = _before(piece, found)
    return found


def _before(piece: Expression, rest: Expression) -> Expression:
    if piece is EMPTY:
        return rest
    if rest is EMPTY:
        return piece
    longest = None if piece.longest is None or rest.longest is None else piece.longest + rest.longest
    return _made(_Concatenation, piece.shortest + rest.shortest, longest, piece, rest)


def _repeated(inner: Expression, low: int, high: int | None) -> Expression:
    if high == 0 or inner is EMPTY:
        return EMPTY
    if inner is NOTHING:
        return EMPTY if low == 0 else NOTHING
    if (low, high) == (1, 1):
        return inner
    longest = None if high is None or inner.longest is None else inner.longest * high
    return _made(_Repeated, inner.shortest * low, longest, inner, low, high)


Form: TypeAlias = tuple[Intervals, Expression]
"""Characters that a match may begin with, and what the rest of it has to match then."""


@lru_cache(maxsize=100_000)
def forms(expression: Expression, *, skipping: bool = False) -> tuple[Form, ...]:
    """Every way in which a match that is not empty may begin.

    Two may be alike: a matcher that goes back to try another way tries both. When `skipping`, ways that differ in how
    many turns of a repetition were empty are told apart, too, which changes nothing of what matches.
    """
    return tuple(_forms(expression, skipping=skipping))


def _forms(expression: Expression, *, skipping: bool) -> Iterator[Form]:
    while isinstance(expression, _Concatenation):
        for intervals, left in forms(expression.first, skipping=skipping):
            yield intervals, _in_turn(left, expression.rest)
        if not expression.first.is_nullable:
            return
        expression = expression.rest
    match expression:
        case _Class():
            yield expression.intervals, EMPTY
        case _Either():
            for branch in expression.branches:
                yield from forms(branch, skipping=skipping)
        case _Repeated():
            yield from _forms_of_repeated(expression, skipping=skipping)


def _forms_of_repeated(expression: _Repeated, *, skipping: bool) -> Iterator[Form]:
    inner, low, high = expression.inner, expression.low, expression.high
    skipped = min(low, MOST_SKIPPED) if skipping and inner.is_nullable else 1
    for nth in range(1, max(skipped, 1) + 1):
        rest = _repeated(inner, max(low - nth, 0), None if high is None else high - nth)
        for intervals, left in forms(inner, skipping=skipping):
            yield intervals, _in_turn(left, rest)


MOST_SKIPPED: Final = 40
"""Empty turns of a repetition that are told apart: with more, no matcher that goes back comes to an end."""


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
        most = (int(high) if high else None) if comma else int(low)
        if most is not None and most < int(low):
            raise ValueError(text)
        return int(low), most

    def _atom(self) -> Expression:
        if self._take("("):
            inside = self.branches()
            if not self._take(")"):
                raise IndexError
            return inside
        if self._take("["):
            return _class_of(self._character_class())
        return _class_of(DOT if self._take(".") else characters(self._character()))

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
                return without(_group(listed, is_negative), minus)
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


def _class_of(intervals: Intervals) -> Expression:
    return _made(_Class, 1, 1, intervals) if intervals else NOTHING


def _group(listed: str, is_negative: bool) -> Intervals:
    return complement(characters(listed)) if is_negative else characters(listed)
