"""Schemas: both compilers, what components note of their origin, and what is said of documents that are wrong."""

from pathlib import Path

import pytest
from lxml import etree

from contracts.errors import ContractError
from contracts.loader import load_services
from contracts.names import SOURCE, XSD
from contracts.schema import ENTRY, Schema
from contracts.sources import Source

HEAD = f'<xs:schema xmlns:xs="{XSD}" xmlns:s="{SOURCE}" xmlns="urn:d" targetNamespace="urn:d">\n'
ENTRY_TEXT = f'<xs:schema xmlns:xs="{XSD}">\n<xs:import namespace="urn:d" schemaLocation="d.xsd"/>\n</xs:schema>'


def schema(folder: Path, text: str, entry: str = ENTRY_TEXT) -> Schema:
    (folder / ENTRY).write_text(entry, "utf-8")
    (folder / "d.xsd").write_text(text, "utf-8")
    return Schema(folder)


WRONG = {
    "not well-formed": (HEAD + '<xs:element name="a">\n</xs:schema>', "d.xsd"),
    "unknown type": (HEAD + '<xs:element name="a" type="nowhere"/>\n</xs:schema>', "d.xsd"),
    "unknown built-in type": (HEAD + '<xs:element name="a" type="xs:integr"/>\n</xs:schema>', "d.xsd"),
    "no schema at all": ("<html/>", "d.xsd"),
    "empty": ("", "d.xsd"),
}


@pytest.mark.parametrize("compiler", ["fast", "exact"])
@pytest.mark.parametrize("text, file", WRONG.values(), ids=WRONG)
def test_document_that_does_not_compile_is_reported(text: str, file: str, compiler: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        getattr(schema(tmp_path, text), compiler)
    assert caught.value.place.file.parent == tmp_path
    assert caught.value.problem


def test_lxml_names_document_and_line_of_a_wrong_component(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        _ = schema(tmp_path, HEAD + '\n<xs:element name="a" type="nowhere"/>\n</xs:schema>').fast
    assert (caught.value.place.file.name, caught.value.place.line) == ("d.xsd", 3)


@pytest.mark.parametrize("compiler", ["fast", "exact"])
def test_missing_imported_document_is_reported(compiler: str, tmp_path: Path) -> None:
    (tmp_path / ENTRY).write_text(
        f'<xs:schema xmlns:xs="{XSD}" xmlns:d="urn:d"><xs:import namespace="urn:d" schemaLocation="d.xsd"/>'
        '<xs:element name="a" type="d:T"/></xs:schema>',
        "utf-8",
    )
    with pytest.raises(ContractError) as caught:
        getattr(Schema(tmp_path), compiler)
    assert caught.value.place.file.parent == tmp_path


@pytest.mark.parametrize("compiler", ["fast", "exact"])
def test_missing_content_type_is_reported(compiler: str, tmp_path: Path) -> None:
    (tmp_path / ENTRY).write_text(f'<xs:schema xmlns:xs="{XSD}"/>', "utf-8")
    with pytest.raises(ContractError, match="NoSuchBody"):
        getattr(Schema(tmp_path, ["NoSuchBody"]), compiler)


def test_component_notes_place_and_basis_of_each_aspect(tmp_path: Path) -> None:
    made = schema(
        tmp_path,
        HEAD
        + '<xs:element name="a" s:at="3:5" s:basis="documented"><xs:complexType><xs:sequence>'
        + '<xs:element name="b" type="xs:int" s:at="4:7" s:basis="documented" s:min-basis="convention"/>'
        + '<xs:any processContents="skip" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>\n</xs:schema>',
    )
    found = made.component(["b"], "{urn:d}a")
    assert found is not None
    assert (found.source, found.basis, found.type_basis) == (Source("page.txt", 4, 7), "documented", "documented")
    assert (found.min_basis, found.described) == ("convention", "b: int")
    assert made.component(["b", "below"], "{urn:d}a") is None
    assert made.component([], "{urn:d}none") is None


def test_component_without_notes_is_inferred(tmp_path: Path) -> None:
    found = schema(tmp_path, HEAD + '<xs:element name="a" type="xs:int"/>\n</xs:schema>').component([], "{urn:d}a")
    assert found is not None
    assert (found.source, found.basis) == (None, "inferred")


def test_content_type_is_validated_below_its_wrapper(tmp_path: Path) -> None:
    (tmp_path / ENTRY).write_text(
        f'<xs:schema xmlns:xs="{XSD}"><xs:complexType name="Body"><xs:all>'
        '<xs:element name="x" type="xs:int" minOccurs="0"/></xs:all></xs:complexType></xs:schema>',
        "utf-8",
    )
    made = Schema(tmp_path, ["Body"])
    wrapper = etree.Element(made.wrapper("Body"))
    assert made.fast.validate(wrapper)
    etree.SubElement(wrapper, "x").text = "nothing of the kind"
    assert not made.fast.validate(wrapper)
    with pytest.raises(KeyError):
        made.wrapper("Other")


@pytest.mark.parametrize("service", load_services().values(), ids=lambda service: service.name)
def test_shipped_schemas_compile_and_declare_what_the_bindings_name(service) -> None:  # type: ignore[no-untyped-def]
    for operation in service.operations.values():
        assert operation.schema.fast is not None
        for binding in operation.bindings:
            for shape in (binding.request, binding.response, binding.error):
                for content in () if shape is None else (shape.body, shape.header):
                    if content is not None:
                        root = content.element or operation.schema.wrapper(content.type_name or "")
                        assert operation.schema.element([], root) is not None
