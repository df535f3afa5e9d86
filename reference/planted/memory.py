"""Faults that show in time and among several calls: rates, leaks, caches, and threads that get in each other's way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from reference.calls import OUTCOME, PAYLOAD, REQUEST, RESPONSE, VALUES, Call, Outcome, at
from reference.http import Request, Response
from reference.lexical import Value
from reference.names import UTWS, Name
from reference.planted.making import ChangeOf, Payload, is_error, is_success, replaced, retold
from reference.refusals import Kind, Refusal
from reference.tree import Element, leaf, rewritten

MEETING = 0.004
"""Seconds for which a call is left open to others that run at the same time."""

RUNTIME_ERROR = Response(
    500, b"<!DOCTYPE html><html><body><h1>Runtime Error</h1></body></html>", "text/html; charset=utf-8"
)
UNAVAILABLE = Response(503, b"Service Unavailable", "text/plain; charset=us-ascii")
LIMITED = replace(UNAVAILABLE, fields=(("Retry-After", "60"),))

# Rates


def _every(number: int, change: Callable[[Response], Response]) -> ChangeOf[Response]:
    """Makes the change to each success of that number, whatever was asked."""

    def apply(response: Response, call: Call) -> Response:
        if not is_success(response):
            return response
        return change(response) if call.state.memory.count(f"{call.binding} successes") % number == 0 else response

    return apply


def _after(number: int, change: Callable[[Response], Response]) -> ChangeOf[Response]:
    """Makes the change to each success after so many answers."""

    def apply(response: Response, call: Call) -> Response:
        late = call.state.memory.count(f"{call.binding} answers") > number
        return change(response) if late and is_success(response) else response

    return apply


at(RESPONSE, "fails_once_in_20")(_every(20, lambda response: RUNTIME_ERROR))
at(RESPONSE, "unavailable_once_in_20")(_every(20, lambda response: UNAVAILABLE))
at(RESPONSE, "empty_answer_once_in_20")(_every(20, lambda response: replace(response, body=b"")))
at(RESPONSE, "cut_short_once_in_20")(_every(20, lambda response: replace(response, body=response.body[:-12])))
at(RESPONSE, "closes_connection_once_in_20")(
    _every(20, lambda response: replace(response, wire="closes_connection_once_in_20"))
)
at(RESPONSE, "silent_once_in_50")(_every(50, lambda response: replace(response, wire="silent_once_in_50")))
at(RESPONSE, "fails_after_100_requests")(_after(100, lambda response: RUNTIME_ERROR))
at(RESPONSE, "unavailable_after_100_requests")(_after(100, lambda response: LIMITED))
at(RESPONSE, "labelled_html_after_100_requests")(
    _after(100, lambda response: replace(response, content_type="text/html"))
)


EXPIRED = "Server was unable to process request. ---> Timeout expired."


@at(OUTCOME)
def refuses_once_in_20(outcome: Outcome, call: Call) -> Outcome:
    """Refuses a call, as the service refuses others, because something behind it has failed."""
    expired = call.state.memory.count(f"{call.binding} outcomes") % 20 == 0
    return Refusal(Kind.BUSINESS, EXPIRED) if expired and not isinstance(outcome, Refusal) else outcome


@at(OUTCOME)
def refuses_after_100_requests(outcome: Outcome, call: Call) -> Outcome:
    late = call.state.memory.count(f"{call.binding} outcomes") > 100
    return Refusal(Kind.BUSINESS, EXPIRED) if late and not isinstance(outcome, Refusal) else outcome


at(OUTCOME, "refuses_session_after_100_requests")(refuses_after_100_requests)


@at(PAYLOAD)
def publish_misspelt_after_100_requests(payload: Payload, call: Call) -> Payload:
    """As when a table of words is reloaded in another form."""
    late = call.state.memory.count("published") > 100
    return retold("publish", str.upper)(payload, call) if late else payload


@at(PAYLOAD)
def publish_left_out_once_in_20(payload: Payload, call: Call) -> Payload:
    if call.state.memory.count("published") % 20:
        return payload
    return replaced("publish", lambda publish: (leaf(publish.name, ""),))(payload, call)


@at(PAYLOAD)
def page_index_lost_once_in_20(payload: Payload, call: Call) -> Payload:
    if call.state.memory.count("pages") % 20:
        return payload
    return retold("PageIndex", lambda text: "page")(payload, call)


LISTS = ("LogEntries", "logsAvailableResult", "diffgram")


@at(PAYLOAD)
def list_emptied_once_in_20(payload: Payload, call: Call) -> Payload:
    """Loses what it lists, as when a query behind it times out."""
    if call.state.memory.count(f"{call.binding} lists") % 20:
        return payload
    return tuple(
        rewritten(root, lambda part: (replace(part, children=()) if part.name.local in LISTS else part,))
        for root in payload
    )


# Memory of earlier calls


@at(RESPONSE)
def previous_answer_once_in_20(response: Response, call: Call) -> Response:
    """Sends what was answered before, as when answers on a connection get out of step."""
    if not is_success(response):
        return response
    before = call.state.memory.exchange(f"{call.binding} answer", response)
    late = call.state.memory.count(f"{call.binding} successes") % 20 == 0
    return before if late and before is not None else response


@at(PAYLOAD)
def sessions_of_earlier_calls(payload: Payload, call: Call) -> Payload:
    """Publishes what the last call asked about too: a list that is never emptied."""

    def change(result: Element) -> tuple[Element, ...]:
        before = call.state.memory.exchange("sessions", result.elements) or ()
        return (replace(result, children=(*before[:3], *result.children)),)

    return replaced("logsAvailableResult", change)(payload, call)


@at(PAYLOAD)
def sessions_cached_by_product(payload: Payload, call: Call) -> Payload:
    """Answers with what it knows of the product from the first time that it was asked about."""

    def change(session: Element) -> tuple[Element, ...]:
        product = session.find("productID")
        return (call.state.memory.kept(f"product {product.text if product else ''}", session),)

    return replaced("SessionsToPublish", change)(payload, call)


@at(PAYLOAD)
def first_page_cached(payload: Payload, call: Call) -> Payload:
    """Answers every call with the first page that it showed."""
    return call.state.memory.kept("page", payload)


@at(RESPONSE)
def next_call_fails_after_a_refusal(response: Response, call: Call) -> Response:
    """Leaves something open when a call is refused, which the next one trips over."""
    before = call.state.memory.exchange(f"{call.binding} refused", is_error(response))
    return RUNTIME_ERROR if before and is_success(response) else response


@at(RESPONSE)
def fails_for_good_after_5_refusals(response: Response, call: Call) -> Response:
    """As a service does that loses a connection to its database with each error."""
    refused = call.state.memory.count(f"{call.binding} refusals") if is_error(response) else 0
    if refused >= 5:
        call.state.memory.exchange(f"{call.binding} broken", "yes")
    broken = call.state.memory.latest(f"{call.binding} broken", "")
    return RUNTIME_ERROR if broken and is_success(response) else response


# Several calls at once

Values = Mapping[str, Value]


@at(VALUES)
def parameters_shared_among_threads(values: Values, call: Call) -> Values:
    """Keeps what was read in one place for all threads, and takes it from there a little later."""
    place = f"{call.binding} {'/'.join(values)}"
    call.state.memory.exchange(place, values)
    time.sleep(MEETING)
    return call.state.memory.latest(place, values)


@at(RESPONSE)
def answers_shared_among_threads(response: Response, call: Call) -> Response:
    """Keeps the answer in one buffer for all threads, and sends what it holds a little later."""
    if not is_success(response):
        return response
    call.state.memory.exchange(f"{call.binding} buffer", response)
    time.sleep(MEETING)
    return call.state.memory.latest(f"{call.binding} buffer", response)


@at(REQUEST)
def fails_when_calls_meet(request: Request, call: Call) -> Request:
    call.state.memory.enter(call.binding)
    return request


@at(RESPONSE, "fails_when_calls_meet")
def _fail_where_not_alone(response: Response, call: Call) -> Response:
    """A collection that is changed while another thread runs through it."""
    time.sleep(MEETING)
    alone = call.state.memory.leave(call.binding)
    return response if alone else RUNTIME_ERROR


@at(OUTCOME)
def sessions_lost_when_calls_meet(outcome: Outcome, call: Call) -> Outcome:
    """Writes the sessions of one call into the result of another that runs at the same time."""
    if isinstance(outcome, Refusal):
        return outcome
    call.state.memory.exchange("result", outcome)
    time.sleep(MEETING)
    other = call.state.memory.latest("result", outcome)
    return tuple(_merged(*pair) for pair in zip(outcome, other, strict=False)) if other is not outcome else outcome


def _merged(own: Element, other: Element) -> Element:
    if own.name != Name(UTWS, "logsAvailableResult"):
        return own
    return replace(own, children=(*own.children, *other.elements))
