"""Checks on the documented content of answers, DataSets and refused logins included."""

from typing import Any

import pytest
from exchanges import (
    ECGRID,
    ERROR_RESPONSE,
    INLINE_SCHEMA,
    INTERFACE,
    LOGGED_OUT,
    ROWS,
    SUCCESS,
    counting,
    dataset_root,
    envelope,
    found,
    log_entry,
    login,
    logs,
    look,
    named,
    names,
    published,
    said,
    session,
    session_log,
    statistics,
)

from contracts.judge import validation
from contracts.judge.records import Finding
from contracts.names import XSD, XSI

UTWS, LOGS, LOGOUT, LOG_IN = "utws/soap11", "mobileconnect/soap12", "partstream/soap11", "studebaker/xml"
ROOT, SCHEMA = "utws/logsAvailable/response-element", "utws/logsAvailable/response-matches-schema"
PUBLISH = "utws/logsAvailable/publish-is-listed"


def of_utws(content: str, **of: Any) -> Finding:
    (finding,) = look(UTWS, envelope(content), **{"expectation": "either", **of}).findings
    return finding


BASES = {
    "wrong number": (logs(published(until="soon")), SCHEMA, "documented", "violation"),
    "Arabic digits": (logs(published(productID="\u0665")), SCHEMA, "documented", "violation"),
    "unlisted word": (logs(published("Everything")), PUBLISH, "documented", "violation"),
    "missing string": (
        logs(published(until="5")).replace("<osBits>64</osBits>", ""),
        SCHEMA,
        "convention",
        "deviation",
    ),
    "order": (
        logs(published(locale=None).replace("<productID>", "<locale>x</locale><productID>")),
        SCHEMA,
        "documented",
        "violation",
    ),
    "unknown element": (logs("<Other/>"), SCHEMA, "documented", "violation"),
    "unknown attribute": (
        logs().replace("<logsAvailableResult>", '<logsAvailableResult a="1">'),
        SCHEMA,
        "documented",
        "violation",
    ),
    "nil where not nillable": (
        logs(published()).replace("<osBits>64<", '<osBits i:nil="true"><'),
        SCHEMA,
        "convention",
        "deviation",
    ),
    "nil with content": (
        logs(published()).replace("<SessionsToPublish>", '<SessionsToPublish i:nil="true">'),
        SCHEMA,
        "standard",
        "violation",
    ),
    "nil number with a value": (
        logs(published()).replace("<osBits>", '<osBits i:nil="true">'),
        SCHEMA,
        "standard",
        "violation",
    ),
    "nil number around blanks": (
        logs(published(osBits=" ")).replace("<osBits>", '<osBits i:nil="true">'),
        SCHEMA,
        "convention",
        "deviation",
    ),
    "type that does not exist": (
        logs(published()).replace("<publish>", '<publish i:type="x:AnyName" xmlns:x="urn:x">'),
        SCHEMA,
        "documented",
        "violation",
    ),
    "class that the page does not show": (
        logs(published()).replace("<SessionsToPublish>", '<SessionsToPublish i:type="LicensedSession">'),
        SCHEMA,
        "inferred",
        "deviation",
    ),
    "type that does not fit": (
        logs(published()).replace("<osBits>", f'<osBits i:type="x:string" xmlns:x="{XSD}">'),
        SCHEMA,
        "documented",
        "violation",
    ),
    "text between members": (logs("text"), SCHEMA, "documented", "violation"),
}


@pytest.mark.parametrize("content, requirement, basis, effect", BASES.values(), ids=BASES)
def test_error_rests_on_the_basis_of_what_failed(content: str, requirement: str, basis: str, effect: str) -> None:
    findings = look(UTWS, envelope(content), expectation="either").findings
    assert {(each.requirement, each.basis, each.effect) for each in findings} == {(requirement, basis, effect)}
    assert all(each.where.startswith("/Envelope/Body/logsAvailableResponse") for each in findings)


def test_comments_do_not_hide_what_an_error_rests_on() -> None:
    missing = logs(published()).replace("<osBits>64</osBits>", "<!-- none -->")
    assert (of_utws(missing).basis, of_utws(missing).actual) == (
        "convention",
        "missing element: no osBits in SessionsToPublish",
    )


def test_error_points_to_its_line_and_to_the_page() -> None:
    finding = of_utws("\n\n" + logs(published() + "\n" + published(until="x")))
    assert finding.where == (
        "/Envelope/Body/logsAvailableResponse/logsAvailableResult/SessionsToPublish[2]/publishUntil"
    )
    assert finding.line == 4
    assert finding.source == "page.txt line 77, column 11"


@pytest.mark.parametrize(
    "content",
    [
        logs(),
        logs('<SessionsToPublish i:nil="true"/>'),
        logs().replace("<logsAvailableResult></logsAvailableResult>", ""),
        logs(published(version=None, servicePack=None)),
        logs(published(productID="+01", osBits=" 64 ")),
        logs(published()).replace("<version>", f'<version i:type="x:string" xmlns:x="{XSD}">'),
        logs(published()).replace("<publish>", '<publish s:encodingStyle="">'),
        logs(published()).replace(
            "<publish>", '<publish xmlns:z="http://schemas.microsoft.com/2003/10/Serialization/" z:Id="i1">'
        ),
    ],
)
def test_clean_content(content: str) -> None:
    assert look(UTWS, envelope(content), expectation="either").findings == ()


def test_many_errors_of_one_kind_hide_no_other() -> None:
    lenient = published().replace("<osBits>64</osBits>", "")
    judgement = look(
        UTWS, envelope(logs(lenient * 12 + published("Everything") + published(until="x"))), expectation="either"
    )
    assert set(found(judgement)) == {SCHEMA, PUBLISH}
    assert {each.effect for each in judgement.findings} == {"deviation", "violation"}
    assert len(judgement.findings) <= 2 * validation.MAX_ERRORS


TABLE: list[tuple[str, str, str, str | None, dict[str, Any], str]] = [
    ("element", ROOT, UTWS, None, {}, "kept"),
    ("other element", ROOT, UTWS, envelope("<x/>"), {}, "WrongPayloadElement"),
    ("empty Body", ROOT, UTWS, envelope(""), {}, "not observed"),
    ("error status", ROOT, UTWS, envelope("<x/>"), {"status": 500}, "not observed"),
    ("members", "partstream/SWServiceLogout/response-element", LOGOUT, None, {}, "kept"),
    (
        "no members",
        "partstream/SWServiceLogout/response-element",
        LOGOUT,
        envelope(""),
        {"expectation": "reject"},
        "not observed",
    ),
    ("not published", PUBLISH, UTWS, envelope(logs()), {}, "not observed"),
    ("published", PUBLISH, UTWS, None, {}, "kept"),
    ("schema", SCHEMA, UTWS, envelope("<x/>"), {}, "not observed"),
    ("entries", "mobileconnect/UserClientSessionLogRequest/entries-have-documented-members", LOGS, None, {}, "kept"),
    (
        "no entries",
        "mobileconnect/UserClientSessionLogRequest/entries-have-documented-members",
        LOGS,
        envelope(session_log(), version="soap12"),
        {},
        "not observed",
    ),
    (
        "unknown member",
        "mobileconnect/UserClientSessionLogRequest/entries-have-documented-members",
        LOGS,
        envelope(session_log(log_entry(Extra="x")), version="soap12"),
        {},
        "InvalidContent",
    ),
    (
        "members in another order",
        "mobileconnect/UserClientSessionLogRequest/entries-have-documented-members",
        LOGS,
        envelope(session_log(log_entry(User="x", ClientReferUid="y")), version="soap12"),
        {},
        "InvalidContent",
    ),
    (
        "wrong value",
        "mobileconnect/UserClientSessionLogRequest/response-matches-schema",
        LOGS,
        envelope(session_log(log_entry(ReferUid="x")), version="soap12"),
        {},
        "InvalidContent",
    ),
    ("interfacename", "partstream/SWServiceLogout/interfacename-is-known", LOGOUT, None, {}, "kept"),
    (
        "own interfacename",
        "partstream/SWServiceLogout/interfacename-is-known",
        LOGOUT,
        envelope(LOGGED_OUT, header="<interfacename>SWServiceLogout</interfacename>"),
        {},
        "kept",
    ),
    (
        "other interfacename",
        "partstream/SWServiceLogout/interfacename-is-known",
        LOGOUT,
        envelope(LOGGED_OUT, header="<interfacename>Other</interfacename>"),
        {},
        "InvalidContent",
    ),
    (
        "no interfacename",
        "partstream/SWServiceLogout/interfacename-is-known",
        LOGOUT,
        envelope(LOGGED_OUT),
        {},
        "not observed",
    ),
    (
        "encoded interfacename",
        "partstream/SWServiceLogout/interfacename-is-known",
        LOGOUT,
        envelope(LOGGED_OUT, header=INTERFACE.replace("e>S", f'e xmlns:i="{XSI}" xmlns:x="{XSD}" i:type="x:string">S')),
        {},
        "kept",
    ),
]


@pytest.mark.parametrize(
    "requirement, binding, body, of, expected", [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_check(requirement: str, binding: str, body: str | None, of: dict[str, Any], expected: str) -> None:
    assert said(requirement, look(binding, body, **of)) == expected


PARTS, SHAPE, COMPILES, DATA = (
    f"ecgridos/ReportInstantStats/{slug}"
    for slug in (
        "dataset-has-schema-and-xml",
        "dataset-has-schema-and-diffgram",
        "dataset-schema-compiles",
        "dataset-data-is-valid",
    )
)
EMPTY = '<d:diffgram xmlns:d="urn:schemas-microsoft-com:xml-diffgram-v1"/>'
CHANGED = ROWS.replace("</d:diffgram>", "<d:before/></d:diffgram>")
FIRST = '<xs:element name="New'
IMPORT = "<xs:import namespace='urn:x' schemaLocation='http://127.0.0.1:9/x'/>"
DATASETS = {
    "as ASMX writes it": (INLINE_SCHEMA + ROWS, "kept", "kept", "kept", "kept"),
    "no rows": (INLINE_SCHEMA + EMPTY, "kept", "kept", "kept", "not observed"),
    "before images": (INLINE_SCHEMA + CHANGED, "kept", "kept", "kept", "kept"),
    "placeholders": (
        f'<xs:schema xmlns:xs="{XSD}">schema</xs:schema>xml',
        "WrongDataSet",
        "WrongDataSet",
        "InlineSchemaDoesNotCompile",
        "not observed",
    ),
    "placeholder beside": (INLINE_SCHEMA + "xml" + ROWS, "WrongDataSet", "WrongDataSet", "kept", "kept"),
    "text beside": (INLINE_SCHEMA + "5 rows" + ROWS, "kept", "WrongDataSet", "kept", "kept"),
    "no diffgram": (INLINE_SCHEMA, "WrongDataSet", "WrongDataSet", "kept", "not observed"),
    "other XML than a diffgram": (INLINE_SCHEMA + "<rows xmlns=''/>", "kept", "WrongDataSet", "kept", "not observed"),
    "rows beside the diffgram": (INLINE_SCHEMA + ROWS + "<x xmlns=''/>", "kept", "WrongDataSet", "kept", "kept"),
    "no schema": (ROWS, "WrongDataSet", "WrongDataSet", "not observed", "not observed"),
    "other order": (ROWS + INLINE_SCHEMA, "WrongDataSet", "WrongDataSet", "kept", "kept"),
    "schema that does not compile": (
        INLINE_SCHEMA.replace("xs:int", "xs:integr") + ROWS,
        "kept",
        "kept",
        "InlineSchemaDoesNotCompile",
        "not observed",
    ),
    "schema that names another": (INLINE_SCHEMA.replace(FIRST, IMPORT + FIRST) + ROWS, "kept", "kept", "kept", "kept"),
    "schema that needs another": (
        INLINE_SCHEMA.replace(FIRST, IMPORT + FIRST).replace('type="xs:int"', "type='y:int' xmlns:y='urn:x'") + ROWS,
        "kept",
        "kept",
        "not observed",
        "not observed",
    ),
    "schema that is elsewhere in part": (
        INLINE_SCHEMA.replace(FIRST, IMPORT.replace("import namespace='urn:x'", "include") + FIRST) + ROWS,
        "kept",
        "kept",
        "InlineSchemaDoesNotCompile",
        "not observed",
    ),
    "rows of another type": (
        INLINE_SCHEMA + ROWS.replace(">5<", ">five<"),
        "kept",
        "kept",
        "kept",
        "DataAgainstInlineSchema",
    ),
    "prefix of a value declared above": (
        INLINE_SCHEMA.replace("xs:int", "q:int") + ROWS,
        "kept",
        "kept",
        "kept",
        "kept",
    ),
}


@pytest.mark.parametrize("binding", ["ecgridos/soap11", "ecgridos/soap12", "ecgridos/http_get", "ecgridos/http_post"])
@pytest.mark.parametrize("content, parts, shape, compiles, data", DATASETS.values(), ids=DATASETS)
def test_dataset(content: str, parts: str, shape: str, compiles: str, data: str, binding: str) -> None:
    version = binding.partition("/")[2]
    if version.startswith("soap"):
        body = envelope(statistics(content), version=version, attributes=f' xmlns:q="{XSD}"')
    else:
        body = dataset_root(content, f' xmlns:q="{XSD}"')
    judgement = look(binding, body)
    assert [said(each, judgement) for each in (PARTS, SHAPE, COMPILES, DATA)] == [parts, shape, compiles, data]
    assert all(each.effect == "deviation" for each in judgement.findings if each.requirement in (SHAPE, DATA))
    assert all(each.effect == "violation" for each in judgement.findings if each.requirement in (PARTS, COMPILES))


@pytest.mark.parametrize("content, effects", [
    (INLINE_SCHEMA + "<rows xmlns=''/>", {"deviation"}),
    (INLINE_SCHEMA + "5 rows" + ROWS, {"deviation"}),
    (INLINE_SCHEMA + ROWS + "<x xmlns=''/>", {"deviation"}),
    (INLINE_SCHEMA, {"violation"}),
    (ROWS, {"violation"}),
    (ROWS + INLINE_SCHEMA, {"violation"}),
])  # fmt: skip
def test_content_of_a_dataset_breaks_its_schema_as_far_as_the_page_documents_it(
    content: str, effects: set[str]
) -> None:
    judgement = look("ecgridos/http_get", dataset_root(content))
    schema = "ecgridos/ReportInstantStats/response-matches-schema"
    assert {each.effect for each in judgement.findings if each.requirement == schema} == effects


def test_null_result_is_clean() -> None:
    absent = envelope(f'<ReportInstantStatsResponse xmlns="{ECGRID}"/>')
    nil = dataset_root("", f' xmlns:i="{XSI}" i:nil="true"')
    for judgement in (look("ecgridos/soap11", absent), look("ecgridos/http_get", nil)):
        assert judgement.findings == ()
        assert {PARTS, SHAPE, COMPILES, DATA}.isdisjoint(judgement.observed)


REFUSAL: dict[str, Any] = {
    "expectation": "reject",
    "kind": "defect",
    "requirement": "studebaker/Login/invalid-login-gets-no-token",
    "uses_credentials": False,
}
STATUS = "<a:ResponseStatus><t:ErrorCode>{}</t:ErrorCode></a:ResponseStatus>"
DEFAULTS = (
    '<EmailAddress i:nil="true"/><LastLogin>0001-01-01T00:00:00</LastLogin>'
    "<LastLoginUtc>0001-01-01T00:00:00Z</LastLoginUtc>"
    "<LoginToken/><NewPasswordRequired>false</NewPasswordRequired><UserType>0</UserType>"
)
LOGINS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "no body": ("", {}, "kept", "kept"),
    "204": ("", {"status": 204, "media_type": None}, "kept", "kept"),
    "no members": (login(""), {}, "kept", "kept"),
    "defaults": (login(DEFAULTS), {}, "kept", "kept"),
    "nil status": (login("", '<a:ResponseStatus i:nil="true"/>'), {}, "kept", "kept"),
    "a member filled": (login("<Name>x</Name>"), {}, "FilledAnswerForRefusedLogin", "kept"),
    "a token": (login(), {}, "FilledAnswerForRefusedLogin", "AcceptedInvalidMessage"),
    "other content": ("<p>Wrong password</p>", {}, "OtherContentForRefusedLogin", "kept"),
    "an error": (login("", STATUS.format("Unauthorized")), {}, "not observed", "kept"),
    "401": ("", {"status": 401}, "not observed", "kept"),
    "error element": (ERROR_RESPONSE, {"status": 400}, "not observed", "kept"),
}


@pytest.mark.parametrize("body, of, empty, token", LOGINS.values(), ids=LOGINS)
def test_refused_login(body: str, of: dict[str, Any], empty: str, token: str) -> None:
    judgement = look(LOG_IN, body, **of, **REFUSAL)
    assert said("studebaker/Login/invalid-login-is-answered-empty", judgement) == empty
    assert said("studebaker/Login/invalid-login-gets-no-token", judgement) == token


def test_answer_to_another_defect_is_no_refused_login() -> None:
    """A method that the page does not show carries no login at all, and may be answered with a page."""
    to: dict[str, Any] = {**REFUSAL, "requirement": "http/9.1/undocumented-method-is-rejected", "expectation": "either"}
    judgement = look(LOG_IN, "<html><br></html>", media_type="text/html", method="OPTIONS", request="", **to)
    assert judgement.findings == ()


def test_validators_are_compared_on_a_sample_of_what_lxml_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = "suite/validators/agree"
    assert said(id_, look(UTWS, index=100)) == "kept"
    assert said(id_, look(UTWS, index=101)) == "not observed"
    assert said(id_, look(UTWS, envelope("<x/>"), index=100)) == "not observed"
    monkeypatch.setattr(validation, "_is_known", lambda complaint: False)
    far = session_log(log_entry(SessionEnd="99999999999-01-01T00:00:00"))
    judgement = look(LOGS, envelope(far, version="soap12"), index=100)
    assert said(id_, judgement) == "ValidatorsDisagree"
    assert named(judgement, "ValidatorsDisagree").effect == "note"


@pytest.mark.parametrize("words", validation.KNOWN_DISAGREEMENTS)
def test_known_disagreements_have_reasons(words: str) -> None:
    assert validation.KNOWN_DISAGREEMENTS[words]


def test_known_disagreement_is_no_finding() -> None:
    far = envelope(session_log(log_entry(SessionEnd="99999999999-01-01T00:00:00")), version="soap12")
    assert names(look(LOGS, far, index=100)) <= {"CharsetNotNamed"}


def test_documented_answers_are_many() -> None:
    assert len(SUCCESS) == 9


def test_white_space_around_a_date_time_is_collapsed() -> None:
    """libxml2 collapses it around numbers alone; blanks around other text are part of it, and not a date."""
    spaced = login("<LastLogin>\n  2026-01-06T07:30:00 </LastLogin><LoginToken>t</LoginToken>")
    assert names(look("studebaker/xml", spaced)) == set()
    wrong = login("<LastLogin> 2026-01-06 07:30:00 </LastLogin><LoginToken>t</LoginToken>")
    assert names(look("studebaker/xml", wrong)) == {"InvalidContent"}


MEMBERS, ERROR_TEXT = "narrative/answers/members-are-there", "narrative/errors/error-has-code-and-text"


@pytest.mark.parametrize(
    "body, header, missing",
    [
        (LOGGED_OUT, INTERFACE, []),
        ("<success>s</success><returnval/><sessionid>1</sessionid>", INTERFACE, []),
        (LOGGED_OUT.replace("<returnval/>", ""), INTERFACE, ["returnval"]),
        (LOGGED_OUT, "", ["interfacename"]),
        (LOGGED_OUT.replace("<sessionid>1</sessionid>", ""), "", ["interfacename", "sessionid"]),
    ],
)
def test_member_that_the_sample_of_a_success_prints_is_missed(body: str, header: str, missing: list[str]) -> None:
    judgement = look(LOGOUT, envelope(body, header=header))
    mine = [each for each in judgement.findings if each.requirement == MEMBERS]
    assert MEMBERS in judgement.observed
    assert [each.expected.partition(",")[0] for each in mine] == missing
    assert {each.effect for each in mine} <= {"deviation"}


@pytest.mark.parametrize(
    "told, expected",
    [
        ("<faultcode>7</faultcode><faultstring>gone</faultstring>", "kept"),
        ("<faultcode>0000</faultcode><faultstring>gone</faultstring>", "kept"),
        ("<faultcode>7</faultcode><faultstring> </faultstring>", "ErrorWithoutText"),
        ("<faultcode>7</faultcode>", "ErrorWithoutText"),
        ("<faultcode/><faultstring>gone</faultstring>", "ErrorWithoutCode"),
    ],
)
def test_flat_error_has_its_code_and_text(told: str, expected: str) -> None:
    judgement = look(LOGOUT, envelope(f"<sessionid>1</sessionid>{told}", header=INTERFACE))
    assert said(ERROR_TEXT, judgement) == expected
    assert said(MEMBERS, judgement) == "not observed", "an error is no success"


@pytest.mark.parametrize("told", ["", "<faultcode>0000</faultcode><faultstring/>"])
def test_success_is_no_error_without_code_and_text(told: str) -> None:
    judgement = look(LOGOUT, envelope(LOGGED_OUT + told, header=INTERFACE))
    assert (said(ERROR_TEXT, judgement), said(MEMBERS, judgement)) == ("not observed", "kept")


def test_member_that_no_item_has_is_missed_though_a_requirement_speaks_of_its_values() -> None:
    item = f"<SessionsToPublish>{session('<publishUntil>5</publishUntil>')}</SessionsToPublish>"
    (finding,) = counting(look(UTWS, envelope(logs(item))))
    assert (finding.requirement, finding.effect) == ("utws/logsAvailable/response-matches-schema", "deviation")


@pytest.mark.parametrize(
    "code, expected",
    [("0042", "kept"), (" 7 ", "kept"), ("SessionUnknown", "ErrorCodeIsNoNumber"), ("", "not observed")],
)
def test_code_of_a_flat_error_is_a_number(code: str, expected: str) -> None:
    body = f"<sessionid>1</sessionid><faultcode>{code}</faultcode><faultstring>gone</faultstring>"
    judgement = look(LOGOUT, envelope(body, header=INTERFACE))
    assert said("partstream/SWServiceLogout/error-code-is-a-number", judgement) == expected


IN_BODY = "servicestack/errors/soap-error-is-in-the-body"
DETAILED = "<t:ServerErrorDetails><t:Code>DeviceUnknown</t:Code></t:ServerErrorDetails>"


@pytest.mark.parametrize(
    "body, status, expected",
    [
        (ERROR_RESPONSE, "500", "kept"),
        (session_log(base=DETAILED), "500", "kept"),
        (session_log(), "401", "ErrorToldByFieldAlone"),
        ("", "500", "ErrorToldByFieldAlone"),
        (session_log(), "200", "not observed"),
    ],
)
def test_error_that_a_field_tells_is_told_in_the_body(body: str, status: str, expected: str) -> None:
    judgement = look(LOGS, envelope(body, version="soap12"), headers=(("X-Status", status),))
    assert said(IN_BODY, judgement) == expected
