"""Requests that the standards allow though the page does not show them, spellings of the document apart."""

from collections.abc import Iterator

from contracts.judge.records import Change, Request
from contracts.model import Expectation
from contracts.names import WS_ADDRESSING
from strategies.defects import Sample, entitlement, with_block, with_unknown_block
from strategies.subjects import Draft
from strategies.wire import post

SOAP12_MEDIA_TYPE = "application/soap+xml"

MESSAGE_ID = (f"{{{WS_ADDRESSING}}}MessageID", "urn:uuid:6d1f3b52-0c4e-4b8a-9a57-2f0c6f1e9d01")
"""The name of the block by which WS-Addressing tells messages apart, and what one holds."""


def optional_headers(sample: Sample) -> Iterator[Draft]:
    """The sample with a header block that need not be understood: one that nobody knows, and one that many clients add.

    Source: SOAP 1.1 section 4.2.3, SOAP 1.2 part 1 sections 2.4 and 5.2.3; Web Services Addressing 1.0, section 3.2.
    """
    marks = {"soap11": (None, "0"), "soap12": (None, "0", "false")}.get(sample.binding.protocol, ())
    for mark in marks:
        said = "unmarked" if mark is None else f"mustUnderstand={mark}"
        yield _legal(sample, "optional-header", "Header", f"an unknown block, {said}", with_unknown_block(mark)(sample))
    if marks:
        yield _legal(sample, "message-id", "Header", "WS-Addressing names the message", with_block(*MESSAGE_ID)(sample))


def standard_media_type(sample: Sample) -> Iterator[Draft]:
    """The sample as SOAP 1.2's own media type, where the page prints another. Source: SOAP 1.2 part 2 section 7.1.4."""
    if sample.binding.protocol == "soap12" and sample.binding.request_media_type != SOAP12_MEDIA_TYPE:
        headers = {"Content-Type": f"{SOAP12_MEDIA_TYPE}; charset=utf-8"}
        written = post(sample.binding, sample.request.body, headers=headers)
        yield _legal(sample, "standard-media-type", "Content-Type", "the media type of SOAP 1.2", written)


def _legal(sample: Sample, name: str, where: str, rule: str, written: Request) -> Draft:
    """A message that must be answered as the sample is, unless a genuine stack refuses it."""
    refused = entitlement(sample.template, name)
    expectation: Expectation = "either" if refused else "accept"
    change = Change("spelling", where, rule, after=name)
    return Draft("spelling", expectation, written, (change,), refused.because if refused else "")
