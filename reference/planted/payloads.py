"""Faults in the content of a success: names, namespaces, order, values, and the DataSet."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from reference import partstream
from reference.calls import OUTCOME, PAYLOAD, Call, Outcome, at
from reference.names import (
    DIFFGR,
    ECGRIDOS,
    SERVICESTACK,
    SPIRIT_MESSAGES,
    SPIRIT_SESSIONS,
    SSI_REQUESTS,
    SSI_RESPONSES,
    UTWS,
    XSD,
    Name,
)
from reference.planted.making import Payload, everywhere, extended, moved, renamed, replaced, retold, swapped
from reference.refusals import Kind, Refusal
from reference.tree import Element, changed, leaf

# UTWS

at(PAYLOAD, "response_in_no_namespace")(moved(UTWS, ""))
at(PAYLOAD, "result_element_misnamed")(renamed("logsAvailableResult", "LogsAvailableResult"))
at(PAYLOAD, "session_members_out_of_order")(swapped("langID", "country"))
at(PAYLOAD, "publish_outside_enumeration")(retold("publish", lambda text: "Summary" if text == "SummaryOnly" else text))
at(PAYLOAD, "publish_until_in_exponent_form")(retold("publishUntil", lambda text: f"{int(text):.3E}"))
at(PAYLOAD, "int_with_thousands_separator")(retold("osVersion", lambda text: f"{int(text):,}"))
at(PAYLOAD, "int_with_decimals_past_a_million")(
    retold("osPlatform", lambda text: f"{text}.0" if abs(int(text)) >= 1_000_000 else text)
)
at(PAYLOAD, "placeholder_word_for_int")(retold("osBits", lambda text: "int"))
at(PAYLOAD, "undocumented_member_in_session")(extended("SessionsToPublish", leaf(Name(UTWS, "score"), "1")))


def _product(element: Element) -> int:
    product = element.find("productID")
    return int(product.text) if product is not None else 0


@at(PAYLOAD)
def publish_in_lower_case_for_negative_product(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        if _product(element) >= 0:
            return (element,)
        return (changed(element, "publish", lambda part: (leaf(part.name, part.text.lower()),)),)

    return replaced("SessionsToPublish", change)(payload, call)


@at(PAYLOAD)
def publish_until_past_long_at_int_limits(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        if abs(_product(element)) < 2**31 - 1:
            return (element,)
        return (changed(element, "publishUntil", lambda part: (leaf(part.name, str(2**63)),)),)

    return replaced("SessionsToPublish", change)(payload, call)


@at(PAYLOAD)
def wraps_sessions_when_there_are_several(payload: Payload, call: Call) -> Payload:
    def change(result: Element) -> tuple[Element, ...]:
        if len(result.elements) < 2:
            return (result,)
        return (replace(result, children=(Element(Name(UTWS, "ArrayOfSessions"), result.children),)),)

    return replaced("logsAvailableResult", change)(payload, call)


@at(PAYLOAD)
def publishes_sessions_not_asked_about(payload: Payload, call: Call) -> Payload:
    """Adds one more session, like the first but of another product."""

    def change(result: Element) -> tuple[Element, ...]:
        others = [changed(session, "productID", _another_product) for session in result.elements[:1]]
        return (replace(result, children=(*result.children, *others)),)

    return replaced("logsAvailableResult", change)(payload, call)


def _another_product(product: Element) -> tuple[Element, ...]:
    return (leaf(product.name, str(int(product.text) // 2 + 77)),)


# ECGridOS

at(PAYLOAD, "response_namespace_without_slash")(moved(ECGRIDOS, ECGRIDOS.rstrip("/")))
at(PAYLOAD, "document_element_in_no_namespace")(moved(ECGRIDOS, "", "DataSet"))
at(PAYLOAD, "document_element_named_for_result")(renamed("DataSet", "ReportInstantStatsResult"))
at(PAYLOAD, "diffgram_in_other_namespace")(moved(DIFFGR, DIFFGR.replace("v1", "v2")))
at(PAYLOAD, "diffgram_before_schema")(swapped("schema", "diffgram"))


def _dataset(change: Callable[[Element], Element]) -> Callable[[Payload, Call], Payload]:
    """Changes the element that holds the schema and the diffgram."""
    return everywhere(
        lambda element: change(element) if any(part.name.local == "diffgram" for part in element.elements) else element
    )


at(PAYLOAD, "dataset_with_placeholder_text")(
    _dataset(lambda holder: replace(holder, children=(Element(Name(XSD, "schema"), ("schema",)), "xml")))
)
at(PAYLOAD, "text_beside_dataset")(_dataset(lambda holder: replace(holder, children=(*holder.children, "1 row"))))


@at(PAYLOAD)
def inline_schema_does_not_compile(payload: Payload, call: Call) -> Payload:
    """Types the last column by a name that XML Schema does not have."""

    def change(element: Element) -> Element:
        if (Name("", "name"), "InterchangesOut2") not in element.attributes:
            return element
        typed = dict(element.attributes) | {Name("", "type"): Name(XSD, "int32")}
        return replace(element, attributes=tuple(typed.items()))

    return everywhere(change)(payload, call)


# MobileConnect

at(PAYLOAD, "base_members_in_derived_namespace")(
    moved(SERVICESTACK, SPIRIT_MESSAGES, "ProcessedAt", "Result", "Server")
)
at(PAYLOAD, "log_entry_members_in_message_namespace")(moved(SPIRIT_SESSIONS, SPIRIT_MESSAGES))
at(PAYLOAD, "log_entry_members_out_of_order")(swapped("SessionStart", "SessionEnd"))
at(PAYLOAD, "log_entry_with_undocumented_member")(
    extended("UserClientSessionLog", leaf(Name(SPIRIT_SESSIONS, "Zone"), "1"))
)
at(PAYLOAD, "page_members_out_of_order")(swapped("PageIndex", "RecordsPerPage"))
at(PAYLOAD, "guid_in_braces")(retold("ReferUid", lambda text: f"{{{text}}}"))
at(PAYLOAD, "date_time_with_blank")(retold("SessionStart", lambda text: text.replace("T", " ")))
at(PAYLOAD, "open_session_ends_with_empty_date_time")(
    retold("SessionEnd", lambda text: "" if text.startswith("0001") else text)
)


@at(PAYLOAD)
def one_entry_more_than_records_per_page(payload: Payload, call: Call) -> Payload:
    """Off by one: a full page holds another entry."""

    def change(log: Element) -> tuple[Element, ...]:
        return (replace(log, children=(*log.children, *log.elements[-1:])),)

    return replaced("LogEntries", change)(payload, call)


@at(OUTCOME)
def refusal_without_mark(outcome: Outcome, call: Call) -> Outcome:
    """Answers a message that cannot be read with an empty log, which nothing tells from a success."""
    if isinstance(outcome, Refusal) and outcome.kind is not Kind.METHOD:
        response = Name(SPIRIT_MESSAGES, "UserClientSessionLogResponse")
        return (Element(response, (leaf(Name(SERVICESTACK, "Result"), "Unknown"),)),)
    return outcome


# Studebaker

at(PAYLOAD, "login_response_in_request_namespace")(moved(SSI_RESPONSES, SSI_REQUESTS))
at(PAYLOAD, "boolean_capitalised")(retold("NewPasswordRequired", str.capitalize))
at(PAYLOAD, "login_members_out_of_order")(swapped("EmailAddress", "FormattedLastLogin"))
at(PAYLOAD, "last_login_in_local_form")(retold("LastLogin", lambda text: re.sub("T.*", "", text)))


@at(PAYLOAD)
def answers_with_password(payload: Payload, call: Call) -> Payload:
    sent = re.search(rb"Password[^>]*>([^<]+)<", call.request.body)
    password = sent.group(1).decode(errors="replace") if sent else ""
    return retold("Name", lambda text: password or text)(payload, call)


# 3DPartStream

at(PAYLOAD, "returnval_misnamed")(renamed("returnval", "returnvalue"))


at(PAYLOAD, "body_children_in_a_namespace")(moved("", "urn:3dpartstream"))


@at(PAYLOAD)
def body_children_wrapped(payload: Payload, call: Call) -> Payload:
    return (Element(Name("", "interfaceresult"), payload),)


@at(PAYLOAD)
def success_with_fault_code(payload: Payload, call: Call) -> Payload:
    """Ends the session, and says that it failed."""
    failed = partstream.flat_error("", "The session could not be ended.")
    return (*payload, *(part for part in failed if part.name.local.startswith("fault")))


@at(OUTCOME)
def logs_out_unknown_session(outcome: Outcome, call: Call) -> Outcome:
    if isinstance(outcome, Refusal) and outcome.kind is Kind.BUSINESS:
        return partstream.logged_out("0000")
    return outcome
