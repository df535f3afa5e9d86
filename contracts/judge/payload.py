"""Checks on the documented content of answers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xmlschema import XsdElement

from contracts.judge.answer import Answer
from contracts.judge.business import business_error, is_leafless
from contracts.judge.checks import KEPT, Problem, few
from contracts.judge.trees import Element, children, descend, is_blank, local, text_of, xpath_of
from contracts.judge.validation import SchemaError, disagreement, validate
from contracts.model import Content, Requirement
from contracts.names import SOAP12_ENVELOPE
from contracts.schema import children_of, component_of

INVALID_LOGIN = "invalid_login"
"""The case whose messages carry a made-up user name and password, and nothing else that is wrong."""

STRUCTURE = "structure"
"""Kind of the changes that break the structure of a message."""

CROSS_CHECK_EVERY = 100
"""xmlschema looks at the first in so many of each case's messages, if lxml passed its answer."""


def payload_root(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer to an acceptable message that is no error holds the documented element.

    Observed on answers below 300 that hold XML and report no error: those claim success, and so does no body at all in
    answer to a valid message. An empty Body claims nothing.
    """
    if answer.response.status_code >= 300 or answer.fault is not None or answer.error_text:
        return None
    if answer.exchange.sent.method != answer.binding.method:
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
    if answer.exchange.message.kind == "defect":
        return None  # it may be read as a call of something else
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

    An error goes to the requirement that names its component where the answer has one, else to the one that names none.
    """
    if not answer.is_documented_payload or answer.error_text is not None or answer.response.status_code >= 300:
        return None
    component = requirement.parameters.get("component")
    if component is not None and not _holds(answer, str(component)):
        return None
    named = [each.parameters.get("component") for each in answer.requirements if each.check == "payload_schema"]
    claimed = [str(each) for each in named if each is not None and _holds(answer, str(each))]
    return [
        _problem(error)
        for error in answer.schema_errors
        if (
            _is_about(error, str(component))
            if component is not None
            else not any(_is_about(error, each) for each in claimed)
        )
    ]


def _is_about(error: SchemaError, component: str) -> bool:
    """Whether an error is about a component: a local name, or the last local names of a path."""
    steps = tuple(component.split("/"))
    return error.path[-len(steps) :] == steps


def printed_members(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A success holds every member that the page's samples of it print, except what may repeat: a list may be empty.

    Where one sample goes without a member, the page itself shows that it may be absent.
    """
    is_told_as_error = any(_is_filled(answer, each.text_path) for each in answer.operation.business_errors)
    if answer.outcome != "success" or is_told_as_error:
        return None
    shape = answer.binding.response
    parts: list[tuple[str, Element | None, Content | None]] = [
        ("Header", answer.header, shape.header),
        ("Body", answer.payload, shape.body),
    ]
    return few(
        problem
        for name, part, content in parts
        if content is not None and (declared := _declared(answer, content)) is not None
        for problem in _missing(declared, part, name if part is None else xpath_of(part))
    )


def _declared(answer: Answer, content: Content) -> XsdElement | None:
    schema = answer.operation.schema
    name = content.element if content.type_name is None else schema.wrapper(content.type_name)
    return None if name is None else schema.exact.elements.get(name)


def _missing(declared: XsdElement, part: Element | None, where: str) -> Iterator[Problem]:
    """The members below a declaration that an element does not have; all of them where there is no element."""
    for member in children_of(declared):
        noted = component_of(member)
        if member.max_occurs != 1 or noted.min_basis != "convention":
            continue
        found = [] if part is None else descend(part, str(member.local_name))
        if not found:
            source = str(noted.source) if noted.source else ""
            yield Problem("MissingMember", f"{member.local_name}, as printed", "none", where, source=source)
        for each in found[:1]:
            yield from _missing(member, each, xpath_of(each))


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
    """A business error that is no fault has the documented shape, where the page documents one.

    An error may hold what was sent: it deviates where that was of a structure that the page does not have (SOAP::Lite
    answers an element within a value with that element).
    """
    shape = answer.binding.error
    if shape is None or answer.error_text is None or answer.fault is not None or answer.payload is None:
        return None
    if shape.body.element is not None and answer.payload.tag != shape.body.element:
        return None
    is_strange = any(change.kind == STRUCTURE for change in answer.exchange.message.changes)
    return [
        replace(_problem(error), level="should") if is_strange else _problem(error)
        for part, content in answer.parts(shape)
        for error in validate(answer.operation.schema, content, part)
    ]


def flat_error_is_told(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error that stands beside the documented members has both a code and a text.

    A code of zeros without a text is no error: pages print one beside a success.
    """
    if answer.fault is not None or answer.payload is None:
        return None
    told = [each for each in answer.operation.business_errors if each.kind == "fault_code"]
    told = [each for each in told if _is_filled(answer, each.text_path) or answer.error_text is not None]
    told = [each for each in told if _is_filled(answer, each.path) or _is_filled(answer, each.text_path)]
    if not told:
        return None
    return [
        Problem(name, f"{path}, filled", "absent or blank", xpath_of(answer.payload))
        for each in told
        for name, path in (("ErrorWithoutCode", each.path), ("ErrorWithoutText", each.text_path))
        if not _is_filled(answer, path)
    ]


def error_is_told_in_body(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error that a field of the answer tells is told in its Body too: clients read that, and few read fields.

    ServiceStack writes an ErrorResponse, or fills the ResponseStatus of the response.
    """
    rulings = answer.operation.business_errors
    fields = [each for each in rulings if each.kind == "header_status"]
    if answer.fault is not None or business_error(fields, answer.response, None) is None:
        return None
    others = [each for each in rulings if each.kind != "header_status"]
    codes = () if answer.payload is None else answer.payload.iter("{*}ErrorCode")
    is_told = business_error(others, answer.response, answer.payload) or any(not is_blank(each) for each in codes)
    says_nothing = answer.body is not None and answer.payload is None
    if is_told or not (answer.is_documented_payload or says_nothing):
        return KEPT
    return [Problem("ErrorToldByFieldAlone", "an ErrorResponse, or an error code", answer.described[:160], "body")]


def flat_error_code_is_number(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The code of an error that stands beside the documented members is written in digits."""
    if answer.error_text is None or answer.fault is not None:
        return None
    told = [each.path for each in answer.operation.business_errors if each.kind == "fault_code" and each.path]
    codes = [each for path in told for each in descend(answer.payload, path) if not is_blank(each)]
    if not codes:
        return None
    return few(
        Problem("ErrorCodeIsNoNumber", "digits", text_of(each).strip()[:80], xpath_of(each), each.sourceline)
        for each in codes
        if not text_of(each).strip().isdecimal()
    )


def _is_filled(answer: Answer, path: str | None) -> bool:
    return any(not is_blank(each) for each in descend(answer.payload, path or ""))


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
    if 300 <= answer.response.status_code < 400:
        said = Problem("RedirectForRefusedLogin", "an empty response, or an error", answer.described, "status code")
        return [replace(said, level="should", basis="convention")]
    if not answer.content.strip():
        return KEPT
    if not answer.is_documented_payload or answer.payload is None:
        return [Problem("OtherContentForRefusedLogin", "an empty response", answer.described, "body")]
    if is_leafless(answer.payload):
        return KEPT
    filled = [local(each) for each in answer.payload if isinstance(each.tag, str) and not is_leafless(each)]
    return [Problem("FilledAnswerForRefusedLogin", "no member filled", ", ".join(filled), xpath_of(answer.payload))]


def _holds(answer: Answer, name: str) -> bool:
    """Whether the content of an answer has an element of that local name, or at that path of them."""
    first, _, rest = name.partition("/")
    parts = answer.parts(answer.binding.response)
    return any(not rest or descend(found, rest) for part, _ in parts for found in part.iter(f"{{*}}{first}"))


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
