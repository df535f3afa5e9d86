"""Defects of structure in the messages of a plan: each is one when it is read, and the families' table knows each."""

from collections import Counter

import pytest
from lxml import etree
from planned_messages import BINDINGS, IDS, parts, sent

from contracts.families import families
from contracts.judge.records import Message
from contracts.loader import load_services
from contracts.model import Binding, Operation
from strategies.structure import RULES
from suites.plan import plan

XML_BINDINGS = [(operation, binding) for operation, binding in BINDINGS if not binding.is_form]
XML_IDS = [f"{operation.key}/{binding.protocol}" for operation, binding in XML_BINDINGS]
over_every_xml_binding = pytest.mark.parametrize("operation, binding", XML_BINDINGS, ids=XML_IDS)

SHOWN_BY_LOGS_AVAILABLE = {
    "missing-element", "repeated-element", "swapped-elements", "unknown-element-first", "unknown-element-last",
    "element-in-value", "text-between-elements", "element-in-foreign-namespace", "element-without-namespace",
    "element-in-other-case", "unknown-attribute", "foreign-attribute", "nil-not-nillable", "nil-with-content",
    "nil-misspelled", "unknown-type", "wrong-type",
}  # fmt: skip


def rule_of(message: Message) -> str:
    return message.changes[-1].rule.partition(":")[0]


@over_every_xml_binding
def test_each_message_is_invalid_as_it_is_read(operation: Operation, binding: Binding) -> None:
    messages = sent(f"{operation.key}/{binding.protocol}", "invalid_structure")
    assert len(messages) > 30
    for message in messages:
        assert _complaints(operation, binding, message), message.changes


def _complaints(operation: Operation, binding: Binding, message: Message) -> set[str]:
    """What lxml calls the errors of a message's content; a root that the schema does not declare is one."""
    found = set()
    for part in parts(operation, binding, message.request):
        if not operation.schema.fast.validate(etree.fromstring(etree.tostring(part))):
            found |= {error.type_name for error in operation.schema.fast.error_log}
    return found


@pytest.mark.parametrize("protocol", ["soap11", "soap12"])
def test_every_kind_of_defect_that_the_schema_has_room_for_is_sent(protocol: str) -> None:
    messages = sent(f"utws/logsAvailable/{protocol}", "invalid_structure")
    assert {rule_of(message) for message in messages} == SHOWN_BY_LOGS_AVAILABLE


def test_every_member_is_broken_in_every_way() -> None:
    counts = Counter(rule_of(message) for message in sent("utws/logsAvailable/soap11", "invalid_structure"))
    assert counts["element-without-namespace"] == 14
    assert counts["element-in-value"] == 11
    assert counts["nil-misspelled"] == 14


@pytest.mark.parametrize("family", sorted(families().names))
def test_the_table_says_of_every_rule_what_it_entitles_to(family: str) -> None:
    protocols = {binding.protocol for operation, binding in XML_BINDINGS if operation.family == family}
    for protocol in sorted(protocols):
        rules = {*RULES, "two-branches", "too-few", "too-many", "operation-without-namespace"}
        assert not {rule for rule in rules if families().defect(rule, family, protocol) is None}


def test_what_must_be_refused_comes_first_and_with_the_configured_credentials() -> None:
    messages = sent("studebaker/Login/xml", "invalid_structure")
    demanded = [message for message in messages if message.expectation == "reject"]
    assert list(messages[: len(demanded)]) == demanded
    assert demanded[0].uses_credentials
    assert {rule_of(message) for message in demanded} == {
        "element-in-value", "text-between-elements", "element-without-namespace", "nil-misspelled",
    }  # fmt: skip


def test_stacks_that_tolerate_a_defect_are_named() -> None:
    for key in XML_IDS:
        for message in sent(key, "invalid_structure"):
            stacks = families().stacks(BINDINGS[IDS.index(key)][0].family)
            assert message.expectation == "reject" or any(stack in message.because for stack in stacks)


@pytest.mark.parametrize("key", [key for key in IDS if key not in XML_IDS])
def test_forms_have_no_structure_to_break(key: str) -> None:
    assert not sent(key, "invalid_structure")


@over_every_xml_binding
def test_plans_send_them(operation: Operation, binding: Binding) -> None:
    services = {operation.service: load_services()[operation.service]}
    items = plan(services, [binding.protocol], "standard", 0)
    (item,) = [each for each in items if each.case == "invalid_structure" and each.operation.name == operation.name]
    assert not item.is_idle
    assert len(list(item.messages())) == len(sent(f"{operation.key}/{binding.protocol}", "invalid_structure"))
