"""Checks on .NET DataSets: an inline schema, then a diffgram. Source: [MS-DSDG]; the page prints placeholders."""

from collections.abc import Sequence

from lxml import etree

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem
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


def dataset_schema(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The inline schema compiles."""
    schema = _inline_schema(answer)
    if schema is None:
        return None
    compiled = _compiled(schema)
    if isinstance(compiled, etree.XMLSchema):
        return KEPT
    return [Problem("InlineSchemaDoesNotCompile", "a valid XML Schema", compiled, xpath_of(schema), schema.sourceline)]


def dataset_data(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The data instance of the diffgram, stripped of diffgr and msdata attributes, is valid against the inline schema.

    It is the diffgram's first child outside the diffgram namespace, and may be absent.
    """
    schema = _inline_schema(answer)
    compiled = None if schema is None else _compiled(schema)
    dataset = _dataset(answer)
    diffgram = None if dataset is None else child(dataset, f"{{{DIFFGRAM}}}diffgram")
    if not isinstance(compiled, etree.XMLSchema) or diffgram is None:
        return None
    data = next((each for each in children(diffgram) if namespace_of(str(each.tag)) != DIFFGRAM), None)
    if data is None:
        return None
    said = _said_of(compiled, data)
    return [Problem("DataAgainstInlineSchema", "valid rows", said, xpath_of(data), data.sourceline)] if said else KEPT


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
    """The compiled schema, or why it does not compile. Schemas that refer to other documents are not followed."""
    outside = [
        local(each) for each in schema.iter(*(f"{{{XSD}}}{name}" for name in _REFERENCES)) if each.get("schemaLocation")
    ]
    if outside:
        return f"{outside[0]} refers to another document"
    try:
        return etree.XMLSchema(with_namespaces(schema))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        return str(error)


_REFERENCES = ("import", "include", "redefine")


def _stripped(data: Element) -> Element:
    """A copy without the attributes that only the diffgram needs."""
    copied = with_namespaces(data)
    for element in copied.iter("*"):
        for name in [str(key) for key in element.attrib if namespace_of(str(key)) in (DIFFGRAM, MSDATA)]:
            del element.attrib[name]
    return copied
