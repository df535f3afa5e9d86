"""What the content of a success is free to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference import mobileconnect, names, partstream, studebaker
from reference.calls import ENVELOPE, PAYLOAD, STYLE, Call, at
from reference.lexical import TICKS_PER_SECOND, read_date_time, write_date_time
from reference.names import SERVICESTACK, SPIRIT_SESSIONS, XSI_NIL, Name
from reference.tree import Element, changed, leaf, nil, rewritten
from reference.writing import Style

Payload = tuple[Element, ...]

NILLABLE = {
    mobileconnect.RESPONSE: (mobileconnect.RESPONSE_MEMBERS, (Name(names.SPIRIT_MESSAGES, "LogEntries"),)),
    studebaker.LOGIN_RESPONSE: (studebaker.RESPONSE_MEMBERS, ()),
}
"""The members of each response by their table, then those of complex type."""


@at(PAYLOAD)
def nil_instead_of_absent(payload: Payload, call: Call) -> Payload:
    (root,) = payload
    table, complex_members = NILLABLE[root.name]
    order = [*(member.name for member in table), *complex_members]
    present = {part.name for part in root.elements}
    absent = [row.name for row in table if row.type_name == "string" and row.name not in present]
    parts = [*root.elements, *(nil(name) for name in absent)]
    parts.sort(key=lambda part: order.index(part.name))
    return (replace(root, children=tuple(parts)),)


@at(PAYLOAD)
def leaves_out_discarded_sessions(payload: Payload, call: Call) -> Payload:
    def change(session: Element) -> tuple[Element, ...]:
        publish = session.find("publish")
        return () if publish is not None and publish.text == "Discard" else (session,)

    return tuple(changed(root, "SessionsToPublish", change) for root in payload)


@at(PAYLOAD)
def empty_dataset(payload: Payload, call: Call) -> Payload:
    return tuple(changed(root, "diffgram", lambda part: (Element(part.name),)) for root in payload)


@at(PAYLOAD)
def null_result(payload: Payload, call: Call) -> Payload:
    """Over SOAP there is no result at all, over GET and POST one that is nil: as ASMX has it."""
    (root,) = payload
    return (nil(root.name),) if root.name.local == "DataSet" else (replace(root, children=()),)


DATE_TIMES = ("ProcessedAt", "SessionEnd", "SessionStart", "LastLogin", "LastLoginUtc")


@at(PAYLOAD)
def date_times_in_utc(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        dated = element.name.local in DATE_TIMES and not element.text.startswith("0001")
        return (leaf(element.name, f"{element.text}Z"),) if dated else (element,)

    return tuple(rewritten(root, change) for root in payload)


@at(PAYLOAD)
def guids_in_upper_case(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        of_type_guid = element.name in (Name(SPIRIT_SESSIONS, "ReferUid"), Name(SPIRIT_SESSIONS, "UserReferUid"))
        return (leaf(element.name, element.text.upper()),) if of_type_guid else (element,)

    return tuple(rewritten(root, change) for root in payload)


@at(PAYLOAD)
def result_as_printed(payload: Payload, call: Call) -> Payload:
    printed = leaf(Name(SERVICESTACK, "Result"), "Unknown")
    return tuple(changed(root, "Result", lambda _: (printed,)) for root in payload)


@at(ENVELOPE)
def interface_name_of_logout(root: Element, call: Call) -> Element:
    return changed(root, "interfacename", lambda part: (leaf(part.name, "SWServiceLogout"),))


@at(ENVELOPE)
def encoding_style_absent(root: Element, call: Call) -> Element:
    kept = tuple(attribute for attribute in root.attributes if attribute != partstream.ENCODING_STYLE)
    return replace(root, attributes=kept)


@at(ENVELOPE)
def body_children_in_reverse(root: Element, call: Call) -> Element:
    if root.find("Fault") is not None:
        return root
    return changed(root, "Body", lambda body: (replace(body, children=body.elements[::-1]),))


@at(PAYLOAD)
def booleans_as_digits(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        return (leaf(element.name, "1" if element.text == "true" else "0"),)

    return tuple(changed(root, "NewPasswordRequired", change) for root in payload)


# The lexical forms of values

NUMBERS = ("productID", "osPlatform", "osVersion", "osBits", "architecture", "publishUntil", "UserType", "PageIndex")
SESSION = "SessionsToPublish"


def _retold(locals_: tuple[str, ...], change: Callable[[str], str]) -> Callable[[Payload, Call], Payload]:
    """Writes the values of those elements in another form."""

    def apply(element: Element) -> tuple[Element, ...]:
        told = element.name.local in locals_ and element.text != ""
        return (replace(element, children=(change(element.text),)) if told else element,)

    return lambda payload, call: tuple(rewritten(root, apply) for root in payload)


def _with_zeros(text: str) -> str:
    return f"-00{text[1:]}" if text.startswith("-") else f"00{text}"


at(PAYLOAD, "numbers_with_leading_zeros")(_retold(NUMBERS, _with_zeros))
at(PAYLOAD, "numbers_with_plus_sign")(_retold(NUMBERS, lambda text: text if text.startswith("-") else f"+{text}"))
at(PAYLOAD, "numbers_between_blanks")(_retold((*NUMBERS, *DATE_TIMES), lambda text: f"\n  {text} "))
at(PAYLOAD, "date_times_with_fraction")(
    _retold(DATE_TIMES, lambda text: text if text.startswith("0001") else f"{text}.0000000")
)
at(PAYLOAD, "date_times_with_offset")(
    _retold(DATE_TIMES, lambda text: text if text.startswith("0001") else f"{text}+00:00")
)

# Attributes of the schema's own


def _attributed(locals_: tuple[str, ...], name: Name, value: Name | str) -> Callable[[Payload, Call], Payload]:
    def change(element: Element) -> Element:
        wanted = element.name.local in locals_
        return replace(element, attributes=(*element.attributes, (name, value))) if wanted else element

    return lambda payload, call: tuple(change(rewritten(root, lambda each: (change(each),))) for root in payload)


ROOTS = ("logsAvailableResponse", "ReportInstantStatsResponse", "UserClientSessionLogResponse", "LoginResponse")
at(PAYLOAD, "schema_location_told")(
    _attributed(ROOTS, Name(names.XSI, "schemaLocation"), "urn:service http://127.0.0.1/service.xsd")
)
at(PAYLOAD, "type_of_numbers_told")(
    _attributed(("productID", "osBits"), Name(names.XSI, "type"), Name(names.XSD, "int"))
)
at(PAYLOAD, "type_of_texts_told")(
    _attributed(("returnval", "success", "sessionid"), Name(names.XSI, "type"), Name(names.XSD, "string"))
)
at(PAYLOAD, "not_nil_said")(_attributed((SESSION,), XSI_NIL, "false"))


@at(PAYLOAD)
def nil_as_a_digit(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        digits = tuple((name, "1" if name == XSI_NIL else value) for name, value in element.attributes)
        return (replace(element, attributes=digits),)

    return tuple(rewritten(root, change) for root in nil_instead_of_absent(payload, call))


# UTWS


@at(PAYLOAD)
def no_result_where_nothing_is_published(payload: Payload, call: Call) -> Payload:
    return tuple(
        changed(root, "logsAvailableResult", lambda part: (part,) if part.elements else ()) for root in payload
    )


@at(PAYLOAD)
def nothing_is_published(payload: Payload, call: Call) -> Payload:
    return tuple(changed(root, "logsAvailableResult", lambda part: (Element(part.name),)) for root in payload)


@at(PAYLOAD)
def sessions_in_another_order(payload: Payload, call: Call) -> Payload:
    def change(result: Element) -> tuple[Element, ...]:
        return (replace(result, children=result.elements[::-1]),)

    return tuple(changed(root, "logsAvailableResult", change) for root in payload)


@at(PAYLOAD)
def empty_texts_left_out(payload: Payload, call: Call) -> Payload:
    """Empty text and no text come to the same, as genuine stacks of the family have it."""
    texts = ("version", "servicePack", "langID", "country", "locale")

    def change(element: Element) -> tuple[Element, ...]:
        return () if element.name.local in texts and not element.text else (element,)

    return tuple(rewritten(root, change) for root in payload)


@at(STYLE)
def carriage_returns_as_they_are(style: Style, call: Call) -> Style:
    """Written raw, a carriage return is read back as a line feed: ASMX does that."""
    return replace(style, raw_carriage_returns=True)


@at(PAYLOAD)
def everything_published_in_detail(payload: Payload, call: Call) -> Payload:
    return _retold(("publish",), lambda text: "Details")(payload, call)


@at(PAYLOAD)
def published_until_the_end_of_time(payload: Payload, call: Call) -> Payload:
    return _retold(("publishUntil",), lambda text: str(2**63 - 1))(payload, call)


# MobileConnect


def _log_as(*log: Element) -> Callable[[Payload, Call], Payload]:
    return lambda payload, call: tuple(changed(root, "LogEntries", lambda _: log) for root in payload)


at(PAYLOAD, "log_is_empty")(_log_as(Element(Name(names.SPIRIT_MESSAGES, "LogEntries"))))
at(PAYLOAD, "log_is_absent")(_log_as())
at(PAYLOAD, "log_is_nil")(_log_as(nil(Name(names.SPIRIT_MESSAGES, "LogEntries"))))


def _with_details(details: Element) -> Callable[[Payload, Call], Payload]:
    return lambda payload, call: tuple(changed(root, "Server", lambda server: (server, details)) for root in payload)


DETAILS = Name(SERVICESTACK, "ServerErrorDetails")
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
at(PAYLOAD, "error_details_nil")(_with_details(nil(DETAILS)))
at(PAYLOAD, "error_details_without_code")(
    _with_details(
        Element(
            DETAILS,
            (
                Element(Name(SERVICESTACK, "AdditionalMessages"), (leaf(Name(ARRAYS, "string"), "Cache was cold."),)),
                leaf(Name(SERVICESTACK, "Description"), ""),
            ),
        )
    )
)


@at(PAYLOAD)
def processed_at_goes_on(payload: Payload, call: Call) -> Payload:
    """Another instant in each answer."""
    second = call.state.memory.count("instants")
    instant = write_date_time(read_date_time("2026-01-01T00:00:00") + second * TICKS_PER_SECOND)
    return _retold(("ProcessedAt",), lambda text: instant)(payload, call)


@at(PAYLOAD)
def only_what_is_not_default(payload: Payload, call: Call) -> Payload:
    """Leaves out the members that have the default of their type, as EmitDefaultValue=false does."""

    def change(element: Element) -> tuple[Element, ...]:
        is_default = element.text in ("0", "false", "0001-01-01T00:00:00") and not element.elements
        return () if is_default else (element,)

    return tuple(rewritten(root, change) for root in payload)


# Studebaker


def _with_status(status: Element) -> Callable[[Payload, Call], Payload]:
    return lambda payload, call: tuple(studebaker.with_status(root, status) for root in payload)


at(PAYLOAD, "response_status_empty")(_with_status(Element(studebaker.STATUS)))
at(PAYLOAD, "response_status_nil")(_with_status(nil(studebaker.STATUS)))
at(PAYLOAD, "response_status_without_code")(
    _with_status(
        Element(
            studebaker.STATUS,
            (
                nil(Name(SERVICESTACK, "ErrorCode")),
                nil(Name(SERVICESTACK, "Message")),
                nil(Name(SERVICESTACK, "StackTrace")),
                nil(Name(SERVICESTACK, "Errors")),
            ),
        )
    )
)

# 3DPartStream

at(PAYLOAD, "success_without_text")(
    lambda payload, call: tuple(
        replace(part, children=()) if part.name.local == "success" else part for part in payload
    )
)
at(PAYLOAD, "return_value_only")(
    lambda payload, call: tuple(part for part in payload if part.name.local == "returnval")
)
at(PAYLOAD, "zero_fault_code_beside_success")(
    lambda payload, call: (*payload, leaf(Name("", "faultcode"), "0000"), leaf(Name("", "faultstring"), ""))
)


@at(ENVELOPE)
def session_named_in_the_header(root: Element, call: Call) -> Element:
    """As the error sample has it: the header names the session too."""
    header, session = root.find("Header"), root.find("sessionid")
    if header is None or session is None or header.find("sessionid") is not None:
        return root
    return changed(root, "interfacename", lambda part: (part, session))


@at(ENVELOPE)
def interface_name_absent(root: Element, call: Call) -> Element:
    return replace(root, children=tuple(part for part in root.elements if part.name.local != "Header"))


def _with_block(root: Element, **marks: str) -> Element:
    """The envelope with a header block of the service's own, in a namespace, with attributes of SOAP's."""
    namespace = root.name.namespace
    marked = tuple((Name(namespace, name), value) for name, value in marks.items())
    block = replace(leaf(Name("urn:trace", "id"), "7"), attributes=marked)
    header = Element(Name(namespace, "Header"), (block,))
    if root.find("Header") is not None:
        return changed(root, "Header", lambda part: (replace(part, children=(*part.children, block)),))
    return replace(root, children=(header, *root.children))


@at(ENVELOPE)
def header_block_of_the_service(root: Element, call: Call) -> Element:
    """A header block that nobody asked for, in a namespace, and that need not be understood."""
    return _with_block(root, mustUnderstand="0")


@at(ENVELOPE)
def mandatory_block_for_another(root: Element, call: Call) -> Element:
    addressee = "actor" if root.name.namespace == names.SOAP11 else "role"
    return _with_block(root, mustUnderstand="1", **{addressee: "urn:logger"})


@at(ENVELOPE)
def empty_header(root: Element, call: Call) -> Element:
    if root.find("Header") is not None:
        return root
    return replace(root, children=(Element(Name(root.name.namespace, "Header")), *root.children))


NAMES = {"Anna Berg": "CAFÉ®", "Žofie Nováková": "SÃO «É»", "Lee & Søn": "Âge d'Or"}
"""Names whose characters, taken for bytes, come close to UTF-8."""

at(PAYLOAD, "names_in_capitals_with_signs")(_retold(("User",), lambda text: NAMES.get(text, text)))
