"""Variations, probes and repetitions: each is what it says, keeps credentials together, and names its reason."""

import gzip
from collections import Counter

import pytest
from lxml import etree
from planned_messages import BINDINGS, IDS, filled, sent, subject

from contracts.families import families
from contracts.judge.comparisons import IDENTITY, TOGETHER, WINDOW
from contracts.judge.envelope import UNKNOWN_NAMESPACE
from contracts.model import Binding, Operation
from contracts.values import names_in
from strategies import probes, repetitions
from strategies.cases import CASES, PROBES, UNBROKEN, VARIED
from strategies.defects import FOREIGN
from strategies.subjects import Subject

over_every_binding = pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)
LOGIN, LOGOUT, UTWS = "studebaker/Login/xml", "partstream/SWServiceLogout/soap11", "utws/logsAvailable/soap11"
GRID, GET = "ecgridos/ReportInstantStats/soap12", "ecgridos/ReportInstantStats/http_get"
READER = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True)


def key_of(operation: Operation, binding: Binding) -> str:
    return f"{operation.key}/{binding.protocol}"


def test_names_of_variations_are_unique() -> None:
    names = Counter(name for table in VARIED.values() for name in table)
    assert [name for name, times in names.items() if times > 1] == []


def test_judge_knows_the_namespace_of_unknown_blocks() -> None:
    assert UNKNOWN_NAMESPACE == FOREIGN


@over_every_binding
@pytest.mark.parametrize("case", sorted(set(VARIED) & UNBROKEN))
def test_legal_variations_are_read_as_xml_and_demand_an_answer(
    operation: Operation, binding: Binding, case: str
) -> None:
    (known,) = sent(key_of(operation, binding), "known_good")
    for message in sent(key_of(operation, binding), case):
        assert message.kind == "spelling"
        assert message.expectation in ("accept", "either")
        assert message.because or message.expectation == "accept"
        assert message.request != known.request
        if not binding.is_form:
            etree.fromstring(filled(operation, message.request).body or b"", READER)


@over_every_binding
def test_either_names_a_stack_of_the_family(operation: Operation, binding: Binding) -> None:
    stacks = families().stacks(operation.family)
    for case in VARIED:
        for message in sent(key_of(operation, binding), case):
            assert message.expectation != "either" or any(name in message.because for name in stacks), message.because


@over_every_binding
def test_no_message_carries_some_of_several_credentials(operation: Operation, binding: Binding) -> None:
    """Real and made-up credentials never go together: a wrong password beside a known user name may lock it."""
    (known,) = sent(key_of(operation, binding), "known_good")
    needed = names_in(known.request) - {probes.WITNESS}
    for case in (*VARIED, "still_answers", "in_flight", "steadily"):
        for message in sent(key_of(operation, binding), case):
            named = names_in(message.request) - {probes.WITNESS}
            assert named in (frozenset(), needed), (case, message.changes)


@over_every_binding
@pytest.mark.parametrize("case", sorted(PROBES))
def test_known_good_message_follows_each_probe(operation: Operation, binding: Binding, case: str) -> None:
    messages = sent(key_of(operation, binding), case)
    kinds = [message.kind for message in messages]
    assert kinds == ["sample", *["defect", "sample"] * (len(kinds) // 2)][: len(kinds)]
    assert len(kinds) != 1
    assert {message.requirement for message in messages if message.kind == "sample"} <= {repetitions.STILL_ANSWERS}


@over_every_binding
def test_probes_are_small_and_name_nothing_off_this_machine(operation: Operation, binding: Binding) -> None:
    for case in PROBES:
        for message in sent(key_of(operation, binding), case):
            body = message.request.body or b""
            assert len(body) < 2 * probes.LARGE
            for mark in (b'SYSTEM "http', b'href="http'):
                assert mark not in body.replace(b"http://www.w3.org/2001/XInclude", b"")


def test_entities_expand_to_no_more_than_they_say() -> None:
    (first, *_) = [each for each in sent(UTWS, "entity_expansion") if each.kind == "defect"]
    assert (first.request.body or b"").count(b"<!ENTITY") == probes.LEVELS + 1
    assert len(probes.MARK) * probes.REFERENCES**probes.LEVELS < 50 * 1024


@pytest.mark.parametrize("key", [UTWS, GRID, LOGIN, LOGOUT])
def test_entity_is_referred_to_whatever_leaves_there_are(key: str) -> None:
    probed = [each for each in sent(key, "external_addresses") if each.kind == "defect"]
    assert any(b"&probe;" in (each.request.body or b"") for each in probed)
    assert all(probes.WITNESS in names_in(each.request) for each in probed)


def test_signs_of_queries_stand_in_for_a_credential_with_all_others_made_up() -> None:
    for key in (GET, LOGIN, LOGOUT):
        messages = [each for each in sent(key, "queries_for_credentials") if each.kind == "defect"]
        assert messages
        assert all(names_in(each.request) == frozenset() and each.expectation == "reject" for each in messages)
    assert any("%27" in each.request.path for each in sent(GET, "queries_for_credentials"))


def test_line_end_goes_escaped_over_a_form() -> None:
    paths = [each.request.path for each in sent(GET, "field_ends") if each.kind == "defect"]
    assert paths
    assert all("%0D%0A" in path and "\r" not in path for path in paths)


def test_compressed_request_is_the_sample_and_needs_no_values() -> None:
    (known,) = sent(UTWS, "known_good")
    (packed,) = sent(UTWS, "compressed")
    assert gzip.decompress(packed.request.body or b"") == known.request.body
    assert packed.forbidden_characters
    assert sent(GRID, "compressed") == ()


def test_encodings_are_the_ones_that_are_named() -> None:
    for message in sent(UTWS, "utf_16"):
        body = message.request.body or b""
        assert body[:2] in (b"\xff\xfe", b"\xfe\xff")
        assert etree.fromstring(body).tag == etree.fromstring(sent(UTWS, "known_good")[0].request.body or b"").tag


# --- messages that mean something together ----------------------------------------------------------------------------


def with_parameters(key: str, case: str, limit: int | None = None, **parameters: object) -> list[str]:
    operation, binding = BINDINGS[IDS.index(key)]
    made = subject(operation, binding, limit)
    given = Subject(operation, binding, made.requirement_id, made.item, limit, made.seed, parameters)
    return [message.kind for message in CASES[case](given)]


def test_spellings_to_compare_stand_between_known_good_messages() -> None:
    kinds = with_parameters(UTWS, "spellings", 7, compares="equal_answers")
    assert kinds == ["sample", *["spelling"] * 6, "sample", "spelling", "sample"]
    assert with_parameters(UTWS, "spellings", 7) == ["spelling"] * 7


def test_messages_in_flight_can_be_told_apart_and_are_sent_alone_before_and_after() -> None:
    messages = sent(UTWS, "in_flight")
    assert len(messages) == 3 * repetitions.IN_FLIGHT == repetitions.messages_in_flight(None)
    together = [each for each in messages if any(change.kind == TOGETHER for change in each.changes)]
    assert together == list(messages[repetitions.IN_FLIGHT : 2 * repetitions.IN_FLIGHT])
    assert len({each.request for each in together}) == repetitions.IN_FLIGHT
    by_number = Counter(change.after for each in messages for change in each.changes if change.kind == IDENTITY)
    assert set(by_number.values()) == {3}
    assert len({each.request for each in messages}) == repetitions.IN_FLIGHT


def test_known_good_message_is_sent_as_often_as_asked() -> None:
    (known,) = sent(UTWS, "known_good")
    assert {each.request for each in sent(UTWS, "steadily", 30)} == {known.request}
    assert len(sent(UTWS, "steadily", 30)) == 30


def test_bindings_take_turns_and_only_those_under_test() -> None:
    operation, binding = BINDINGS[IDS.index(GRID)]
    found = [each.protocol for each in CASES["over_each_binding"](subject(operation, binding))]
    assert found == ["soap12", "soap11", "soap12", "http_get", "soap12", "http_post", "soap12"]
    narrowed = Subject(operation, binding, "a/1/b", "item", protocols=("soap12", "http_get"))
    assert [each.protocol for each in CASES["over_each_binding"](narrowed)] == ["soap12", "http_get", "soap12"]
    alone = Subject(operation, binding, "a/1/b", "item", protocols=("soap12",))
    assert list(CASES["over_each_binding"](alone)) == []


def test_windows_are_asked_for_page_by_page_between_two_of_the_whole() -> None:
    key = "mobileconnect/UserClientSessionLogRequest/soap12"
    operation, binding = BINDINGS[IDS.index(key)]
    (relation,) = [each for each in operation.relations if each.kind == "monotonic"]
    made = Subject(operation, binding, "a/1/b", "item", parameters=relation.requirement.parameters)
    labels = [
        change.after or "" for each in CASES["by_window"](made) for change in each.changes if change.kind == WINDOW
    ]
    assert labels[:2] == ["wide"] * repetitions.PAGES
    assert labels[-2:] == ["wide again"] * repetitions.PAGES
    assert all(label.startswith("narrow") for label in labels[2:-2])
    assert len(set(labels)) == 10


def test_small_pages_are_asked_for_between_two_of_the_whole() -> None:
    key = "mobileconnect/UserClientSessionLogRequest/soap12"
    operation, binding = BINDINGS[IDS.index(key)]
    (relation,) = [each for each in operation.relations if each.kind == "pages"]
    made = list(
        CASES["by_page"](Subject(operation, binding, "a/1/b", "item", parameters=relation.requirement.parameters))
    )
    labels = [change.after for each in made for change in each.changes if change.kind == WINDOW]
    assert labels == ["wide", "page 1", "page 2", "wide again"]
    bodies = [(each.request.body or b"").decode() for each in made]
    assert bodies[0] == bodies[-1]
    assert [f">{size}</RecordsPerPage>" in body for body, size in zip(bodies, (127, 2, 2, 127), strict=True)] == [
        True
    ] * 4
    assert [">1</PageRequestIndex>" in each for each in bodies] == [False, True, False, False]
    assert {each.expectation for each in made} == {"process"}


def test_values_that_are_used_up_are_sent_again_where_an_operation_uses_values_up() -> None:
    first, second = sent(LOGOUT, "consumed_twice")
    assert first.request == second.request
    assert [first.expectation, second.expectation] == ["accept", "reject"]
    assert sent(UTWS, "consumed_twice") == ()
