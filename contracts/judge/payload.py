"""Checks on the documented content of answers."""

from collections.abc import Sequence

from contracts.judge.answer import Answer
from contracts.judge.business import is_leafless
from contracts.judge.checks import KEPT, Problem
from contracts.judge.trees import Element, children, local, xpath_of
from contracts.judge.validation import SchemaError, disagreement, validate
from contracts.model import Content, Requirement
from contracts.names import SOAP12_ENVELOPE

INVALID_LOGIN = "invalid_login"
"""The case whose messages carry a made-up user name and password, and nothing else that is wrong."""

CROSS_CHECK_EVERY = 100
"""xmlschema looks at the first in so many of each case's messages, if lxml passed its answer."""


def payload_root(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer to an acceptable message that is no error holds the documented element.

    Observed on answers below 300 that hold XML and report no error: those claim success, and so does no body at all in
    answer to a valid message. An empty Body claims nothing.
    """
    if answer.response.status_code >= 300 or answer.fault is not None or answer.error_text:
        return None
    if answer.is_documented_payload and answer.binding.response.body.is_empty:
        return KEPT
    if _is_empty_for_valid_message(answer):
        return [Problem("EmptyAnswerToValidMessage", _documented(answer), "no body", "body")]
    if answer.payload is None:
        return None
    if answer.payload is answer.body and next(children(answer.payload), None) is None:
        return None
    if answer.is_documented_payload:
        return KEPT
    found = answer.payload
    return [Problem("WrongPayloadElement", _documented(answer), str(found.tag), xpath_of(found), found.sourceline)]


def _is_empty_for_valid_message(answer: Answer) -> bool:
    """Whether a message that is valid is answered with a status of success and nothing else.

    Not so where an empty answer is how the operation refuses, as a login does.
    """
    is_valid = answer.exchange.message.expectation in ("accept", "process")
    may_be_empty = answer.operation.success_needs is not None or answer.binding.response.body.is_empty
    return is_valid and not may_be_empty and not answer.content.strip()


def _documented(answer: Answer) -> str:
    body = answer.binding.response.body
    return "no body" if body.is_empty else body.element or "the documented members"


def payload_schema(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """A documented success payload is valid. With the parameter `component`: that member of it is.

    An error goes to the requirement that names its component, else to the one that names none.
    """
    if not answer.is_documented_payload or answer.error_text is not None or answer.response.status_code >= 300:
        return None
    component = requirement.parameters.get("component")
    if component is not None and not _holds(answer, str(component)):
        return None
    claimed = {each.parameters.get("component") for each in answer.requirements if each.check == "payload_schema"}
    mine = {component} if component is not None else None
    return [
        _problem(error)
        for error in answer.schema_errors
        if (error.component in mine if mine else error.component not in claimed)
    ]


def validators_agree(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """On a sample of the payloads that lxml passed, xmlschema has nothing to say either.

    The sample is told by the message's place in the plan: whoever judges again, a shard's log too, draws the same.
    """
    if answer.outcome != "success" or answer.exchange.message.index % CROSS_CHECK_EVERY or answer.schema_errors:
        return None
    if answer.payload is None:  # the page documents an empty answer
        return None
    said = disagreement(answer.operation.schema, answer.binding.response.body, answer.payload)
    if said is None:
        return KEPT
    return [Problem("ValidatorsDisagree", "valid for lxml and xmlschema", said, xpath_of(answer.payload))]


def documented_error(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A business error that is no fault has the documented shape, where the page documents one."""
    shape = answer.binding.error
    if shape is None or answer.error_text is None or answer.fault is not None or answer.payload is None:
        return None
    if shape.body.element is not None and answer.payload.tag != shape.body.element:
        return None
    return [
        _problem(error)
        for part, content in answer.parts(shape)
        for error in validate(answer.operation.schema, content, part)
    ]


def fault_detail(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """Entries of a fault's detail that the contract declares (the parameter `elements`) are valid.

    Others, and a fault without any, are nobody's promise. Source: SOAP 1.1 section 4.4; SOAP 1.2 part 1 section 5.4.5.
    """
    detail = None if answer.fault is None else next((each for each in children(answer.fault) if _is_detail(each)), None)
    declared = requirement.parameters.get("elements", ())
    assert isinstance(declared, list | tuple)
    entries = [] if detail is None else [each for each in children(detail) if each.tag in declared]
    if not entries:
        return None
    errors = (
        error for each in entries for error in validate(answer.operation.schema, Content(element=str(each.tag)), each)
    )
    return [_problem(error) for error in errors]


def _is_detail(element: Element) -> bool:
    return element.tag in ("detail", f"{{{SOAP12_ENVELOPE}}}Detail")


def empty_refusal(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A refused login is answered empty: no body, or the documented element with nothing filled in.

    A status of 400 or more, or an error structure, is another way to refuse and no problem here.
    """
    message = answer.exchange.message
    is_login = any(each.id == message.requirement and each.sends == INVALID_LOGIN for each in answer.requirements)
    if not is_login or message.kind == "sample":
        return None
    if answer.outcome not in ("empty", "success", "unrecognised"):
        return None
    if not answer.content.strip():
        return KEPT
    if not answer.is_documented_payload or answer.payload is None:
        return [Problem("OtherContentForRefusedLogin", "an empty response", answer.described, "body")]
    if is_leafless(answer.payload):
        return KEPT
    filled = [local(each) for each in answer.payload if isinstance(each.tag, str) and not is_leafless(each)]
    return [Problem("FilledAnswerForRefusedLogin", "no member filled", ", ".join(filled), xpath_of(answer.payload))]


def _holds(answer: Answer, name: str) -> bool:
    """Whether the content of an answer has an element of that local name."""
    parts = answer.parts(answer.binding.response)
    return any(next(part.iter(f"{{*}}{name}"), None) is not None for part, _ in parts)


def _problem(error: SchemaError) -> Problem:
    return Problem(
        "InvalidContent",
        error.expected,
        f"{error.reason}: {error.actual}",
        error.where,
        error.line,
        None,
        error.basis,
        error.source,
    )
