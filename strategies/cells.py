"""What identity constraints and references to ids look at in one tree: cells that hold values, in rows of tables.

Source: XML Schema part 1, section 3.11 (identity constraints); part 2, sections 3.3.8 to 3.3.10 (ID, IDREF, IDREFS).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from xmlschema import XMLSchemaBase
from xmlschema.validators import XsdAnyElement, XsdElement, XsdKey, XsdKeyref

from contracts.names import XSI_NIL, XSI_TYPE, local_name
from strategies.grammar import KEPT, Declaration, Type, leaves_of, type_of
from strategies.identities import Spot, active_type, is_id, is_idref, is_list, item_type, may_identify, select
from strategies.sites import Element
from strategies.values.definitions import define


@dataclass(slots=True, eq=False)
class Cell:
    """One value in a tree: that of an element or attribute, or one item of its list.

    `known_as` is what references call it: the text that it had before something varied. What is `pinned` has been
    varied, and stays so; what is `constant` can be nothing else.
    """

    spot: Spot
    index: int | None
    type: Any
    text: str
    known_as: str
    pinned: bool = False
    constant: bool = False
    referring: bool = False


Row: TypeAlias = tuple[Cell, ...]
"""The fields of one node that a constraint selects, none of them missing."""


@dataclass(slots=True, eq=False)
class Table:
    """The rows of one constraint that an element keeps; all ids of a document, where no constraint is given."""

    keeper: Element
    identity: Any
    rows: list[Row]


@dataclass(slots=True, eq=False)
class Reading:
    """A tree as its constraints see it: what has to differ, and rows with those among which one has to be the same.

    `apart` are rows of several elements that keep one key, which references from above can tell by their values alone;
    `keyrefs` are those rows by what keeps them, and `lists` the places that hold ids or references to them.
    `complaint` says what makes it invalid whatever the values are.
    """

    tables: list[Table] = field(default_factory=list)
    references: list[tuple[Row, Sequence[Row]]] = field(default_factory=list)
    apart: list[Table] = field(default_factory=list)
    keyrefs: list[tuple[Table, Sequence[Row]]] = field(default_factory=list)
    lists: dict[Spot, list[Cell]] = field(default_factory=dict)
    complaint: str | None = None


class Declared:
    """The declarations of the elements in any tree of a schema, found by name (part 1, section 3.8.6)."""

    def __init__(self, schema: XMLSchemaBase) -> None:
        self._maps: Any = schema.maps
        self._below: dict[tuple[int, str], Declaration | None] = {}
        self._identified: dict[int, tuple[bool, tuple[str, ...]]] = {}

    def walk(self, root: Element) -> Iterator[tuple[Element, Declaration | None, Type | None]]:
        """Every element in document order with its declaration and type; None for one that nothing declares."""
        stack: list[tuple[Element, Declaration | None]] = [(root, self._maps.elements.get(root.tag))]
        while stack:
            element, declaration = stack.pop()
            xsd_type = None if declaration is None else self._type_of(element, declaration)
            yield element, declaration, xsd_type
            stack.extend((child, self._child(xsd_type, str(child.tag))) for child in reversed(element))

    def identified(self, xsd_type: Type) -> tuple[bool, tuple[str, ...]]:
        """Whether the content of a type may be ids or references to them, and which of its attributes may."""
        if id(xsd_type) not in self._identified:
            content = simple_content(xsd_type)
            attributes = getattr(xsd_type, "attributes", None) or {}
            names = (name for name, each in attributes.items() if name is not None and may_identify(each.type))
            self._identified[id(xsd_type)] = content is not None and may_identify(content), tuple(names)
        return self._identified[id(xsd_type)]

    def _type_of(self, element: Element, declaration: Declaration) -> Type:
        named = element.get(XSI_TYPE)
        if named is None:
            return type_of(declaration)
        prefix, _, local = named.strip().rpartition(":")
        uri = element.nsmap.get(prefix or None)
        return self._maps.types.get(f"{{{uri}}}{local}" if uri else local, type_of(declaration))

    def _child(self, xsd_type: Type | None, tag: str) -> Declaration | None:
        key = (id(xsd_type), tag)
        if key not in self._below:
            self._below[key] = self._declared_in(xsd_type, tag)
        return self._below[key]

    def _declared_in(self, xsd_type: Type | None, tag: str) -> Declaration | None:
        """The declaration of a child: the particle of its name, or what stands for a head or a wildcard."""
        known: Declaration | None = self._maps.elements.get(tag)
        if xsd_type is None:
            return known
        if xsd_type.is_simple() or xsd_type.has_simple_content():
            return None
        particles = list(leaves_of(xsd_type.content))
        own = next((each for each in particles if isinstance(each, XsdElement) and each.name == tag), None)
        if own is not None:
            return own
        admitting = (each for each in particles if isinstance(each, XsdAnyElement) and each.is_matching(tag))
        wildcard = next(admitting, None)
        return None if wildcard is not None and wildcard.process_contents == "skip" else known


@lru_cache(maxsize=1_000)
def _is_closed(simple_type: Any) -> bool:
    """Whether something is said of a type's values as a whole, so that no item of a list can be another by itself."""
    definition = define(simple_type)
    return bool(definition.patterns or definition.enumeration)


@lru_cache(maxsize=KEPT)
def declared_of(schema: XMLSchemaBase) -> Declared:
    """The declarations of a schema, by name, read once while it is kept."""
    return Declared(schema)


def simple_content(xsd_type: Type) -> Any:
    """The simple type of an element's content; None for other content."""
    if xsd_type.is_simple():
        return xsd_type
    return xsd_type.content if xsd_type.has_simple_content() else None


class Reader:
    """Reads one tree: its walk, and the cells met on it."""

    def __init__(self, declared: Declared, root: Element, touched: Mapping[Spot, str]) -> None:
        self._declared, self._touched = declared, touched
        self._walk = list(declared.walk(root))
        self._known = {element: (declaration, xsd_type) for element, declaration, xsd_type in self._walk}
        self._cells: dict[tuple[Spot, int | None], Cell] = {}
        self._reading = Reading()

    def reading(self) -> Reading:
        """What the constraints look at."""
        self._read_keys()
        self._read_ids()
        return self._reading

    # --- keys ---------------------------------------------------------------------------------------------------------

    def _read_keys(self) -> None:
        keepers = [(each, declared.identities) for each, declared, _ in self._walk if declared is not None]
        kept = [(element, identity) for element, identities in keepers for identity in identities]
        tables = {(element, identity): self._rows(element, identity) for element, identity in kept}
        for (element, identity), rows in tables.items():
            if not isinstance(identity, XsdKeyref):
                self._reading.tables.append(Table(element, identity, rows))
        for (element, identity), rows in tables.items():
            if isinstance(identity, XsdKeyref) and identity.refer is not None and rows:
                targets = self._targets(element, identity.refer, tables)
                self._reading.keyrefs.append((Table(element, identity, rows), targets))
                self._refer(rows, targets)

    def _targets(self, above: Element, key: Any, tables: Mapping[tuple[Element, Any], Sequence[Row]]) -> Sequence[Row]:
        """The rows that a reference kept on an element may name: those of the key kept there, or else below.

        Of several elements below, those of the last: xmlschema forgets the others when it comes to the next. A value
        that two of them have names neither (section 3.11.4, [node table]).
        """
        own = tables.get((above, key))
        if own is not None:
            return own
        below = set(above.iter())
        kept = [rows for (element, identity), rows in tables.items() if identity is key and element in below]
        if len(kept) > 1:
            self._reading.apart.append(Table(above, key, [row for rows in kept for row in rows]))
        return kept[-1] if kept else ()

    def _refer(self, rows: Sequence[Row], targets: Sequence[Row]) -> None:
        for row in rows:
            for cell in row:
                cell.referring = True
            self._reading.references.append((row, targets))

    def _rows(self, keeper: Element, identity: Any) -> list[Row]:
        rows = []
        for node in select(keeper, identity.selector):
            cells = [self._field(node, each, identity) for each in identity.fields]
            if all(cell is not None for cell in cells):
                rows.append(tuple(cell for cell in cells if cell is not None))
        return rows

    def _field(self, node: Element, path: Any, identity: Any) -> Cell | None:
        """The cell of a field; None where the node has none, or a nil one."""
        found = select(node, path)
        if not found:
            return self._default(node, path)
        if not isinstance(found[0], Element):
            holder = found[0].getparent()
            return self._attribute(holder, str(found[0].attrname))
        holder = found[0]
        declaration, xsd_type = self._known.get(holder, (None, None))
        if declaration is not None and declaration.nillable and isinstance(identity, XsdKey):
            self._reading.complaint = (
                f"xs:key {identity.local_name}, a field of which is nillable (cvc-identity-constraint.4.2.3)"
            )
        simple_type = None if xsd_type is None else simple_content(xsd_type)
        if declaration is None or simple_type is None or holder.get(XSI_NIL) in ("true", "1"):
            return None
        text = holder.text or declaration.fixed or declaration.default or ""
        emptied = not holder.text and bool(text) and (holder, None) in self._touched
        return self._cell((holder, None), None, simple_type, text, constant=emptied or declaration.fixed is not None)

    def _default(self, node: Element, path: Any) -> Cell | None:
        """The cell of an attribute that is not there and has a default, which counts as if it were."""
        step = path.path.strip().removeprefix("attribute::").removeprefix("@")
        if step == path.path.strip() or "/" in step:
            return None
        _, xsd_type = self._known.get(node, (None, None))
        for name, use in (getattr(xsd_type, "attributes", None) or {}).items():
            if name is not None and local_name(name) == step.rpartition(":")[2]:
                return self._attribute(node, name) if use.fixed or use.default else None
        return None

    def _attribute(self, holder: Element, name: str) -> Cell | None:
        _, xsd_type = self._known.get(holder, (None, None))
        use = (getattr(xsd_type, "attributes", None) or {}).get(name)
        if use is None:
            return None
        text = holder.get(name, use.fixed or use.default or "")
        dropped = name not in holder.attrib and (holder, name) in self._touched
        return self._cell((holder, name), None, use.type, text, constant=dropped or use.fixed is not None)

    # --- ids ----------------------------------------------------------------------------------------------------------

    def _read_ids(self) -> None:
        ids: list[Row] = []
        references: list[Row] = []
        for element, declaration, xsd_type in self._walk:
            if declaration is None or xsd_type is None:
                continue
            in_content, names = self._declared.identified(xsd_type)
            if in_content and element.get(XSI_NIL) not in ("true", "1"):
                self._identify((element, None), simple_content(xsd_type), element.text, declaration, ids, references)
            for name in names:
                use = xsd_type.attributes[name]
                self._identify((element, name), use.type, element.get(name), use, ids, references)
        if ids:
            self._reading.tables.append(Table(self._walk[0][0], None, ids))
        self._refer(references, ids)

    def _identify(
        self, spot: Spot, simple_type: Any, written: str | None, use: Any, ids: list[Row], references: list[Row]
    ) -> None:
        """Adds the cell of an id or reference, or one for each item of a list; what is not written has its default."""
        text = written or use.fixed or use.default
        if text is None and written is None and spot[1] is not None:
            return
        text = text or ""
        constant = not written and bool(text)
        held = active_type(simple_type, text)
        in_list = is_list(held)
        words: Sequence[tuple[int | None, str]] = list(enumerate(text.split())) if in_list else [(None, text)]
        cells = []
        for index, word in words:
            each = active_type(item_type(held), word) if in_list else held
            if index is None and (spot, None) in self._cells:
                each = self._cells[spot, None].type  # what it is to a key, too
            whole = in_list and is_id(each) and _is_closed(held)
            cell = self._cell(spot, index, each, word, constant=constant or whole)
            cells.append(cell)
            if is_id(each):
                ids.append((cell,))
            elif is_idref(each):
                references.append((cell,))
        if in_list:
            self._reading.lists[spot] = cells

    def _cell(self, spot: Spot, index: int | None, simple_type: Any, text: str, *, constant: bool = False) -> Cell:
        key = (spot, index)
        if key not in self._cells:
            before = self._touched.get(spot)
            known_as = text if before is None or index is not None else before
            self._cells[key] = Cell(
                spot, index, simple_type, text, known_as, pinned=before is not None, constant=constant
            )
        return self._cells[key]
