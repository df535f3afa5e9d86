"""Ways to break what identity constraints and ids promise: keys that are the same, keys without a field, references
to nothing.

Of the nodes that would do, one is broken that nothing refers to, so that nothing else is wrong with the document.

Source: XML Schema part 1, sections 3.11.4 (cvc-identity-constraint) and 3.3.4 (cvc-id).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, TypeAlias

from strategies.cells import Cell, Reader, Reading, Row, Table, declared_of
from strategies.grammar import grammar_of
from strategies.identities import Spot, is_id, value_key
from strategies.settling import NOTHING, values_of
from strategies.sites import Element, Path, set_text
from strategies.specimens import Place

Make: TypeAlias = Callable[[Element], object]
"""Breaks an element that stands in a tree."""

Made: TypeAlias = Iterator[tuple[Spot, str | None, str | None, Make]]
"""Ways to break what one element keeps: the place that is broken, before, after, and how."""

MOST_TRIED: Final = 100
"""Values of a field that are tried beyond the number of keys, to find one that none has."""


def same_key(element: Element, place: Place) -> Made:
    """Two nodes that a key or unique tells apart, with the same values; told by the first field that differs."""
    reading = _read(element, place)
    for table in _kept(element, reading):
        if len(table.rows) > 1:
            target = _nobodys(table.rows, reading)
            source = next(row for row in table.rows if row is not target)
            differing = [(one, two) for one, two in zip(source, target, strict=True) if one.text != two.text]
            if differing and not any(two.constant for _, two in differing):
                texts = [(_route(element, two.spot), one.text) for one, two in differing]
                one, two = differing[0]
                yield two.spot, two.text, one.text, partial(_write, texts)


def no_key(element: Element, place: Place) -> Made:
    """A node that a key selects, without one of the key's fields: not those that are the node itself."""
    reading = _read(element, place)
    for table in _kept(element, reading):
        row = _nobodys(table.rows, reading) if table.rows else ()
        for cell, path in zip(row, table.identity.fields, strict=False):
            if path.path.strip() != ".":
                yield cell.spot, cell.text, None, partial(_take, _route(element, cell.spot))


def dangling(element: Element, place: Place) -> Made:
    """A reference that refers to no key, though its values are of their types."""
    reading = _read(element, place)
    for table, targets in reading.keyrefs:
        if table.keeper is element:
            broken = (each for row in table.rows for each in _elsewhere(element, place, row, targets))
            yield from islice(broken, 1)


def _elsewhere(element: Element, place: Place, row: Row, targets: Sequence[Row]) -> Made:
    """The ways to have one field of a reference name nothing."""
    known = {_values(each) for each in targets}
    written = {tuple(cell.text for cell in each) for each in targets}
    for index, cell in enumerate(row):
        if cell.constant:
            continue
        others = values_of(grammar_of(place.declaration.schema)).others(cell.type)
        for text in islice(others, len(targets) + MOST_TRIED):
            values = _values(row, index, text)
            texts = tuple(text if at == index else each.text for at, each in enumerate(row))
            if text != cell.text and values not in known and texts not in written:
                yield cell.spot, cell.text, text, partial(_write, [(_route(element, cell.spot), text)])
                break


def same_id(element: Element, place: Place) -> Made:
    """The id of another element: where both are attributes, since libxml2 keeps no account of ids in content."""
    reading = _read(element, place)
    ids = [row[0] for table in reading.tables if table.identity is None for row in table.rows]
    others = [cell for cell in ids if cell.spot[1] is not None and cell.index is None]
    for cell in others:
        other = next((each for each in others if each.spot[0] is not element), None)
        if cell.spot[0] is element and other is not None and not cell.constant and is_id(cell.type):
            yield cell.spot, cell.text, other.text, partial(_write, [(_route(element, cell.spot), other.text)])


def _read(element: Element, place: Place) -> Reading:
    """What the constraints look at in the tree that an element stands in; nothing, where it has no part in it."""
    types = (getattr(place.type, "attributes", None) or {}).values()
    if not place.declaration.identities and not any(is_id(each.type) for each in types if hasattr(each, "type")):
        return Reading()
    root = element.getroottree().getroot()
    return Reader(declared_of(place.declaration.schema), root, NOTHING).reading()


def _kept(element: Element, reading: Reading) -> Iterator[Table]:
    return (table for table in reading.tables if table.keeper is element and table.identity is not None)


def _nobodys(rows: Sequence[Row], reading: Reading) -> Row:
    """The last of some rows that no reference names; the last of all where each is named."""
    named = {id(target) for row, targets in reading.references for target in targets if _values(row) == _values(target)}
    return next((row for row in reversed(rows) if id(row) not in named), rows[-1])


def _values(row: Sequence[Cell], index: int = -1, text: str = "") -> tuple[object, ...]:
    """What the texts of a row stand for; with another text in one field."""
    texts = [text if at == index else cell.text for at, cell in enumerate(row)]
    return tuple(value_key(cell.type, each, cell.spot[0]) for cell, each in zip(row, texts, strict=True))


_Route: TypeAlias = tuple[Path, str | None]
"""The way from an element down to another, or to its attribute of that name."""


def _route(element: Element, spot: Spot) -> _Route:
    at: Any = spot[0]
    indexes: list[int] = []
    while at is not element:
        parent = at.getparent()
        indexes.append(parent.index(at))
        at = parent
    return tuple(reversed(indexes)), spot[1]


def _holder(element: Element, path: Path) -> Element:
    for index in path:
        element = element[index]
    return element


def _write(texts: Sequence[tuple[_Route, str]], element: Element) -> None:
    for (path, attribute), text in texts:
        set_text(_holder(element, path), attribute, text)


def _take(route: _Route, element: Element) -> None:
    path, attribute = route
    holder = _holder(element, path)
    if attribute is not None:
        holder.attrib.pop(attribute, None)
        return
    parent = holder.getparent()
    assert parent is not None
    parent.remove(holder)
