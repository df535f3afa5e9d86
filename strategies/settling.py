"""Values settled in a tree: what has to differ differs, and references name what is there, whatever was varied.

Cells that have to be equal make up a class, which has one value: a reference is of the class of the key that it names,
so that it follows when the key varies. Classes that would make two rows of a key the same get other values.

Source: XML Schema part 1, section 3.11.4 (identity constraints satisfied); part 2, sections 3.3.8 to 3.3.10.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice, product
from typing import Any, Final

from strategies.cells import Cell, Reader, Reading, Row, Table, declared_of
from strategies.draws import draw
from strategies.errors import UnsupportedError
from strategies.grammar import KEPT, Grammar
from strategies.identities import Spot, is_valid, numbered, value_key
from strategies.sites import Element, set_text, text_of
from strategies.values.definitions import is_built_in

SPARE: Final = 200
"""Values that are made of a type to find some that differ: a long list of fifty wants most of them."""

NUMBERED: Final = 10_000
"""Values of a type that are numbered at most: more than any list has items."""

TRIED: Final = 5_000
"""Combinations of values that are tried for one row, at most: rows of a few short enumerations want most of them."""

TURNS: Final = 6
"""Orders in which references are bound at most, until each names something."""

NOTHING: Final[Mapping[Spot, str]] = {}


class Values:
    """Other values of simple types, made when they are first wanted and then kept."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._made: dict[tuple[int, ...], tuple[list[str], Iterator[str]]] = {}

    def others(self, *types: Any, start: int = 0) -> Iterator[str]:
        """Values of all of some types, which differ: numbered ones, then drawn ones, which are short, then edges.

        Those before `start`, all of which have been made, are passed over.
        """
        key = tuple(map(id, types))
        if key not in self._made:
            self._made[key] = [], self._distinct(types[0]) if len(types) == 1 else self._shared(types)
        known, more = self._made[key]
        index = start
        while True:
            if index == len(known):
                text = next(more, None)
                if text is None:
                    return
                known.append(text)
            yield known[index]
            index += 1

    def _shared(self, types: Sequence[Any]) -> Iterator[str]:
        found = (text for each in types for text in islice(self.others(each), SPARE * 2))
        return (text for text in found if all(is_valid(each, text) for each in types))

    def _distinct(self, simple_type: Any) -> Iterator[str]:
        seen: set[object] = set()
        for text in chain(self._numbered(simple_type), self._spare(simple_type)):
            key = value_key(simple_type, text)
            if key not in seen:
                seen.add(key)
                yield text

    def _numbered(self, simple_type: Any) -> Iterator[str]:
        for number in range(1, NUMBERED):
            text = numbered(simple_type, number)
            if text is None or not is_valid(simple_type, text):
                return
            yield text

    def _spare(self, simple_type: Any) -> Iterator[str]:
        try:
            space = self._grammar.values(simple_type, None)
        except UnsupportedError:
            return
        yield space.plain
        yield from draw(space.texts, SPARE, 0)
        yield from (edge.text for edge in space.edges)


@lru_cache(maxsize=KEPT)
def values_of(grammar: Grammar) -> Values:
    """The values of a schema's types, made once while it is kept."""
    return Values(grammar)


class Settler:
    """Settles the trees of one specimen. `constants` are texts that stay as they are: the target's owner fills them."""

    def __init__(self, grammar: Grammar, constants: Iterable[str] = ()) -> None:
        self._declared, self._values = declared_of(grammar.schema), values_of(grammar)
        self._constants = frozenset(constants)

    def settle(self, root: Element, touched: Mapping[Spot, str] = NOTHING, *, afresh: bool = False) -> str | None:
        """Has the values of a tree agree; says why they cannot, or why what was varied cannot stay so.

        `touched` are the places that were varied, with their texts before. `afresh`, references name the first key
        that they may, and the items of a list one after the other, whatever their texts.
        """
        reading = self.read(root, touched)
        return _Solution(reading, self._values, self._constants).settle(afresh=afresh) or reading.complaint

    def read(self, root: Element, touched: Mapping[Spot, str] = NOTHING) -> Reading:
        """What the constraints look at in a tree."""
        return Reader(self._declared, root, touched).reading()

    def others(self, simple_type: Any) -> Iterator[str]:
        """Values of a simple type that all differ."""
        return self._values.others(simple_type)

    def types(self, root: Element) -> dict[Spot, Any]:
        """The simple types of what constraints look at in a tree, lists of ids apart."""
        return {cell.spot: cell.type for cell in _cells_of(self.read(root)) if cell.index is None}

    def identified(self, root: Element) -> tuple[list[Element], list[Spot]]:
        """The elements of a tree that hold ids which references name, and the places of ids of any name."""
        reading = self.read(root)
        named = {row[0].text.strip() for row, targets in reading.references if targets and len(row) == 1}
        ids = [row[0] for table in reading.tables if table.identity is None for row in table.rows]
        any_name = [cell.spot for cell in ids if cell.index is None and is_built_in(cell.type)]
        return [cell.spot[0] for cell in ids if cell.text.strip() in named], any_name


class _Solution:
    """Values for the cells of one tree."""

    def __init__(self, reading: Reading, values: Values, constants: frozenset[str]) -> None:
        self._reading, self._values = reading, values
        self._cells = list(dict.fromkeys(_cells_of(reading)))
        self._constants = constants
        self._tables = [*reading.tables, *reading.apart]
        self._rows: dict[Cell, list[tuple[Table, Row]]] = {}
        for table in self._tables:
            for row in table.rows:
                for cell in row:
                    self._rows.setdefault(cell, []).append((table, row))
        self._first: dict[Cell, Cell] = {}
        self._members: dict[Cell, list[Cell]] = {}
        self._bound: dict[Cell, str] = {}
        self._undo: list[tuple[Cell, Cell, int, bool]] = []
        self._text: dict[Cell, str] = {}
        self._seen: dict[int, dict[object, int]] = {}
        self._known: dict[int, dict[tuple[str, ...], Row]] = {}
        self._taken: dict[object, int] = {}

    def settle(self, *, afresh: bool) -> str | None:
        """Finds the values and writes them; says what stands against it."""
        complaints = [self._refer(afresh=afresh), self._fit(), self._differ()]
        self._write()
        return next(filter(None, complaints), None)

    def _part_all(self) -> None:
        """Puts every cell into a class of its own."""
        self._first = {cell: cell for cell in self._cells}
        self._members = {cell: [cell] for cell in self._cells}
        self._bound = {
            cell: cell.text
            for cell in self._cells
            if cell.constant or cell.text in self._constants or (cell.pinned and not cell.referring)
        }
        self._undo.clear()

    # --- references ---------------------------------------------------------------------------------------------------

    def _refer(self, *, afresh: bool) -> str | None:
        """Has every reference name a row: those first that were varied, which name what they say.

        Where one is left that can name nothing since others do, it has its turn before them.
        """
        waiting = sorted(self._reading.references, key=lambda each: not any(cell.pinned for cell in each[0]))
        for _ in range(TURNS):
            self._part_all()
            named = [self._named(row, targets, afresh) for row, targets in waiting]
            left = [each for each, target in zip(waiting, named, strict=True) if target is None and each[1]]
            if not left:
                break
            waiting = [*left, *(each for each in waiting if not any(each is its for its in left))]
        for (row, _), target in zip(waiting, named, strict=True):
            if target is None:
                return f"a reference to nothing that is there ({_told(row)})"
            pairs = zip(row, target, strict=True)
            if any(cell.pinned and not cell.constant and its.known_as != cell.text for cell, its in pairs):
                return f"a reference to what is not there any more ({_told(row)})"
        return None

    def _named(self, row: Row, targets: Sequence[Row], afresh: bool) -> Row | None:
        """The row that a reference names from now on; None if there is none for it."""
        return next((each for each in self._candidates(row, targets, afresh) if self._join(row, each)), None)

    def _candidates(self, row: Row, targets: Sequence[Row], afresh: bool) -> Iterator[Row]:
        """The rows that a reference may name, the one that it does name first."""
        if afresh or not targets:
            turn = (row[0].index or 0) % max(len(targets), 1)
            yield from chain(targets[turn:], targets[:turn])
            return
        known = self._known.get(id(targets))
        if known is None:
            known = self._known[id(targets)] = {}
            for each in targets:
                known.setdefault(tuple(cell.known_as for cell in each), each)
        named = known.get(tuple(cell.text for cell in row))
        if named is not None:
            yield named
        if any(cell.pinned for cell in row):
            yield from sorted(targets, key=lambda each: -_agreement(row, each))
        else:
            yield from targets

    def _join(self, row: Row, target: Row) -> bool:
        """Makes the cells of two rows equal, if nothing is against it."""
        mark = len(self._undo)
        at_risk = any(member in self._rows for cell in row for member in self._members[self._first[cell]])
        joined = all(self._unite(one, other) for one, other in zip(row, target, strict=True))
        if joined and not (at_risk and any(self._are_same(cell) for cell in row)) and self._have_values(row):
            return True
        while len(self._undo) > mark:
            self._part()
        return False

    def _unite(self, one: Cell, other: Cell) -> bool:
        """Puts two cells into one class; not if they are bound to different texts."""
        first, second = self._first[one], self._first[other]
        if first is second:
            return True
        if first in self._bound and second in self._bound and self._bound[first] != self._bound[second]:
            return False
        if len(self._members[first]) < len(self._members[second]):
            first, second = second, first
        self._undo.append((first, second, len(self._members[first]), first in self._bound))
        if second in self._bound:
            self._bound.setdefault(first, self._bound[second])
        for cell in self._members[second]:
            self._first[cell] = first
        self._members[first].extend(self._members[second])
        return True

    def _have_values(self, row: Row) -> bool:
        """Whether there is a value, of all the types that it has to have, for each cell of a row."""
        return all(self._value(self._first[cell]) is not None for cell in row)

    def _part(self) -> None:
        """Takes the last union back."""
        first, second, count, was_bound = self._undo.pop()
        del self._members[first][count:]
        for cell in self._members[second]:
            self._first[cell] = second
        if not was_bound:
            self._bound.pop(first, None)

    def _are_same(self, cell: Cell) -> bool:
        """Whether a row with a cell of this class can only be the same as another that it has to differ from."""
        for member in self._members[self._first[cell]]:
            for table, row in self._rows.get(member, ()):
                classes = [self._first[each] for each in row]
                if any(each is not row and [self._first[its] for its in each] == classes for each in table.rows):
                    return True
        return False

    # --- values -------------------------------------------------------------------------------------------------------

    def _fit(self) -> str | None:
        """Gives each class a value of all its types: that of the key where references name one."""
        complaint = None
        for first in dict.fromkeys(self._first.values()):
            text = self._value(first)
            if text is None:
                complaint = f"a key that is no value of what refers to it ({first.text[:40]!r})"
            self._text[first] = first.text if text is None else text
        return complaint

    def _value(self, first: Cell) -> str | None:
        """The value of a class: that of the key, if it is one of all types, or else another; None if there is none."""
        members = self._members[first]
        leading = next((cell for cell in members if not cell.referring), members[0])
        text = self._bound.get(first, leading.text)
        if self._fits(first, text):
            return text
        return None if first in self._bound else next(self._others(first), None)

    def _types(self, first: Cell) -> list[Any]:
        """The types that a value of a class has to have, those of keys before those of references."""
        members = self._members[first]
        ordered = sorted(members, key=lambda cell: cell.referring) if len(members) > 1 else members
        return list({id(cell.type): cell.type for cell in ordered}.values())

    def _fits(self, first: Cell, text: str) -> bool:
        types = self._types(first)
        return len(types) == 1 or all(is_valid(each, text) for each in types)

    def _others(self, first: Cell, start: int = 0) -> Iterator[str]:
        """Other values of a class, of all its types, after the first so many."""
        return self._values.others(*self._types(first), start=start)

    def _differ(self) -> str | None:
        """Gives rows that are the same other values: the later ones, unless these are bound."""
        complaint = None
        for table in self._tables:
            self._seen[id(table)] = {}
            for row in table.rows:
                self._count(table, row, 1)
        for table in self._tables:
            kept: dict[object, Row] = {}
            for row in table.rows:
                same = kept.get(self._shown(row))
                if same is not None and not (self._revalue(row) or self._revalue(same)):
                    complaint = f"more rows than values for {_called(table)} ({_told(row)})"
                kept[self._shown(row)] = row
        return complaint

    def _revalue(self, row: Row) -> bool:
        """Gives a row other values so that all rows that share them differ from others; whether that can be.

        What the fewest rows share varies first. Of one class, what was taken before in the same tables is tried last.
        """
        free = dict.fromkeys(self._first[cell] for cell in row if self._first[cell] not in self._bound)
        rows = {each: list(dict.fromkeys(self._rows_of(each))) for each in free}
        classes = sorted(free, key=lambda each: -len(rows[each]))
        if not classes:
            return False
        if len(classes) > 1:
            return self._varied(classes, rows, 0) is not None
        (only,) = classes
        search = (*map(id, self._types(only)), None, *(id(table) for table, _ in rows[only]))
        taken = self._taken.get(search, 0)
        tried = self._varied(classes, rows, taken)
        if tried is None and taken:
            return self._varied(classes, rows, 0) is not None
        self._taken[search] = taken + (tried or 0)
        return tried is not None

    def _varied(
        self, classes: Sequence[Cell], rows: Mapping[Cell, Sequence[tuple[Table, Row]]], start: int
    ) -> int | None:
        """Gives classes values, other than the first so many, by which their rows differ from others.

        Returns how many combinations were tried; None if there is none.
        """
        before = [self._text[each] for each in classes]
        choices = [chain([text], self._others(each, start)) for each, text in zip(classes, before, strict=True)]
        for tried, texts in enumerate(islice(_combined(choices), 1, TRIED), 1):
            self._put(classes, texts, rows)
            other = (each for each, text, its in zip(classes, texts, before, strict=True) if text != its)
            changed = list(dict.fromkeys(chain.from_iterable(rows[each] for each in other)))
            if changed and self._are_alone(changed):
                return tried
        self._put(classes, before, rows)
        return None

    def _rows_of(self, first: Cell) -> Iterator[tuple[Table, Row]]:
        for member in self._members[first]:
            yield from self._rows.get(member, ())

    def _put(
        self, classes: Sequence[Cell], texts: Sequence[str], rows: Mapping[Cell, Sequence[tuple[Table, Row]]]
    ) -> None:
        """Gives classes values."""
        other = {each: text for each, text in zip(classes, texts, strict=True) if self._text[each] != text}
        shared = list(dict.fromkeys(chain.from_iterable(rows[each] for each in other)))
        for table, row in shared:
            self._count(table, row, -1)
        self._text.update(other)
        for table, row in shared:
            self._count(table, row, 1)

    def _are_alone(self, rows: Iterable[tuple[Table, Row]]) -> bool:
        """Whether rows are like no other of their tables."""
        return all(self._seen[id(table)][self._shown(row)] == 1 for table, row in rows)

    def _count(self, table: Table, row: Row, by: int) -> None:
        seen, shown = self._seen[id(table)], self._shown(row)
        seen[shown] = seen.get(shown, 0) + by

    def _shown(self, row: Row) -> tuple[object, ...]:
        """What the values of a row are."""
        return tuple(value_key(cell.type, self._text[self._first[cell]], cell.spot[0]) for cell in row)

    # --- writing ------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Writes what is not as the tree has it."""
        for cell in self._cells:
            text = self._text[self._first[cell]]
            if text != cell.text:
                cell.text = text
                if cell.index is None:
                    set_text(*cell.spot, text)
        for (element, attribute), cells in self._reading.lists.items():
            words = [cell.text for cell in cells]
            if text_of(element, attribute).split() != words:
                set_text(element, attribute, " ".join(words))


def _combined(choices: Sequence[Iterator[str]]) -> Iterator[tuple[str, ...]]:
    """Combinations of choices, the last of which varies first."""
    if len(choices) == 1:
        return ((each,) for each in choices[0])
    return product(*(list(islice(each, SPARE)) for each in choices))


def _cells_of(reading: Reading) -> Iterator[Cell]:
    rows = chain.from_iterable(table.rows for table in reading.tables)
    yield from chain.from_iterable(chain(rows, (row for row, _ in reading.references)))


def _agreement(row: Row, target: Row) -> int:
    """In how many of its fields that were varied a reference names a row."""
    return sum(cell.pinned and its.known_as == cell.text for cell, its in zip(row, target, strict=True))


def _called(table: Table) -> str:
    return "xs:ID" if table.identity is None else f"constraint {table.identity.local_name}"


def _told(row: Row) -> str:
    return ", ".join(repr(cell.text[:40]) for cell in row)
