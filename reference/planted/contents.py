"""More faults in the content of a success: what serialisers, casts and hurried hands make of it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

from reference import mobileconnect, names, partstream, studebaker
from reference.calls import OUTCOME, PAYLOAD, RESPONSE, Call, Outcome, at
from reference.http import Response
from reference.lexical import DEFAULT_INSTANT, read_date_time
from reference.names import DIFFGR, ECGRIDOS, MSDATA, SERVICESTACK, SPIRIT_MESSAGES, UTWS, XSD, Name
from reference.planted.making import (
    ChangeOf,
    Payload,
    attributed,
    dropped,
    everywhere,
    is_error,
    moved,
    renamed,
    replaced,
    retold,
)
from reference.refusals import Kind, Refusal
from reference.tree import Element, changed, leaf, rewritten
from reference.utws import SESSION_INFO
from reference.writing import Style, write

SESSION = "SessionsToPublish"
NUMBERS = ("osPlatform", "osBits", "architecture")

# UTWS: names and structure

at(PAYLOAD, "response_misspelt")(renamed("logsAvailableResponse", "logsAvailableResponce"))
at(PAYLOAD, "result_in_another_namespace")(moved(UTWS, f"{UTWS}/types", "logsAvailableResult"))
at(PAYLOAD, "result_twice")(replaced("logsAvailableResult", lambda result: (result, result)))


def _unqualified_members(session: Element) -> tuple[Element, ...]:
    """The members with xmlns="", as when they were made apart from their parent."""
    members = tuple(replace(part, name=Name("", part.name.local)) for part in session.elements)
    return (replace(session, children=members),)


at(PAYLOAD, "session_members_in_no_namespace")(replaced(SESSION, _unqualified_members))
at(PAYLOAD, "nil_attribute_in_no_namespace")(attributed("servicePack", Name("", "nil"), "false"))
at(PAYLOAD, "undocumented_attribute_on_session")(attributed(SESSION, Name("", "id"), "s1"))
at(PAYLOAD, "text_between_sessions")(
    replaced("logsAvailableResult", lambda result: (replace(result, children=("\u00a0", *result.children)),))
)
at(PAYLOAD, "publish_left_out")(dropped("publish"))
at(PAYLOAD, "last_session_published_twice")(
    replaced(
        "logsAvailableResult",
        lambda result: (replace(result, children=(*result.children, *result.elements[-1:])),),
    )
)
at(PAYLOAD, "session_member_twice")(replaced("osBits", lambda bits: (bits, bits)))
at(PAYLOAD, "zeros_left_out")(
    everywhere(
        lambda element: replace(element, children=tuple(part for part in element.children if not _is_zero(part)))
    )
)


def _is_zero(part: object) -> bool:
    return isinstance(part, Element) and part.name.local in NUMBERS and part.text == "0"


# UTWS: values

at(PAYLOAD, "publish_blank")(retold("publish", lambda text: "" if text == "Discard" else text))
at(PAYLOAD, "publish_as_a_number")(
    retold("publish", lambda text: str(("Discard", "SummaryOnly", "Details").index(text)))
)
at(PAYLOAD, "publish_with_blank_inside")(retold("publish", lambda text: re.sub("(?<=y)(?=O)", " ", text)))
at(PAYLOAD, "publish_until_as_date_time")(retold("publishUntil", lambda text: "2026-01-01T00:00:00Z"))
at(PAYLOAD, "int_in_hexadecimal")(retold("osBits", lambda text: hex(int(text))))
at(PAYLOAD, "int_in_groups_of_three")(retold("osVersion", lambda text: re.sub(r"(\d)(?=(\d{3})+$)", "\\1\u00a0", text)))
at(PAYLOAD, "negative_int_as_unsigned")(retold("osPlatform", lambda text: str(int(text) % (1 << 32))))
at(PAYLOAD, "int_as_null_word")(retold("architecture", lambda text: "null" if text == "0" else text))
at(PAYLOAD, "number_not_a_number")(retold("osVersion", lambda text: "NaN" if int(text) < 0 else text))


# UTWS: what comes back is what was sent


def _echoing(change: Callable[[str], str]) -> ChangeOf[Payload]:
    """Changes the texts that repeat the request's."""
    texts = {member.name.local for member in SESSION_INFO if member.type_name == "string"}
    return everywhere(
        lambda element: leaf(element.name, change(element.text)) if element.name.local in texts else element
    )


def _low_16_bits(text: str) -> str:
    return str((int(text) + 0x8000) % 0x10000 - 0x8000)


at(PAYLOAD, "echoes_in_upper_case")(_echoing(str.upper))
at(PAYLOAD, "echoes_escaped_twice")(_echoing(lambda text: html.escape(text, quote=False)))
at(PAYLOAD, "echoes_without_markup")(_echoing(lambda text: re.sub("<[^>]*>?", "", text)))
at(PAYLOAD, "echoes_collapsed")(_echoing(lambda text: re.sub(" +", " ", text)))
at(PAYLOAD, "echoes_inner_blanks_joined")(_echoing(lambda text: re.sub(r"(?<=\S) +(?=\S)", " ", text)))
at(PAYLOAD, "echoes_without_line_ends")(_echoing(lambda text: re.sub(r"[\r\n]+", " ", text)))
at(PAYLOAD, "echoes_backslashes_doubled")(_echoing(lambda text: re.sub(r"(['\"\\])", r"\\\1", text)))
at(PAYLOAD, "keeps_low_16_bits")(retold("osVersion", _low_16_bits))
at(PAYLOAD, "product_off_by_one_when_negative")(
    retold("productID", lambda text: str(int(text) + 1) if int(text) < 0 else text)
)
at(PAYLOAD, "country_and_locale_mixed_up")(
    replaced(SESSION, lambda session: (_with_texts_of(session, {"country": "locale", "locale": "country"}),))
)


def _with_texts_of(session: Element, sources: dict[str, str]) -> Element:
    texts = {part.name.local: part.text for part in session.elements}

    def change(part: Element) -> Element:
        source = sources.get(part.name.local, "")
        return leaf(part.name, texts[source]) if source in texts else part

    return replace(session, children=tuple(change(part) for part in session.elements))


@at(PAYLOAD)
def members_of_the_next_session(payload: Payload, call: Call) -> Payload:
    """Gives each session the versions of the one after it: a list that is read at the wrong place."""

    def change(result: Element) -> tuple[Element, ...]:
        texts = [part.text for session in result.elements for part in session.elements if part.name.local == "version"]
        rotated = iter((*texts[1:], *texts[:1]))
        renewed = (changed(each, "version", lambda part: (leaf(part.name, next(rotated)),)) for each in result.elements)
        return (replace(result, children=tuple(renewed)),)

    return replaced("logsAvailableResult", change)(payload, call)


@at(PAYLOAD)
def null_as_a_word(payload: Payload, call: Call) -> Payload:
    """Writes what is null as text."""

    def change(session: Element) -> tuple[Element, ...]:
        present = {part.name: part for part in session.elements}
        echoed = [present.pop(member.name, leaf(member.name, "null")) for member in SESSION_INFO]
        return (replace(session, children=(*echoed, *present.values())),)

    return replaced(SESSION, change)(payload, call)


at(PAYLOAD, "published_otherwise_over_one_binding")(
    retold("publish", lambda text: {"Discard": "SummaryOnly", "SummaryOnly": "Details", "Details": "Discard"}[text])
)

# ECGridOS


def _row_attribute(name: Name, value: str) -> ChangeOf[Payload]:
    """Sets an attribute of every row."""

    def change(row: Element) -> tuple[Element, ...]:
        kept = tuple(attribute for attribute in row.attributes if attribute[0] != name)
        return (replace(row, attributes=(*kept, (name, value))),)

    return replaced("Table", change)


def _without_attribute(local: str) -> Callable[[Element], tuple[Element, ...]]:
    return lambda element: (
        replace(element, attributes=tuple(each for each in element.attributes if each[0].local != local)),
    )


at(PAYLOAD, "dataset_without_schema")(dropped("schema"))
at(PAYLOAD, "dataset_without_diffgram")(dropped("diffgram"))
at(PAYLOAD, "rows_outside_the_diffgram")(replaced("diffgram", lambda diffgram: diffgram.elements))
at(PAYLOAD, "schema_not_flagged_as_dataset")(everywhere(lambda element: _without_attribute("IsDataSet")(element)[0]))
at(PAYLOAD, "two_data_instances")(
    replaced("diffgram", lambda diffgram: (replace(diffgram, children=(*diffgram.children, *diffgram.children)),))
)
at(PAYLOAD, "row_outside_inline_schema")(retold("ParcelsIn1", lambda text: "many"))
at(PAYLOAD, "column_not_in_inline_schema")(
    replaced("Table", lambda row: (replace(row, children=(*row.children, leaf(Name("", "Mailbox"), "1"))),))
)
at(PAYLOAD, "rows_without_id")(replaced("Table", _without_attribute("id")))
at(PAYLOAD, "rows_with_one_id")(replaced("Table", lambda row: (row, row)))
at(PAYLOAD, "row_order_below_zero")(_row_attribute(Name(MSDATA, "rowOrder"), "-1"))
at(PAYLOAD, "row_changed_in_an_unknown_way")(_row_attribute(Name(DIFFGR, "hasChanges"), "maybe"))
at(PAYLOAD, "row_modified_without_original")(_row_attribute(Name(DIFFGR, "hasChanges"), "modified"))


def _before_first(diffgram: Element) -> tuple[Element, ...]:
    before = Element(Name(DIFFGR, "before"))
    return (replace(diffgram, children=(before, *diffgram.children)),)


at(PAYLOAD, "originals_before_the_data")(replaced("diffgram", _before_first))


@at(PAYLOAD)
def dataset_as_escaped_text(payload: Payload, call: Call) -> Payload:
    """Hands the DataSet out as a string of XML."""

    def change(element: Element) -> Element:
        if element.find("diffgram") is None or element.name.local not in ("ReportInstantStatsResult", "DataSet"):
            return element
        text = "".join(write(part, Style(declaration=False)).decode() for part in element.elements)
        return replace(element, children=(text,))

    return everywhere(change)(payload, call)


@at(PAYLOAD)
def document_wrapped_in_string(payload: Payload, call: Call) -> Payload:
    (root,) = payload
    return (leaf(Name(ECGRIDOS, "string"), write(root, Style(declaration=False)).decode()),)


def _named_column(element: Element) -> str:
    return next((str(value) for name, value in element.attributes if name == Name("", "name")), "")


@at(PAYLOAD)
def column_missing_over_one_binding(payload: Payload, call: Call) -> Payload:
    """Leaves a column out of the schema and of the rows."""

    def change(element: Element) -> tuple[Element, ...]:
        out = element.name.local == "InterchangesOut2" or _named_column(element) == "InterchangesOut2"
        return () if out else (element,)

    return tuple(rewritten(root, change) for root in payload)


@at(PAYLOAD)
def column_of_another_type_over_one_binding(payload: Payload, call: Call) -> Payload:
    """Types a column as text where the other bindings have a number."""

    def change(element: Element) -> Element:
        if _named_column(element) != "ParcelsOut1":
            return element
        typed = dict(element.attributes) | {Name("", "type"): Name(XSD, "string")}
        return replace(element, attributes=tuple(typed.items()))

    return everywhere(change)(payload, call)


@at(PAYLOAD)
def table_named_otherwise_over_one_binding(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> Element:
        if element.name == Name("", "Table"):
            return replace(element, name=Name("", "Statistics"))
        if _named_column(element) != "Table":
            return element
        named = dict(element.attributes) | {Name("", "name"): "Statistics"}
        return replace(element, attributes=tuple(named.items()))

    return everywhere(change)(payload, call)


at(PAYLOAD, "values_differ_over_one_binding")(retold("InterchangesIn1", lambda text: str(int(text) + 1)))

# MobileConnect

at(PAYLOAD, "response_named_as_the_request")(renamed("UserClientSessionLogResponse", "UserClientSessionLogResult"))
at(PAYLOAD, "entries_without_their_wrapper")(replaced("LogEntries", lambda log: log.elements))
at(PAYLOAD, "entry_misnamed")(renamed("UserClientSessionLog", "ClientSessionLog"))
at(PAYLOAD, "guid_without_hyphens")(retold("ReferUid", lambda text: text.replace("-", "")))
at(PAYLOAD, "guid_one_digit_short")(retold("UserReferUid", lambda text: text[:-1]))
at(PAYLOAD, "page_index_left_out")(dropped("PageIndex"))
at(PAYLOAD, "entries_named_by_zeros")(retold("ReferUid", lambda text: "00000000-0000-0000-0000-000000000000"))
at(PAYLOAD, "date_time_as_json_date")(retold("ProcessedAt", lambda text: "/Date(1767225600000)/"))
at(PAYLOAD, "date_time_without_seconds")(retold("SessionStart", lambda text: text[:16]))
at(PAYLOAD, "date_time_with_hour_24_and_more")(retold("SessionStart", lambda text: re.sub("T..", "T25", text)))
at(PAYLOAD, "long_with_decimals")(retold("RecordsPerPage", lambda text: f"{text}.0"))
at(PAYLOAD, "result_blank")(retold("Result", lambda text: ""))


@at(RESPONSE)
def error_in_the_guise_of_an_empty_log(response: Response, call: Call) -> Response:
    """Leaves it to X-Status to tell of an error."""
    empty = f'<UserClientSessionLogResponse xmlns="{SPIRIT_MESSAGES}"/>'.encode()
    return replace(response, body=re.sub(rb"<ErrorResponse.*</ErrorResponse>", empty, response.body))


at(PAYLOAD, "page_lacks_last_entry")(replaced("LogEntries", lambda log: (replace(log, children=log.elements[:-1]),)))
at(PAYLOAD, "page_count_one_too_small")(retold("TotalPageCount", lambda text: str(max(0, int(text) - 1))))
at(PAYLOAD, "page_size_one_too_large")(retold("RecordsPerPage", lambda text: str(int(text) + 1)))


at(PAYLOAD, "sessions_end_before_they_start")(
    retold("SessionEnd", lambda text: text if text.startswith("0001") else "2001-01-01T00:00:00")
)
at(PAYLOAD, "first_entry_twice")(
    replaced("LogEntries", lambda log: (replace(log, children=(log.elements[0], *log.elements[:-1])),))
)


@at(PAYLOAD)
def first_entry_on_every_page(payload: Payload, call: Call) -> Payload:
    """Begins each page with the first entry of all, as a pinned one."""
    first = mobileconnect.first_entry()
    return replaced("LogEntries", lambda log: (replace(log, children=(first, *log.elements[1:])),))(payload, call)


at(PAYLOAD, "counts_pages_from_one")(retold("PageIndex", lambda text: str(int(text) + 1)))


def _details(*parts: Element) -> Element:
    return Element(Name(SERVICESTACK, "ServerErrorDetails"), parts)


def _with_details(details: Element) -> ChangeOf[Payload]:
    """Puts the error details where the page prints them, after Server."""
    return replaced("Server", lambda server: (server, details))


at(PAYLOAD, "messages_in_the_wrong_namespace")(
    _with_details(
        _details(
            Element(Name(SERVICESTACK, "AdditionalMessages"), (leaf(Name(SERVICESTACK, "string"), "Cache was cold"),))
        )
    )
)
at(PAYLOAD, "success_with_error_details")(
    _with_details(_details(leaf(Name(SERVICESTACK, "Code"), "ClientDataSubmissionFailure")))
)


def _in_window(entries: tuple[Element, ...]) -> tuple[Element, ...]:
    return tuple(each for each in entries for _ in range(3))


@at(PAYLOAD)
def more_entries_in_a_narrower_window(payload: Payload, call: Call) -> Payload:
    """Repeats entries where both ends of the window are given: a join gone wrong."""
    bounds = re.findall(rb"<(?:\w+:)?Started(?:After|Before)[^>]*>([^<]*)<", call.request.body)
    try:
        set_bounds = [bound for bound in bounds if read_date_time(bound.decode()) != DEFAULT_INSTANT]
    except ValueError:
        return payload
    if len(set_bounds) < 2:
        return payload
    return replaced("LogEntries", lambda log: (replace(log, children=_in_window(log.elements)),))(payload, call)


# Studebaker

at(PAYLOAD, "response_named_login")(renamed("LoginResponse", "Login"))
at(PAYLOAD, "user_type_as_a_word")(retold("UserType", lambda text: "Customer" if text != "0" else text))
at(PAYLOAD, "last_login_as_unix_time")(retold("LastLogin", lambda text: "1767684600"))
at(PAYLOAD, "token_misnamed")(renamed("LoginToken", "Token"))
at(PAYLOAD, "token_left_out")(dropped("LoginToken"))


@at(PAYLOAD)
def undocumented_member_in_login(payload: Payload, call: Call) -> Payload:
    (root,) = payload
    return (replace(root, children=(*root.children, leaf(Name(names.SSI_RESPONSES, "Zone"), "1"))),)


@at(PAYLOAD)
def status_with_undocumented_members(payload: Payload, call: Call) -> Payload:
    """Says that all is well in a ResponseStatus whose members the page does not name."""
    (root,) = payload
    status = Element(studebaker.STATUS, (leaf(Name(SERVICESTACK, "Status"), "OK"),))
    return (studebaker.with_status(root, status),)


def _on_failed_login(change: Callable[[Element], Element]) -> ChangeOf[Payload]:
    """Changes the answer to an invalid user name or password."""

    def apply(payload: Payload, call: Call) -> Payload:
        return tuple(root if root.find("LoginToken") is not None else change(root) for root in payload)

    return apply


def _with_member(local: str, text: str) -> Callable[[Element], Element]:
    """Puts a member before the dates, or where it belongs before NewPasswordRequired."""
    before = "LastLogin" if local == "EmailAddress" else "NewPasswordRequired"

    def change(root: Element) -> Element:
        added = leaf(Name(names.SSI_RESPONSES, local), text)
        return changed(root, before, lambda part: (added, part))

    return change


at(PAYLOAD, "failed_login_says_who_it_was")(_on_failed_login(_with_member("EmailAddress", "reader@example.com")))
at(PAYLOAD, "failed_login_says_why")(_on_failed_login(_with_member("Name", "Unknown user or wrong password")))


@at(RESPONSE)
def login_error_with_status_200(response: Response, call: Call) -> Response:
    return replace(response, status_code=200) if b"<ErrorResponse" in response.body else response


@at(RESPONSE)
def login_error_without_code(response: Response, call: Call) -> Response:
    body = re.sub(rb"<ErrorCode>.*?</ErrorCode>", b"", response.body)
    return replace(response, body=body) if is_error(response) else response


def _json(response: Response) -> Response:
    body = b'{"EmailAddress":"reader@example.com","LoginToken":"dG9rZW4","UserType":2}'
    return replace(response, body=body, content_type="application/json; charset=utf-8")


def _where(asked: Callable[[Call], bool]) -> ChangeOf[Response]:
    """Answers in JSON where XML was asked for in that way."""

    def change(response: Response, call: Call) -> Response:
        return _json(response) if response.status_code == 200 and response.body and asked(call) else response

    return change


at(RESPONSE, "json_whatever_is_asked_for")(_where(lambda call: True))
at(RESPONSE, "json_for_the_xml_suffix")(_where(lambda call: call.request.path.endswith(".xml")))
at(RESPONSE, "json_for_format_xml")(_where(lambda call: "format=xml" in call.request.query.lower()))
at(RESPONSE, "json_for_accept_xml")(
    _where(
        lambda call: (
            "/reply/" not in call.request.path and "application/xml" in call.request.fields.get("accept", "").lower()
        )
    )
)

# 3DPartStream

at(PAYLOAD, "answer_names_another_session")(retold("sessionid", lambda text: f"{text}-1"))
at(PAYLOAD, "success_misspelt")(renamed("success", "sucess"))
at(PAYLOAD, "undocumented_child_in_body")(
    lambda payload, call: (*payload, leaf(Name("", "timestamp"), "2026-01-01T00:00:00"))
)


@at(PAYLOAD)
def body_of_another_interface(payload: Payload, call: Call) -> Payload:
    """Answers with what another interface of the vendor hands out."""
    return (leaf(Name("", "modelurl"), "http://www.example.com/model.zip"), leaf(Name("", "format"), "STEP"))


@at(RESPONSE)
def answers_in_the_name_of_another_interface(response: Response, call: Call) -> Response:
    body = response.body.replace(b">SWServiceLogin<", b">SWGetModelView3D<")
    return replace(response, body=body)


at(PAYLOAD, "session_id_in_upper_case")(retold("sessionid", str.upper))


@at(PAYLOAD)
def returnval_left_out(payload: Payload, call: Call) -> Payload:
    return tuple(each for each in payload if each.name.local != "returnval")


@at(RESPONSE)
def success_without_header(response: Response, call: Call) -> Response:
    is_flat = response.status_code == 200 and b"<faultcode>" not in response.body
    body = re.sub(rb"<(\w+:)Header>.*?</\1Header>", b"", response.body)
    return replace(response, body=body) if is_flat else response


@at(RESPONSE)
def flat_error_code_as_a_word(response: Response, call: Call) -> Response:
    body = re.sub(rb"<faultcode>.*?</faultcode>", b"<faultcode>SessionUnknown</faultcode>", response.body)
    return replace(response, body=body) if response.status_code == 200 else response


@at(RESPONSE)
def flat_error_without_text(response: Response, call: Call) -> Response:
    body = re.sub(rb"<faultstring>.*?</faultstring>", b"", response.body)
    return replace(response, body=body) if response.status_code == 200 else response


@at(RESPONSE)
def flat_error_in_a_namespace(response: Response, call: Call) -> Response:
    body = response.body.replace(b"<faultcode>", b'<faultcode xmlns="urn:3dpartstream">')
    return replace(response, body=body) if response.status_code == 200 else response


@at(RESPONSE)
def flat_error_misspelt(response: Response, call: Call) -> Response:
    body = response.body.replace(b"faultcode>", b"errorcode>").replace(b"faultstring>", b"errorstring>")
    return replace(response, body=body) if response.status_code == 200 else response


@at(OUTCOME)
def session_survives_logout(outcome: Outcome, call: Call) -> Outcome:
    """Says that the session has ended, and lets it be ended once more."""
    if isinstance(outcome, Refusal) and outcome.kind is Kind.BUSINESS:
        sent = re.search(rb"<(?:\w+:)?sessionid[^>]*>([^<]*)<", call.request.body)
        session = sent.group(1).decode(errors="replace").strip() if sent else ""
        if call.state.memory.latest(f"ended {session}", ""):
            return partstream.logged_out(session)
    if isinstance(outcome, tuple) and outcome:
        call.state.memory.exchange(f"ended {outcome[0].text.strip()}", "yes")
    return outcome
