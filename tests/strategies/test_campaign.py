"""The message campaign: it counts what it draws, and a message that is not what it is called does not slip through."""

from dataclasses import replace

import pytest
from planned_messages import BINDINGS, IDS, sent

from bench.campaign import Campaign, Tally, _count_edges, _faults_of_defect, _faults_of_valid, markdown
from contracts.judge.records import Change, Message
from strategies.templates import template_of

KEY = "utws/logsAvailable/soap11"


@pytest.fixture
def tally() -> Tally:
    return Tally(*BINDINGS[IDS.index(KEY)])


def known_good() -> Message:
    (message,) = sent(KEY, "known_good")
    return message


def with_body(message: Message, old: bytes, new: bytes) -> Message:
    assert old in (message.request.body or b"")
    return replace(message, request=replace(message.request, body=(message.request.body or b"").replace(old, new, 1)))


def test_a_valid_message_has_no_faults(tally: Tally) -> None:
    assert _faults_of_valid(tally, known_good(), exact=True) == []


@pytest.mark.parametrize("old, new", [(b"logsAvailable ", b"logsMissing "), (b"</soap:Body>", b"")])
def test_an_invalid_message_that_is_called_valid_is_found(tally: Tally, old: bytes, new: bytes) -> None:
    broken = known_good()
    body = (broken.request.body or b"").replace(b"<logsAvailable xmlns", b"<logsAvailable  xmlns")
    broken = with_body(replace(broken, request=replace(broken.request, body=body)), old, new)
    assert _faults_of_valid(tally, broken, exact=False)


def test_a_defect_that_healed_itself_is_found(tally: Tally) -> None:
    good = known_good()
    assert _faults_of_defect(tally, "unknown_operation", good, good.request)
    spelled = with_body(good, b"?>", b" ?>")
    lexical = replace(spelled, changes=(Change("lexical", "a", "xs:int", "1", "2"),))
    assert _faults_of_defect(tally, "invalid_lexical", lexical, good.request)
    assert _faults_of_defect(tally, "ill_formed", spelled, good.request)


def test_true_defects_are_left_alone(tally: Tally) -> None:
    good = known_good().request
    for case in ("invalid_lexical", "ill_formed", "missing_body"):
        for message in sent(KEY, case, 8):
            assert _faults_of_defect(tally, case, message, good) == []


def test_edges_that_no_message_has_are_counted(tally: Tally) -> None:
    template = template_of(tally.operation, "soap11")
    edges = list(sent(KEY, "edges"))
    _count_edges(tally, template, edges)
    assert (tally.missed_edges, tally.wrong) == (0, [])
    assert tally.edge_values > 100
    _count_edges(tally, template, edges[: len(edges) // 2])
    assert tally.missed_edges > 0
    assert tally.wrong


def test_memory_that_grows_and_wrong_messages_fail_the_campaign(tally: Tally) -> None:
    tally.valid, tally.seconds = 10, 1.0
    steady = [(number * 1000, 100_000_000) for number in range(1, 11)]
    assert Campaign([tally], steady).is_clean
    assert not Campaign([tally], [*steady[:-1], (10_000, 120_000_000)]).is_clean
    assert "100 MB after 1,000" in markdown(Campaign([tally], steady))
    tally.wrong.append("a message")
    assert not Campaign([tally], steady).is_clean
    assert "    a message" in markdown(Campaign([tally], steady))
