"""Studebaker Login: trades a user name and a password for a login token."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from reference import reading, servicestack
from reference.calls import OPERATION, OUTCOME, PAYLOAD, VALUES, Call, Outcome
from reference.http import Response
from reference.lexical import DEFAULT_INSTANT, Value, write_date_time
from reference.names import SSI_API, SSI_REQUESTS, SSI_RESPONSES, Name
from reference.reading import DATA_CONTRACT, Member, members, read_members, string, written_members
from reference.refusals import Kind, Refusal
from reference.tree import Element, nil

ROOT = "/studebaker"
REPLY_PATH = f"{ROOT}/xml/reply/Login"
ROUTES = (f"{ROOT}/login", f"{ROOT}/login/", f"{ROOT}/login.xml")
LOGIN = Name(SSI_REQUESTS, "Login")
LOGIN_RESPONSE = Name(SSI_RESPONSES, "LoginResponse")

REQUEST_MEMBERS = members(
    SSI_REQUESTS, Password="string", PasswordHash="string", RequestIpAddress="string", Username="string"
)
STATUS = Name(SSI_API, "ResponseStatus")
RESPONSE_MEMBERS = (
    Member(STATUS, "string"),
    *members(
        SSI_RESPONSES,
        EmailAddress="string",
        FormattedLastLogin="string",
        LastLogin="dateTime",
        LastLoginUtc="dateTime",
        LoginToken="string",
        Name="string",
        NewPasswordRequired="boolean",
        UpdatePasswordId="string",
        UserId="string",
        UserType="long",
    ),
)
EMPTY = {
    "LastLogin": write_date_time(DEFAULT_INSTANT),
    "LastLoginUtc": write_date_time(DEFAULT_INSTANT),
    "NewPasswordRequired": "false",
    "UserType": "0",
}
"""What the members of value type hold when there is nothing to tell."""


def answer(arrived: Call) -> Response:
    call = arrived.received()
    outcome: Outcome
    try:
        outcome = (_run(_read(call), call),)
    except Refusal as refusal:
        outcome = refusal
    outcome = call.through(OUTCOME, outcome)
    if isinstance(outcome, Refusal):
        return refused(call, outcome)
    (root,) = call.through(PAYLOAD, outcome)
    return call.written(root, "application/xml", name_charset=False)


def refused(call: Call, refusal: Refusal) -> Response:
    status_code, error_code = _STATUS.get(refusal.kind, (400, "SerializationException"))
    root = servicestack.error_response(error_code, refusal.reason)
    response = call.written(root, "application/xml", status_code=status_code)
    return replace(response, fields=(("Allow", "POST"),)) if status_code == 405 else response


_STATUS = {Kind.METHOD: (405, "NotImplementedException")}


def _read(call: Call) -> Mapping[str, Value]:
    request = call.request
    if request.media_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Refusal(Kind.MEDIA_TYPE)
    if not request.body:
        return call.through(VALUES, _from_query(request.query))
    root = reading.parse(call)
    reading.refuse_document_type(root)
    root = call.through(OPERATION, root)
    if reading.name_of(root) != LOGIN:
        raise Refusal(Kind.OPERATION, "Error trying to deserialize: the document element is not Login.")
    return read_members(root, REQUEST_MEMBERS, call, laxity=DATA_CONTRACT)


def _from_query(query: str) -> Mapping[str, Value]:
    """The members by the query, whose names are read in any case."""
    given = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
    return {member.name.local: given.get(member.name.local.lower()) for member in REQUEST_MEMBERS}


def may_log_in(values: Mapping[str, Value], call: Call) -> bool:
    state = call.state
    known = hmac.compare_digest(string(values, "Username").encode(), state.username.encode())
    return hmac.compare_digest(string(values, "Password").encode(), state.password.encode()) and known


def _run(values: Mapping[str, Value], call: Call) -> Element:
    """The response; one that tells nothing where the user name or the password is wrong."""
    if may_log_in(values, call):
        return Element(LOGIN_RESPONSE, written_members(RESPONSE_MEMBERS, logged_in()))
    return Element(LOGIN_RESPONSE, (nil(STATUS), *written_members(RESPONSE_MEMBERS, EMPTY)))


def with_status(response: Element, status: Element) -> Element:
    """The response with that ResponseStatus in place of any other."""
    return replace(response, children=(status, *(each for each in response.elements if each.name != STATUS)))


def logged_in() -> Mapping[str, str]:
    return {
        "EmailAddress": "reader@example.com",
        "FormattedLastLogin": "6 January 2026",
        "LastLogin": "2026-01-06T07:30:00",
        "LastLoginUtc": "2026-01-06T13:30:00",
        "LoginToken": secrets.token_urlsafe(24),
        "Name": "Example Reader",
        "NewPasswordRequired": "false",
        "UserId": "1001",
        "UserType": "2",
    }
