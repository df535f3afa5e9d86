"""The judge: a group of exchanges and its operation in, findings out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from contracts.judge import dataset, envelope, faults, fields, http, leaks, payload, relations, xml
from contracts.judge.answer import Answer
from contracts.judge.checks import Check, Problem
from contracts.judge.comparisons import COMPARISONS, put_down
from contracts.judge.expectations import Silence, controls, in_view_of, meets_expectation, noted
from contracts.judge.presence import is_away, is_cut_off, is_from_gateway
from contracts.judge.records import Exchange, Finding, Group, Judgement
from contracts.judge.survival import interrupts, rows_of
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
    "date_is_imf_fixdate": fields.date_is_imf_fixdate,
    "refusal_is_not_success": http.refusal_is_not_success,
    "framing_holds": http.framing_holds,
    "head_has_its_form": fields.head_has_its_form,
    "fields_have_their_form": fields.fields_have_their_form,
    "status_has_its_field": fields.status_has_its_field,
    "single_fields_are_single": fields.single_fields_are_single,
    "no_body_after_head": http.no_body_after_head,
    "protocol_version": fields.protocol_version,
    "coding_was_asked_for": http.coding_was_asked_for,
    "charset_is_named": http.charset_is_named,
    "empty_success_status": http.empty_success_status,
    "refusal_of_method": http.refusal_of_method,
    "allow_with_405": fields.allow_with_405,
    "redirect_keeps_method": http.redirect_keeps_method,
    "not_publicly_cached": fields.not_publicly_cached,
    "error_is_labelled_truly": http.error_is_labelled_truly,
    "error_is_no_json": http.error_is_no_json,
    "error_is_no_envelope": http.error_is_no_envelope,
    "versions_are_not_told": fields.versions_are_not_told,
    "business_error_has_error_status": http.business_error_has_error_status,
    "error_has_known_root": http.error_has_known_root,
    "error_is_marked": http.error_is_marked,
    "well_formed": xml.well_formed,
    "text_is_decoded_once": xml.text_is_decoded_once,
    "version_is_1_0": xml.version_is_1_0,
    "no_declaration_of_xml": xml.no_declaration_of_xml,
    "no_document_type": xml.no_document_type,
    "no_processing_instructions": xml.no_processing_instructions,
    "root_is_envelope": envelope.root_is_envelope,
    "envelope_is_valid": envelope.envelope_is_valid,
    "envelope_children": envelope.envelope_children,
    "no_trailers": envelope.no_trailers,
    "qualified_attributes": envelope.qualified_attributes,
    "encoding_style_in_place": envelope.encoding_style_in_place,
    "must_understand_is_boolean": envelope.must_understand_is_boolean,
    "no_unknown_mandatory_block": envelope.no_unknown_mandatory_block,
    "no_stray_text": envelope.no_stray_text,
    "qualified_header_blocks": envelope.qualified_header_blocks,
    "single_body_child": envelope.single_body_child,
    "no_envelope_attributes": envelope.no_envelope_attributes,
    "no_encoding_style": envelope.no_encoding_style,
    "known_encoding_style": envelope.known_encoding_style,
    "qualified_body_child": envelope.qualified_body_child,
    "no_foreign_block_returned": envelope.no_foreign_block_returned,
    "no_comments_outside": envelope.no_comments_outside,
    "fault_is_alone": faults.fault_is_alone,
    "refusal_is_fault": faults.refusal_is_fault,
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
    "fault_code_without_dot": faults.fault_code_without_dot,
    "fault_children_in_order": faults.fault_children_in_order,
    "fault_string_language": faults.fault_string_language,
    "header_fault_without_detail": faults.header_fault_without_detail,
    "fault_reason_says_something": faults.fault_reason_says_something,
    "fault_actor_is_uri": faults.fault_actor_is_uri,
    "fault_node_and_role": faults.fault_node_and_role,
    "version_fault_offers_upgrade": faults.version_fault_offers_upgrade,
    "fault_names_block": faults.fault_names_block,
    "sender_fault_status": faults.sender_fault_status,
    "flat_fault_status": faults.flat_fault_status,
    "payload_root": payload.payload_root,
    "payload_schema": payload.payload_schema,
    "validators_agree": payload.validators_agree,
    "printed_members": payload.printed_members,
    "error_is_told_in_body": payload.error_is_told_in_body,
    "flat_error_is_told": payload.flat_error_is_told,
    "flat_error_code_is_number": payload.flat_error_code_is_number,
    "documented_error": payload.documented_error,
    "empty_refusal": payload.empty_refusal,
    "fault_detail": payload.fault_detail,
    "dataset_parts": dataset.dataset_parts,
    "dataset_shape": dataset.dataset_shape,
    "dataset_schema": dataset.dataset_schema,
    "dataset_data": dataset.dataset_data,
    "dataset_is_marked": dataset.dataset_is_marked,
    "diffgram_parts": dataset.diffgram_parts,
    "rows_are_identified": dataset.rows_are_identified,
    "changed_rows_are_told": dataset.changed_rows_are_told,
    "relation": relations.relation,
    "no_stack_trace": leaks.no_stack_trace,
    "no_internals": leaks.no_internals,
    "credentials_are_not_told": leaks.credentials_are_not_told,
    "echo_is_escaped": leaks.echo_is_escaped,
    "nothing_is_fetched": leaks.nothing_is_fetched,
    "no_file_is_shown": leaks.no_file_is_shown,
    "no_field_is_injected": leaks.no_field_is_injected,
    "no_expansion_is_shown": leaks.no_expansion_is_shown,
}
"""Every passive check by the name under which the requirements call it."""


def judge(group: Group, operation: Operation, *, strict: bool = False) -> Judgement:
    """What a group shows: which requirements it exercised, and what the target did that they do not allow.

    The subject's message names the active requirement that it exercises; passive requirements are judged on every
    answer of the group.
    """
    answers = [_answer(exchange, operation) for exchange in group.exchanges]
    if group.is_comparison:
        return _compared(answers, strict)
    protocol = group.subject.message.protocol
    observed: dict[str, None] = {}
    findings: list[Finding] = []
    downs = [*_put_down(answers, strict)]
    is_interrupted = not downs and interrupts(answers)
    is_repeated = any(each.purpose == "repeat" and each.response is not None for each in group.exchanges)
    for answer in [] if is_interrupted else answers:
        if answer.exchange.response is not None and answer.binding.protocol == protocol:
            if is_repeated and (is_away(answer) or is_cut_off(answer)) and not _is_cut_each_time(answers):
                continue  # of what stood in for the service while it was not there, or what a network lost
            for requirement, problems in _passive(answer):
                observed[requirement.id] = None
                findings += (_finding(answer, requirement, each, strict) for each in problems)
    active = next(
        (each for each in operation.requirements(protocol) if each.id == group.subject.message.requirement), None
    )
    about_service = downs or ([*_no_longer_answering(answers, strict)] if is_interrupted else [])
    observed |= {each.requirement: None for each in about_service}
    findings += about_service
    inconclusive: tuple[str, ...] = ()
    if active is not None and group.subject.message.expectation != "either":
        answer, silence = _under_test(group, answers)
        silence = "unexplained" if is_interrupted else silence
        outcome = in_view_of(controls(answers), meets_expectation(answer, silence))
        if outcome.inconclusive:
            inconclusive = (active.id,)
        else:
            observed[active.id] = None
            findings += (_finding(answer, active, noted(answer, active, each), strict) for each in outcome.problems)
    return Judgement(tuple(observed), tuple(findings), inconclusive)


def _is_cut_each_time(answers: Sequence[Answer]) -> bool:
    """Whether the answer under test was cut off, and so was each to the message when it was sent once more."""
    again = [each for each in answers if each.exchange.purpose == "repeat"]
    return bool(again) and all(is_cut_off(each) for each in (answers[0], *again))


def _answer(exchange: Exchange, operation: Operation) -> Answer:
    return Answer(exchange, operation, operation.bindings_by_protocol[exchange.message.protocol])


def _compared(answers: Sequence[Answer], strict: bool) -> Judgement:
    """What several answers together show of the requirement that their first message is for."""
    wanted = answers[0].exchange.message.requirement
    requirement = next((each for each in answers[0].requirements if each.id == wanted), None)
    name = None if requirement is None else requirement.parameters.get("compares")
    if requirement is None or name is None:
        return Judgement((), ())
    observed: list[str] = []
    findings: list[Finding] = []
    for each in (requirement, *(_sent_for(answers, requirement) if name == "survives" else ())):
        found = COMPARISONS[str(name)](answers, each)
        if found is not None:
            observed.append(each.id)
            findings += (
                replace(_finding(answer, each, problem, strict), protocol=answers[0].binding.protocol)
                for answer, problem in found
            )
    return Judgement(tuple(observed), tuple(findings))


def _sent_for(answers: Sequence[Answer], besides: Requirement) -> Sequence[Requirement]:
    """The other requirements that messages of a comparison were sent for."""
    named = {each.exchange.message.requirement for each in answers} - {besides.id}
    return [each for each in answers[0].requirements if each.id in named]


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
    if group.subject.response is not None and not any(each.purpose == "repeat" for each in group.exchanges):
        return answers[0], "none"
    repeats = [answer for answer in answers[1:] if answer.exchange.purpose == "repeat"]
    answered = next((answer for answer in repeats if answer.exchange.response is not None), None)
    if answered is not None:
        return answered, "none"
    is_own = any(_is_answered_probe(each) for each in group.exchanges)
    return answers[0], "of the message" if is_own else "unexplained"


def _put_down(answers: Sequence[Answer], strict: bool) -> Iterator[Finding]:
    """That the service was not there after the message, and again after it was sent once more; after a security probe,
    that it never came back.

    The known-good message was accepted before, or what came after it would not have been looked at.
    """
    requirement = _of_survival(answers[0])
    if requirement is None:
        return
    is_probe = answers[0].exchange.message.requirement.startswith(SECURITY)
    for row in rows_of(answers, begins_accepted=True):
        if row.puts_down or (is_probe and row.is_never_followed):
            yield from (_finding(answer, requirement, problem, strict) for answer, problem in put_down(row))


SECURITY = "security/"
"""How the ids of requirements begin whose messages probe the service's security."""


def _of_survival(answer: Answer) -> Requirement | None:
    """The requirement that the service goes on answering, where one applies."""
    return next((each for each in answer.requirements if each.parameters.get("compares") == "survives"), None)


def _no_longer_answering(answers: Sequence[Answer], strict: bool) -> Iterator[Finding]:
    """That the known-good message, accepted before, is answered with an error of the server from one message on.

    It deviates: that an answer came shows that something is there; whether the message did it, only a second time would
    show, or the requirement's own messages.
    """
    probe = next(each for each in reversed(answers) if each.exchange.purpose == "probe")
    requirement = _of_survival(probe)
    if requirement is None or probe.exchange.response is None or is_from_gateway(probe) or not is_away(probe):
        return
    said = f"{probe.described}, after exchange {answers[0].exchange.number}"
    problem = Problem("FailsAfterMessage", "a documented success payload", said, level="should")
    yield _finding(probe, requirement, problem, strict)


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
