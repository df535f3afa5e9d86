"""Minimising: a message rebuilt from some of its changes."""

import pytest
from planned_messages import BINDINGS, IDS, parts, sent, subject

from contracts.model import Binding, Operation
from strategies.minimise import reversions, with_changes

over_every_binding = pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)


@over_every_binding
@pytest.mark.parametrize("case", ["valid", "edges"])
def test_all_changes_rebuild_the_message_and_none_the_sample(operation: Operation, binding: Binding, case: str) -> None:
    asked = subject(operation, binding)
    key = f"{operation.key}/{binding.protocol}"
    (known_good,) = sent(key, "known_good")
    for message in sent(key, case, 60 if case == "valid" else None):
        assert with_changes(message, asked, message.changes) == message
        assert with_changes(message, asked, ()).request == known_good.request


@over_every_binding
def test_reversions_leave_out_one_change_each_and_stay_valid(operation: Operation, binding: Binding) -> None:
    asked = subject(operation, binding)
    for message in sent(f"{operation.key}/{binding.protocol}", "valid", 60):
        smaller = list(reversions(message, asked))
        assert len(smaller) == (len(message.changes) if len(message.changes) > 1 else 0)
        for each in smaller:
            assert set(each.changes) < set(message.changes)
            assert each.request != message.request
            for part in parts(operation, binding, each.request):
                assert operation.schema.fast.validate(part)


def test_defects_are_not_minimised() -> None:
    operation, binding = BINDINGS[0]
    message = sent(IDS[0], "ill_formed")[0]
    assert list(reversions(message, subject(operation, binding))) == []
    with pytest.raises(ValueError, match="not a defect"):
        with_changes(message, subject(operation, binding), ())
