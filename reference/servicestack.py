"""What ServiceStack writes when it refuses, over SOAP 1.2 and as plain XML."""

from __future__ import annotations

from dataclasses import replace

from reference import names, soap
from reference.calls import Call
from reference.http import Response
from reference.names import SERVICESTACK, Name
from reference.refusals import Refusal
from reference.tree import Element, leaf


def error_response(error_code: str, message: str) -> Element:
    """The document that tells of an error where the operation's own response cannot."""
    status = response_status(Name(SERVICESTACK, "ResponseStatus"), error_code, message)
    return Element(Name(SERVICESTACK, "ErrorResponse"), (status,))


def response_status(name: Name, error_code: str, message: str) -> Element:
    """The member, of that name, in which a response tells of an error."""
    told = {"ErrorCode": error_code, "Message": message}
    return Element(name, tuple(leaf(Name(SERVICESTACK, local), text) for local, text in told.items()))


def x_status(status_code: int) -> Element:
    """The header block that bears the status, which in SOAP travels beside HTTP's 200."""
    return leaf(Name(SERVICESTACK, "X-Status"), str(status_code))


def refused_by_service(call: Call, refusal: Refusal, *, status_code: int, error_code: str) -> Response:
    """The answer over SOAP when the service itself refuses: a 200 that says otherwise in X-Status."""
    body = error_response(error_code, refusal.reason)
    root = soap.envelope(names.SOAP12, (body,), header=(x_status(status_code),))
    response = soap.respond(call, root, name_charset=False)
    return replace(response, fields=(("X-Status", str(status_code)),))
