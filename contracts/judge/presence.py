"""Whether an answer is the service's own, or that of what stands before it while the service is not there."""

from contracts.judge.answer import Answer

GATEWAY_STATUSES = frozenset({401, 403, 407, 429, 502, 503, 504})
"""What gateways, proxies and limiters answer in a service's stead (RFC 9110 section 15.5 and 15.6; RFC 6585)."""

_NOT_THERE = frozenset({404, 410})
"""What a server says of an address where nothing is, or nothing any more (RFC 9110 sections 15.5.5 and 15.5.11)."""

_SERVER_ERROR = 500


def is_from_gateway(answer: Answer) -> bool:
    """Whether something before the service answered: by status, and for want of anything that the service writes."""
    return _lacks_content_of_service(answer) and answer.response.status_code in GATEWAY_STATUSES


def is_away(answer: Answer) -> bool:
    """Whether an answer to the known-good message, which was accepted before, shows that the service is not there.

    No answer at all, a gateway's, a server error without anything that the service writes, word that nothing is there,
    or a page for readers.
    """
    if answer.exchange.response is None:
        return True
    if not _lacks_content_of_service(answer):
        return False
    status = answer.response.status_code
    is_page = answer.outcome == "unrecognised" and answer.media_type == "text/html"
    return is_page or status in GATEWAY_STATUSES | _NOT_THERE or status >= _SERVER_ERROR


def is_cut_off(answer: Answer) -> bool:
    """Whether an answer ends before it says that it ends, so that it is incomplete: RFC 9112 section 8.

    Networks and gateways cut answers off, too: only one that is cut off each time is the service's doing.
    """
    return answer.exchange.response is not None and not _CUTS.isdisjoint(answer.response.flaws)


_CUTS = frozenset({"cut short", "broken chunks"})


def _lacks_content_of_service(answer: Answer) -> bool:
    if answer.exchange.response is None:
        return False
    return answer.envelope is None and not answer.is_documented_payload and answer.error_text is None
