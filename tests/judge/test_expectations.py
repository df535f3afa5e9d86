"""What a message entitles to, against every kind of answer, business errors and silences included."""

from dataclasses import replace
from typing import Any

import pytest
from exchanges import (
    BINDINGS,
    ERROR_RESPONSE,
    INTERFACE,
    LOGGED_OUT,
    answered,
    counting,
    dataset_root,
    envelope,
    judged,
    login,
    logs,
    look,
    message,
    named,
    operation,
    protocol_of,
    published,
    said,
    session_log,
    unanswered,
)

from contracts.judge.answer import Answer
from contracts.judge.judge import judge
from contracts.judge.records import Change, Group
from contracts.judge.survival import may_have_lapsed
from contracts.model import Expectation

GOOD, READ, REFUSE = (
    "page/sample/known-good-is-answered",
    "page/request/valid-message-is-read",
    "page/request/invalid-value-is-rejected",
)
LOGS, LOGOUT, LOG_IN, UTWS = "mobileconnect/soap12", "partstream/soap11", "studebaker/xml", "utws/soap11"
FILLED = "<a:ResponseStatus><t:ErrorCode>{}</t:ErrorCode></a:ResponseStatus>"
DETAILS = "<t:ServerErrorDetails><t:Code>{}</t:Code></t:ServerErrorDetails>"
FLAT = LOGGED_OUT + "<faultcode>{}</faultcode>"
CAUSE = "Server was unable to read request. ---> Input string was not in a correct format."
FAULT = "<s:Fault><faultcode>s:{}</faultcode><faultstring>x</faultstring>{}</s:Fault>"
UNREADABLE = FAULT.format("Client", "").replace(">x<", f">{CAUSE}<")


def soap12(body: str) -> str:
    return envelope(body, version="soap12")


def logged_out(body: str) -> str:
    return envelope(body, header=INTERFACE)


OUTCOMES: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "X-Status": (LOGS, soap12(session_log()), {"headers": (("X-Status", "500"),)}, "business error"),
    "X-Status of success": (LOGS, soap12(session_log()), {"headers": (("x-status", "200"),)}, "success"),
    "X-Status beyond numbers": (LOGS, soap12(session_log()), {"headers": (("X-Status", "9" * 5000),)}, "success"),
    "ErrorResponse": (LOGS, soap12(ERROR_RESPONSE), {}, "business error"),
    "details with a code": (LOGS, soap12(session_log(base=DETAILS.format("DeviceUnknown"))), {}, "business error"),
    "details with a blank code": (LOGS, soap12(session_log(base=DETAILS.format(" "))), {}, "success"),
    "details with a nil code": (
        LOGS,
        soap12(session_log(base=DETAILS.replace("Code>{", 'Code i:nil="true">{').format(""))),
        {},
        "success",
    ),
    "nil details": (LOGS, soap12(session_log(base='<t:ServerErrorDetails i:nil="true"/>')), {}, "success"),
    "Result decides nothing": (LOGS, soap12(session_log(base="<t:Result>Failed</t:Result>")), {}, "success"),
    "token": (LOG_IN, login(), {}, "success"),
    "no token": (LOG_IN, login("<Name>x</Name>"), {}, "empty"),
    "blank token": (LOG_IN, login("<LoginToken> </LoginToken>"), {}, "empty"),
    "error code": (LOG_IN, login(status=FILLED.format("Unauthorized")), {}, "business error"),
    "blank error code": (LOG_IN, login(status=FILLED.format(" ")), {}, "success"),
    "error element": (LOG_IN, ERROR_RESPONSE, {}, "business error"),
    "204": (LOG_IN, "", {"status": 204}, "empty"),
    "flat error": (LOGOUT, logged_out(FLAT.format("0042")), {}, "business error"),
    "flat error of zeros": (
        LOGOUT,
        logged_out(FLAT.format("0000") + "<faultstring>No such session</faultstring>"),
        {},
        "business error",
    ),
    "zeros alone": (LOGOUT, logged_out(FLAT.format("0000")), {}, "success"),
    "zeros and an empty string": (
        LOGOUT,
        logged_out(FLAT.format("0000") + "<faultstring> </faultstring>"),
        {},
        "success",
    ),
    "blank code": (LOGOUT, logged_out(FLAT.format("")), {}, "success"),
    "words for a code": (LOGOUT, logged_out(FLAT.format("Server")), {}, "business error"),
    "genuine fault": (LOGOUT, envelope(FAULT.format("Server", "")), {"status": 500}, "fault"),
    "fault in a 200": (UTWS, envelope(FAULT.format("Server", "")), {}, "fault"),
    "bare status": (UTWS, "", {"status": 500}, "refusal"),
    "success with an error status": (UTWS, envelope(logs()), {"status": 400}, "refusal"),
    "blanks": (UTWS, " \n", {}, "empty"),
    "redirect": (UTWS, envelope(logs()), {"status": 302}, "unrecognised"),
    "other content": (UTWS, "<html/>", {}, "unrecognised"),
    "null result": ("ecgridos/http_get", dataset_root(""), {}, "success"),
}


@pytest.mark.parametrize("binding, body, of, outcome", OUTCOMES.values(), ids=OUTCOMES)
def test_outcome_of_an_answer(binding: str, body: str, of: dict[str, Any], outcome: str) -> None:
    to = message(binding)
    of_service = operation(to.service)
    exchange = answered(to, body, **of)
    assert Answer(exchange, of_service, of_service.bindings_by_protocol[protocol_of(binding)]).outcome == outcome


@pytest.mark.parametrize("body", [FLAT.format("0000"), FLAT.format("0000") + "<faultstring/>", FLAT.format("")])
def test_success_that_has_the_shape_of_the_error_sample_is_clean(body: str) -> None:
    """The page prints error members beside success: unfilled, they are no error and no unknown element."""
    assert look(LOGOUT, logged_out(body)).findings == ()


@pytest.mark.parametrize("status", [200, 500])
def test_documented_error_is_looked_at_whatever_its_status(status: int) -> None:
    id_ = "partstream/SWServiceLogout/error-is-documented-shape"
    flat = FLAT.format("0042") + "<faultstring>No</faultstring>"
    assert said(id_, look(LOGOUT, logged_out(flat), status=status)) == "kept"
    assert said(id_, look(LOGOUT, logged_out(flat + "<hint/>"), status=status)) == "InvalidContent"
    assert said(id_, look(LOGOUT, envelope(FAULT.format("Server", "")), status=500)) == "not observed"
    assert said(id_, look(LOGOUT)) == "not observed"


@pytest.mark.parametrize("kind, effect", [("structure", "deviation"), ("lexical", "violation")])
def test_error_may_hold_what_was_sent_where_it_had_no_place(kind: str, effect: str) -> None:
    to = replace(message(LOGOUT, kind="defect", expectation="either"), changes=(Change(kind, "sessionid", ""),))
    flat = FLAT.format("0042") + "<faultstring>No</faultstring><SoapstoneUnknown/>"
    found = judged(answered(to, logged_out(flat))).findings
    assert [each.effect for each in found if each.requirement.endswith("/error-is-documented-shape")] == [effect]


def test_benign_code_is_no_error() -> None:
    of = operation("mobileconnect")
    benign = replace(of, business_errors=tuple(replace(each, benign=("Fine",)) for each in of.business_errors))
    exchange = answered(message(LOGS), soap12(session_log(base=DETAILS.format("Fine"))))
    assert "page/sample/known-good-is-answered" not in {
        f.requirement for f in judge(Group((exchange,)), benign).findings
    }


ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "success": (envelope(logs(published())), {}),
    "fault of the sender": (envelope(FAULT.format("Client", "<detail/>")), {"status": 500}),
    "fault of the service": (envelope(FAULT.format("Client", "<detail><e/></detail>")), {"status": 500}),
    "fault of the server": (envelope(FAULT.format("Server", "")), {"status": 500}),
    "400 empty": ("", {"status": 400, "media_type": None}),
    "500 HTML": ("<p>", {"status": 500, "media_type": "text/html"}),
    "200 empty": ("", {"media_type": None}),
    "200 HTML": ("<p>", {"media_type": "text/html"}),
}
EXPECTED: dict[str, dict[str, str]] = {
    "accept": {answer: "kept" if answer == "success" else "RefusedValidMessage" for answer in ANSWERS},
    "process": {
        **dict.fromkeys(ANSWERS, "kept"),
        **dict.fromkeys(("fault of the sender", "400 empty"), "CouldNotReadValidMessage"),
        **dict.fromkeys(("500 HTML", "200 HTML"), "UnreasonedAnswerToValidMessage"),
    },
    "reject": {answer: "AcceptedInvalidMessage" if answer == "success" else "kept" for answer in ANSWERS},
    "either": dict.fromkeys(ANSWERS, "not observed"),
}
REQUIREMENT: dict[str, str] = {"accept": GOOD, "process": READ, "reject": REFUSE, "either": REFUSE}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("expectation", EXPECTED)
def test_expectation_against_answer(expectation: Expectation, answer: str) -> None:
    body, of = ANSWERS[answer]
    requirement = REQUIREMENT[expectation]
    judgement = look(UTWS, body, **of, expectation=expectation, requirement=requirement)
    assert said(requirement, judgement) == EXPECTED[expectation][answer]


SILENT: dict[str, dict[str, str]] = {
    "nothing else was tried": dict.fromkeys(EXPECTED, "inconclusive"),
    "known-good message unanswered too": dict.fromkeys(EXPECTED, "inconclusive"),
    "known-good message answered": {
        "accept": "NoAnswerToValidMessage",
        "process": "NoAnswerToValidMessage",
        "reject": "kept",
    },
    "repetition answered": {"accept": "kept", "process": "kept", "reject": "AcceptedInvalidMessage"},
    "repetition refused": {"accept": "RefusedValidMessage", "process": "CouldNotReadValidMessage", "reject": "kept"},
}


@pytest.mark.parametrize("expectation", ["accept", "process", "reject", "either"])
@pytest.mark.parametrize("case", SILENT)
@pytest.mark.parametrize("kind", ["timeout", "reset", "refused", "tls", "protocol", "too_large"])
def test_expectation_against_silence(case: str, expectation: Expectation, kind: Any) -> None:
    requirement = REQUIREMENT[expectation]
    to, probe = message(UTWS, expectation=expectation, requirement=requirement), message(UTWS)
    added = {
        "nothing else was tried": (),
        "known-good message unanswered too": (unanswered(probe, kind, 3, "probe"),),
        "known-good message answered": (answered(probe, number=3, purpose="probe"), unanswered(to, kind, 4, "repeat")),
        "repetition answered": (answered(probe, number=3, purpose="probe"), answered(to, number=4, purpose="repeat")),
        "repetition refused": (
            answered(probe, number=3, purpose="probe"),
            answered(to, "", status=400, number=4, purpose="repeat"),
        ),
    }[case]
    judgement = judged(unanswered(to, kind), *added)
    expected = "not observed" if expectation == "either" else SILENT[case][expectation]
    if expected == "inconclusive":
        assert (judgement.inconclusive, said(requirement, judgement)) == ((requirement,), "not observed")
    else:
        assert (judgement.inconclusive, said(requirement, judgement)) == ((), expected)


UNREAD: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "ServiceStack, 200 empty": (LOGS, "", {"media_type": "text/html"}, "violation"),
    "ServiceStack, bare error": (LOGS, ERROR_RESPONSE, {"status": 500, "media_type": "text/xml"}, "violation"),
    "ServiceStack, thrown by the service": (LOGS, soap12(ERROR_RESPONSE), {"headers": (("X-Status", "500"),)}, "kept"),
    "ServiceStack, 400": (LOG_IN, ERROR_RESPONSE, {"status": 400}, "violation"),
    "ServiceStack, wrong password": (LOG_IN, login(""), {"status": 400}, "kept"),
    "ServiceStack, thrown on login": (LOG_IN, login("", FILLED.format("Oops")), {"status": 500}, "kept"),
    "ASMX, GET": ("ecgridos/http_get", "no", {"status": 500, "media_type": "text/plain"}, "deviation"),
    "narrative": (LOGOUT, envelope(UNREADABLE), {"status": 500}, "violation"),
    "narrative, in other words": (LOGOUT, envelope(FAULT.format("Client", "")), {"status": 500}, "deviation"),
    "narrative, without a word": (LOGOUT, envelope(UNREADABLE.replace(CAUSE, " ")), {"status": 500}, "violation"),
    "ASMX, in words of the reader": (UTWS, envelope(UNREADABLE), {"status": 500}, "violation"),
    "ASMX, in words of the service": (UTWS, envelope(FAULT.format("Client", "")), {"status": 500}, "deviation"),
    "narrative, unknown session": (LOGOUT, logged_out(FLAT.format("0042")), {}, "kept"),
}


@pytest.mark.parametrize("binding, body, of, effect", UNREAD.values(), ids=UNREAD)
def test_failure_to_read_is_told_by_the_family(binding: str, body: str, of: dict[str, Any], effect: str) -> None:
    judgement = look(binding, body, **of, expectation="process", requirement=READ)
    if effect == "kept":
        assert said(READ, judgement) == "kept"
    else:
        assert named(judgement, "CouldNotReadValidMessage").effect == effect


@pytest.mark.parametrize("binding", ["ecgridos/http_get", UTWS, LOGOUT])
@pytest.mark.parametrize(("status", "says_why"), [(409, True), (413, True), (422, True), (400, False), (500, False)])
def test_status_that_says_why_is_reason_enough(binding: str, status: int, says_why: bool) -> None:
    of = {"status": status, "media_type": "application/problem+json", "requirement": READ}
    found = said(READ, look(binding, '{"title": "out of range"}', **of, expectation="process"))
    assert (found == "kept") == says_why
    assert said(GOOD, look(binding, "{}", **of | {"requirement": GOOD}, expectation="accept")) == "RefusedValidMessage"


@pytest.mark.parametrize("binding", BINDINGS)
def test_any_kind_of_rejection_rejects(binding: str) -> None:
    for status in (400, 404, 405, 415, 500, 503):
        judgement = look(binding, b"\0\xff<", status=status, media_type=None, expectation="reject", requirement=REFUSE)
        rules_of_shape = [each for each in counting(judgement) if each.requirement.endswith("/refusal-is-a-fault")]
        assert counting(judgement) == rules_of_shape
        assert not rules_of_shape or (status, rules_of_shape[0].effect) == (500, "deviation")


def beside(subject: Any, *controls: Any) -> str:
    """What is said of the subject's requirement, where such messages were sent beside it."""
    first = answered(*subject) if isinstance(subject, tuple) else subject
    group = [answered(to, body, number=3 + index, purpose="minimise") for index, (to, body) in enumerate(controls)]
    judgement = judged(first, *group)
    requirement = first.message.requirement
    return "inconclusive" if requirement in judgement.inconclusive else said(requirement, judgement)


def test_refusal_shows_nothing_where_the_known_good_message_is_refused_too() -> None:
    spelled = message(UTWS, requirement="page/sample/spelling-does-not-matter", kind="spelling")
    refused = envelope(FAULT.format("Server", ""))
    known_good = message(UTWS)
    assert beside((spelled, refused)) == "RefusedValidMessage"
    assert beside((spelled, refused), (known_good, refused)) == "inconclusive"
    assert beside((spelled, refused), (known_good, envelope(logs(published())))) == "RefusedValidMessage"
    assert beside((spelled, envelope(logs(published()))), (known_good, refused)) == "kept"


def test_sign_in_a_credential_is_no_injection_where_any_credential_is_accepted() -> None:
    signs = message(LOGS, requirement="security/cwe-89/queries-open-nothing", kind="defect", expectation="reject")
    plain = message(LOGS, requirement="security/cwe-89/queries-open-nothing", kind="defect", expectation="either")
    log = soap12(session_log())
    assert beside((signs, log)) == "AcceptedInvalidMessage"
    assert beside((signs, log), (plain, soap12(ERROR_RESPONSE))) == "AcceptedInvalidMessage"
    assert beside((signs, log), (plain, log)) == "AcceptedAsAnyOther"
    told = judged(answered(signs, log), answered(plain, log, number=3, purpose="minimise"))
    assert named(told, "AcceptedAsAnyOther").effect == "note"


SECURE = Change("value", "interfaceparameters/secure", "xs:string", "off", "maybe")
ABSENT = Change("absent", "sessions/SessionInfo[1]/version", "minOccurs", "present", "absent")
NUMBER = Change("value", "sessions/SessionInfo[1]/osVersion", "xs:int", "10", "11")


@pytest.mark.parametrize(
    ("binding", "requirement", "changes", "basis"),
    [
        (LOGOUT, READ, (SECURE,), "inferred"),
        (UTWS, READ, (ABSENT,), "convention"),
        (UTWS, READ, (NUMBER,), "documented"),
        (UTWS, READ, (ABSENT, NUMBER), "documented"),
        (UTWS, REFUSE, (Change("defect", NUMBER.where, "nil-value", "10", "nil-value"),), "convention"),
        (UTWS, REFUSE, (replace(NUMBER, kind="lexical", after="abc"),), "documented"),
    ],
)
def test_a_finding_rests_on_what_the_message_rests_on(
    binding: str, requirement: str, changes: tuple[Change, ...], basis: str
) -> None:
    expectation: Expectation = "process" if requirement == READ else "reject"
    sent = message(
        binding,
        expectation=expectation,
        kind="valid" if requirement == READ else "defect",
        requirement=requirement,
    )
    body = envelope(UNREADABLE if requirement == READ else logs())
    answer = answered(replace(sent, changes=changes), body, status=500 if requirement == READ else 200)
    (finding,) = (each for each in judged(answer).findings if each.requirement == requirement)
    assert (finding.basis, finding.effect) == (basis, "violation" if basis == "documented" else "deviation")


@pytest.mark.parametrize("name, effect", [("other-version-envelope", "deviation"), ("foreign-envelope", "violation")])
def test_rejection_that_rests_on_what_stacks_do_deviates(name: str, effect: str) -> None:
    sent = message("utws/soap12", expectation="reject", kind="defect", requirement=REFUSE)
    sent = replace(sent, changes=(Change("defect", "Envelope", f"{name}: the namespace is another", after=name),))
    (finding,) = (each for each in judged(answered(sent, soap12(logs()))).findings if each.requirement == REFUSE)
    assert finding.effect == effect


LAPSES: dict[str, tuple[str, dict[str, Any], bool]] = {
    "success": (login(), {}, False),
    "an error": (ERROR_RESPONSE, {"status": 401}, True),
    "not read": (ERROR_RESPONSE, {"status": 400}, False),
    "nothing in it": ("", {"status": 204}, True),
    "sent to a login": ("", {"status": 302}, True),
    "a page for humans": ("<html/>", {"media_type": "text/html"}, True),
    "not modified": ("", {"status": 304}, False),
    "another document": ("<LoginReply/>", {}, False),
}


@pytest.mark.parametrize("body, of, may", LAPSES.values(), ids=LAPSES)
def test_answer_that_may_say_that_a_session_has_lapsed(body: str, of: dict[str, Any], may: bool) -> None:
    of_service = operation("studebaker")
    exchange = answered(message(LOG_IN), body, **of)
    assert may_have_lapsed(Answer(exchange, of_service, of_service.bindings_by_protocol["xml"])) is may
