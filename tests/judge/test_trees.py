"""Elements out of their messages."""

from lxml import etree

from contracts.judge.trees import with_namespaces


def test_copy_keeps_names_beyond_ascii_and_the_declarations_of_values() -> None:
    root = etree.fromstring('<r xmlns:p="urn:p"><Straße kind="p:x">p:Größe</Straße>tail</r>')
    copied = with_namespaces(root[0])
    assert etree.tostring(copied, encoding="unicode") == '<Straße xmlns:p="urn:p" kind="p:x">p:Größe</Straße>'
    assert etree.tostring(with_namespaces(root[0], "Gebäude"), encoding="unicode") == (
        '<Gebäude xmlns:p="urn:p">p:Größe</Gebäude>'
    )
