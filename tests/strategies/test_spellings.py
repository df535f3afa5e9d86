"""Spellings: other bytes, the same infoset."""

from io import BytesIO
from urllib.parse import parse_qs

import pytest
from lxml import etree
from planned_messages import BINDINGS, IDS, filled, sent

from contracts.families import families
from contracts.judge.records import Request
from contracts.model import Binding, Operation

over_every_binding = pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)


def canonical(request: Request) -> str:
    """C14N 2.0 with prefixes rewritten, comments and the white space between elements left out."""
    parser = etree.XMLParser(resolve_entities=False, remove_comments=True)
    root = etree.fromstring(request.body or b"", parser)
    plain = etree.fromstring(etree.tostring(root))
    return str(etree.canonicalize(etree.tostring(plain).decode(), rewrite_prefixes=True, strip_text=True))


@over_every_binding
def test_spellings_are_the_sample_in_other_bytes(operation: Operation, binding: Binding) -> None:
    (known_good,) = sent(f"{operation.key}/{binding.protocol}", "known_good")
    messages = sent(f"{operation.key}/{binding.protocol}", "spellings")
    sample = filled(operation, known_good.request)
    assert len({message.request for message in messages} | {known_good.request}) == len(messages) + 1
    for message in messages:
        spelled = filled(operation, message.request)
        if binding.is_form:
            query, sample_query = (
                parse_qs((each.body or b"").decode() or each.path.partition("?")[2]) for each in (spelled, sample)
            )
            assert query == sample_query
        else:
            assert canonical(spelled) == canonical(sample), message.changes
            etree.parse(BytesIO(spelled.body or b""))


@over_every_binding
def test_spellings_are_accepted_unless_a_stack_refuses(operation: Operation, binding: Binding) -> None:
    for message in sent(f"{operation.key}/{binding.protocol}", "spellings"):
        refused = families().defect(message.changes[0].after or "", operation.family, binding.protocol)
        assert message.expectation == ("either" if refused else "accept")
        assert bool(message.because) is bool(refused)


def test_a_comment_inside_a_value_is_left_to_asmx() -> None:
    expectations = {
        message.changes[0].after: message.expectation for message in sent("utws/logsAvailable/soap11", "spellings")
    }
    assert [name for name, expectation in expectations.items() if expectation == "either"] == ["comment-in-value"]
