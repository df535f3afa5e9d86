"""Envelopes and HTTP requests under `@given`: legal in any mixture, and entitled to what the families' table says."""

from collections.abc import Iterator
from functools import cache
from itertools import product
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from planned_messages import BINDINGS, IDS, filled, operation_named, parts, sent

from contracts.families import families
from contracts.judge.records import Message, Request
from contracts.model import Binding, Operation
from contracts.names import ENVELOPE_NAMESPACE, local_name, namespace_of
from contracts.values import fill, names_in
from strategies.defects import FOREIGN
from strategies.draws import draw
from strategies.envelopes import (
    ROLES,
    HeaderBlock,
    SoapVersion,
    every_header_block,
    header_blocks,
    headers,
    with_header,
)
from strategies.http_requests import forms, requests

over_every_binding = pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)
VERSIONS: tuple[SoapVersion, ...] = ("soap11", "soap12")


def drawn(operation: Operation, binding: Binding, count: int, *, mandatory: bool = False) -> tuple[Message, ...]:
    return _drawn(f"{operation.key}/{binding.protocol}", mandatory)[:count]


@cache
def _drawn(key: str, mandatory: bool) -> tuple[Message, ...]:
    operation, binding = BINDINGS[IDS.index(key)]
    return tuple(draw(requests(operation, binding.protocol, mandatory=mandatory), 120, 11))


# --- header blocks ----------------------------------------------------------------------------------------------------


def test_blocks_come_in_all_combinations_of_what_a_version_has() -> None:
    assert len(every_header_block("soap11")) == 3 * 3
    assert len(every_header_block("soap12")) == 5 * 5 * 5
    assert all(len(set(every_header_block(version))) == len(every_header_block(version)) for version in VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_blocks_are_written_as_they_are_described(version: SoapVersion) -> None:
    uri = ENVELOPE_NAMESPACE[version]
    for block in every_header_block(version):
        written = block.written()
        assert written.get(f"{{{uri}}}mustUnderstand") == block.must_understand
        assert written.get(f"{{{uri}}}{'actor' if version == 'soap11' else 'role'}") == ROLES[version][block.role]
        assert written.get(f"{{{uri}}}relay") == block.relay
        assert namespace_of(str(written.tag)) not in ("", uri)


@pytest.mark.parametrize("version", VERSIONS)
def test_only_blocks_for_the_receiver_are_mandatory(version: SoapVersion) -> None:
    mandatory = {(block.must_understand, block.role) for block in every_header_block(version) if block.is_mandatory}
    roles = ("", "next") if version == "soap11" else ("", "next", "ultimate")
    words = ("1",) if version == "soap11" else ("1", "true")
    assert mandatory == set(product(words, roles))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("mandatory", [True, False])
def test_drawn_blocks_are_as_wanted_and_many(version: SoapVersion, mandatory: bool) -> None:
    blocks = set(draw(header_blocks(version, mandatory=mandatory), 80, 1))
    assert {block.is_mandatory for block in blocks} == {mandatory}
    wanted = [block for block in every_header_block(version) if block.is_mandatory is mandatory]
    assert len(blocks) >= min(20, len(wanted))


def test_blocks_stand_after_those_of_the_sample_and_leave_it_alone() -> None:
    uri = ENVELOPE_NAMESPACE["soap12"]
    sample = etree.fromstring(f"<s:Envelope xmlns:s='{uri}'><s:Header><a/></s:Header><s:Body/></s:Envelope>")
    blocks = (HeaderBlock("soap12", "1", "next"), HeaderBlock("soap12", None, ""))
    root = with_header(sample, blocks)
    assert [etree.QName(each).localname for each in root[0]] == ["a", "SoapstoneUnknown", "SoapstoneUnknown1"]
    assert len(sample[0]) == 1
    assert [etree.QName(each).localname for each in with_header(etree.fromstring("<E><B/></E>"), blocks)] == [
        "Header",
        "B",
    ]


def test_envelopes_without_blocks_are_drawn_too() -> None:
    assert {len(each) for each in draw(headers("soap11"), 60, 1)} == {0, 1, 2, 3}


# --- forms ------------------------------------------------------------------------------------------------------------

PARAMETERS = [("a", "x y+z"), ("b", "é&=%/<>\"'"), ("c", "5"), ("d", ""), ("token", "{{Token}}")]


def test_forms_say_the_same_however_they_are_written() -> None:
    written = list(draw(forms(PARAMETERS), 150, 3))
    assert len({form.text for form in written}) > 100
    for form in written:
        text = form.text.replace("{{Token}}", "T")
        assert text.isascii()
        assert sorted(parse_qsl(text, keep_blank_values=True, strict_parsing=True)) == sorted(
            (name, value.replace("{{Token}}", "T")) for name, value in PARAMETERS
        )
    everything = "".join(form.text for form in written)
    assert all(mark in everything for mark in ("+", "%20", "%2B", "%2b", "%78"))
    assert {form.text.split("=")[0] for form in written} >= {"a", "b", "c"}


def test_forms_are_repeated_only_when_asked() -> None:
    assert all(form.text.count("=") == len(PARAMETERS) for form in draw(forms(PARAMETERS), 60, 1))
    repeated = [form for form in draw(forms(PARAMETERS, repeated=True), 100, 1) if "repeated" in str(form.ingredients)]
    assert {name for form in repeated for name in form.ingredients if "repeated" in name} == {
        "repeated-text",
        "repeated-number",
    }
    assert all(form.text.count("&") == len(PARAMETERS) for form in repeated)


# --- whole requests ---------------------------------------------------------------------------------------------------


@over_every_binding
def test_requests_carry_the_known_good_message(operation: Operation, binding: Binding) -> None:
    credentials = {leaf.name for leaf in operation.leaves if leaf.credential}
    (known,) = sent(f"{operation.key}/{binding.protocol}", "known_good")
    for message in drawn(operation, binding, 60):
        assert names_in(message.request) == credentials
        assert said(operation, binding, message.request) == said(operation, binding, known.request), message.changes


AWKWARD = "a<b>&\"c' d+%é€\r\n]]>"


@over_every_binding
def test_configured_values_are_read_back_as_they_are(operation: Operation, binding: Binding) -> None:
    names = {leaf.path.rpartition("/")[2]: leaf.name for leaf in operation.leaves if leaf.credential}
    for message in drawn(operation, binding, 120):
        request = fill(message.request, dict.fromkeys(names.values(), AWKWARD))
        if binding.is_form:
            (root,) = parts(operation, binding, request)
        else:
            root = etree.fromstring(request.body or b"", etree.XMLParser(remove_comments=True))
        texts = {local_name(str(each.tag)): each.text for each in root.iter()}
        found = {name: text for name, text in texts.items() if name in names}
        assert found == dict.fromkeys(names, AWKWARD), message.changes


def said(operation: Operation, binding: Binding, request: Request) -> list[tuple[str, str]]:
    """The elements of a request and their text, without the header blocks that nobody knows."""
    request = filled(operation, request)
    if binding.is_form:
        (root,) = parts(operation, binding, request)
        return sorted((str(each.tag), each.text or "") for each in root)
    root = etree.fromstring(request.body or b"")
    etree.strip_tags(root, etree.Comment)
    found = [
        each for each in root.iter() if isinstance(each.tag, str) and not str(each.tag).startswith(f"{{{FOREIGN}}}")
    ]
    return [(str(each.tag), (each.text or "").strip()) for each in found if not str(each.tag).endswith("}Header")]


@over_every_binding
def test_requests_are_entitled_to_what_the_table_says(operation: Operation, binding: Binding) -> None:
    for message in drawn(operation, binding, 80):
        facts = [
            families().defect(change.after or "", operation.family, binding.protocol) for change in message.changes
        ]
        if any(facts):
            assert message.expectation == "either"
        assert message.expectation in ("accept", "either")
        assert bool(message.because) is (message.expectation == "either")


@over_every_binding
def test_requests_vary_in_every_respect_that_the_binding_has(operation: Operation, binding: Binding) -> None:
    messages = drawn(operation, binding, 120)
    assert len({message.request for message in messages}) > (40 if binding.is_form else 90)
    if binding.is_form:
        return
    assert len({message.request.encoding for message in messages}) >= 4
    assert len({dict(message.request.headers)["Content-Type"] for message in messages}) > 8
    assert {"Transfer-Encoding" in dict(message.request.headers) for message in messages} == {True, False}
    assert any(message.expectation == "accept" for message in messages)


@over_every_binding
def test_charset_declaration_and_bytes_agree(operation: Operation, binding: Binding) -> None:
    if binding.is_form:
        return
    for message in drawn(operation, binding, 60):
        content_type = dict(message.request.headers)["Content-Type"].lower()
        charset = content_type.partition("charset=")[2].strip('"')
        body = filled(operation, message.request).body or b""
        assert message.request.encoding.replace("-le", "").replace("-be", "") == charset
        assert etree.fromstring(body) is not None
        body.decode(message.request.encoding)


def _soap_bindings() -> Iterator[tuple[Operation, Binding]]:
    return ((operation, binding) for operation, binding in BINDINGS if binding.is_soap)


@pytest.mark.parametrize("operation, binding", list(_soap_bindings()))
def test_mandatory_blocks_entitle_to_what_the_stacks_of_the_family_do(operation: Operation, binding: Binding) -> None:
    version: SoapVersion = "soap11" if binding.protocol == "soap11" else "soap12"
    wanted = {"mandatory-header", "mandatory-header-next", "mandatory-header-true"}
    for message in drawn(operation, binding, 120, mandatory=True):
        root = etree.fromstring(filled(operation, message.request).body or b"")
        marked = [
            each
            for each in root.iter(f"{{{FOREIGN}}}*")
            if (each.get(f"{{{ENVELOPE_NAMESPACE[version]}}}mustUnderstand") or "0") in ("1", "true")
        ]
        mandatory = {change.after for change in message.changes} & wanted
        assert bool(mandatory) <= bool(marked)
        if mandatory:
            assert message.kind == "defect"
            assert message.expectation == ("either" if operation.family == "servicestack" else "reject")
            assert message.because


def test_requests_can_be_used_under_given() -> None:
    operation = operation_named("ReportInstantStats")
    seen: set[str] = set()

    @settings(max_examples=30, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests(operation, "http_get"))
    def check(message: Message) -> None:
        assert message.request.path.startswith("/ReportInstantStats?")
        seen.add(message.request.path)

    check()
    assert len(seen) > 10
