"""What a message entitles us to, against what came back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

from contracts.families import DeserialisationFailure, families
from contracts.judge.answer import Answer
from contracts.judge.checks import Problem
from contracts.judge.faults import fault_code_of, fault_text_of
from contracts.judge.records import Change
from contracts.judge.trees import child, children, text_of
from contracts.model import Basis, Expectation, Requirement
from contracts.names import SOAP12_ENVELOPE

Silence: TypeAlias = Literal["none", "of the message", "unexplained"]
"""Whether an exchange stayed without an answer, and whether that is known to be the message's doing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judgement of one expectation: inconclusive, or the problems found (none: it was met)."""

    problems: Sequence[Problem] = ()
    inconclusive: bool = False


def meets_expectation(answer: Answer, silence: Silence) -> Outcome:
    """Whether an answer is what the message's expectation permits. Never asked about `either`: it expects nothing."""
    if silence == "unexplained":
        return Outcome(inconclusive=True)
    return _EXPECTATIONS[answer.exchange.message.expectation](answer, silence)


def _accept(answer: Answer, silence: Silence) -> Outcome:
    """Anything but a documented success payload violates it."""
    if answer.outcome == "success":
        return Outcome()
    name = "NoAnswerToValidMessage" if silence != "none" else "RefusedValidMessage"
    return Outcome([Problem(name, "a documented success payload", answer.described)])


def _process(answer: Answer, silence: Silence) -> Outcome:
    """Only a failure to read the message violates it; it deviates where a business refusal may look the same."""
    if silence == "of the message":
        problem = Problem("NoAnswerToValidMessage", "the message is read", answer.described)
        return Outcome([replace(problem, basis=_basis_of_variation(answer))])
    if not could_not_read(answer, _reading_failure_of(answer)):
        return Outcome(_unreasoned(answer))
    problem = Problem(
        "CouldNotReadValidMessage",
        "the message is read: it is valid by the page",
        answer.described,
        level=None if says_unread(answer) else "should",
        basis=_basis_of_variation(answer),
    )
    return Outcome([problem])


def _unreasoned(answer: Answer) -> Sequence[Problem]:
    """What is neither success nor a refusal that the service can be held to mean: it deviates.

    An operation that refuses by leaving its answer empty may refuse by any status too.
    """
    is_refused = answer.outcome == "refusal" and answer.error_text is None
    is_meaningful = not is_refused and answer.outcome != "unrecognised"
    if is_meaningful or says_why_by_status(answer) or answer.operation.success_needs is not None:
        return ()
    wanted = "a documented success payload, a fault or a business error"
    return [Problem("UnreasonedAnswerToValidMessage", wanted, answer.described, level="should")]


def _reject(answer: Answer, _: Silence) -> Outcome:
    """Only a documented success payload violates it. A one-way call is acknowledged before it is looked at."""
    if answer.outcome != "success" or answer.binding.is_one_way:
        return Outcome()
    wanted = "anything but a documented success payload"
    return Outcome([Problem("AcceptedInvalidMessage", wanted, answer.described, basis=_basis_of_defect(answer))])


NIL_VALUE = "nil-value"
"""Name of the variation in which a leaf that may not be nil is."""


def _basis_of_defect(answer: Answer) -> Basis | None:
    """What a rejection rests on where neither the page nor a standard asks for it in anything that is wrong; or None.

    A page shows values; that there is always one is a convention of the stack, unless the page says so.
    """
    return _weakest(_basis_of_wrong(answer, each) for each in answer.exchange.message.changes)


def _basis_of_wrong(answer: Answer, change: Change) -> Basis | None:
    """What the rejection of one thing that is wrong rests on; None for the page or a standard."""
    if change.after == NIL_VALUE:
        return _basis_of(answer, change.where, "nil_basis")
    if change.kind != "defect":
        return None
    row = families().defect(change.after or "", answer.operation.family, answer.binding.protocol)
    return None if row is None else row.basis


def _basis_of_variation(answer: Answer) -> Basis | None:
    """What a valid message rests on where all its differences from the documented sample are less than documented.

    That other text is valid, or none, may be a convention or our reading of the sample: a refusal then deviates.
    """
    changes = answer.exchange.message.changes
    return _weakest(_basis_of(answer, each.where, _ASPECTS[each.kind]) for each in changes if each.kind in _ASPECTS)


_ASPECTS: Mapping[str, str] = {
    "value": "type_basis",
    "absent": "min_basis",
    "count": "min_basis",
    "empty": "min_basis",
    "nil": "nil_basis",
}
"""Kinds of change in valid messages, and the aspect of the component that allows them."""


def _basis_of(answer: Answer, where: str, aspect: str) -> Basis | None:
    """What an aspect of the component at a place of the request rests on; None where the schema has none there."""
    schema, shape = answer.operation.schema, answer.binding.request
    steps = [step.partition("[")[0] for step in where.split("/")]
    content, steps = (shape.header, steps[1:]) if steps[0] == "Header" else (shape.body, steps)
    if content is None or content.is_empty:
        return None
    component = schema.component(steps, content.element or schema.wrapper(content.type_name or ""))
    return None if component is None else cast("Basis", getattr(component, aspect))


def _weakest(bases: Iterable[Basis | None]) -> Basis | None:
    """The weakest of several bases where each is less than documented; else None."""
    found = set(bases)
    return next((each for each in _WEAK if each in found), None) if found <= set(_WEAK) else None


_WEAK: Sequence[Basis] = ("inferred", "convention")


def controls(answers: Sequence[Answer]) -> Sequence[Answer]:
    """Of a group's answers those to messages that were sent beside the subject only to see what its answer is worth."""
    return [each for each in answers[1:] if each.exchange.purpose == "minimise"]


def in_view_of(beside: Sequence[Answer], outcome: Outcome) -> Outcome:
    """What is left of a judgement in view of the answers to such messages.

    Where the known-good message is not accepted either, a refusal shows nothing of the message under test; where any
    made-up credential is accepted, that one with signs in it is too shows nothing of the signs.
    """
    if not outcome.problems:
        return outcome
    samples = [each for each in beside if each.exchange.message.kind == "sample"]
    if any(each.exchange.response is not None and each.outcome != "success" for each in samples):
        return Outcome(inconclusive=True)
    if any(each.outcome == "success" for each in beside if each not in samples):
        return Outcome([replace(each, name="AcceptedAsAnyOther", level="inform") for each in outcome.problems])
    return outcome


_EXPECTATIONS: Mapping[Expectation, Callable[[Answer, Silence], Outcome]] = {
    "accept": _accept,
    "process": _process,
    "reject": _reject,
}


def noted(answer: Answer, requirement: Requirement, problem: Problem) -> Problem:
    """A problem as a note, where the requirement's parameter `noted` names the kind of answer that it is about.

    It names statuses (`415`), classes of them (`4xx`), local names of fault codes (`Client`), and `none` for silence.
    """
    named = requirement.parameters.get("noted", ())
    assert isinstance(named, list | tuple)
    return replace(problem, level="inform") if _kinds_of(answer).intersection(named) else problem


def _kinds_of(answer: Answer) -> frozenset[str]:
    if answer.exchange.response is None:
        return frozenset({"none"})
    status = answer.response.status_code
    code = fault_code_of(answer)
    if code is not None:
        return frozenset({code.partition(".")[0]})
    return frozenset({str(status), f"{status // 100}xx", *(("business error",) if answer.error_text else ())})


def says_unread(answer: Answer) -> bool:
    """Whether an answer says that the message could not be read, and can mean nothing else."""
    family = _reading_failure_of(answer)
    return family.told_apart and could_not_read(answer, family) and families().is_reading_failure(fault_text_of(answer))


def says_why_by_status(answer: Answer) -> bool:
    """Whether the status itself says that the message was read and not carried out, or was too large to be read.

    Source: RFC 9110 sections 15.5.10, 15.5.14, 15.5.15 and 15.5.21; RFC 6585 section 5.
    """
    return answer.response.status_code in (409, 413, 414, 422, 431)


def _reading_failure_of(answer: Answer) -> DeserialisationFailure:
    return families().deserialisation_failure(answer.operation.family, answer.binding.protocol)


def could_not_read(answer: Answer, family: DeserialisationFailure) -> bool:
    """Whether an answer says, in the way of the family's stacks, that the message could not be deserialised.

    An answer in the operation's own response element comes from the operation, whatever its status.
    """
    if answer.fault is not None:
        return _is_reading_fault(answer, family)
    if answer.is_documented_payload:
        return False
    status = answer.response.status_code
    if answer.root is not None and answer.envelope is None and str(answer.root.tag) in family.roots:
        return status in family.statuses
    if answer.error_text is not None or says_why_by_status(answer):
        return False
    is_empty = not answer.content.strip()
    return status in family.statuses or (family.empty_success and status < 300 and is_empty)


def _is_reading_fault(answer: Answer, family: DeserialisationFailure) -> bool:
    """Whether a fault blames the sender's message. With a filled detail it is the service's own, hence business."""
    code = fault_code_of(answer)
    if code is None or code.partition(".")[0] not in family.fault_codes:
        return False
    return not (family.fault_detail_empty and _has_detail(answer))


def _has_detail(answer: Answer) -> bool:
    if answer.fault is None:
        return False
    detail = child(answer.fault, "detail")
    if detail is None:
        detail = child(answer.fault, f"{{{SOAP12_ENVELOPE}}}Detail")
    return detail is not None and (any(True for _ in children(detail)) or bool(text_of(detail).strip()))
