"""What a DataSet is free to hold: other tables, other columns, changes, and figures that move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference.calls import PAYLOAD, Call, at
from reference.names import DIFFGR, MSDATA, XSD, Name
from reference.tree import Element, changed, leaf, rewritten

Payload = tuple[Element, ...]
Change = Callable[[Payload, Call], Payload]


def _replaced(local: str, change: Callable[[Element], tuple[Element, ...]]) -> Change:
    return lambda payload, call: tuple(changed(root, local, change) for root in payload)


def _xs(local: str, *children: Element, **attributes: Name | str) -> Element:
    named = tuple((Name("", key), value) for key, value in attributes.items())
    return Element(Name(XSD, local), children, named)


def _is_column(element: Element, name: str) -> bool:
    return element.name == Name(XSD, "element") and (Name("", "name"), name) in element.attributes


def _with_column(name: str, type_name: str, value: str) -> Change:
    """A column more, after the last."""

    def change(element: Element) -> tuple[Element, ...]:
        if _is_column(element, "InterchangesOut2"):
            return (element, _xs("element", name=name, type=Name(XSD, type_name), minOccurs="0"))
        if element.name == Name("", "InterchangesOut2"):
            return (element, leaf(Name("", name), value))
        return (element,)

    return lambda payload, call: tuple(rewritten(root, change) for root in payload)


at(PAYLOAD, "dataset_with_text_column")(_with_column("Mailbox", "string", "Lager & Versand"))
at(PAYLOAD, "dataset_with_date_time_column")(_with_column("Since", "dateTime", "2026-01-06T08:30:00+01:00"))
at(PAYLOAD, "dataset_with_null_column")(_replaced("InterchangesOut2", lambda column: ()))
at(PAYLOAD, "dataset_with_two_rows")(
    _replaced(
        "Table",
        lambda row: (
            row,
            replace(row, attributes=((Name(DIFFGR, "id"), "Table2"), (Name(MSDATA, "rowOrder"), "1"))),
        ),
    )
)


def _modified(row: Element) -> tuple[Element, ...]:
    return (replace(row, attributes=(*row.attributes, (Name(DIFFGR, "hasChanges"), "modified"))),)


@at(PAYLOAD)
def dataset_with_a_changed_row(payload: Payload, call: Call) -> Payload:
    """A row that was modified, and what it was before."""
    rows = [element for root in payload for element in root.walk() if element.name == Name("", "Table")]
    before = Element(Name(DIFFGR, "before"), tuple(rows))
    with_change = _replaced("Table", _modified)(payload, call)
    return _replaced("diffgram", lambda part: (replace(part, children=(*part.children, before)),))(with_change, call)


@at(PAYLOAD)
def dataset_with_an_inserted_row(payload: Payload, call: Call) -> Payload:
    def change(row: Element) -> tuple[Element, ...]:
        return (replace(row, attributes=(*row.attributes, (Name(DIFFGR, "hasChanges"), "inserted"))),)

    return _replaced("Table", change)(payload, call)


@at(PAYLOAD)
def dataset_with_a_key(payload: Payload, call: Call) -> Payload:
    """A unique key over a column, as a DataSet with constraints writes it."""
    key = _xs("unique", _xs("selector", xpath=".//Table"), _xs("field", xpath="ParcelsIn1"), name="Constraint1")

    def change(element: Element) -> tuple[Element, ...]:
        is_set = _is_column(element, "NewDataSet")
        return (replace(element, children=(*element.children, key)) if is_set else element,)

    return tuple(rewritten(root, change) for root in payload)


@at(PAYLOAD)
def dataset_named_by_the_service(payload: Payload, call: Call) -> Payload:
    """The data set and its table under names of the service's choice."""
    names = {"NewDataSet": "InstantStats", "Table": "Stats"}

    def change(element: Element) -> tuple[Element, ...]:
        name = (
            Name("", names.get(element.name.local, element.name.local)) if not element.name.namespace else element.name
        )
        attributes = tuple(
            (key, names.get(value, value) if key.local in ("name", "id") and isinstance(value, str) else value)
            for key, value in element.attributes
        )
        return (replace(element, name=name, attributes=attributes),)

    return tuple(rewritten(root, change) for root in payload)


@at(PAYLOAD)
def statistics_move_on(payload: Payload, call: Call) -> Payload:
    """Figures that grow from call to call, as those of a live network do."""
    passed = call.state.memory.count("statistics")

    def change(element: Element) -> tuple[Element, ...]:
        counts = not element.name.namespace and element.text.isdigit()
        return (leaf(element.name, str(int(element.text) + passed)) if counts else element,)

    return tuple(rewritten(root, change) for root in payload)
