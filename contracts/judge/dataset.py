"""Checks on .NET DataSets: an inline schema, then a diffgram. Source: [MS-DSDG]; the page prints placeholders."""

import re
from collections import Counter
from collections.abc import Sequence

from lxml import etree

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem, few
from contracts.judge.trees import Element, child, children, is_nil, local, text_of, with_namespaces, xpath_of
from contracts.model import Requirement
from contracts.names import DIFFGRAM, MSDATA, XSD, namespace_of


def dataset_shape(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A DataSet holds an xs:schema, then a diffgram, and no literal text. An absent or nil result is a legal null."""
    dataset = _dataset(answer)
    if dataset is None or is_nil(dataset):
        return None
    tags = [str(each.tag) for each in children(dataset)]
    text = text_of(dataset).strip()
    if tags == [f"{{{XSD}}}schema", f"{{{DIFFGRAM}}}diffgram"] and not text:
        return KEPT
    found = ", ".join(tags) + (f" and the text {text[:40]!r}" if text else "")
    return [
        Problem(
            "WrongDataSet", "xs:schema, then diffgr:diffgram", found or "nothing", xpath_of(dataset), dataset.sourceline
        )
    ]


def dataset_parts(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A DataSet holds an xs:schema, then XML, and no placeholder. An absent or nil result is a legal null."""
    dataset = _dataset(answer)
    if dataset is None or is_nil(dataset):
        return None
    tags = [str(each.tag) for each in children(dataset)]
    first, text = next(children(dataset), None), text_of(dataset).strip()
    is_placeholder = text == "xml" or (first is not None and text_of(first).strip() == "schema")
    if tags[:1] == [f"{{{XSD}}}schema"] and len(tags) > 1 and not is_placeholder:
        return KEPT
    found = ", ".join(tags) + (f" and the text {text[:40]!r}" if text else "")
    expected = "xs:schema, then XML, in the place of the placeholders"
    return [Problem("WrongDataSet", expected, found or "nothing", xpath_of(dataset), dataset.sourceline)]


def dataset_schema(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The inline schema compiles."""
    schema = _inline_schema(answer)
    if schema is None:
        return None
    compiled = _compiled(schema)
    if isinstance(compiled, etree.XMLSchema):
        return KEPT
    if any(each.get("schemaLocation") for each in schema.iter(f"{{{XSD}}}import")):
        return None  # what it lacks may stand there
    return [Problem("InlineSchemaDoesNotCompile", "a valid XML Schema", compiled, xpath_of(schema), schema.sourceline)]


def dataset_data(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The data instance of the diffgram, stripped of diffgr and msdata attributes, is valid against the inline schema.

    It is the diffgram's first child outside the diffgram namespace, and may be absent.
    """
    schema = _inline_schema(answer)
    compiled = None if schema is None else _compiled(schema)
    data = _data_instance(answer)
    if not isinstance(compiled, etree.XMLSchema) or data is None:
        return None
    said = _said_of(compiled, data)
    return [Problem("DataAgainstInlineSchema", "valid rows", said, xpath_of(data), data.sourceline)] if said else KEPT


def dataset_is_marked(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """One element of the inline schema is marked as the DataSet. Source: [MS-DSDG], msdata:IsDataSet."""
    schema = _inline_schema(answer)
    if schema is None:
        return None
    marks = [each.get(f"{{{MSDATA}}}IsDataSet") for each in children(schema)]
    if "true" in marks:
        return KEPT
    return [Problem("DataSetNotMarked", 'msdata:IsDataSet="true" on an element', "none", xpath_of(schema))]


def diffgram_parts(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A diffgram holds at most one data instance, then perhaps before, then perhaps errors. Source: [MS-DSDG] 2.3.2."""
    diffgram = _diffgram(answer)
    if diffgram is None:
        return None
    before, errors = f"{{{DIFFGRAM}}}before", f"{{{DIFFGRAM}}}errors"
    parts = [tag if tag in (before, errors) else "data" for tag in (str(each.tag) for each in children(diffgram))]
    if parts == [each for each in ("data", before, errors) if each in parts]:
        return KEPT
    found = ", ".join(local(each) for each in children(diffgram))
    return [Problem("WrongDiffgram", "data, before, errors, each at most once", found, xpath_of(diffgram))]


def rows_are_identified(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Each row has a diffgr:id that no other has, and msdata:rowOrder counts from 0. Source: [MS-DSDG] 2.3.2."""
    data = _data_instance(answer)
    found = [] if data is None else list(children(data))
    if not found:
        return None
    ids = [each.get(f"{{{DIFFGRAM}}}id") for each in found]
    times = Counter(ids)
    wrong = [each for each, name in zip(found, ids, strict=True) if name is None or times[name] > 1]
    orders = [(each, each.get(f"{{{MSDATA}}}rowOrder")) for each in found]
    return few(
        (
            *(Problem("RowWithoutIdentity", "a diffgr:id of its own", local(each), xpath_of(each)) for each in wrong),
            *(
                Problem("WrongRowOrder", "an integer from 0 on", str(order), xpath_of(each))
                for each, order in orders
                if order is not None and not _COUNT.fullmatch(order)
            ),
        )
    )


_COUNT = re.compile("[0-9]+")


def changed_rows_are_told(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """diffgr:hasChanges is inserted or modified, and a modified row has a twin in before. Source: [MS-DSDG] 2.3.2."""
    data, diffgram = _data_instance(answer), _diffgram(answer)
    changed = [] if data is None else [each for each in children(data) if each.get(_HAS_CHANGES) is not None]
    if not changed or diffgram is None:
        return None
    before = child(diffgram, f"{{{DIFFGRAM}}}before")
    twins = {each.get(f"{{{DIFFGRAM}}}id") for each in ([] if before is None else children(before))}
    told = [(each, str(each.get(_HAS_CHANGES)).lower()) for each in changed]
    return few(
        Problem("WrongHasChanges", "inserted, or modified with a twin in before", said, xpath_of(each))
        for each, said in told
        if said not in ("inserted", "modified", "descent")
        or (said == "modified" and each.get(f"{{{DIFFGRAM}}}id") not in twins)
    )


_HAS_CHANGES = f"{{{DIFFGRAM}}}hasChanges"


def columns(answer: Answer) -> frozenset[tuple[str, str]] | None:
    """The columns that the inline schema declares, as `table/column` with the local name of the type; None without a
    schema.
    """
    schema = _inline_schema(answer)
    if schema is None:
        return None
    return frozenset(
        (f"{table.get('name')}/{column.get('name')}", _type_name(column))
        for table in schema.iter(f"{{{XSD}}}element")
        for column in table.iterfind(f"{{{XSD}}}complexType/{{{XSD}}}sequence/{{{XSD}}}element")
    )


def _type_name(column: Element) -> str:
    """The type that a column names, or the base of the one that it restricts."""
    restricted = column.find(f"{{{XSD}}}simpleType/{{{XSD}}}restriction")
    named = column.get("type") or (restricted.get("base") if restricted is not None else None) or ""
    return named.rpartition(":")[2]


def rows(answer: Answer) -> list[str] | None:
    """The rows of the data instance in order, one text each; None where the answer holds no DataSet."""
    if _inline_schema(answer) is None:
        return None
    data = _data_instance(answer)
    return [] if data is None else [_row(each) for each in children(data)]


def is_promised(answer: Answer) -> bool:
    """Whether the page shows a DataSet; an answer without one then holds a null."""
    return any((each.check or "").startswith("dataset_") for each in answer.requirements)


def _row(row: Element) -> str:
    return f"{local(row)}: " + ", ".join(_member(each) for each in children(row))


def _member(member: Element) -> str:
    """A column with its value, or a nested row, whose white space between members is nobody's value."""
    return f"({_row(member)})" if next(children(member), None) is not None else f"{local(member)}={text_of(member)}"


def _data_instance(answer: Answer) -> Element | None:
    """The diffgram's first child outside the diffgram namespace; None where there is none."""
    diffgram = _diffgram(answer)
    found = () if diffgram is None else children(diffgram)
    return next((each for each in found if namespace_of(str(each.tag)) != DIFFGRAM), None)


def _diffgram(answer: Answer) -> Element | None:
    dataset = _dataset(answer)
    return None if dataset is None else child(dataset, f"{{{DIFFGRAM}}}diffgram")


def _said_of(schema: etree.XMLSchema, data: Element) -> str:
    """What a schema holds against data; empty if it is valid."""
    try:
        return "" if schema.validate(_stripped(data)) else schema.error_log[0].message
    except (
        etree.XMLSchemaValidateError,
        etree.XMLSyntaxError,
    ) as error:  # entity references are left in place, and cannot be validated
        return str(error)


def _dataset(answer: Answer) -> Element | None:
    """The DataSet element of a documented success payload: the root over HTTP GET and POST, else the Result element."""
    if not answer.is_documented_payload or answer.error_text is not None or answer.response.status_code >= 300:
        return None
    if answer.binding.is_form or answer.payload is None:
        return answer.payload
    return next(children(answer.payload), None)


def _inline_schema(answer: Answer) -> Element | None:
    dataset = _dataset(answer)
    return None if dataset is None else child(dataset, f"{{{XSD}}}schema")


def _compiled(schema: Element) -> etree.XMLSchema | str:
    """The compiled schema, or why it does not compile. No other document is read.

    What an import says of its place is a hint (XML Schema part 1 section 4.2.3); what is included is part of it all.
    """
    outside = [local(each) for each in schema.iter(f"{{{XSD}}}include", f"{{{XSD}}}redefine")]
    if outside:
        return f"{outside[0]} refers to another document"
    alone = with_namespaces(schema)
    for each in alone.iter(f"{{{XSD}}}import"):
        each.attrib.pop("schemaLocation", None)
    try:
        return etree.XMLSchema(alone)
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        return str(error)


def _stripped(data: Element) -> Element:
    """A copy without the attributes that only the diffgram needs."""
    copied = with_namespaces(data)
    for element in copied.iter("*"):
        for name in [str(key) for key in element.attrib if namespace_of(str(key)) in (DIFFGRAM, MSDATA)]:
            del element.attrib[name]
    return copied
