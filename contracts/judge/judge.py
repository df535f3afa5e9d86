"""The judge: a group of exchanges and its operation in, findings out."""

from collections.abc import Iterator, Mapping, Sequence

from contracts.judge import dataset, envelope, faults, http, payload, relations, xml
from contracts.judge.answer import Answer
from contracts.judge.checks import Check, Problem
from contracts.judge.expectations import Silence, meets_expectation
from contracts.judge.records import Exchange, Finding, Group, Judgement
from contracts.judge.verdicts import effect_of
from contracts.model import Operation, Requirement

CHECKS: Mapping[str, Check] = {
    "success_status": http.success_status,
    "success_media_type": http.success_media_type,
    "noted_media_type": http.noted_media_type,
    "charset_is_true": http.charset_is_true,
    "content_coding_is_true": http.content_coding_is_true,
    "empty_when_no_content": http.empty_when_no_content,
    "secrets_are_not_returned": http.secrets_are_not_returned,
    "refusal_is_not_success": http.refusal_is_not_success,
    "well_formed": xml.well_formed,
    "no_document_type": xml.no_document_type,
    "no_processing_instructions": xml.no_processing_instructions,
    "root_is_envelope": envelope.root_is_envelope,
    "envelope_children": envelope.envelope_children,
    "no_trailers": envelope.no_trailers,
    "qualified_attributes": envelope.qualified_attributes,
    "encoding_style_in_place": envelope.encoding_style_in_place,
    "must_understand_is_boolean": envelope.must_understand_is_boolean,
    "no_stray_text": envelope.no_stray_text,
    "qualified_header_blocks": envelope.qualified_header_blocks,
    "single_body_child": envelope.single_body_child,
    "fault_is_alone": faults.fault_is_alone,
    "fault_has_version_of_request": faults.fault_has_version_of_request,
    "fault_has_faultcode": faults.fault_has_faultcode,
    "fault_code_is_known": faults.fault_code_is_known,
    "fault_has_faultstring": faults.fault_has_faultstring,
    "fault_children_11": faults.fault_children_11,
    "fault_children_12": faults.fault_children_12,
    "fault_code_value": faults.fault_code_value,
    "fault_code_children": faults.fault_code_children,
    "fault_code_fits_refusal": faults.fault_code_fits_refusal,
    "fault_reason_text": faults.fault_reason_text,
    "fault_status_is_500": faults.fault_status_is_500,
    "fault_status_fits_code": faults.fault_status_fits_code,
    "fault_media_type": faults.fault_media_type,
    "payload_root": payload.payload_root,
    "payload_schema": payload.payload_schema,
    "validators_agree": payload.validators_agree,
    "documented_error": payload.documented_error,
    "empty_refusal": payload.empty_refusal,
    "dataset_shape": dataset.dataset_shape,
    "dataset_schema": dataset.dataset_schema,
    "dataset_data": dataset.dataset_data,
    "relation": relations.relation,
}
"""Every passive check by the name under which the requirements call it."""


def judge(group: Group, operation: Operation, *, strict: bool = False) -> Judgement:
    """What a group shows: which requirements it exercised, and what the target did that they do not allow.

    The subject's message names the active requirement that it exercises; passive requirements are judged on every
    answer of the group.
    """
    protocol = group.subject.message.protocol
    binding = operation.bindings_by_protocol[protocol]
    answers = [Answer(exchange, operation, binding) for exchange in group.exchanges]
    observed: dict[str, None] = {}
    findings: list[Finding] = []
    for answer in answers:
        if answer.exchange.response is not None:
            for requirement, problems in _passive(answer):
                observed[requirement.id] = None
                findings += (_finding(answer, requirement, each, strict) for each in problems)
    active = next(
        (each for each in operation.requirements(protocol) if each.id == group.subject.message.requirement), None
    )
    inconclusive: tuple[str, ...] = ()
    if active is not None and group.subject.message.expectation != "either":
        answer, silence = _under_test(group, answers)
        outcome = meets_expectation(answer, silence)
        if outcome.inconclusive:
            inconclusive = (active.id,)
        else:
            observed[active.id] = None
            findings += (_finding(answer, active, each, strict) for each in outcome.problems)
    return Judgement(tuple(observed), tuple(findings), inconclusive)


def _passive(answer: Answer) -> Iterator[tuple[Requirement, Sequence[Problem]]]:
    """The passive requirements that speak of an answer, with what is wrong."""
    for requirement in answer.requirements:
        if requirement.check is not None:
            problems = CHECKS[requirement.check](answer, requirement)
            if problems is not None:
                yield requirement, problems


def _under_test(group: Group, answers: Sequence[Answer]) -> tuple[Answer, Silence]:
    """The answer to judge the expectation on, and whose silence it was if there was none.

    A repetition that was answered replaces the subject: the network had failed, not the target. Silence is the
    message's own if the known-good message was answered right after it.
    """
    if group.subject.response is not None:
        return answers[0], "none"
    repeats = [answer for answer in answers[1:] if answer.exchange.purpose == "repeat"]
    answered = next((answer for answer in repeats if answer.exchange.response is not None), None)
    if answered is not None:
        return answered, "none"
    is_own = any(_is_answered_probe(each) for each in group.exchanges)
    return answers[0], "of the message" if is_own else "unexplained"


def _is_answered_probe(exchange: Exchange) -> bool:
    return exchange.purpose == "probe" and exchange.response is not None


def _finding(answer: Answer, requirement: Requirement, problem: Problem, strict: bool) -> Finding:
    level, basis = problem.level or requirement.level, problem.basis or requirement.basis
    return Finding(
        requirement=requirement.id,
        service=answer.operation.service,
        operation=answer.operation.name,
        protocol=answer.binding.protocol,
        name=problem.name,
        expected=problem.expected,
        actual=problem.actual,
        level=level,
        basis=basis,
        effect=effect_of(level, basis, strict=strict),
        exchange=answer.exchange.number,
        where=problem.where,
        line=problem.line,
        source=problem.source or str(requirement.source),
    )
