"""An operation whose documented answer is empty: one-way calls, and void methods over HTTP GET and HTTP POST."""

from dataclasses import replace

import pytest
from exchanges import answered, envelope, logs, message, operation

from contracts.judge.answer import Answer
from contracts.judge.expectations import meets_expectation
from contracts.judge.payload import payload_root, payload_schema, validators_agree
from contracts.model import Content, Expectation, MessageShape


def answer(body: str, status: int, *, documented_status: int = 200, expectation: Expectation = "accept") -> Answer:
    """An answer where the page documents an empty one."""
    called = operation("utws")
    binding = replace(
        called.bindings_by_protocol["soap11"], response=MessageShape(Content()), status_code=documented_status
    )
    sent = replace(message("utws/soap11"), expectation=expectation)
    return Answer(answered(sent, body, status=status), called, binding)


def test_empty_answer_is_the_documented_success() -> None:
    empty = answer("", 200)
    (root,) = (each for each in empty.requirements if each.check == "payload_root")
    (valid, *_) = (each for each in empty.requirements if each.check == "payload_schema")
    assert empty.outcome == "success"
    assert not meets_expectation(empty, "none").problems
    assert not payload_root(empty, root)
    assert not payload_schema(empty, valid)
    assert validators_agree(empty, root) is None


def test_content_where_none_is_documented_is_found() -> None:
    filled = answer(envelope(logs()), 200)
    (root,) = (each for each in filled.requirements if each.check == "payload_root")
    problems = payload_root(filled, root)
    assert filled.outcome == "unrecognised"
    assert problems
    assert problems[0].expected == "no body"


@pytest.mark.parametrize("documented, status, is_violated", [(200, 200, True), (202, 202, False), (200, 500, False)])
def test_empty_success_accepts_an_invalid_message_unless_the_call_is_one_way(
    documented: int, status: int, is_violated: bool
) -> None:
    refused = answer("", status, documented_status=documented, expectation="reject")
    assert bool(meets_expectation(refused, "none").problems) is is_violated
