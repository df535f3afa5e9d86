"""Edges that relations look at: each alone, first, and once for each leaf."""

from dataclasses import replace

import pytest
from planned_messages import operation_named, sent

from contracts.judge.records import Message
from contracts.model import Relation
from strategies.aimed import AFTER_ALL, BEFORE_ALL, aimed_edges
from strategies.templates import Template, template_of

LOG = "mobileconnect/UserClientSessionLogRequest/soap12"
KNOWN = {"OpenSessionsOnly": "true", "StartedAfter": AFTER_ALL[0], "StartedBefore": BEFORE_ALL[0]}


def template() -> Template:
    return template_of(operation_named("UserClientSessionLogRequest"), "soap12")


def changed(message: Message) -> dict[str, str | None]:
    return {change.where: change.after for change in message.changes}


def test_filters_and_bounds_are_tried_first_and_alone() -> None:
    first = sent(LOG, "edges")[: len(KNOWN)]
    assert {where: after for message in first for where, after in changed(message).items()} == KNOWN
    assert all(len(message.changes) == 1 and message.expectation == "process" for message in first)


def test_messages_carry_what_they_say() -> None:
    for message in sent(LOG, "edges")[: len(KNOWN)]:
        ((where, after),) = changed(message).items()
        assert f"{where}>{after}</".encode() in (message.request.body or b"")


@pytest.mark.parametrize("key", ["utws/logsAvailable/soap11", "studebaker/Login/xml"])
def test_operations_without_such_relations_begin_with_other_edges(key: str) -> None:
    assert not {change.after for change in sent(key, "edges")[0].changes} & {*AFTER_ALL, *BEFORE_ALL}


def with_relations(*relations: Relation) -> Template:
    made = template()
    return replace(made, operation=replace(made.operation, relations=relations))


def test_a_leaf_of_several_relations_is_tried_once() -> None:
    relations = template().operation.relations
    assert len(list(aimed_edges(with_relations(*relations, *relations)))) == len(KNOWN)


def test_values_that_the_schema_forbids_are_left_out() -> None:
    (within,) = [each for each in template().operation.relations if each.kind == "within"]
    bounded = replace(within, arguments={**within.arguments, "lower": "RecordsPerPage", "upper": "no such leaf"})
    assert list(aimed_edges(with_relations(bounded))) == []
