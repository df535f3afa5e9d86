"""A DataSet as .NET writes it: an inline schema, then a diffgram with the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reference.names import DIFFGR, MSDATA, XSD, Name
from reference.tree import Element, leaf

NAME = "NewDataSet"
TABLE = "Table"


def dataset(columns: Sequence[str], rows: Sequence[Mapping[str, int]]) -> tuple[Element, ...]:
    """The schema and the diffgram of one table, all of whose columns are of type int."""
    return schema(columns), diffgram(rows)


def _xs(local: str, *children: Element, **attributes: Name | str) -> Element:
    named = tuple((Name("", key), value) for key, value in attributes.items())
    return Element(Name(XSD, local), children, named)


def schema(columns: Sequence[str]) -> Element:
    """The inline schema. It has no target namespace: neither have the rows."""
    fields = tuple(_xs("element", name=column, type=Name(XSD, "int"), minOccurs="0") for column in columns)
    table = _xs("element", _xs("complexType", _xs("sequence", *fields)), name=TABLE)
    choice = _xs("choice", table, minOccurs="0", maxOccurs="unbounded")
    root = Element(
        Name(XSD, "element"),
        (_xs("complexType", choice),),
        (
            (Name("", "name"), NAME),
            (Name(MSDATA, "IsDataSet"), "true"),
            (Name(MSDATA, "UseCurrentLocale"), "true"),
        ),
    )
    return _xs("schema", root, id=NAME)


def diffgram(rows: Sequence[Mapping[str, int]]) -> Element:
    data = Element(Name("", NAME), tuple(_row(row, order) for order, row in enumerate(rows)))
    return Element(Name(DIFFGR, "diffgram"), (data,) if rows else ())


def _row(row: Mapping[str, int], order: int) -> Element:
    return Element(
        Name("", TABLE),
        tuple(leaf(Name("", column), str(value)) for column, value in row.items()),
        ((Name(DIFFGR, "id"), f"{TABLE}{order + 1}"), (Name(MSDATA, "rowOrder"), str(order))),
    )
