"""Known-good, valid and edge messages: what they are made of, and that nobody can call them invalid."""

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from lxml import etree
from planned_messages import BINDINGS, IDS, SEED, all_messages, operation_named, parts, sent, subject

import strategies
from contracts.families import families
from contracts.judge.records import Message
from contracts.model import Binding, Operation
from contracts.values import names_in
from strategies.cases import CASES, PROBES, SIZED
from strategies.repetitions import STILL_ANSWERS, messages_in_flight
from strategies.templates import template_of

VALID = ("known_good", "valid", "edges")

over_every_binding = pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)


def key_of(operation: Operation, binding: Binding) -> str:
    return f"{operation.key}/{binding.protocol}"


@over_every_binding
@pytest.mark.parametrize("case", VALID)
def test_both_validators_take_what_is_called_valid(operation: Operation, binding: Binding, case: str) -> None:
    for message in sent(key_of(operation, binding), case, 150 if case == "valid" else None):
        for part in parts(operation, binding, message.request):
            assert operation.schema.fast.validate(part), (message.changes, operation.schema.fast.error_log.last_error)
            operation.schema.exact.validate(part)


@over_every_binding
def test_known_good_message_is_accepted_and_unchanged(operation: Operation, binding: Binding) -> None:
    (message,) = sent(key_of(operation, binding), "known_good")
    assert (message.kind, message.expectation, message.changes) == ("sample", "accept", ())
    credentials = {leaf.name for leaf in operation.leaves if leaf.credential}
    assert names_in(message.request) == credentials


@over_every_binding
def test_edges_expect_processing_unless_a_stack_is_named(operation: Operation, binding: Binding) -> None:
    for message in sent(key_of(operation, binding), "edges"):
        assert message.kind == "edge"
        assert message.expectation == ("either" if message.because else "process")
        if message.expectation == "either":
            assert len(message.changes) == 1


@over_every_binding
def test_drawn_values_are_portable(operation: Operation, binding: Binding) -> None:
    template = template_of(operation, binding.protocol)
    type_names = {(site.kind, site.where): site.type_names for site in template.sites}
    for message in sent(key_of(operation, binding), "valid", 150):
        assert message.expectation == "process"
        for change in message.changes:
            for name in type_names[change.kind, change.where]:
                value = change.after or ""
                assert families().unportable(name, value, operation.family, binding.protocol) is None


@pytest.mark.parametrize("protocol", ["soap11", "soap12"])
def test_forty_edges_reach_every_leaf_and_every_structure(protocol: str) -> None:
    operation = operation_named("logsAvailable")
    template = template_of(operation, "soap11")
    reached = {
        (change.kind, change.where)
        for message in sent(f"{operation.key}/{protocol}", "edges", 40)
        for change in message.changes
    }
    paths = {(site.kind, site.path) for site in template.sites if (site.kind, site.where) in reached}
    assert paths == {(site.kind, site.path) for site in template.sites}


def test_lists_are_tried_empty_short_and_long() -> None:
    after = {
        change.after
        for message in sent("utws/logsAvailable/soap11", "edges")
        for change in message.changes
        if change.kind == "count"
    }
    assert after == {"0", "1", "3", "50"}


def test_a_long_list_has_its_items() -> None:
    operation = operation_named("logsAvailable")
    message = next(
        message
        for message in sent(f"{operation.key}/soap11", "edges")
        if any(change.kind == "count" and change.after == "50" for change in message.changes)
    )
    (part,) = parts(operation, operation.bindings_by_protocol["soap11"], message.request)
    assert len(part[1]) == 50


def test_members_in_any_order_are_reordered() -> None:
    operation = operation_named("SWServiceLogout")
    for message in sent(f"{operation.key}/soap11", "edges"):
        header = parts(operation, operation.bindings[0], message.request)[0]
        if [change.kind for change in message.changes] == ["order"]:
            assert [child.tag for child in header] == ["sessionid", "interfacename"]
            break
    assert any(
        change.kind == "order" for message in sent(f"{operation.key}/soap11", "edges") for change in message.changes
    )


@over_every_binding
def test_credentials_stay_placeholders_in_valid_messages(operation: Operation, binding: Binding) -> None:
    credentials = {leaf.name for leaf in operation.leaves if leaf.credential}
    for case in VALID:
        for message in sent(key_of(operation, binding), case, 60 if case == "valid" else None):
            assert names_in(message.request) == (credentials if message.uses_credentials else set())


def test_a_secret_that_is_no_credential_is_varied_with_made_up_credentials_only() -> None:
    for message in sent("studebaker/Login/xml", "edges"):
        touches = any(change.where == "PasswordHash" for change in message.changes)
        assert message.uses_credentials is not touches
        assert (b"soapstone-no-such-user" in (message.request.body or b"")) is touches


@over_every_binding
def test_known_and_made_up_credentials_are_never_mixed(operation: Operation, binding: Binding) -> None:
    leaves = {leaf.name for leaf in operation.leaves if leaf.credential}
    for message in all_messages(key_of(operation, binding)):
        names = names_in(message.request) & leaves
        assert names in (leaves, set()), message.changes
        assert message.uses_credentials is (not leaves or bool(names))


@pytest.mark.parametrize("protocol", ["soap11", "soap12"])
def test_thousand_drawn_messages_are_nearly_all_distinct(protocol: str) -> None:
    operation = operation_named("logsAvailable")
    binding = next(each for each in operation.bindings if each.protocol == protocol)
    drawn = CASES["valid"](subject(operation, binding, 1_000))
    assert len({message.request for message in drawn}) >= 950


@over_every_binding
def test_messages_are_numbered_and_limited(operation: Operation, binding: Binding) -> None:
    for name, case in CASES.items():
        messages = list(case(subject(operation, binding, 7)))
        asking = {"a/1/b", STILL_ANSWERS} if name in {*PROBES, "still_answers"} else {"a/1/b"}
        assert {message.requirement for message in messages} <= asking
        own = [message for message in messages if message.requirement == "a/1/b"]
        assert len(own) <= (messages_in_flight(7) if name == "in_flight" else 7)
        assert [message.index for message in messages] == list(range(len(messages)))
        assert all(message.item == "item" for message in messages)
        unlimited = list(sent(key_of(operation, binding), name, None))
        assert messages == unlimited[: len(messages)] or name in {*SIZED, *PROBES}


@over_every_binding
def test_public_strategies_work_under_given(operation: Operation, binding: Binding) -> None:
    @seed(SEED)
    @settings(
        max_examples=5, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        message = data.draw(strategies.messages(operation, binding.protocol))
        assert isinstance(message, Message)
        assert message.changes
        payload = data.draw(strategies.payloads(operation, binding.protocol))
        assert template_of(operation, binding.protocol).is_valid(payload)

    check()


def test_narrative_requests_have_the_documented_fields() -> None:
    (message,) = sent("partstream/SWServiceLogout/soap11", "known_good")
    assert message.request.headers == (("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", '""'))
    root = etree.fromstring(message.request.body or b"")
    assert [etree.QName(child).localname for child in root] == ["Header", "Body"]


def test_parameters_of_get_stand_in_the_query() -> None:
    (message,) = sent("ecgridos/ReportInstantStats/http_get", "known_good")
    assert message.request.path == "/ReportInstantStats?SessionID={{SessionID}}&Minutes1=60&Minutes2=1440"
    assert (message.request.headers, message.request.body) == ((), None)
